"""Keep the values of secrets in recorded environments off the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dbview.query.relation import Column, Role
from dbview.text import decode_escaped, mask_secrets
from dbview.values import Cell, Clipped, Row, UndecodableText


def without_secrets(columns: Sequence[Column], rows: Sequence[Row]) -> list[Row]:
    """Return rows in which environment text has its secrets masked.

    Args:
        columns: What the rows' cells are of.
        rows: The rows as they were read.
    """
    if not any(column.role is Role.ENVIRONMENT for column in columns):
        return list(rows)
    return [
        replace(row, cells=tuple(masked(column, cell) for column, cell in zip(columns, row.cells, strict=True)))
        for row in rows
    ]


def masked(column: Column, cell: Cell) -> Cell:
    """Return a cell as it may be shown."""
    if column.role is not Role.ENVIRONMENT:
        return cell
    match cell:
        case str():
            return mask_secrets(cell)
        case bytes() | UndecodableText():
            return mask_secrets(decode_escaped(cell.raw if isinstance(cell, UndecodableText) else cell))
        case Clipped(start=start):
            shown = masked(column, start)
            return replace(cell, start=shown) if isinstance(shown, str) else cell
        case _:
            return cell
