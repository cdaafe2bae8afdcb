"""Put rows in the order of some columns' values: its top while they are scanned, all of it from sorted runs in a file.

Nothing is sorted through a connection to the file itself, which would hold its lock for as long as sorting takes.
"""

from __future__ import annotations

import contextlib
import heapq
import marshal
import os
import tempfile
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbview.errors import ScratchUnusable
from dbview.source.file.opening import shown
from dbview.source.file.scratch import SCRATCH_VARIABLE
from dbview.source.view.places import Place, by_rank, in_order
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import Cancelled
from dbview.source.view.sort_values import SortValue, SortValues

TOP_ROWS = 500
"""Rows at the top of an order that are known before the whole of it."""

FIRST_LOOK = 10_000
"""Keys at the old end that are looked at before the scan, which begins at the new end.

Many columns ascend or descend with the key; in one direction each row would else come before all that are known.
"""

MEMORY = 64 * 2**20
"""Bytes of memory that sorting takes, however many rows there are, besides eight for each key of the result."""

_SHARE_OF_FREE_SPACE = 0.5
"""Share of the scratch directory's free space that the values may take."""
_BLOCK_ROWS = 250
"""About so many rows of each run are merged at once, in one call that no other thread can interrupt."""
_BLOCK_BYTES = 2**16
_MOST_RUNS = 200
"""So many runs become one. Meanwhile a block of each is in memory, where it takes about twice its bytes."""


class Top:
    """The first rows of an order, among those added so far.

    Attributes:
        keys: The keys of the rows, in order; a new array with every change.
        is_all: True as long as no row had to give way to another.
    """

    def __init__(self, values: SortValues) -> None:
        self._values = values
        # By their keys: what each is compared by, and its first value.
        self._rows: dict[int, tuple[int, Place, int, SortValue]] = {}
        self._last: SortValue = None
        self.keys: array[int] = array("q")
        self.is_all = True

    def condition(self, step: KeyRange) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition that a row of a step must fulfil to be among the first, with its bindings."""
        if len(self._rows) < TOP_ROWS or self._last is None:
            return "TRUE", {}
        self.is_all = False
        return self._values.before(self._last, or_equal=self.keys[-1] < step.low)

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows that fulfil the condition: a key and what the values pick. Adding a row again changes nothing."""
        if not rows:
            return
        keys, columns = [row[0] for row in rows], self._values.of(rows)
        value_of = dict(zip(keys, columns[0], strict=True))
        for rank, places, of_rank in by_rank(keys, columns, self._values.directions):
            # One more than are kept tells that there are more.
            for index in heapq.nsmallest(TOP_ROWS + 1, range(len(of_rank)), key=places.__getitem__):
                key = of_rank[index]
                self._rows[key] = rank, places[index], -key, value_of[key]
        first = sorted(self._rows.items(), key=lambda row: row[1][:3])
        self.is_all = self.is_all and len(first) <= TOP_ROWS
        self._rows = dict(first[:TOP_ROWS])
        self.keys = array("q", self._rows)
        *_, self._last = self._rows[self.keys[-1]]


class WholeOrder:
    """All rows of an order: each part that is added is a sorted run, and the runs are merged.

    They lie in memory while they are small, then in a file in the scratch directory. It has no name from the moment it
    is made, so nothing of it is left behind, however the viewer ends.

    Args:
        values: What is sorted by.
        directory: The scratch directory.
        cancelled: Asked every few thousand rows.

    Attributes:
        length: How many rows there are.

    Raises:
        ScratchUnusable: There is no room for the values; from every method.
    """

    def __init__(self, values: SortValues, directory: Path, cancelled: Cancelled) -> None:
        self._values = values
        self._cancelled = cancelled
        # By their rank: runs that have been merged, and newer ones.
        self._runs: dict[int, tuple[list[_Run], list[_Run]]] = {}
        self._store = _Store(directory)
        self.length = 0

    def close(self) -> None:
        """Give the room back."""
        self._store.close()

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, newest first and all of them older than those added before: a key and what the values pick."""
        if not rows:
            return
        self.length += len(rows)
        columns = self._values.of(rows)
        for rank, places, keys in by_rank([row[0] for row in rows], columns, self._values.directions):
            merged, runs = self._runs.setdefault(rank, ([], []))
            runs.append(self._store.run([in_order(places, keys)]))
            if len(runs) == _MOST_RUNS:
                merged.append(self._store.run(self._merged(runs)))
                runs.clear()

    def in_order(self) -> Iterator[list[int]]:
        """Yield the keys in order, some at a time; ends early if the result is no longer wanted."""
        for rank in sorted(self._runs):
            merged, runs = self._runs[rank]
            for _, keys in self._merged([*merged, *runs]):
                yield keys

    def _merged(self, runs: Sequence[_Run]) -> Iterator[tuple[list[Place], list[int]]]:
        """Yield the places and keys of all rows of some runs in order; of equal ones, those of an earlier run first.

        A part at a time is taken that no later block can have anything before, from the runs that have some of it.
        """
        # Numbers keep runs with the same place from being compared.
        waiting = [(run.places[run.next], number, run) for number, run in enumerate(runs) if run.has_more()]
        heapq.heapify(waiting)
        while waiting and not self._cancelled():
            taking = [heapq.heappop(waiting)]
            bound = taking[0][2].places[-1]
            while waiting and waiting[0][0] <= bound:
                taking.append(heapq.heappop(waiting))
                bound = min(bound, taking[-1][2].places[-1])
            taking.sort(key=lambda run: run[1])
            places: list[Place] = []
            keys: list[int] = []
            for _, _, run in taking:
                for taken, found in zip(
                    (places, keys), run.take(bisect_left(run.places, bound, run.next)), strict=True
                ):
                    taken.extend(found)
            if keys:
                yield in_order(places, keys)
            for _, number, run in taking:
                while run.has_more() and run.places[run.next] == bound:
                    yield run.take(bisect_right(run.places, bound, run.next))
                if run.has_more():
                    heapq.heappush(waiting, (run.places[run.next], number, run))


class _Run:
    """Rows in order, of which one block is in memory.

    Attributes:
        places: Places of the rows of the block.
        next: Index of the first of them that has not been taken.
    """

    def __init__(self, store: _Store, blocks: Sequence[tuple[int, int]]) -> None:
        self._store = store
        self._blocks = iter(blocks)
        self.places: list[Place] = []
        self._keys: list[int] = []
        self.next = 0

    def has_more(self) -> bool:
        """Tell whether there are rows that have not been taken; if so, half a block of them or more is in memory.

        The run that has the fewest sets how far all runs are taken at once, so none is left with few.
        """
        if len(self.places) - self.next < _BLOCK_ROWS // 2 and (block := next(self._blocks, None)):
            places, keys = self._store.read(*block)
            self.places = self.places[self.next :] + places
            self._keys = self._keys[self.next :] + keys
            self.next = 0
        return self.next < len(self.places)

    def take(self, stop: int) -> tuple[list[Place], list[int]]:
        """Return the places and keys of the rows of the block that come next, up to an index."""
        start, self.next = self.next, stop
        return self.places[start:stop], self._keys[start:stop]


class _Store:
    """Where runs are kept."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        with self._explained():
            # Closed by close().
            self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY // 2, dir=str(directory))  # noqa: SIM115
            free = os.statvfs(directory)
        self._room = int(free.f_bavail * free.f_frsize * _SHARE_OF_FREE_SPACE)
        self._size = 0

    def close(self) -> None:
        """Give the room back."""
        self._file.close()

    def run(self, parts: Iterator[tuple[list[Place], list[int]]] | Sequence[tuple[list[Place], list[int]]]) -> _Run:
        """Keep a run that comes in parts."""
        blocks: list[tuple[int, int]] = []
        for places, keys in parts:
            for start in range(0, len(keys), _BLOCK_ROWS):
                stop = start + _BLOCK_ROWS
                blocks.extend(self._write(places[start:stop], keys[start:stop]))
        return _Run(self, blocks)

    def read(self, offset: int, size: int) -> tuple[list[Place], list[int]]:
        """Return the places and keys of a block."""
        with self._explained():
            self._file.seek(offset)
            block: tuple[list[Place], list[int]] = marshal.loads(self._file.read(size))
            return block

    def _write(self, places: list[Place], keys: list[int]) -> Iterator[tuple[int, int]]:
        """Yield where the blocks are that have been written."""
        # The form of version 2 does not look for values that are the same object, which takes long.
        block = marshal.dumps((places, keys), 2)
        if len(block) > _BLOCK_BYTES and len(keys) > 1:
            middle = len(keys) // 2
            yield from self._write(places[:middle], keys[:middle])
            yield from self._write(places[middle:], keys[middle:])
            return
        with self._explained():
            if self._size + len(block) > max(self._room, MEMORY // 2):
                raise OSError("they take more than half of the room that is free")
            self._file.seek(self._size)
            self._file.write(block)
        yield self._size, len(block)
        self._size += len(block)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ScratchUnusable(
                f"The rows cannot be sorted in {shown(self._directory)}: {error.strerror or error}. Name a directory "
                f"with more room with --scratch or ${SCRATCH_VARIABLE}, or filter the rows first."
            ) from error
