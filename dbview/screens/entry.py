"""Show one row in full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.errors import DbviewError
from dbview.payload.files import states_of
from dbview.query.relation import Relation, RelationKind
from dbview.screens.base import ViewerScreen
from dbview.screens.progress import source_words
from dbview.screens.record_lines import Contents, contents_of, record_lines
from dbview.screens.row_detail import row_name
from dbview.source.order import Order
from dbview.source.record import read_record
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import visible
from dbview.widgets.listing import Line, Listing


class EntryScreen(ViewerScreen):
    """One row; gives the position of the row shown last, if known, when it is left.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        relation: What the row is of.
        key: The row.
        position: Its position in the order; None if it is not known.
        order: Returns the order of the rows as far as it is known, for the next row and the one before.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "j,right_square_bracket",
            "step(1)",
            "next",
            tooltip="The next row of the table, as it is sorted and filtered.",
        ),
        Binding("k,left_square_bracket", "step(-1)", "previous", tooltip="The row before."),
        Binding("tab", "heading(1)", "section", tooltip="The next section."),
        Binding("shift+tab", "heading(-1)", "section before", show=False, tooltip="The section before."),
        Binding("a", "toggle_empty", "empty too", tooltip="Show or hide the parameters that are NULL."),
        Binding(
            "o", "toggle_output", "output", show=False, tooltip="Show all that is kept of a Task's output, or its end."
        ),
        Binding("r", "refresh", "refresh", show=False, tooltip="Read the row again."),
    ]

    def __init__(
        self,
        source: Source,
        scheduler: Scheduler,
        relation: Relation,
        key: int,
        position: int | None,
        order: Callable[[], Order | None],
    ) -> None:
        super().__init__(source, scheduler, relation.name, row_name(relation, key))
        self._relation = relation
        self._key = key
        self._position = position
        self._order = order
        self._contents: Contents | None = None
        self._shows_empty = False
        self._shows_output = False
        self._list = Listing()

    def compose_body(self) -> ComposeResult:
        """Lay out the one list of lines."""
        yield self._list

    @property
    def waits_for(self) -> str:
        """What it is that takes long when reading does."""
        return source_words(self._relation)

    def on_mount(self) -> None:
        """Read the row."""
        self._list.focus()
        self._list.show_lines([Line(((" reading …", "dim"),))])
        self.start(self._read, "record")

    async def _read(self) -> None:
        key, relations, database = self._key, self.source.relations(), self.source.path
        contents = await self.read(
            lambda reader: contents_of(read_record(reader, relations, self._relation, key), database)
        )
        self._contents = contents
        self._show()
        if contents.paths:
            # A file system that does not answer must hold up neither the interface nor the reading of rows.
            scan = self.scheduler.scan(lambda _reader, _cancelled: states_of(contents.paths))
            files = await asyncio.wrap_future(scan.future)
            self._contents = replace(contents, files=files)
            self._show()

    def _show(self) -> None:
        if self._contents is not None:
            self._list.show_lines(record_lines(self._contents, self._shows_empty, self._shows_output))

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of the row why it is not there."""
        self._list.show_lines([Line(), Line(((f" {visible(str(error))}", "error"),), indent=1)])

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an entry has parameters and an output that can be folded."""
        return self._relation.kind is RelationKind.TASK if action in ("toggle_empty", "toggle_output") else True

    def action_step(self, step: int) -> None:
        """Show the row that stands before or after this one in the table."""
        self.start(lambda: self._step(step), "step")

    async def _step(self, step: int) -> None:
        order, key = self._order(), self._key
        if order is None:
            return
        position = self._position
        if position is None:
            position = await self.read(lambda reader: order.position_of(reader, key))
        if position is None:
            self.notify("This row is not among those the table shows.", markup=False)
            return
        there = position + step
        rows = await self.read(lambda reader: order.rows(reader, (), there, there + 1)) if there >= 0 else []
        if not rows:
            self.notify(
                "There is no row after this one." if step > 0 else "There is no row before this one.", markup=False
            )
            return
        self._key, self._position = rows[0].key, there
        self._head.places = (*self._head.places[:-1], row_name(self._relation, self._key))
        self._list.scroll_to(y=0, animate=False)
        await self._read()

    def action_heading(self, step: int) -> None:
        """Scroll to the next section or the one before."""
        self._list.go_to_heading(step)

    def action_toggle_empty(self) -> None:
        """Show or hide the parameters that are NULL."""
        self._shows_empty = not self._shows_empty
        self._show()

    def action_toggle_output(self) -> None:
        """Show all that is kept of the Task's output, or only its end."""
        self._shows_output = not self._shows_output
        self._show()

    def action_refresh(self) -> None:
        """Read the file and the row again."""
        self.start(self._read_again, "record")

    async def _read_again(self) -> None:
        await self.read(self.source.load)
        await self._read()

    def action_back(self) -> None:
        """Go back to the table, to the row shown here last."""
        self.dismiss(self._position)
