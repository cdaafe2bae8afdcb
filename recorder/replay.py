"""Store what waits in the spool: exactly once, in order, several entries a transaction."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from recorder.entry import END, START, WHOLE, Entry
from recorder.errors import FileMissing, PermissionDenied, RecorderError, Refused, StorageFailed
from recorder.spool import files
from recorder.spool.chain import Spool
from recorder.storage.base import Recorded

Store = Callable[[Sequence[Entry]], list[Recorded]]
"""Store entries in one transaction, or raise and store none."""

Outcome = tuple[Path, Recorded | RecorderError]
"""A file that waited, and where its entry is now, or why it is not stored."""

AT_ONCE = 100
"""Entries a transaction: beyond that others would wait long for the lock, and nothing is gained."""

_LARGE = 64 * 2**20
"""Bytes of entries that are held in memory at once; a single larger one is left to ``recorder replay``."""

_OTHER_PLACES = 60.0
"""Seconds after which places that are not beside the database are looked at again."""

_RECENT = 2.0
"""Seconds in which a directory may change without its time of change telling so."""

_STAGES = (START, WHOLE, END)

_log = logging.getLogger("recorder")


def refuses_entry(error: Exception) -> bool:
    """Tell whether an error is about the entry that was to be stored; otherwise every other would meet it as well."""
    return isinstance(error, Refused) or not isinstance(error, RecorderError | OSError | MemoryError)


def replay_places(places: Sequence[Path], store: Store, *, refused: bool) -> Iterator[Outcome]:
    """Store what waits in several places, as :func:`replay` does, and with ``refused`` what was set aside there.

    Raises:
        RecorderError: The database as a whole could not be written; the rest stays. Or a place cannot be read: then
            what waits in the others was stored.
    """
    found: list[Path] = []
    faults: list[RecorderError] = []
    for place in places:
        try:
            files.adopt_leftovers(place)
            found += files.waiting(place)
            found += files.waiting(place / files.REFUSED) if refused else []
        except RecorderError as error:
            faults.append(error)
    yield from replay(sorted(found, key=lambda path: path.name), store)
    for fault in faults:
        raise fault


def replay(paths: Iterable[Path], store: Store) -> Iterator[Outcome]:
    """Store the entries in files, each exactly once, and remove each file when its entry is stored.

    Exactly once, because the key is in the file and a storage stores a key once: also where a power loss brings a file
    back, or two replays run at once. What is no entry, and what the storage refuses, moves into the directory
    ``refused`` of its place, with the reason beside it; a file that cannot be read stays.

    Args:
        paths: In the order of their names; within a transaction entries are put into the order of their moments.
        store: Stores entries in one transaction.

    Raises:
        RecorderError: The database as a whole could not be written; the rest stays.
    """
    for some in _portions(paths):
        entries = []
        for path in some:
            found = _read(path)
            if isinstance(found, Entry):
                entries.append((path, found))
            elif found is not None:
                yield path, found
        entries.sort(key=lambda waiting: (waiting[1].timestamp, _STAGES.index(waiting[1].stage)))
        yield from _stored(entries, store)


def _portions(paths: Iterable[Path]) -> Iterator[list[Path]]:
    some: list[Path] = []
    size = 0
    for path in paths:
        size += _size(path)
        if some and (len(some) == AT_ONCE or size > _LARGE):
            yield some
            some, size = [], _size(path)
        some.append(path)
    if some:
        yield some


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:  # reading it will say so
        return 0


def _read(path: Path) -> Entry | RecorderError | None:
    """Return the entry in a file, or why there is none; None if another replay was quicker."""
    try:
        return files.read(path)
    except FileMissing as error:
        return error if os.path.lexists(path) else None
    except (PermissionDenied, StorageFailed) as error:
        return error
    except RecorderError as error:
        return _set_aside(path, error)


def _set_aside(path: Path, reason: Exception) -> RecorderError | None:
    try:
        moved = files.set_aside(path, reason)
    except FileNotFoundError:
        return None
    except OSError as error:
        return StorageFailed(f"{reason}; it cannot be moved aside ({error.strerror}) and stays")
    kind = type(reason) if isinstance(reason, RecorderError) else Refused
    return kind(f"{reason}; it is kept in {moved}: when the cause is gone, run `recorder replay --refused`")


def _stored(waiting: Sequence[tuple[Path, Entry]], store: Store) -> Iterator[Outcome]:
    if not waiting:
        return
    try:
        recorded = store([entry for _, entry in waiting])
    except Exception as error:
        if not refuses_entry(error):
            raise
        if len(waiting) > 1:  # one entry must not keep the others from their place
            for one in waiting:
                yield from _stored([one], store)
            return
        ((path, _),) = waiting
        refusal = _set_aside(path, Refused(f"{path}: not stored: {error}"))
        if refusal is not None:
            yield path, refusal
        return
    for (path, _), place in zip(waiting, recorded, strict=True):
        try:
            files.remove(path)
        except OSError as error:
            yield path, StorageFailed(f"{path}: stored as {place.task} {place.id}, but still here ({error.strerror})")
        else:
            yield path, place


class Aftermath:
    """Store, after an entry was stored, some of those that wait: what one process paid for helps all.

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
        try:
            for place in self._places():
                self._store_some_of(place)
        except Exception as error:  # noqa: BLE001 - the entry that was stored before is not to fail for these
            _log.debug("what waits in the spool was not stored now: %s", type(error).__name__)

    def _places(self) -> Iterator[Path]:
        now = time.monotonic()
        if self._changed(now):
            yield self._spool.directory
        if self._elsewhere_at is None or now - self._elsewhere_at > _OTHER_PLACES:
            self._elsewhere_at = now
            yield from (place for place in self._spool.places() if place != self._spool.directory)

    def _changed(self, now: float) -> bool:
        """Tell whether the place beside the database is there and may hold something new: one system call an entry."""
        try:
            changed = os.stat(self._spool.directory).st_mtime_ns  # noqa: PTH116 - the cheapest form
        except OSError:
            return False
        if changed == self._seen and now - self._seen_at < _OTHER_PLACES:
            return False
        is_settled = abs(time.time() - changed / 1e9) > _RECENT
        self._seen, self._seen_at = (changed if is_settled else 0), now
        return True

    def _store_some_of(self, place: Path) -> None:
        with _alone_in(place) as is_alone:
            if not is_alone:
                return
            files.adopt_leftovers(place)
            paths = (path for path in files.waiting(place) if path not in self._left and _size(path) <= _LARGE)
            for some in itertools.islice(_portions(paths), 1):
                for path, outcome in replay(some, self._store):
                    if isinstance(outcome, RecorderError):
                        self._left.add(path)  # it is named once, and does not keep others from their turn
                        _log.error("%s", outcome)


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
