"""Tell what lies on the disk: the database file and the journals beside it, looked at without SQLite."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import time
from pathlib import Path
from typing import NamedTuple

from dbview.errors import NotADatabase, PermissionDenied, SourceChanged
from dbview.source.file.opening import HEADER_SIZE, open_header, shown

_WRITE_VERSION, _READ_VERSION = 18, 19
"""Bytes of the header that are 1 for a rollback journal and 2 for a write-ahead log (https://sqlite.org/fileformat2.html)."""
_LOG_VERSION = 2
_LOG_HEADER_SIZE = 32
_LOG_MAGIC = 0x377F0682, 0x377F0683


class Stamp(NamedTuple):
    """What ``stat`` tells of a file; time in nanoseconds."""

    inode: int
    size: int
    modified: int


_SETTLED_SECONDS = 2.0


class Signature(NamedTuple):
    """A database file and its write-ahead log at a moment; equal ones mean that nothing was written in between.

    Network file systems answer from a cache of some seconds, so there a change may be noticed that much later.
    """

    database: Stamp
    log: Stamp | None

    @property
    def modified(self) -> int:
        """When anything was written last, in nanoseconds since 1970 (UTC)."""
        # A log is emptied, too, without anything being committed.
        return max(self.database.modified, self.log.modified if self.log and self.log.size else 0)

    @property
    def is_settled(self) -> bool:
        """True if the file was left alone for so long that a later state has another signature.

        Two writes in one tick of the file system's clock look like one.
        """
        return self.modified / 1e9 < time.time() - _SETTLED_SECONDS


class DatabaseFile:
    """A database file that is kept open, so that it can be looked at without losing the locks of this process.

    Closing any descriptor of a file drops all locks its process holds on it (https://sqlite.org/howtocorrupt.html,
    section 2.2), so this one stays open as long as there are connections to the file.

    Args:
        path: The file, with symbolic links resolved: SQLite looks for journals beside the file itself.

    Attributes:
        log: Path of the write-ahead log.
        index: Path of the log's index, which writers share as memory.
        journal: Path of the rollback journal.

    Raises:
        FileMissing, PermissionDenied, NotADatabase: Each says what is wrong with the path.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log, self.index, self.journal = (path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
        self.descriptor = open_header(path)

    def close(self) -> None:
        """Let go of the file. Connections to it must be closed before."""
        os.close(self.descriptor)

    def refuse_another(self) -> None:
        """Raise SourceChanged if the file is gone, was cut short, or another has its name; takes microseconds."""
        try:
            is_same = os.path.samestat(self.path.stat(), os.fstat(self.descriptor))
        except OSError as error:
            raise SourceChanged(f"{shown(self.path)} is gone: {error.strerror}.") from error
        if not is_same:
            raise SourceChanged(
                f"{shown(self.path)} is another file now than the one that was opened: read it again (r)."
            )

    def uses_log(self) -> bool:
        """Tell whether SQLite would read a write-ahead log; it does so, too, where one lies beside a rollback file.

        Raises:
            SourceChanged: The file was cut short.
            NotADatabase: What lies beside it is no regular file.
        """
        stamp(self.journal)
        header = os.pread(self.descriptor, HEADER_SIZE, 0)
        if len(header) < HEADER_SIZE:
            raise SourceChanged(f"{shown(self.path)} was cut short while it was open.")
        return _LOG_VERSION in (header[_WRITE_VERSION], header[_READ_VERSION]) or self.has_log_content()

    def has_log_content(self) -> bool:
        """Tell whether something may stand in the log that is not yet part of the database."""
        log = stamp(self.log)
        return log is not None and log.size > 0

    def has_damaged_log(self) -> bool:
        """Tell whether the log begins with what no log begins with, so that SQLite passes over all of it.

        The format is that of https://sqlite.org/fileformat2.html, section 4.1. Read in place beside an index from
        better days, such a log makes SQLite try for ten seconds to bring the two together.
        """
        if not self.has_log_content():
            return False
        try:
            descriptor = os.open(self.log, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False  # whoever reads all of it says so
        try:
            header = os.pread(descriptor, _LOG_HEADER_SIZE, 0)
        finally:
            os.close(descriptor)
        if len(header) < _LOG_HEADER_SIZE:
            return False
        magic, _version, page_size = struct.unpack_from(">3I", header)
        return magic not in _LOG_MAGIC or not 512 <= page_size <= 65536 or page_size.bit_count() != 1

    def has_journals_of_others(self) -> bool:
        """Tell whether this process is root's, which SQLite lets give journals to the owner of the database."""
        if os.geteuid() != 0:
            return False
        owner = os.fstat(self.descriptor)
        for path in (self.log, self.index, self.journal):
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if (status.st_uid, status.st_gid) != (owner.st_uid, owner.st_gid):
                    return True
        return False

    def signature(self) -> Signature:
        """Return what changes with every commit; takes no lock.

        Raises:
            SourceChanged: The file is gone.
        """
        database = stamp(self.path)
        if database is None:
            raise SourceChanged(f"{shown(self.path)} is gone: it was moved or deleted.")
        return Signature(database, stamp(self.log))


def stamp(path: Path) -> Stamp | None:
    """Return what ``stat`` tells of a file, None if there is none.

    Raises:
        NotADatabase: It is no regular file; opening a pipe would wait for ever.
        PermissionDenied, SourceChanged: It cannot be looked at.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise PermissionDenied(f"{shown(path)} may not be looked at by you any more: {error.strerror}.") from error
    except OSError as error:
        raise SourceChanged(f"{shown(path)} cannot be reached: {error.strerror}.") from error
    if not stat.S_ISREG(status.st_mode):
        raise NotADatabase(f"{shown(path)} is no regular file, so the database it belongs to is not opened.")
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
