"""Say on three lines what a row of the grid is about."""

from __future__ import annotations

from collections.abc import Sequence

from dbview.query.relation import Column, Relation, Role
from dbview.screens.base import ViewerScreen
from dbview.secrets import without_secrets
from dbview.text import cell_text, visible
from dbview.values import Cell, Row
from dbview.widgets.columns import GridColumn
from dbview.widgets.detail import DetailStrip
from dbview.widgets.grid_messages import CursorMoved
from dbview.widgets.listing import Line, Span
from dbview.widgets.symbols import LATEST, VALID, status_tone, validity_symbol, validity_word

_ROLES = (Role.STATUS, Role.VALID, Role.RUN, Role.EXPERIMENT, Role.TIME, Role.SUMMARY)


def _columns(relation: Relation, current: GridColumn) -> tuple[Column, ...]:
    """Return the columns that are told of."""
    fixed = [column for role in _ROLES if (column := relation.of_role(role))]
    return tuple(dict.fromkeys([*fixed, *current.sources]))


class RowDetail:
    """What is told of the current row of a table.

    Args:
        screen: Shows the table, and reads for it.

    Attributes:
        strip: Where it stands.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self.strip = DetailStrip()
        self._screen = screen

    def tell_of(self, relation: Relation, moved: CursorMoved, *, is_latest: bool) -> None:
        """Tell of the row that the cursor is on; of nothing as long as that is not known.

        Args:
            relation: The table.
            moved: Where the cursor is.
            is_latest: True if a next Task is given this row.
        """
        if (key := moved.key) is None:
            self.strip.lines = ()
        else:
            self._screen.start(lambda: self._read(relation, key, moved.column, is_latest), "detail")

    async def _read(self, relation: Relation, key: int, current: GridColumn, is_latest: bool) -> None:
        """Show status and origin of a row, its summary, and its current cell in full; nothing if the row is gone."""
        columns = _columns(relation, current)
        read = await self._screen.read(lambda reader: reader.rows(relation, columns, [key]))
        rows = without_secrets(columns, read)
        self.strip.lines = _lines(relation, columns, rows[0], current, is_latest) if rows else ()


def row_name(relation: Relation, key: int) -> str:
    """Return what a row is called: by its id, or by its place where the relation has no ids."""
    return f"#{key}" if relation.key is not None else f"row {1 - key}"


def _lines(
    relation: Relation, columns: Sequence[Column], row: Row, current: GridColumn, is_latest: bool
) -> tuple[Line, ...]:
    cells = dict(zip(columns, row.cells, strict=True))
    by_role = {column.role: cells[column] for column in reversed(columns) if column.role in _ROLES}
    lines = [Line((*_origin(row_name(relation, row.key), by_role, is_latest),))]
    if Role.SUMMARY in by_role:
        lines.append(Line((_summary(by_role[Role.SUMMARY]),)))
    shown = current.column
    lines.append(Line(((f"{visible(shown.label)}  ", "name"), (cell_text(cells[shown]), _null_tone(cells[shown])))))
    return tuple(lines)


def _origin(name: str, cells: dict[Role, Cell], is_latest: bool) -> list[Span]:
    spans: list[Span] = [(name, "")]
    if Role.STATUS in cells:
        spans.append((f"  {cell_text(cells[Role.STATUS])}", status_tone(cells[Role.STATUS])))
    if Role.VALID in cells:
        word = validity_word(cells[Role.VALID])
        is_valid = validity_symbol(cells[Role.VALID]) == VALID
        said = (f"{LATEST} latest valid", "good") if is_valid and is_latest else (word, "" if is_valid else "late")
        spans += [(" · ", ""), said]
    if Role.RUN in cells:
        spans.append((f" · run {cell_text(cells[Role.RUN])}", ""))
    if Role.EXPERIMENT in cells:
        spans.append((f" · {cell_text(cells[Role.EXPERIMENT])}", ""))
    if Role.TIME in cells:
        spans.append((f" · {cell_text(cells[Role.TIME])} UTC", ""))
    return spans


def _summary(cell: Cell) -> Span:
    return ("no summary", "dim") if cell in (None, "") else (cell_text(cell), "")


def _null_tone(cell: Cell) -> str:
    return "dim" if cell is None else ""
