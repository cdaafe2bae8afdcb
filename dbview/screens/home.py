"""List what the file holds, and fill in how much of it and how it went."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from dbview.errors import DbviewError
from dbview.query.relation import Relation, RelationKind, Role
from dbview.query.view import View
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.home_lines import SECTIONS, Activity, heading_line, relation_line, width_of_names
from dbview.source.numbers.tally import Tally, last_activity, tally
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import visible
from dbview.widgets.find_bar import FindBar
from dbview.widgets.listing import Line, Listing

VIEW_SECONDS = 5.0
"""How long the rows of a view are counted."""


class HomeScreen(ViewerScreen):
    """The relations of a file, in sections.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        # It takes effect before the next key is looked at: people type on before a slow line has answered.
        Binding(
            "slash", "filter", "find", id="home.find", priority=True, tooltip="Find a table by a part of its name."
        ),
        Binding("j,down", "move(1)", "down", id="move.down", show=False, priority=True, tooltip="One line down."),
        Binding("k,up", "move(-1)", "up", id="move.up", show=False, priority=True, tooltip="One line up."),
        Binding(
            "i",
            "toggle_internal",
            "bookkeeping",
            id="home.bookkeeping",
            tooltip="Show or hide the tables of tools: bookkeeping, side tables.",
        ),
        Binding("r", "refresh", "refresh", id="app.refresh", tooltip="Read the file again."),
        # Once all are shown, it goes back, if there is a screen to go back to.
        Binding(
            "escape", "show_all", "show all", id="home.show-all", tooltip="Show all tables again, not only those found."
        ),
        Binding(
            "escape", "back", "back", id="app.back", tooltip="Back to the screen before; the cursor is where it was."
        ),
    ]

    @dataclass
    class Counted(Message):
        """A relation has been counted as far as this."""

        generation: int
        relation: str
        activity: Activity

    def __init__(self, source: Source, scheduler: Scheduler) -> None:
        super().__init__(source, scheduler)
        self._list = Listing(has_cursor=True)
        self._bar = FindBar("find a table")
        self._looked_for = ""
        self._activities: dict[str, Activity] = {}
        self._shows_internal = False
        self._generation = 0
        self._scan: ScanHandle[None] | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the search line and the list."""
        yield self._bar
        yield self._list

    def on_mount(self) -> None:
        """Show the names at once."""
        # At once, not with the next message: the cursor would leave the search line of who has typed on already.
        self.set_focus(self._list)
        self._show()

    def on_resize(self) -> None:
        """Give names as much room as there is."""
        self._show()

    def on_screen_resume(self) -> None:
        """Count what has not been counted; screens above this one come first."""
        if self._generation == 0 and self.is_current:
            self._count()

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        if self._scan:
            self._scan.cancel()

    # Counting

    def _count(self) -> None:
        generation = self._generation = self._generation + 1
        self.start(lambda: self._count_all(generation), "count")

    async def _count_all(self, generation: int) -> None:
        wanted = [r for _title, kinds in SECTIONS for r in self._relations(kinds)]
        for relation in wanted:
            try:
                await self._count_one(generation, relation)
            except DbviewError as error:
                before = self._activities.get(relation.name, Activity())
                trouble = Activity(before.tally, before.newest, visible(str(error)))
                self.post_message(self.Counted(generation, relation.name, trouble))

    async def _count_one(self, generation: int, relation: Relation) -> None:
        columns = tuple(column for role in (Role.STATUS, Role.VALID) if (column := relation.of_role(role)))
        newest = await self.read(lambda reader: last_activity(reader, relation))

        def publish(result: Tally) -> None:
            self.post_message(self.Counted(generation, relation.name, Activity(result, newest)))

        def job(reader: Reader, cancelled: Cancelled) -> None:
            tally(reader, relation, columns if len(columns) == 2 else (), publish, cancelled)

        self._scan = self.scheduler.scan(job)
        # Whatever else is to be counted waits for it, and a view may never end.
        seconds = VIEW_SECONDS if relation.kind is RelationKind.VIEW else None
        try:
            await asyncio.wait_for(asyncio.wrap_future(self._scan.future), seconds)
        except TimeoutError:
            words = f"not counted: its rows take more than {VIEW_SECONDS:.0f} s to compute"
            self.post_message(self.Counted(generation, relation.name, Activity(trouble=words)))

    @on(Counted)
    def _take_count(self, message: Counted) -> None:
        if message.generation == self._generation:
            self._activities[message.relation] = message.activity
            self._show()

    # The list

    def _relations(self, kinds: tuple[RelationKind, ...]) -> list[Relation]:
        is_hidden = not self._shows_internal and RelationKind.INTERNAL in kinds
        found = [relation for relation in self.source.relations() if relation.kind in kinds]
        return [] if is_hidden else sorted(found, key=lambda relation: relation.kind is RelationKind.VIEW)

    def _show(self) -> None:
        wanted = self._bar.text.casefold()
        relations = self.source.relations()
        name_width = width_of_names(relations, self.size.width)
        lines: list[Line] = []
        for title, kinds in SECTIONS:
            found = [relation for relation in self._relations(kinds) if wanted in relation.name.casefold()]
            if found:
                lines.append(heading_line(title, kinds, name_width))
                lines += [
                    relation_line(relation, self._activities.get(relation.name, Activity()), name_width)
                    for relation in found
                ]
                lines.append(Line())
        self._list.show_lines(lines or [Line(), Line(((f"  {self._empty_words()}", "dim"),))])
        self._bar.status.left = self._status_words()

    def _empty_words(self) -> str:
        if self._bar.text:
            return "No table has that in its name."
        if self.source.relations():
            return "This database holds nothing but bookkeeping tables; i shows them."
        return "This database holds no tables: nothing has been recorded in it yet."

    def _status_words(self) -> str:
        relations = self.source.relations()
        tasks = [relation for relation in relations if relation.kind is RelationKind.TASK]
        if not relations:
            return ""
        if self._bar.text:
            found = sum(line.key is not None for line in self._list.lines)
            return f"{found:,} of {sum(len(self._relations(kinds)) for _title, kinds in SECTIONS):,} tables"
        if not tasks:
            return f"{len(relations)} tables, none of them written by a recorder of Tasks"
        tallies = [a.tally for r in tasks if (a := self._activities.get(r.name)) and a.tally]
        counted = sum(tally.total for tally in tallies)
        is_whole = len(tallies) == len(tasks) and all(tally.complete for tally in tallies)
        noun = "entry" if counted == 1 else "entries"
        return f"{len(tasks)} Task{'s' * (len(tasks) != 1)} · {counted:,} {noun}{'' if is_whole else ' counted so far'}"

    # Keys

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        with errors_in_words(self.app):
            if self.source.relation(message.key).columns:
                self.open_table(View(message.key))
                return
            words = f"{visible(message.key)} cannot be read: what it is made from is missing, or its name is not UTF-8."
            self.notify(words, severity="warning", markup=False)

    def open_table(self, view: View) -> None:
        """Show the rows of a relation."""
        from dbview.screens.table.screen import TableScreen

        self.app.push_screen(TableScreen(self.source, self.scheduler, view))

    @on(FindBar.Edited)
    def _find(self) -> None:
        if self._bar.text == self._looked_for:
            return
        self._looked_for = self._bar.text
        self._show()
        if self._bar.text:
            self._list.action_first()
        self.refresh_bindings()

    @on(FindBar.Applied)
    def _open_found(self) -> None:
        # News of what was typed last may come later.
        self._find()
        if self._list.key is None:
            self._bar.edit()
            self._bar.show_error("There is nothing to open.", 0)
            return
        self.set_focus(self._list)
        self._open(Listing.Selected(self._list.key))

    @on(FindBar.Left)
    def _leave_bar(self) -> None:
        self.set_focus(self._list)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a name is typed, its characters are no commands; what is all there is need not be shown again."""
        if action == "filter":
            return not self._bar.is_edited
        if action == "back":
            return isinstance(self.app.screen_stack[-2], ViewerScreen)
        return bool(self._bar.text) if action == "show_all" else True

    def action_filter(self) -> None:
        """Put the cursor into the search line."""
        self._bar.edit()

    def action_show_all(self) -> None:
        """Show all tables again."""
        self._bar.clear()

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)

    def action_toggle_internal(self) -> None:
        """Show or hide bookkeeping tables."""
        self._shows_internal = not self._shows_internal
        self._show()
        self._count()

    def action_refresh(self) -> None:
        """Read the schema and count again."""
        self.start(self._refresh, "refresh")

    async def _refresh(self) -> None:
        await self.read(self.source.load)
        self._bar.status.right = ""
        self._show()
        self._count()

    async def on_written(self) -> None:
        """Say that the file was written; nothing on the screen moves."""
        self._bar.status.right = "changed · r"
