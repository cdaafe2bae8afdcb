"""Choose a grid's columns and lay them out on a line."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from rich.cells import cell_len

from dbview.query.relation import Column, Form, Relation, RelationKind, Role
from dbview.text import cell_text, visible
from dbview.values import Cell, number_of

GAP = 2
"""Blank cells between two columns."""

WIDEST = 44
"""A column is never wider than this; the detail strip shows the rest."""

_WIDEST_TITLE = 24

NO_WIDTHS: Mapping[str, int] = MappingProxyType({})
"""No width is given by hand."""

SYMBOL_WIDTH = 2
"""Cells of a status and of the mark beside it."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    """A column as the grid shows it.

    Attributes:
        title: What stands over it; fixed columns are called by their alias in the filter language.
        column: Column whose values it shows, and by which it is sorted and filtered.
        validity: For the column of status symbols: the column with the validity, drawn beside the symbol.
        is_symbol: True for the column that shows the status as a symbol.
    """

    title: str
    column: Column
    validity: Column | None = None
    is_symbol: bool = False

    @property
    def sources(self) -> tuple[Column, ...]:
        """The columns whose cells are needed to draw it."""
        return (self.column, self.validity) if self.validity else (self.column,)


class Chosen(NamedTuple):
    """The columns of a grid; the first ``pinned`` of them never scroll away."""

    columns: tuple[GridColumn, ...]
    pinned: int


_BEFORE_PARAMETERS = (Role.RUN, Role.EXPERIMENT, Role.TIME, Role.STATUS, Role.SUMMARY)
_AFTER_PARAMETERS = (Role.PAYLOAD, Role.SCHEMA, Role.VALID, Role.TITLE, Role.CONFIGURATION)
_ALIASES = {role.value for role in (*_BEFORE_PARAMETERS, *_AFTER_PARAMETERS, Role.ID)} - {Role.CONFIGURATION.value}


def choose_columns(relation: Relation, names: Sequence[str] | None = None, pinned: int = 0) -> Chosen:
    """Return the columns to show, what matters first: status, id, run, time, summary, then the parameters.

    Args:
        relation: Whose columns.
        names: The columns a View asks for, in its order; None for the relation's own choice.
        pinned: How many of them stay at the left edge beside those that always do.
    """
    fixed = fixed_columns(relation)
    taken = {column.column for column in fixed if not column.is_symbol}
    if names is not None:
        # Only here: a table opened with its own columns should not wait for the language.
        from dbview.query.names import columns_of

        wanted = columns_of(relation, names)
    elif relation.kind is RelationKind.TASK:
        by_role = {role: [c for c in relation.columns if c.role is role] for role in Role}
        before = [column for role in _BEFORE_PARAMETERS for column in by_role[role]]
        behind = [column for role in _AFTER_PARAMETERS for column in by_role[role]]
        wanted = [*before, *relation.parameters, *behind]
    else:
        wanted = list(relation.columns)
    titles = {column_title(column, relation) for column in (*relation.columns, *wanted)}
    others = [GridColumn(_short_title(column, relation, titles), column) for column in wanted if column not in taken]
    if not fixed and not others:
        # A grid has a column at least, whatever was asked for.
        others = [GridColumn(column_title(column, relation), column) for column in relation.columns[:1]]
    return Chosen((*fixed, *others), len(fixed) + min(pinned, len(others)))


def fixed_columns(relation: Relation) -> list[GridColumn]:
    """Return the columns that are always shown, at the left edge: by them a row is known."""
    status, valid, key = (relation.of_role(role) for role in (Role.STATUS, Role.VALID, Role.ID))
    fixed = [GridColumn("ok", status, valid, is_symbol=True)] if status else []
    if key:
        fixed.append(GridColumn(visible(key.name), key))
    return fixed


def column_title(column: Column, relation: Relation) -> str:
    """Return what stands over a column: of a Task's fixed columns, the alias by which the filter language knows it."""
    if column.role is Role.PARAMETER:
        return visible(f"p.{column.name}" if column.name in _ALIASES else column.name)
    is_alias = relation.kind is RelationKind.TASK and column.role.value in _ALIASES
    if column.role is Role.TIME and is_alias:
        return "time (UTC)"
    return column.role.value if is_alias else visible(column.label)


def _short_title(column: Column, relation: Relation, taken: Container[str]) -> str:
    """Return what stands over a column; over a named pair of the summary its name alone, unless that is taken."""
    part = column.part
    name = visible(part.name) if part and part.form is Form.PAIRS and not part.is_pattern else ""
    return name if name and name not in taken else column_title(column, relation)


def is_number(cell: Cell, column: Column) -> bool:
    """Tell whether a cell stands at the right: a number, or one that a part of a stored text spells."""
    if column.part and isinstance(cell, str):
        return number_of(cell.strip()) is not None
    return isinstance(cell, int | float)


class Placed(NamedTuple):
    """Where a column stands on the line."""

    column: int
    x: int
    width: int


class Layout:
    """Widths of columns and their places on a line. A width is measured once, so that nothing jumps.

    Args:
        chosen: The columns.
        widths: Widths given by hand, by the name of the column.
        before: What was laid out until now: columns that stay keep their width.
    """

    def __init__(self, chosen: Chosen, widths: Mapping[str, int] = NO_WIDTHS, before: Layout | None = None) -> None:
        self.columns, self.pinned = chosen
        self._by_hand = widths
        self._measured: dict[GridColumn, int] = before._measured if before else {}
        self._right: set[GridColumn] = before._right if before else set()
        self._marked: frozenset[Column] = frozenset()
        self._widths: list[int] = [self._width(column) for column in self.columns]

    def _width(self, column: GridColumn) -> int:
        if not column.is_symbol and (by_hand := self._by_hand.get(column.column.name)):
            return by_hand
        title = min(cell_len(column.title), _WIDEST_TITLE)
        return max(title + (column.column in self._marked), self._measured.get(column, 0))

    def width(self, index: int) -> int:
        """Return how wide a column is."""
        return self._widths[index]

    def mark(self, columns: Iterable[Column]) -> None:
        """Leave room for a mark of two cells behind the titles of these columns; one fits between two columns."""
        self._marked = frozenset(columns)
        self._widths = [self._width(column) for column in self.columns]

    def is_measured(self, index: int) -> bool:
        """Tell whether cells of a column have been measured."""
        return self.columns[index] in self._measured

    def measure(self, index: int, cells: Sequence[Cell]) -> None:
        """Widen a column to its first cells; cells that come later only to show a number whole."""
        if not cells:
            return
        column = self.columns[index]
        numbers = [cell for cell in cells if is_number(cell, column.column)]
        if numbers and not column.is_symbol:
            self._right.add(column)
        counted = cells if column not in self._measured else numbers
        widest = max((cell_len(cell_text(cell)) for cell in counted), default=1)
        width = SYMBOL_WIDTH if column.is_symbol else min(widest, WIDEST)
        self._measured[column] = max(self._measured.get(column, 0), width)
        self._widths[index] = self._width(column)

    def is_right(self, index: int) -> bool:
        """Tell whether a column's title stands at its right, as its numbers do."""
        return self.columns[index] in self._right

    def place(self, first: int, width: int) -> list[Placed]:
        """Return the columns that are at least partly visible: the pinned ones, then those from ``first`` on."""
        placed: list[Placed] = []
        x = 0
        for index in (*range(self.pinned), *range(max(first, self.pinned), len(self.columns))):
            if x >= width:
                break
            placed.append(Placed(index, x, min(self._widths[index], width - x)))
            x += self._widths[index] + GAP
        return placed

    def first_showing(self, index: int, first: int, width: int) -> int:
        """Return the least change of ``first`` that shows a column in full."""
        if index < self.pinned:
            return first
        if index <= first:
            return index
        room = width - self._widths[index] - sum(pinned + GAP for pinned in self._widths[: self.pinned])
        fitting = index
        while fitting > first and (room := room - self._widths[fitting - 1] - GAP) >= 0:
            fitting -= 1
        return fitting
