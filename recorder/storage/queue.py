"""Let those who wait for one database write it in the order in which they came.

SQLite's own waiting is a lottery: whoever happens to look when the lock is free has it, most likely the one that has
just let it go, and the longer somebody has waited the more seldom he looks. A queue is no more than order: what keeps
writers apart is SQLite's lock alone, so whoever cannot queue, or takes no ticket, does no harm.

A ticket is a lock on one byte of an empty file beside the database: the first place behind everybody. The kernel drops
it with the process that holds it, so the dead do not queue, and on a network file system with locks the queue has
members on many hosts. It has to be a file of its own: to close any descriptor of the database drops SQLite's locks.
"""

from __future__ import annotations

import bisect
import contextlib
import fcntl
import os
import random
import struct
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from recorder.neighbours import neighbour
from recorder.patience import LONGEST_SLEEP, Patience, polling
from recorder.shared_files import FILE_MODE

QUEUE = ".queue"
"""Added to the database's name: the file whose bytes are the places in the queue."""

STALLED = 1.0
"""Seconds after which a queue that does not move keeps nobody from trying: its head may have been stopped."""

TURN = 0.01
"""Seconds within which one whose turn has come may write again if the next in the queue has not: on a busy machine it
may take long until that one runs. A single entry takes longer where a disk is slow."""

# Locks of an open file, not of a process as the older kind: threads of one process queue as well.
_THERE_ARE_SUCH_LOCKS = sys.platform == "linux" and hasattr(fcntl, "F_OFD_SETLK")
_LOCK = struct.Struct("hhqqi0q")  # as C lays it out: kind, where from, start, length, process

_CLOSED = -1

_queues: weakref.WeakSet[Queue] = weakref.WeakSet()


class Queue:
    """The processes that wait for a database.

    Where it cannot be used (no such locks, no right to the file, a full table of locks) everybody waits alone.

    Args:
        database: The database file.
    """

    def __init__(self, database: Path) -> None:
        self._path = neighbour(database, QUEUE)
        self._descriptor = _CLOSED
        self._hold = 0.001
        """Seconds that each in the queue holds the database, as far as is known."""
        self._end_of_turn = 0.0
        _queues.add(self)

    def until(self, patience: Patience, attempt: Callable[[], bool]) -> bool:
        """Try something when it is our turn, until it succeeds; return False if it never did.

        Raises:
            Interrupted: A signal that is held back has arrived.
        """
        if (self._is_empty() or time.monotonic() < self._end_of_turn) and attempt():
            return True
        with self._ticket() as place:
            has_come = patience.until(attempt) if place is None else self._wait(place, patience, attempt)
        self._end_of_turn = time.monotonic() + TURN
        return has_come

    def close(self) -> None:
        """Let go of the file; the next wait opens it again."""
        descriptor, self._descriptor = self._descriptor, _CLOSED
        if descriptor != _CLOSED:
            with contextlib.suppress(OSError):  # it is closed even so, and nothing was written
                os.close(descriptor)

    def _wait(self, place: int, patience: Patience, attempt: Callable[[], bool]) -> bool:
        now = since = time.monotonic()
        head = self._head(place)
        while not ((head == place or now - since > STALLED) and attempt()):
            if not patience.pause(self._pause(place - head - 1, now - since)):
                return False
            now = time.monotonic()
            before, head = head, self._head(place)
            if head > before:
                # Grown slowly: a queue that somebody overslept once would otherwise look slow, and be slept through.
                self._hold = max(0.0001, min((now - since) / (head - before), 1.25 * self._hold))
            if head != before:
                since = now
        return True

    def _pause(self, between: int, stays: float) -> float:
        """Return the seconds to the next look: with so many between us and the head, which has stayed for so long."""
        if between <= 0:
            return polling(stays)
        # Less than the time those between us and the head need: we are to be there before it is our turn.
        return min(between * max(self._hold, stays / 20), 2 * LONGEST_SLEEP) * random.uniform(0.3, 0.6)

    # Places

    def _is_empty(self) -> bool:
        return not self._open() or self._held(0) is None

    @contextlib.contextmanager
    def _ticket(self) -> Iterator[int | None]:
        """Hold the first place behind everybody; None where there can be no queue."""
        place = self._join() if self._create() else None
        try:
            yield place
        finally:
            if place is not None:
                try:
                    self._lock(fcntl.F_UNLCK, place)
                except OSError:  # a network file system that has gone: closing the file gives every place up
                    self.close()

    def _join(self) -> int | None:
        place, last = 0, self._held(0)
        if last is not None:
            reach = 1
            while (further := self._held(last + reach)) is not None:
                last, reach = further, 2 * reach
            behind = range(last + 1, last + reach)
            place = last + 1 + bisect.bisect_left(behind, True, key=lambda start: self._held(start) is None)
        try:
            while not self._lock(fcntl.F_WRLCK, place):
                place += 1  # somebody was quicker
        except OSError:  # ENOLCK, EINVAL: the file system has no such locks
            return None
        return place

    def _head(self, place: int) -> int:
        """Return the first place that is taken, up to our own."""
        while (lower := self._held(0, place)) is not None:
            place = lower
        return place

    # The file and its locks

    def _open(self) -> bool:
        if self._descriptor == _CLOSED and _THERE_ARE_SUCH_LOCKS:
            # Whatever the error, there is no queue then; mostly, because nobody has ever had to wait.
            with contextlib.suppress(OSError):
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        return self._descriptor != _CLOSED

    def _create(self) -> bool:
        with contextlib.suppress(OSError):  # no right to, a full disk: then there is no queue
            if self._descriptor != _CLOSED and os.fstat(self._descriptor).st_nlink == 0:
                self.close()  # somebody removed the file: those who came later queue at another
            if not self._open() and _THERE_ARE_SUCH_LOCKS:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
                self._descriptor = os.open(self._path, flags, FILE_MODE)
                os.fchmod(self._descriptor, FILE_MODE)
        return self._open()

    def _held(self, start: int, end: int | None = None) -> int | None:
        """Return a place that another holds, from one up to another; mostly the lowest. None if there is none."""
        if start == end or self._descriptor == _CLOSED:
            return None
        wanted = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, start, 0 if end is None else end - start, 0)
        try:
            kind, _, place, _, _ = _LOCK.unpack(fcntl.fcntl(self._descriptor, fcntl.F_OFD_GETLK, wanted))
        except OSError:  # as if nobody were there: then SQLite's lock decides
            return None
        return None if kind == fcntl.F_UNLCK else int(place)

    def _lock(self, kind: int, place: int) -> bool:
        try:
            fcntl.fcntl(self._descriptor, fcntl.F_OFD_SETLK, _LOCK.pack(kind, os.SEEK_SET, place, 1, 0))
        except BlockingIOError:
            return False
        return True


def _leave_to_parent() -> None:
    """Close the queues in a child: it would hold the tickets of its parent as well, and longer than that lives."""
    for queue in list(_queues):
        queue.close()


os.register_at_fork(after_in_child=_leave_to_parent)
