"""Walk a whole relation in short bounded steps: the one way to count, filter, sort and tally.

Each step holds the read lock for about :data:`STEP_SECONDS`, so that a writer's commit is never held up for longer;
while the file is being written, the scan rests between its steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dbview.query.relation import Relation
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange

STEP_SECONDS = 0.025
"""What one step aims to take."""

PUBLISH_SECONDS = 0.1
"""Least time between two published snapshots."""

_FIRST_STEP_ROWS = 1_000
_LARGEST_STEP_ROWS = 100_000
_REST = 0.5
"""Rest after a step, as a share of the step, while the file is being written."""

Cancelled = Callable[[], bool]
"""Tells whether the result is no longer wanted."""


class Scan:
    """A walk over a relation's keys, newest first.

    The upper end is fixed when the scan begins: rows that arrive later are not part of it.

    Args:
        reader: Used by this scan alone while it runs.
        relation: What to walk.
        cancelled: Asked before each step.

    Attributes:
        bounds: Smallest and greatest key at the beginning, None for an empty relation.
        complete: True once the walk has reached the oldest row.
        seen: Rows in the steps that have been dealt with.
    """

    def __init__(self, reader: Reader, relation: Relation, cancelled: Cancelled) -> None:
        self._reader = reader
        self._relation = relation
        self._cancelled = cancelled
        self._token = reader.token()
        counted = reader.counted.find(relation, reader.signature())
        self.bounds = reader.bounds(relation)
        # Then keys need only be counted off, which spares looking at each row of a step once more.
        self._none_missing = counted is not None and counted.bounds == self.bounds and counted.rows == self._span
        self._next = self.bounds.high if self.bounds else 0
        self.complete = self.bounds is None
        self.seen = 0

    @property
    def scanned(self) -> float:
        """The share of the keys that has been walked, 0 to 1."""
        if self.bounds is None or self.complete:
            return 1.0
        return (self.bounds.high - self._next) / self._span

    @property
    def _span(self) -> int:
        return self.bounds.high - self.bounds.low + 1 if self.bounds else 0

    def changed(self) -> bool:
        """Tell whether anything was committed to the file since the scan began."""
        return self._reader.token() != self._token

    def steps(self, rows: int | None = None) -> Iterator[KeyRange]:
        """Yield key ranges, newest first, until the oldest row or cancellation.

        Args:
            rows: Rows in each range; None to let each range be as large as the time for the one before suggests.
        """
        if self.bounds is None:
            return
        size = rows or _FIRST_STEP_ROWS
        while not self._cancelled():
            signature = self._reader.signature()
            below = self._below(size)
            step = KeyRange(self.bounds.low if below is None else below + 1, self._next)
            started = time.monotonic()
            yield step
            taken = time.monotonic() - started
            self.seen += size if below is not None else self._reader.count(self._relation, step)
            if below is None:
                self.complete = True
                return
            self._next = below
            if rows is None:
                factor = min(4.0, max(0.25, STEP_SECONDS / max(taken, 1e-6)))
                size = int(min(_LARGEST_STEP_ROWS, max(1, size * factor)))
            if self._reader.signature() != signature:
                time.sleep(taken * _REST)

    def _below(self, rows: int) -> int | None:
        """Return the key so many rows below the next one, None if that is past the oldest row."""
        if self.bounds is None or not self._none_missing:
            return self._reader.key_below(self._relation, self._next, rows)
        return self._next - rows if self._next - rows >= self.bounds.low else None


class Publisher:
    """Says when it is time for the next snapshot.

    Attributes:
        interval: Least time between two snapshots, in seconds.
    """

    def __init__(self) -> None:
        self.interval = PUBLISH_SECONDS
        self._published_at = 0.0

    def is_due(self) -> bool:
        """Tell whether it is time for a snapshot; if so, the time of the last one is now."""
        now = time.monotonic()
        if now - self._published_at < self.interval:
            return False
        self._published_at = now
        return True
