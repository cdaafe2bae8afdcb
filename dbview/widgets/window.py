"""Keep the rows around what is on the screen: a bounded number of blocks, the least recently used dropped first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dbview.query.relation import Column
from dbview.values import Cell, Clipped, Row

BLOCK = 64
"""Rows of a block, the unit of asking and of dropping."""

BLOCKS_KEPT = 16

_KEPT_LENGTH = 400
"""Characters of a text that are kept; no line of a terminal shows more of a cell."""


class Part(NamedTuple):
    """A part of the rows: positions from ``start`` to before ``stop``, and the columns needed of them."""

    start: int
    stop: int
    columns: tuple[Column, ...]


@dataclass
class _Block:
    edition: int
    keys: list[int]
    cells: dict[Column, list[Cell]] = field(default_factory=dict)


class RowWindow:
    """Rows by position, as far as they are known.

    Rows of an older edition (the order or the file changed) are still given out, so that nothing flickers, but count as
    missing.
    """

    def __init__(self) -> None:
        self._blocks: OrderedDict[int, _Block] = OrderedDict()
        self._edition = 0

    @property
    def rows_kept(self) -> int:
        """How many rows are held."""
        return sum(len(block.keys) for block in self._blocks.values())

    def renew(self) -> None:
        """Begin a new edition: every row has to be asked for again."""
        self._edition += 1

    def key(self, position: int) -> int | None:
        """Return the key of the row at a position, None where it is not known."""
        block = self._blocks.get(position // BLOCK)
        place = position % BLOCK
        return block.keys[place] if block and place < len(block.keys) else None

    def cell(self, position: int, column: Column) -> tuple[Cell] | None:
        """Return a cell in a tuple of one, None where it is not known."""
        block = self._blocks.get(position // BLOCK)
        cells = block.cells.get(column) if block else None
        place = position % BLOCK
        return (cells[place],) if cells is not None and place < len(cells) else None

    def missing(self, start: int, stop: int, columns: Sequence[Column]) -> Part | None:
        """Return the part to ask for so that positions from start to before stop can be drawn, None if all is there."""
        lacking: list[int] = []
        wanted: dict[Column, None] = {}
        for number in range(start // BLOCK, -(-stop // BLOCK)):
            block = self._blocks.get(number)
            if block is None or block.edition != self._edition:
                absent = list(columns)
            else:
                self._blocks.move_to_end(number)
                absent = [column for column in columns if column not in block.cells]
            if absent:
                lacking.append(number)
                wanted.update(dict.fromkeys(absent))
        if not lacking:
            return None
        return Part(lacking[0] * BLOCK, (lacking[-1] + 1) * BLOCK, tuple(wanted))

    def put(self, part: Part, rows: Sequence[Row]) -> None:
        """Take in the rows of a part that was asked for."""
        for offset in range(0, part.stop - part.start, BLOCK):
            self._put_block((part.start + offset) // BLOCK, part.columns, rows[offset : offset + BLOCK])
        while len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)

    def _put_block(self, number: int, columns: Sequence[Column], rows: Sequence[Row]) -> None:
        keys = [row.key for row in rows]
        block = self._blocks.get(number)
        if block is None or block.edition != self._edition or block.keys != keys:
            block = self._blocks[number] = _Block(self._edition, keys)
        self._blocks.move_to_end(number)
        for place, column in enumerate(columns):
            block.cells[column] = [_shortened(row.cells[place]) for row in rows]

    def column(self, column: Column) -> Sequence[Cell]:
        """Return the cells known of a column in the block used last."""
        for block in reversed(self._blocks.values()):
            if column in block.cells:
                return block.cells[column]
        return ()


def _shortened(cell: Cell) -> Cell:
    if isinstance(cell, str) and len(cell) > _KEPT_LENGTH:
        return Clipped(cell[:_KEPT_LENGTH], None)
    return cell
