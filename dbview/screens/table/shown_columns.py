"""Hold which columns a table shows: those asked for, those remembered, or all that tell something."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from dbview.errors import DbviewError
from dbview.query.column_layout import ColumnLayout, remembered_layout
from dbview.query.relation import Relation, RelationKind, Role
from dbview.screens.base import ViewerScreen
from dbview.source.numbers.uniform import Uniform, still_uniform, uniform_columns
from dbview.text import visible
from dbview.widgets.bar import StatusLine
from dbview.widgets.columns import Chosen, choose_columns, fixed_columns
from dbview.widgets.grid import Grid

FEW = 20
"""A table of up to so many columns shows them all at first."""

_ALWAYS_SHOWN = (Role.ID, Role.RUN, Role.TIME, Role.STATUS)
"""What a row is known by is shown at first even if it is the same everywhere."""

_WIDER = 4
_MOST_NAMED = 3

_KIND = "columns"


class ShownColumns:
    """The columns of one table.

    Args:
        screen: Shows the table; its application has the settings.
        relation: The table.
        names: The columns that a View asks for; None for none in particular.
        show: Called whenever others are to be shown, with the name of the one to go to; empty to stay.

    Attributes:
        relation: The table.
        layout: How its columns are laid out.
        uniform: What was found to be empty or constant; None as long as nothing was looked at.
        are_known: False until it is known which columns to show.
        line: Tells how many columns there are, and why some are hidden.
    """

    def __init__(
        self, screen: ViewerScreen, relation: Relation, names: Sequence[str] | None, show: Callable[[str], None]
    ) -> None:
        self._screen = screen
        self._show_them = show
        self._asked_for = names
        self._reason = ""
        self._varying: dict[str, None] = {}
        self._numbers: list[str] = []
        self._take(relation)
        self.uniform: Uniform | None = None
        self.are_known = False
        self._first_choice: ColumnLayout | None = None
        self._had_rows = True
        self.line = StatusLine()
        self.layout = self._with_asked() if names is not None else ColumnLayout(self._offered)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The columns shown, as a View names them; None if these are the relation's own choice."""
        if self._asked_for is None and self.layout == ColumnLayout(self._offered):
            return None
        fixed = (column.column.name for column in self._fixed if not column.is_symbol)
        return (*fixed, *self.layout.shown)

    @property
    def chosen(self) -> Chosen:
        """The columns for the grid."""
        return choose_columns(self.relation, self.layout.shown, self.layout.pinned)

    @property
    def has_line(self) -> bool:
        """True if the table has so many columns that a line tells which of them are hidden."""
        return len(self.layout.order) > FEW

    # At first

    def begin(self) -> None:
        """Show what was asked for or remembered, else what tells something; the rows wait until it is known, once."""
        remembered = None
        if self._asked_for is None:
            remembered = remembered_layout(self._screen.settings.recall(_KIND, self.relation.name), self._offered)
            self.layout = remembered or self.layout
        if self._asked_for is not None or remembered or not self._depends_on_rows:
            self.are_known = True
            self._show()
        else:
            # Asked for before any row, so that it is known before any comes; nothing jumps afterwards.
            self._screen.start(self._choose, "columns")

    @property
    def _depends_on_rows(self) -> bool:
        """True if what the newest rows hold decides which columns are shown at first."""
        is_wide = len(self._offered) > FEW and self.relation.kind is not RelationKind.VIEW
        return is_wide or self.relation.kind is RelationKind.TASK

    async def _choose(self) -> None:
        # Reading the rows says in full what goes wrong; meanwhile all columns are shown.
        with contextlib.suppress(DbviewError):
            self.layout = self._first_choice = await self._at_first()
        self.are_known = True
        self._show()

    def take_note_of_rows(self, are_there: bool) -> None:
        """Take note whether there are rows: the first of a table that had none decide once more what is shown."""
        is_first, self._had_rows = are_there and not self._had_rows, are_there
        if is_first and self.layout is self._first_choice:
            self.uniform = None
            self._screen.start(self._choose, "columns")

    async def look(self) -> Uniform:
        """Find out which columns tell nothing, unless that is known."""
        if self.uniform is None:
            relation, reading = self.relation, self._screen.read
            offered = [column for name in self._offered if (column := relation.find(name))]
            # What runs an expression of the file's own is not read before somebody looks at it.
            is_computed = relation.kind is RelationKind.VIEW
            candidates = [c for c in offered if not (is_computed or c.computed or c.role in _ALWAYS_SHOWN)]
            self.uniform = await reading(lambda reader: uniform_columns(reader, relation, candidates))
        return self.uniform

    async def summary_names(self) -> list[str]:
        """Return the columns that are named values of the newest summaries."""
        # Only here, as below: a table that opens should not wait for what it needs later, if at all.
        from dbview.source.numbers.distinct import summary_keys

        return self._pair_names(await self._screen.read(lambda reader: summary_keys(reader, self.relation)))

    async def _number_names(self) -> list[str]:
        """Return the columns that stand in the place of the summary: the numbers that the newest ones hold."""
        from dbview.source.numbers.summary_names import names_of_numbers

        return self._pair_names(await self._screen.read(lambda reader: names_of_numbers(reader, self.relation)))

    def _pair_names(self, keys: Sequence[str]) -> list[str]:
        from dbview.query.filter import quote_literal
        from dbview.query.names import PAIR, find_column

        return [find_column(self.relation, f"{PAIR}.{quote_literal(key)}").name for key in keys]

    def look_again(self) -> None:
        """Look whether hidden columns tell something in new rows. They are named; what is shown stays as it is."""
        if self.uniform is not None:
            self._screen.start(self._look_again, "varying columns")

    async def _look_again(self) -> None:
        relation, before = self.relation, await self.look()
        self.uniform = await self._screen.read(lambda reader: still_uniform(reader, relation, before))
        gone = (column.name for column in before.values if column not in self.uniform.values)
        self._varying.update(dict.fromkeys(name for name in gone if name in self.layout.hidden))
        self._tell()

    def take_relation(self, relation: Relation) -> None:
        """Take note that the table has other columns now: new ones are shown, at the end."""
        from dbview.query.names import columns_of

        self._take(relation)
        there = {column.name for column in columns_of(relation, self.layout.order)}
        kept = tuple(name for name in self.layout.order if name in there)
        self.layout = replace(self.layout, order=tuple(dict.fromkeys((*kept, *self._offered))))
        self._show()

    # By hand

    def use(self, layout: ColumnLayout, current: str = "") -> None:
        """Show the columns in another layout, and go to one of them; one at least stays."""
        if layout == self.layout or not (layout.shown or self._fixed):
            return
        if layout.hidden != self.layout.hidden:
            self._reason = ""
        self.layout = layout
        self._show(current)

    def go_to(self, name: str) -> None:
        """Go to a column, if it is shown."""
        self._show(name)

    def keep(self) -> None:
        """Remember the layout for this table."""
        self._screen.settings.remember(_KIND, self.relation.name, self.layout.to_json())

    def forget(self, after: Callable[[], None]) -> None:
        """Remember no layout, and show the columns as at first once it is known how that is; then call a function."""
        self._screen.settings.remember(_KIND, self.relation.name, None)
        self._asked_for = None
        self._screen.start(lambda: self._forget(after), "columns")

    async def _forget(self, after: Callable[[], None]) -> None:
        self.layout = await self._at_first()
        self._show()
        after()

    def change(self, what: str, grid: Grid) -> None:
        """Change the grid's current column by a key, and remember it.

        Args:
            what: ``hide``, ``pin``, ``left``, ``right``, ``wider``, ``narrower`` or ``automatic``.
            grid: Shows the columns.
        """
        name, width = grid.column.column.name, grid.column_width
        if grid.column in self._fixed:
            self._screen.notify("This column always stays as it is.", markup=False)
            return
        if what == "pin" and not grid.can_pin:
            self._screen.notify("So many columns at the left would leave no room for others.", markup=False)
            return
        match what:
            case "hide":
                changed = self.layout.with_hidden([name])
                self._screen.notify(f"{visible(name)} is hidden; v lists all columns.", markup=False)
            case "pin":
                changed = self.layout.pinned_to(name)
            case "left" | "right":
                changed = self._beside(name, 1 if what == "right" else -1)
            case _:
                widths = {"wider": width + _WIDER, "narrower": width - _WIDER}
                changed = self.layout.with_width(name, widths.get(what))
        self.use(changed)
        self.keep()

    def _beside(self, name: str, step: int) -> ColumnLayout:
        shown = self.layout.shown
        place = shown.index(name) + step
        return self.layout.moved([name], [shown[place]], step > 0) if 0 <= place < len(shown) else self.layout

    # Inside

    def _show(self, current: str = "") -> None:
        self._tell()
        self._show_them(current)

    def _tell(self) -> None:
        # Values of the summary are columns, too, but none of the table's own.
        own = [name for name in self.layout.order if self.relation.find(name)]
        total, hidden = len(own), len(self.layout.hidden.intersection(own))
        words = f"{total:,} columns"
        if hidden:
            words += f": {self._reason or f'{hidden:,} of them hidden'} (v)"
        if varying := [visible(name) for name in self._varying if name in self.layout.hidden]:
            more = len(varying) - _MOST_NAMED
            words += f" · new in {', '.join(varying[:_MOST_NAMED])}{f' and {more:,} more' if more > 0 else ''}"
        self.line.left = words

    async def _at_first(self) -> ColumnLayout:
        """Return the layout in which what tells nothing is hidden, as is a summary told by its numbers."""
        if len(self._offered) > FEW:
            await self.look()
        if self.relation.kind is RelationKind.TASK:
            self._numbers = await self._number_names()
        layout = self._without_uniform()
        summary = self.relation.of_role(Role.SUMMARY)
        if summary is None or not self._numbers or summary.name in layout.hidden:
            return layout
        if self._reason:
            self._reason += "; summary as numbers"
        return (
            layout.offering(self._numbers, summary.name)
            .with_hidden(self._numbers, hides=False)
            .with_hidden([summary.name])
        )

    def _without_uniform(self) -> ColumnLayout:
        """Return the layout in which what tells nothing is hidden, and find the words for it."""
        self._reason = ""
        layout, found = ColumnLayout(self._offered), self.uniform
        if found is None or not found.values or len(self._offered) <= FEW:
            return layout
        empty, constant = len(found.empty), len(found.constant)
        parts = [f"{empty:,} {_are(empty)} empty"] if empty else []
        if constant:
            parts.append(f"{constant:,} {'' if empty else f'{_are(constant)} '}constant")
        among = "here" if found.complete else f"in the newest {found.rows:,} rows"
        self._reason = f"{' and '.join(parts)} {among}, hidden"
        return layout.with_hidden([column.name for column in found.values])

    def _take(self, relation: Relation) -> None:
        """Take note of the columns there are; those offered can be hidden and moved, in the relation's own order."""
        self.relation = relation
        self._fixed = fixed_columns(relation)
        self._offered = tuple(column.column.name for column in choose_columns(relation).columns[len(self._fixed) :])

    def _with_asked(self) -> ColumnLayout:
        """Return the layout in which only what was asked for is shown."""
        from dbview.query.names import columns_of

        fixed = {column.column for column in self._fixed if not column.is_symbol}
        asked = [column.name for column in columns_of(self.relation, self._asked_for or ()) if column not in fixed]
        return ColumnLayout(tuple(dict.fromkeys(asked))).offering(self._offered)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
