"""Keep entries that could not be stored, beside the database, until they can be."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from recorder.entry import Entry
from recorder.errors import (
    DatabaseLocked,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    RecorderError,
    StorageFailed,
    UnreadableEntry,
    UnsupportedLayout,
)
from recorder.storage.base import Recorded

FILE_MODE = 0o664
DIRECTORY_MODE = 0o775
"""Whoever may record into a database may also store what lies in its spool."""

_OF_THE_DATABASE = (DatabaseLocked, FileMissing, NotADatabase, PermissionDenied, UnsupportedLayout)
"""Errors that every further entry would meet as well."""


class Spool:
    """The directory ``<database>.spool`` with one file an entry, named for its time and key.

    Args:
        database: The database file that the entries belong into.
    """

    def __init__(self, database: Path) -> None:
        self.directory = database.with_name(database.name + ".spool")

    def keep(self, entry: Entry) -> Path:
        """Write an entry so that it survives a power loss; return its file.

        Raises:
            OSError: It cannot be written.
        """
        if not self.directory.is_dir():
            with contextlib.suppress(FileExistsError):  # another process was as quick
                self.directory.mkdir()
                self.directory.chmod(DIRECTORY_MODE)
            _sync(self.directory.parent)
        path = self.directory / f"{entry.timestamp:%Y%m%dT%H%M%S}-{entry.key}.json"
        partial = path.with_suffix(".partial")
        # Not Path.open: the mode is to hold from the first byte on.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                os.fchmod(descriptor, FILE_MODE)
                file.write(entry.to_json() + "\n")
                file.flush()
                os.fsync(descriptor)
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _sync(self.directory)
        return path

    def pending(self) -> list[Path]:
        """Return the files of the entries that wait, oldest first.

        Raises:
            PermissionDenied: The directory may not be read.
        """
        try:
            return sorted(path for path in self.directory.iterdir() if path.suffix == ".json")
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise PermissionDenied(f"{self.directory}: the spool may not be read; ask for the right to") from error
        except OSError as error:
            raise StorageFailed(f"{self.directory}: the spool cannot be read: {error.strerror}") from error

    def read(self, path: Path) -> Entry:
        """Return the entry in a file.

        Raises:
            RecorderError: It is not an entry that this version can read; the message names the file.
        """
        try:
            return Entry.from_json(path.read_text(encoding="utf-8"))
        except (UnreadableEntry, UnsupportedLayout) as error:
            raise type(error)(f"{path}: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadableEntry(f"{path}: cannot be read: {error}") from error

    def replay(self, store: Callable[[Entry], Recorded]) -> Iterator[tuple[Path, Recorded | RecorderError]]:
        """Store what waits, oldest first, and remove each file once its entry is stored.

        An entry is stored exactly once: its key is in the file, and a storage stores a key once. A file that cannot be
        read, or whose entry is refused, stays where it is, and the error stands in its place.

        Raises:
            RecorderError: The database as a whole could not be written; the rest stays in the spool.
        """
        for path in self.pending():
            try:
                entry = self.read(path)
            except (UnreadableEntry, UnsupportedLayout) as error:
                if path.exists():  # not so if another replay was quicker
                    yield path, error
                continue
            yield path, self._stored(path, entry, store)

    def _stored(self, path: Path, entry: Entry, store: Callable[[Entry], Recorded]) -> Recorded | RecorderError:
        try:
            recorded = store(entry)
        except _OF_THE_DATABASE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not keep the entries behind from their place
            return StorageFailed(f"{path}: not stored: {error}")
        try:
            path.unlink(missing_ok=True)
            _sync(self.directory)
        except OSError as error:
            return StorageFailed(f"{path}: stored as {recorded.task} {recorded.id}, but still here ({error.strerror})")
        return recorded


def _sync(directory: Path) -> None:
    """Bring a directory's list of names to the disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
