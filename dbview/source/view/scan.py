"""Walk a whole relation in short bounded steps: the one way to count, filter, sort and tally.

Each step holds the read lock for about :data:`STEP_SECONDS`, so that a writer's commit is never held up for longer;
while the file is being written, the scan rests between its steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from dbview.errors import DbviewError, NotADatabase, ScratchUnusable
from dbview.query.relation import Relation
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange
from dbview.text import visible

STEP_SECONDS = 0.025
"""What one step aims to take."""

PUBLISH_SECONDS = 0.1
"""Least time between two published snapshots."""

COSTLY_PUBLISH_SECONDS = 0.3
"""The same where it takes long to put a snapshot together."""

_FIRST_STEP_ROWS = 1_000
_LARGEST_STEP_ROWS = 100_000
_REST = 0.5
"""Rest after a step, as a share of the step, while the file is being written."""

Cancelled = Callable[[], bool]
"""Tells whether the result is no longer wanted."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """How far a scan has come; what is found by one tells that first.

    Attributes:
        scanned: Share of the relation that has been looked at, 0 to 1.
        complete: True if nothing more will come.
        changed: True if the file changed meanwhile: what was found may mix two states.
    """

    scanned: float
    complete: bool
    changed: bool


FoundT = TypeVar("FoundT", bound=Scanned)


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
        error: What ended :meth:`walk` early.
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
        self.error: DbviewError | None = None

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

    def find(
        self,
        look: Callable[[KeyRange], None],
        found: Callable[[float, bool, bool], FoundT],
        publish: Callable[[FoundT], None],
        interval: float | None = None,
    ) -> FoundT:
        """Look at every step; publish what has been found so far, and the result.

        Args:
            look: Given each step.
            found: Returns what has been found, given how far the scan has come as :class:`Scanned` has it.
            publish: Given that a few times, and the result.
            interval: Least time between two of them, in seconds; None for :data:`PUBLISH_SECONDS`.

        Raises:
            DbviewError: The file can no longer be read.
        """
        self.walk(look, lambda: publish(found(self.scanned, False, False)), interval=interval)
        if self.error:
            raise self.error
        result = found(self.scanned, self.complete, self.changed())
        publish(result)
        return result

    def walk(
        self,
        look: Callable[[KeyRange], None],
        tell: Callable[[], None] = lambda: None,
        *,
        rows: int | None = None,
        interval: float | None = None,
    ) -> None:
        """Look at every step, and tell on the way; an error of the file ends that and is kept.

        Args:
            look: Given each step.
            tell: Called between steps.
            rows: As for :meth:`steps`.
            interval: Least time between two calls of ``tell``, in seconds; None for :data:`PUBLISH_SECONDS`.

        Raises:
            ScratchUnusable: ``look`` has no room for what it keeps.
        """
        publisher = Publisher(interval)
        try:
            for step in self.steps(rows):
                look(step)
                if publisher.is_due():
                    tell()
        except ScratchUnusable:
            raise
        except DbviewError as error:
            self.error = error

    def steps(self, rows: int | None = None) -> Iterator[KeyRange]:
        """Yield key ranges, newest first, until the oldest row or cancellation.

        Args:
            rows: Rows in each range; None to let each range be as large as the time for the one before suggests.

        Raises:
            NotADatabase: A damaged file leads round in circles.
        """
        if self.bounds is None:
            return
        size = rows or _FIRST_STEP_ROWS
        while not self._cancelled():
            signature = self._reader.signature()
            below = self._below(size)
            if below is not None and below >= self._next:
                raise NotADatabase(
                    f"{visible(self._relation.name)} is damaged: below row {self._next} its file gives row {below}."
                )
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

    Args:
        interval: Least time between two snapshots, in seconds; None for :data:`PUBLISH_SECONDS`.
    """

    def __init__(self, interval: float | None = None) -> None:
        self._interval = PUBLISH_SECONDS if interval is None else interval
        self._published_at = 0.0

    def is_due(self) -> bool:
        """Tell whether it is time for a snapshot; if so, the time of the last one is now."""
        now = time.monotonic()
        if now - self._published_at < self._interval:
            return False
        self._published_at = now
        return True
