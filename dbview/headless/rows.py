"""Read the rows of an order in full, a few at a time, for those who write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dbview.errors import Abandoned, DbviewError
from dbview.query.relation import Column, Relation
from dbview.secrets import masked_cell
from dbview.source.reader import Reader
from dbview.source.view.snapshot import Snapshot
from dbview.values import Cell, Clipped, Unreadable

Watch = Callable[[int, int], bool]
"""Told now and then how many rows are written, and of how many (0: not known yet); True if no more are wanted."""


def unwatched(_written: int, _wanted: int) -> bool:
    """Let all rows be written."""
    return False


_CELLS_A_READ = 20_000
_ROWS_A_READ = 500


class Rows:
    """The rows to write, read a few at a time, and anew whenever they are iterated.

    Attributes:
        found: Rows that fulfil the filter.
        wanted: Rows to give out.
        written: Rows given out so far.
        unreadable: Cells among them that the file did not give.
        error: What ended the reading early.
    """

    def __init__(
        self,
        reader: Reader,
        relation: Relation,
        columns: Sequence[Column],
        snapshot: Snapshot,
        limit: int | None,
        watch: Watch,
        *,
        masked: bool,
    ) -> None:
        self._reader = reader
        self._relation = relation
        self._columns = columns
        self._order = snapshot.order
        self._masked = masked
        self._watch = watch
        self.found = self._order.length
        self.wanted = self.found if limit is None else min(limit, self.found)
        self.written = 0
        self.unreadable = 0
        self.error: DbviewError | None = None

    def __iter__(self) -> Iterator[list[Cell]]:
        self.written = self.unreadable = 0
        step = max(1, min(_ROWS_A_READ, _CELLS_A_READ // len(self._columns)))
        try:
            for start in range(0, self.wanted, step):
                if self._watch(self.written, self.wanted):
                    raise Abandoned("it was stopped")
                stop = min(start + step, self.wanted)
                for row in self._order.rows(self._reader, self._columns, start, stop):
                    cells = [
                        self._whole(column, row.key, cell)
                        for column, cell in zip(self._columns, row.cells, strict=True)
                    ]
                    self.written += 1
                    yield cells
            self._watch(self.written, self.wanted)
        except DbviewError as error:
            self.error = error

    def _whole(self, column: Column, key: int, cell: Cell) -> Cell:
        """Return a cell in full: long ones are read one by one, so that memory holds one row of them at most."""
        if isinstance(cell, Clipped):
            cell = self._reader.cell(self._relation, column, key)
        if isinstance(cell, Clipped | Unreadable):
            self.unreadable += 1
        elif self._masked:
            return masked_cell(column, cell)
        return cell
