"""Show one row in full."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from dbview.compare.around import Around
from dbview.errors import DbviewError
from dbview.query.relation import Relation, RelationKind
from dbview.query.view import EntryPlace
from dbview.screens.base import ViewerScreen
from dbview.screens.copying import COPY_BINDINGS, copy_from_entry
from dbview.screens.entry.contents import Contents, contents_of
from dbview.screens.entry.keys import ENTRY_BINDINGS
from dbview.screens.entry.leads import open_history_of, open_lead, open_payload_of
from dbview.screens.entry.record_lines import Shown, record_lines
from dbview.screens.entry.row_beside import FirstOrder, row_beside
from dbview.screens.entry.surroundings import FilesFound, Surroundings
from dbview.screens.follow import FOLLOW_BINDING
from dbview.screens.last_scan import Found
from dbview.screens.marks import compare_marked, marks_of, toggle_mark
from dbview.screens.page_search import PageSearch
from dbview.screens.progress import source_words
from dbview.screens.row_detail import row_name
from dbview.screens.sections import FOLD, with_matches
from dbview.screens.table.following import has_changed, newest_of_run
from dbview.source.entries.record import Record, read_record
from dbview.source.entries.references import targets_of
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import visible
from dbview.widgets.find_bar import FindBar, PageBar
from dbview.widgets.listing import Line, Listing

_OF_ENTRIES = frozenset(
    {
        "toggle_empty",
        "toggle_output",
        "history",
        "lineage",
        "against",
        "next_place",
        "mark",
        "unmark",
        "compare",
        "payload",
        "follow",
    }
)
"""What can be done only where the row is an entry."""


class EntryScreen(ViewerScreen):
    """One row; gives the position of the row shown last, if known, when it is left.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        relation: What the row is of.
        key: The row.
        position: Its position in the order; None if it is not known.
        first_order: Waits for the order of the rows in the table, for the next row and the one before; None if no
            table is behind.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*ENTRY_BINDINGS, FOLLOW_BINDING, *COPY_BINDINGS]

    def __init__(
        self,
        source: Source,
        scheduler: Scheduler,
        relation: Relation,
        key: int,
        position: int | None = None,
        first_order: FirstOrder | None = None,
    ) -> None:
        super().__init__(source, scheduler, relation.name, row_name(relation, key))
        self._relation = relation
        self._key = key
        self._position = position
        self._first_order = first_order
        self._contents: Contents | None = None
        self._shown = Shown()
        self._against = 0
        self._follows = False
        self._looked_up_to = key
        self._surroundings = Surroundings(scheduler, self)
        self._list = Listing(has_cursor=True, wraps=True)
        self._search = PageSearch(self._list)
        self._bar = PageBar("look for a parameter, a value, a variable …")

    def compose_body(self) -> ComposeResult:
        """Lay out the find bar and the one list of lines."""
        yield self._bar
        yield self._list

    @property
    def waits_for(self) -> str:
        """What it is that takes long when reading does."""
        return source_words(self._relation)

    def on_mount(self) -> None:
        """Read the row."""
        self.set_focus(self._list)
        self._list.show_lines([Line(((" reading …", "dim"),))])
        self.start(self._read, "record")

    def on_unmount(self) -> None:
        """Let what is looked for around the row be."""
        self._surroundings.cancel()

    def on_resize(self) -> None:
        """Cut the paths for the new width."""
        self.call_after_refresh(self._show)

    def on_screen_resume(self) -> None:
        """Say what is marked now."""
        self._say()

    # Reading

    async def _read(self) -> None:
        self._surroundings.cancel()
        key, relation, source = self._key, self._relation, self.source

        def contents(reader: Reader) -> Contents:
            record = read_record(reader, source.relations(), relation, key)
            targets = {} if record.is_entry else targets_of(reader, source.relations(), relation, record.cells)
            return contents_of(record, source.path, targets)

        self._contents = await self.read(contents)
        self._show()
        self._look_around(self._contents.record)
        self._surroundings.look_for_files(self._contents.wanted, source.path)

    def _look_around(self, record: Record) -> None:
        self.start(lambda: self._surroundings.look(self.source.relations(), record, self._against), "around")

    @on(Found)
    def _take(self, message: Found) -> None:
        if not self._surroundings.rows.told(message) or self._contents is None:
            return
        if isinstance(message.found, Around):
            self._contents = replace(self._contents, around=message.found)
        else:
            self._contents = replace(self._contents, uses=message.found)
        self._show()

    @on(FilesFound)
    def _take_files(self, message: FilesFound) -> None:
        if message.number == self._surroundings.number_of_files and self._contents is not None:
            self._contents = replace(self._contents, files=message.states)
            self._show()

    # Showing

    def _show(self) -> None:
        if self._contents is None:
            return
        text = self._bar.text
        shown = replace(self._shown, width=self.size.width - 1, empty=self._shown.empty or bool(text))
        lines = record_lines(self._contents, shown)
        self._list.show_lines([with_matches(line, text) for line in lines] if text else lines)
        self._say()

    def _say(self) -> None:
        status = self._bar.status
        status.left = self._search.words
        marks = marks_of(self)
        own = "this one is marked · " if self._key in marks.keys_in(self._relation.name) else ""
        following = "following · f" if self._follows else ""
        status.right = " · ".join(filter(None, [f"{own}{marks.words}".removesuffix(" · "), following]))

    def show_error(self, error: DbviewError) -> None:
        """Say in the place of the row why it is not there; beside the row what else went wrong."""
        if self._contents is not None and self._contents.record.key == self._key:
            super().show_error(error)
            return
        self._list.show_lines([Line(), Line(((f" {visible(str(error))}", "error"),), indent=1)])

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only an entry has parameters and an output; while a text is typed, its characters are no commands."""
        if action == "find" and self._bar.is_edited:
            return False
        return self._relation.kind is RelationKind.TASK if action in _OF_ENTRIES else True

    def action_step(self, step: int) -> None:
        """Show the row that stands before or after this one in the table."""
        self.start(lambda: self._step(step), "step")

    async def _step(self, step: int) -> None:
        there = await row_beside(self, self._first_order, self._key, self._position, step)
        if there is None:
            return
        self._position, self._key = there
        self._head.places = (*self._head.places[:-1], row_name(self._relation, self._key))
        self._list.go_to_top()
        await self._read()

    def action_heading(self, step: int) -> None:
        """Go to the next section or the one before."""
        self._list.go_to_heading(step)

    def action_toggle_empty(self) -> None:
        """Show or hide the parameters that are NULL."""
        self._shown = replace(self._shown, empty=not self._shown.empty)
        self._show()

    def action_toggle_output(self) -> None:
        """Show all that is kept of the Task's output, or only its end."""
        self._shown = replace(self._shown, output=not self._shown.output)
        self._show()

    def action_follow(self) -> None:
        """Show the newest entry of this Task and run from now on, and what changes in it; or no longer."""
        self._follows, self._looked_up_to = not self._follows, self._key
        self._say()
        self.start(self._follow, "follow")

    async def on_written(self) -> None:
        """Show what has come, if that is wanted."""
        self.start(self._follow, "follow")

    async def _follow(self) -> None:
        if not self._follows or self._contents is None:
            return
        record, above = self._contents.record, self._looked_up_to
        newest, self._looked_up_to = await self.read(lambda reader: newest_of_run(reader, record, above))
        if newest is not None:
            self._key, self._position = newest, None
            self._head.places = (*self._head.places[:-1], row_name(self._relation, newest))
            self._list.go_to_top()
        elif record.key == self._key and not await self.read(lambda reader: has_changed(reader, record)):
            # What is around it is found by looking at all of the table: not after every write.
            # But if another write broke off the reading of the newest, the record is still the one before it.
            return
        await self._read()

    def action_refresh(self) -> None:
        """Read the file and the row again."""
        self.start(self._read_again, "record")

    async def _read_again(self) -> None:
        await self.read(self.source.load)
        await self._read()

    def action_back(self) -> None:
        """Take the text that was looked for away; else go back to the table, to the row shown here last."""
        if self._bar.text:
            self._bar.clear()
        else:
            self.dismiss(self._position)

    # Looking for a text, and from difference to difference

    def action_find(self) -> None:
        """Put the cursor into the find bar."""
        self._bar.edit()

    @on(FindBar.Edited)
    def _find(self) -> None:
        self._search.text = self._bar.text
        self._show()
        self._search.go_to_first()

    @on(FindBar.Applied)
    @on(FindBar.Left)
    def _leave_bar(self) -> None:
        self.set_focus(self._list)

    def action_next_place(self, step: int) -> None:
        """Go to the next difference, or place that was found; after the last comes the first."""
        if words := self._search.go_on(step):
            self.notify(words, markup=False)

    # What a line leads to

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        if message.key.startswith(FOLD):
            title = message.key.removeprefix(FOLD)
            self._shown = replace(self._shown, toggled=frozenset(self._shown.toggled) ^ {title})
            self._show()
        elif self._contents is not None:
            open_lead(self, self._contents, message.key)

    def action_payload(self) -> None:
        """Show all of the payload on a screen of its own."""
        if self._contents is not None:
            open_payload_of(self, self._contents)

    def action_history(self) -> None:
        """Show the values of the parameter under the cursor in all entries of the Task."""
        if self._contents is not None:
            open_history_of(self, self._contents, self._list.key or "")

    def action_copy(self, what: str) -> None:
        """Copy the parameter or line under the cursor, the whole row, or the link to this entry."""
        self.start(lambda: copy_from_entry(self, what, self._relation, self._key, self._list), "copy")

    def action_lineage(self) -> None:
        """Show what the entry was made from and what was made from it."""
        from dbview.screens.entry.lineage import LineageScreen

        place = EntryPlace(self._relation.name, self._key)
        self.app.push_screen(LineageScreen(self.source, self.scheduler, place))

    # Comparing

    def action_against(self) -> None:
        """Compare the parameters with those of another entry."""
        if self._contents is None or self._contents.around is None:
            return
        if self._contents.around.choices < 2:
            self.notify("There is no other entry to compare it with; mark one (Space) and press c.", markup=False)
            return
        self._against += 1
        self._look_around(self._contents.record)

    def action_mark(self) -> None:
        """Mark the entry, or take its mark away."""
        toggle_mark(self, EntryPlace(self._relation.name, self._key))
        self._say()

    def action_unmark(self) -> None:
        """Take all marks away."""
        marks_of(self).clear()
        self._say()

    def action_compare(self) -> None:
        """Compare what is marked; else this entry with the last good one before."""
        compare_marked(self, EntryPlace(self._relation.name, self._key))
