"""Everything that can go wrong, in one tree, with the exit code each ends a command with.

RecorderError (7)
├── FileMissing (3)               no database at that path, or a directory on the way is missing
├── PermissionDenied (4)          a file or directory may not be read or written
├── NotADatabase (5)              the file is not a database, or is damaged
├── UnreadableEntry (5)           a spool file or JSON is no entry this version reads, or a model takes none
├── DatabaseLocked (6)            another process holds the database longer than we wait
├── StorageFailed (7)             the disk is full, or the file system failed
│   ├── Replaced                  the file was moved, removed or replaced while it was written
│   └── Refused                   the storage takes other entries, but not this one
├── UnsupportedLayout (7)         the file holds a layout this version does not write
├── CommandFailed (7)            the command that an old environment hands entries to is missing, failed or is silent
├── EntryNotKept (7)              an entry could be stored neither in the database nor in the spool
└── NotFound (8)                  what was asked for is not in the database
    ├── UnknownTask               no entry of that Task
    ├── UnknownParameter          no entry of the Task has that parameter
    └── UnknownEntry              no entry of the Task has that id
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recorder.entry import Entry


class ExitCode(enum.IntEnum):
    """How a command ends; shared with the viewer's commands and documented in ``docs/recording.md``."""

    OK = 0
    NOTHING_FOUND = 1
    USAGE = 2
    FILE_MISSING = 3
    PERMISSION_DENIED = 4
    NOT_A_DATABASE = 5
    LOCKED = 6
    UNSUPPORTED = 7
    NOT_FOUND = 8
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class RecorderError(Exception):
    """Say what happened, to which file or entry, and what to do; the base of every error of this package.

    Attributes:
        entries: Those that were to be stored and are kept nowhere; ``entry.to_json()`` is the text to keep elsewhere.
    """

    exit_code = ExitCode.UNSUPPORTED
    entries: tuple[Entry, ...] = ()

    @property
    def entry(self) -> Entry | None:
        """The entry that was to be stored and is kept nowhere; the first of several."""
        return self.entries[0] if self.entries else None


class FileMissing(RecorderError):
    """No database at that path, or a directory on the way is missing."""

    exit_code = ExitCode.FILE_MISSING


class PermissionDenied(RecorderError):
    """A file or directory may not be read or written."""

    exit_code = ExitCode.PERMISSION_DENIED


class NotADatabase(RecorderError):
    """The file is not a database, or is damaged."""

    exit_code = ExitCode.NOT_A_DATABASE


class UnreadableEntry(RecorderError):
    """A spool file, or JSON handed over, is not an entry this version can read; or a model does not take one."""

    exit_code = ExitCode.NOT_A_DATABASE


class DatabaseLocked(RecorderError):
    """Another process holds the database longer than we wait."""

    exit_code = ExitCode.LOCKED


class StorageFailed(RecorderError):
    """The disk is full, or the file system failed."""


class Replaced(StorageFailed):
    """The file was moved, removed or replaced while it was written: what was committed may have gone with it."""


class Refused(StorageFailed):
    """The storage takes other entries, but not this one."""


class UnsupportedLayout(RecorderError):
    """The file holds a layout this version does not write."""


class CommandFailed(RecorderError):
    """The command ``recorder`` is missing, failed, or did not answer in time."""


class EntryNotKept(RecorderError):
    """An entry could be stored neither in the database nor in the spool; it is in the error's ``entry``."""

    def __init__(self, message: str, *entries: Entry) -> None:
        super().__init__(message)
        self.entries = entries


class NotFound(RecorderError):
    """What was asked for is not in the database."""

    exit_code = ExitCode.NOT_FOUND


class UnknownTask(NotFound):
    """No entry of that Task."""


class UnknownParameter(NotFound):
    """No entry of the Task has that parameter."""


class UnknownEntry(NotFound):
    """No entry of the Task has that id."""
