"""Know which row of a grid is the current one, which rows are known, and which have been asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbview.query.relation import Column
from dbview.values import Cell, Row
from dbview.widgets.window import BLOCK, Part, RowWindow


class GridRows:
    """Rows of one edition: the same rows in the same order.

    Attributes:
        window: Those that are known; of an earlier edition until they are.
        length: Number of rows.
        position: Of the current row.
    """

    def __init__(self) -> None:
        self.window = RowWindow()
        self.length = 0
        self.position = 0
        self._asked: Part | None = None
        self._are_expected = True
        self._waiting: Callable[[int], None] | None = None

    @property
    def key(self) -> int | None:
        """Key of the current row, None where it is not known (yet)."""
        return self.window.key(self.position) if self.position < self.length else None

    def cell(self, column: Column) -> tuple[Cell] | None:
        """Return a cell of the current row in a tuple of one, None where it is not known."""
        return self.window.cell(self.position, column)

    def keys(self, top: int, height: int) -> list[int]:
        """Return the keys of so many rows from a position on, as far as they are known."""
        keys = (self.window.key(position) for position in range(top, min(top + height, self.length)))
        return [key for key in keys if key is not None]

    def nearest(self, position: int) -> int:
        """Return a position, or that of the first or the last row if there is no such row."""
        return max(0, min(position, self.length - 1))

    def renew(self, length: int, position: int) -> None:
        """Begin a new edition: what was asked for counts no more, and every row has to be asked for again.

        Args:
            length: Number of rows.
            position: Where the current row is now.
        """
        self.window.renew()
        self._asked = None
        self._are_expected = False
        self.length = length
        if not length:
            self._waiting = None
        self.position = self.nearest(position)

    def expect(self) -> None:
        """Take note that rows are being looked for."""
        self._are_expected = True

    def when_known(self, action: Callable[[int], None]) -> None:
        """Call a function with the current row's key once that is known: people type on before a row is read.

        It is not called if there turns out to be no row, or another becomes the current one by hand.
        """
        if (key := self.key) is not None:
            action(key)
        elif self._are_expected or self.position < self.length:
            self._waiting = action

    def take_up(self) -> None:
        """Call the function that waited for the current row, if that is known now."""
        if self._waiting is not None and (key := self.key) is not None:
            action, self._waiting = self._waiting, None
            action(key)

    def let_be(self) -> None:
        """Call no function that waits for the current row: another becomes it."""
        self._waiting = None

    def ask(self, top: int, height: int, columns: Sequence[Column]) -> Part | None:
        """Return the part to ask for so that so many rows can be drawn, None if nothing new has to be asked for."""
        part = self.window.missing(top, min(top + height, self.length), columns)
        if part is None or part == self._asked:
            return None
        self._asked = part
        return part

    def put(self, part: Part, rows: Sequence[Row]) -> bool:
        """Take in the rows of a part that :meth:`ask` returned; tell whether it is the one still asked for."""
        if part is not self._asked:
            return False
        self._asked = None
        self.window.put(part, rows)
        return True

    def forget_request(self) -> None:
        """Let the part be asked for again that was asked for last; what waited for a row of it does so no longer."""
        self._asked = None
        self._waiting = None


def part_in_sight(top: int, height: int, length: int, columns: tuple[Column, ...]) -> Part:
    """Return the whole blocks that hold what is in sight.

    Args:
        top: Position of the first row in sight.
        height: Lines for rows.
        length: Number of rows.
        columns: Those needed of them.
    """
    stop = max(top + 1, min(top + height, length))
    return Part(top // BLOCK * BLOCK, -(-stop // BLOCK) * BLOCK, columns)
