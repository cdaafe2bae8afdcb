"""Store what waits in the spool after an entry was stored: what one process paid for helps all."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

from recorder.errors import RecorderError
from recorder.patience import Interrupted
from recorder.replay import LARGE, Portion, Store, portions, size_of, stored
from recorder.saying import say
from recorder.spool import files
from recorder.spool.chain import Spool

_OTHER_PLACES = 60.0
"""Seconds after which places that are not beside the database are looked at again."""

_BRIEFLY = 1.0
"""Seconds after which no further transaction is begun for what waits; the caller has other things to do."""

_RECENT = 2.0
"""Seconds in which a directory may change without its time of change telling so."""


class Aftermath:
    """Store, after an entry was stored, some of those that wait.

    A process that records is the first to know that the database can be written again. Entries of others that are
    still waiting for the lock are among them; their owners then find them stored.

    Args:
        spool: Where entries wait.
        store: Stores entries in one transaction if it can be had at once.
    """

    def __init__(self, spool: Spool, store: Store) -> None:
        self._spool = spool
        self._store = store
        self._seen = 0
        self._seen_at = 0.0
        self._elsewhere_at: float | None = None
        self._left: set[Path] = set()

    def store_some(self) -> None:
        """Store at most :data:`AT_ONCE` entries of a place. Whatever happens is logged, never raised."""
        now = time.monotonic()
        try:
            self._store_some_beside(now)
            if self._elsewhere_at is None or now - self._elsewhere_at > _OTHER_PLACES:
                self._elsewhere_at = now
                for place in self._spool.places()[1:]:
                    self._store_some_of(place)
        except (Exception, Interrupted) as error:  # noqa: BLE001 - the entry that was stored is not to fail for these
            say.debug("what waits in the spool was not stored now: %s", type(error).__name__)

    def _store_some_beside(self, now: float) -> None:
        """Look into the place beside the database if it may hold something new: to know costs one system call."""
        try:
            changed = os.stat(self._spool.directory).st_mtime_ns  # noqa: PTH116 - the cheapest form
        except OSError:
            return
        is_known = changed == self._seen and now - self._seen_at < _OTHER_PLACES
        if not is_known and self._store_some_of(self._spool.directory) and time.time() - changed / 1e9 > _RECENT:
            self._seen, self._seen_at = changed, now

    def _store_some_of(self, place: Path) -> bool:
        """Store at most one portion; tell whether the place was looked at."""
        with _alone_in(place) as is_alone:
            if is_alone:
                files.adopt_leftovers(place)
                paths = (path for path in files.waiting(place) if path not in self._left)
                for some in itertools.islice(portions(path for path in paths if size_of(path) <= LARGE), 1):
                    self._store_portion(Portion(some))
            return is_alone

    def _store_portion(self, portion: Portion) -> None:
        """Store what is read only once the storage is held: whoever waits for it would have it while we read."""
        end = time.monotonic() + _BRIEFLY
        for path, outcome in itertools.chain(stored(portion, portion, self._store), portion.faults()):
            if isinstance(outcome, RecorderError):
                self._left.add(path)  # it is named once, and does not keep others from their turn
                say.error("%s", outcome)
            if time.monotonic() > end:
                break


@contextlib.contextmanager
def _alone_in(place: Path) -> Iterator[bool]:
    """Tell whether no other process is storing what waits in a place. This saves work; keys make it exact."""
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:  # a file system without such locks
            yield True
            return
        try:
            yield True
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # closing is not enough: a forked child has the descriptor as well
    finally:
        os.close(descriptor)
