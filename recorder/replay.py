"""Store what waits in the spool: exactly once, in order, several entries a transaction."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from recorder.entry import END, START, WHOLE, Entry
from recorder.errors import FileMissing, RecorderError, Refused, StorageFailed, UnreadableEntry, UnsupportedLayout
from recorder.spool import files
from recorder.storage.base import Recorded

Store = Callable[[Iterable[Entry]], list[Recorded]]
"""Store entries in one transaction, or raise and store none. They are asked for when the storage is held."""

Outcome = tuple[Path, Recorded | RecorderError]
"""A file that waited, and where its entry is now, or why it is not stored."""

AT_ONCE = 100
"""Entries a transaction: beyond that others would wait long for the lock, and nothing is gained."""

LARGE = 64 * 2**20
"""Bytes of entries that are held in memory at once; a single larger one is left to ``recorder replay``."""

_STAGES = (START, WHOLE, END)


def refuses_entry(error: Exception) -> bool:
    """Tell whether an error is about the entry that was to be stored; otherwise every other would meet it as well."""
    return isinstance(error, Refused) or not isinstance(error, RecorderError | OSError | MemoryError)


def may_be_of_one(error: Exception) -> bool:
    """Tell whether of several entries one alone may be at fault: refused, or too large for what is left of a disk."""
    return refuses_entry(error) or isinstance(error, StorageFailed)


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
    ``refused`` of its place, with the reason beside it. A file that cannot be read stays, and so does an entry that a
    full disk has no room for; others may be smaller.

    Args:
        paths: In the order of their names; within a transaction entries are put into the order of their moments.
        store: Stores entries in one transaction.

    Raises:
        RecorderError: The database as a whole could not be written; the rest stays.
    """
    for some in portions(paths):
        portion = Portion(some)
        entries = list(portion)
        yield from portion.faults()
        if entries:
            yield from stored(portion, entries, store)


class Portion:
    """Files whose entries are stored in one transaction. Iterating reads them.

    Args:
        paths: The files.

    Attributes:
        waiting: The files that hold entries, and these, in order; as they were read last.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.waiting: list[tuple[Path, Entry]] = []
        self._paths = paths
        self._faults: list[tuple[Path, RecorderError]] = []

    def __iter__(self) -> Iterator[Entry]:
        self.waiting, self._faults = [], []
        for path in self._paths:
            try:
                self.waiting.append((path, files.read(path)))
            except FileMissing as error:
                if os.path.lexists(path):  # otherwise another replay was quicker
                    self._faults.append((path, error))
            except RecorderError as error:
                self._faults.append((path, error))
        self.waiting.sort(key=lambda one: (one[1].timestamp, _STAGES.index(one[1].stage)))
        return iter([entry for _, entry in self.waiting])

    def faults(self) -> Iterator[Outcome]:
        """Move aside what is no entry; say what is."""
        for path, fault in self._faults:
            if isinstance(fault, UnreadableEntry | UnsupportedLayout):
                yield from _set_aside(path, fault)
            else:
                yield path, fault


def portions(paths: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files in lists of at most :data:`AT_ONCE`, of :data:`LARGE` together; a larger one is alone."""
    some: list[Path] = []
    size = 0
    for path in paths:
        size += size_of(path)
        if some and (len(some) == AT_ONCE or size > LARGE):
            yield some
            some, size = [], size_of(path)
        some.append(path)
    if some:
        yield some


def size_of(path: Path) -> int:
    """Return a file's size in bytes; 0 if it cannot be had."""
    try:
        return path.lstat().st_size
    except OSError:  # reading it will say so
        return 0


def stored(portion: Portion, entries: Iterable[Entry], store: Store) -> Iterator[Outcome]:
    """Store a portion's entries, read already or still to be read; one by one if one of them may be at fault."""
    try:
        recorded = store(entries)
    except Exception as error:
        if not may_be_of_one(error):
            raise
        yield from _stored_one_by_one(portion.waiting, store)
    else:
        # All of them at once: whoever asks for no further outcome must not leave files of what is stored.
        yield from [_removed(one, place) for one, place in zip(portion.waiting, recorded, strict=True)]


def _stored_one_by_one(waiting: Sequence[tuple[Path, Entry]], store: Store) -> Iterator[Outcome]:
    """Store entries of which the storage does not take one: it must not keep the others from their place."""
    for path, entry in waiting:
        try:
            recorded = store([entry])
        except Exception as error:
            if not may_be_of_one(error):
                raise
            if refuses_entry(error):
                yield from _set_aside(path, Refused(f"{path}: not stored: {error}"))
            else:
                yield path, StorageFailed(f"{path}: not stored, and stays: {error}")
        else:
            yield _removed((path, entry), recorded[0])


def _removed(one: tuple[Path, Entry], recorded: Recorded) -> Outcome:
    path = one[0]
    try:
        files.remove(path)
    except OSError as error:
        place = f"{recorded.task} {recorded.id}"
        return path, StorageFailed(f"{path}: stored as {place}, but cannot be removed: {error.strerror}")
    return path, recorded


def _set_aside(path: Path, reason: RecorderError) -> Iterator[Outcome]:
    try:
        moved = files.set_aside(path, reason)
    except FileNotFoundError:  # another replay was quicker
        return
    except OSError as error:
        yield path, StorageFailed(f"{reason}; it cannot be moved aside ({error.strerror}) and stays")
    else:
        again = "when the cause is gone, run `recorder replay --refused`"
        yield path, type(reason)(f"{reason}; it is kept in {moved}: {again}")
