"""Read what a payload holds in parts: from memory, from a regular file, from a part of either."""

from __future__ import annotations

import os
import stat
from abc import ABC, abstractmethod
from pathlib import Path

from dbview.errors import FileMissing, PayloadUnreadable, PermissionDenied
from dbview.payload.files import kind_of
from dbview.text import visible

_BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")


class Content(ABC):
    """Bytes that are read in parts. Reading may block, so it belongs in a thread of its own.

    Attributes:
        size: How many there are.
        is_whole: False if these are only the first bytes of something longer.
    """

    def __init__(self, size: int, *, is_whole: bool = True) -> None:
        self.size = size
        self.is_whole = is_whole

    @abstractmethod
    def read(self, start: int, count: int) -> bytes:
        """Return up to ``count`` bytes from ``start`` on; fewer only at the end, or where a file was cut meanwhile."""

    def close(self) -> None:  # noqa: B027 - most have nothing to let go of
        """Let go of what is open."""


class Memory(Content):
    """Bytes in memory."""

    def __init__(self, raw: bytes, *, is_whole: bool = True) -> None:
        super().__init__(len(raw), is_whole=is_whole)
        self._raw = raw

    def read(self, start: int, count: int) -> bytes:
        """Return a part of them."""
        return self._raw[start : start + count]


class Part(Content):
    """A part of other content, which stays open as long as that is."""

    def __init__(self, content: Content, start: int, size: int) -> None:
        super().__init__(max(0, min(size, content.size - start)))
        self._content = content
        self._start = start

    def read(self, start: int, count: int) -> bytes:
        """Return a part of the part."""
        return self._content.read(self._start + start, max(0, min(count, self.size - start)))


class File(Content):
    """A regular file, as long as it was when it was opened.

    Args:
        descriptor: Of the open file; closed with this.
        path: For messages.
    """

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(os.fstat(descriptor).st_size)
        self.descriptor = descriptor
        self._path = path

    def read(self, start: int, count: int) -> bytes:
        """Return a part of the file.

        Raises:
            PayloadUnreadable: The file system gave an error.
        """
        try:
            return os.pread(self.descriptor, max(0, min(count, self.size - start)), start)
        except OSError as error:
            raise PayloadUnreadable(f"{visible(self._path)} cannot be read: {error.strerror}.") from error

    def close(self) -> None:
        """Close the file."""
        os.close(self.descriptor)


def open_file(path: str, database: Path) -> File:
    """Open a regular file for reading; a pipe, socket or device is never opened.

    Args:
        path: Its absolute path (``~/`` is the reader's home).
        database: The file that is looked at. It and what belongs to it is refused: closing it again would take away
            the locks that this process has on it.

    Raises:
        FileMissing: Nothing is there.
        PermissionDenied: It may not be read.
        PayloadUnreadable: It is no regular file, or is the database itself.
    """
    place = os.path.expanduser(path)  # noqa: PTH111 - the path may hold what Path refuses
    shown = visible(path)
    try:
        _check(os.stat(place), shown, database)  # noqa: PTH116
        # Should it have become a pipe or a terminal since, opening it still neither waits nor takes it over.
        descriptor = os.open(place, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except PermissionError as error:
        raise PermissionDenied(f"{shown} may not be read.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileMissing(f"nothing is at {shown}.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PayloadUnreadable(f"{shown} cannot be opened: {visible(reason)}.") from error
    try:
        _check(os.fstat(descriptor), shown, database)
        return File(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise


def _check(status: os.stat_result, shown: str, database: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise PayloadUnreadable(f"{shown} is a {kind_of(status) or 'special file'}: only regular files are opened.")
    for suffix in _BESIDE_A_DATABASE:
        try:
            own = Path(f"{database}{suffix}").stat()
        except OSError:
            continue
        if (own.st_dev, own.st_ino) == (status.st_dev, status.st_ino):
            raise PayloadUnreadable(f"{shown} belongs to the database that is being looked at.")
