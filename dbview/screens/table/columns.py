"""List all columns of a table beside its grid: show and hide, find, move and pin them; the grid follows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from dbview.errors import DbviewError
from dbview.query.column_layout import ColumnLayout
from dbview.query.relation import Role
from dbview.screens.table.column_lines import COLUMN, GROUP, column_lines, group_of
from dbview.screens.table.shown_columns import ShownColumns
from dbview.source.numbers.uniform import Uniform
from dbview.text import visible
from dbview.widgets.bar import Bar
from dbview.widgets.find_bar import FindBar
from dbview.widgets.key_line import KeyLine
from dbview.widgets.listing import Listing


class ColumnList(Listing):
    """The list of columns, with the keys that matter in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.keep",
            "keep",
            tooltip="Keep the columns as they are, remember them, and go to this one in the table.",
            id="columns.keep",
        ),
        Binding("k", "move(-1)", "up", show=False, tooltip="One line up.", id="move.up"),
        Binding("j", "move(1)", "down", show=False, tooltip="One line down.", id="move.down"),
    ]


class ColumnsScreen(ModalScreen[None]):
    """The chooser of columns.

    Args:
        columns: Of the table below; it shows them whenever they change.
        current: Name of the column that the grid is at; the list begins there.
    """

    DEFAULT_CSS = """
ColumnsScreen {
    background: transparent;
    align: right top;
    & > Vertical {
        width: 44; max-width: 60%; height: 1fr; background: $background; border-left: solid $primary;
        /* Below the head of the screen under it. */
        margin: 2 0 0 0;
    }
    & KeyLine { width: 100%; }
}
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "take_back", "take back", tooltip="Leave the columns as they were.", id="columns.take-back"),
        Binding("space", "switch", "show/hide", tooltip="Show or hide the column, or the group.", id="columns.toggle"),
        # It takes effect before the next key is looked at: people type on before a slow line has answered.
        Binding(
            "slash", "find", "find", priority=True, tooltip="Find columns by a part of the name.", id="columns.find"
        ),
        Binding("less_than_sign", "shift(-1)", "up", tooltip="Move the column, or the group, up.", id="columns.up"),
        Binding("greater_than_sign", "shift(1)", "down", tooltip="Move it down.", id="columns.down"),
        Binding("p", "pin", "pin", tooltip="Keep the columns up to this one at the left edge.", id="columns.pin"),
        Binding(
            "right,l",
            "fold(False)",
            "open group",
            show=False,
            tooltip="Show a group's columns one by one.",
            id="columns.open-group",
        ),
        Binding(
            "left,h",
            "fold(True)",
            "fold group",
            show=False,
            tooltip="Show a group as one line.",
            id="columns.fold-group",
        ),
        Binding("e", "uniform('empty')", "empty", tooltip="Hide, or show, all empty columns.", id="columns.empty"),
        Binding(
            "c",
            "uniform('constant')",
            "constant",
            tooltip="Hide, or show, all columns with the same value in every row.",
            id="columns.constant",
        ),
        Binding("a", "all", "all", tooltip="Show all columns.", id="columns.all"),
        Binding("r", "forget", "as at first", tooltip="As at first; nothing is remembered.", id="columns.as-at-first"),
        Binding("question_mark", "help", "keys", tooltip="All keys of this list.", id="app.help"),
    ]

    def __init__(self, columns: ShownColumns, current: str) -> None:
        super().__init__()
        self._columns = columns
        self._before = columns.layout
        self._current = current
        self._list = ColumnList(has_cursor=True)
        self._bar = FindBar("find a column")
        self._open: set[str] = set()
        self._began_at: str | None = None

    def compose(self) -> ComposeResult:
        """Lay out the find bar over the list, at the right of the grid."""
        with Vertical():
            yield self._bar
            yield self._list
        yield KeyLine()

    def on_mount(self) -> None:
        """Show the columns at once; what the rows tell of them follows."""
        self.set_focus(self._list)
        self._show_list()
        group = f"{GROUP}{group_of(self._columns.relation, self._current)}"
        keys = [line.key for line in self._list.lines]
        self._list.move_to(next((keys.index(key) for key in (f"{COLUMN}{self._current}", group) if key in keys), 0))
        self._began_at = self._list.key
        self.run_worker(self._look())

    async def _look(self) -> None:
        columns = self._columns
        try:
            await columns.look()
            names = await columns.summary_names()
        except DbviewError as error:
            self._bar.status.error = (visible(str(error)), 0)
            return
        summary = columns.relation.of_role(Role.SUMMARY)
        behind = summary.name if summary else ""
        self._before = self._before.offering(names, behind)
        columns.layout = columns.layout.offering(names, behind)
        self._show_list()

    # The list

    def _show_list(self) -> None:
        layout, text = self._columns.layout, self._bar.text.strip()
        uniform = self._columns.uniform
        found = column_lines(self._columns.relation, layout, uniform, self._open, text)
        self._list.show_lines(found)
        # Counted as on the line over the grid: values of the summary are columns, too, but none of the table's own.
        own = [name for name in layout.order if self._columns.relation.find(name)]
        shown = sum(name not in layout.hidden for name in own)
        parts = len(layout.shown) - shown
        status = f"{shown:,} of {len(own):,} shown{f', {parts:,} of the summary' if parts else ''}"
        self._bar.status.left = status if found else f"{status} · none is called so"

    def _use(self, layout: ColumnLayout, current: str = "") -> None:
        self._columns.use(layout, current)
        self._show_list()

    def _names(self, key: str | None) -> Sequence[str]:
        """Return the columns that a line stands for."""
        if key is None:
            return ()
        if not key.startswith(GROUP):
            return (key[1:],)
        order = self._columns.layout.order
        return [name for name in order if group_of(self._columns.relation, name) == key[1:]]

    @on(FindBar.Edited)
    def _find(self) -> None:
        self._show_list()

    @on(Bar.Applied)
    @on(FindBar.Left)
    def _leave_bar(self) -> None:
        self.set_focus(self._list)
        self._show_list()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a name is typed, its characters are no commands."""
        return not (action == "find" and self._bar.is_edited)

    def action_find(self) -> None:
        """Put the cursor into the find bar."""
        self._bar.edit()

    def action_switch(self) -> None:
        """Show or hide the column, or all of the group."""
        names, layout = self._names(self._list.key), self._columns.layout
        hides = any(name not in layout.hidden for name in names)
        self._use(layout.with_hidden(names, hides), "" if hides or not names else names[0])

    def action_shift(self, step: int) -> None:
        """Move the column, or the group, past the line before or behind it."""
        keys = [line.key for line in self._list.lines]
        place = self._list.index + step
        if 0 <= place < len(keys):
            names, others = self._names(self._list.key), self._names(keys[place])
            self._use(self._columns.layout.moved(names, others, behind=step > 0), names[0] if names else "")

    def action_pin(self) -> None:
        """Keep the columns up to this one at the left edge, or no longer."""
        if names := self._names(self._list.key):
            self._use(self._columns.layout.pinned_to(names[-1]))

    def action_fold(self, folds: bool) -> None:
        """Show a group as one line, or its columns one by one."""
        key = self._list.key
        name = key[1:] if key and key.startswith(GROUP) else group_of(self._columns.relation, (key or " ")[1:])
        if folds:
            self._open.discard(name)
        elif name:
            self._open.add(name)
        self._show_list()
        if folds and name:
            keys = [line.key for line in self._list.lines]
            self._list.move_to(keys.index(f"{GROUP}{name}") if f"{GROUP}{name}" in keys else self._list.index)

    def action_uniform(self, which: str) -> None:
        """Hide all empty, or all constant, columns; show them if all of them are hidden."""
        found: Uniform | None = self._columns.uniform
        if found is None:
            return
        columns = found.empty if which == "empty" else found.constant
        names = [column.name for column in columns]
        layout = self._columns.layout
        self._use(layout.with_hidden(names, hides=any(name not in layout.hidden for name in names)))

    def action_all(self) -> None:
        """Show all columns of the table; parts of summaries only one by one."""
        layout, relation = self._columns.layout, self._columns.relation
        self._use(layout.with_hidden([name for name in layout.order if relation.find(name)], hides=False))

    def action_forget(self) -> None:
        """Show the columns as at first, and remember none; Esc does not take this back."""
        offered = self._columns.layout.order

        def take() -> None:
            self._before = self._columns.layout = self._columns.layout.offering(offered)
            if self.is_attached:
                self._show_list()

        self._columns.forget(take)

    @on(Listing.Selected)
    def _click(self) -> None:
        self.action_switch()

    def action_keep(self) -> None:
        """Leave with the columns as they are now, remember them, and go to the one that was gone to here."""
        if self._columns.layout != self._before:
            self._columns.keep()
        key = self._list.key
        if key is not None and key != self._began_at and not key.startswith(GROUP):
            self._columns.go_to(key.removeprefix(COLUMN))
        self.dismiss(None)

    def action_take_back(self) -> None:
        """Show the columns as they were, and leave."""
        self._columns.use(self._before)
        self.dismiss(None)

    def action_help(self) -> None:
        """Show the keys of this list."""
        from dbview.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self))
