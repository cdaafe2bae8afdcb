"""Decide, before SQLite sees a file, whether it can be opened without writing a byte; put failures into words.

Rollback-journal files are opened with ``mode=ro``, which never writes (https://sqlite.org/lockingv3.html). A file
in write-ahead-log mode is refused: even ``mode=ro`` creates and changes files beside it (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
from pathlib import Path

from dbview.errors import (
    DatabaseLocked,
    DbviewError,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    SourceChanged,
    UnsupportedState,
    ValueTooLong,
)
from dbview.text import size_text, visible

_MAGIC = b"SQLite format 3\x00"
_HEADER_SIZE = 100
_WRITE_VERSION, _READ_VERSION = 18, 19
"""Bytes of the header that are 1 for a rollback journal and 2 for a write-ahead log (https://sqlite.org/fileformat2.html)."""
_WAL = 2


def shown(path: Path) -> str:
    """Return a path for a message."""
    return visible(str(path))


def open_header(path: Path) -> int:
    """Return a descriptor on a file that looks like a database.

    The caller keeps it open as long as it has connections to the file: closing any descriptor of a file drops the
    locks this process holds on it (https://sqlite.org/howtocorrupt.html, section 2.2).

    Raises:
        FileMissing, PermissionDenied, NotADatabase: Each says what is wrong with the path.
    """
    try:
        status = path.stat()
        _refuse_irregular(path, status)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _path_error(path, error) from error
    try:
        _refuse_irregular(path, os.fstat(descriptor))
        header = os.pread(descriptor, _HEADER_SIZE, 0)
        if not header.startswith(_MAGIC):
            raise NotADatabase(f"{shown(path)} is not an SQLite database: its first bytes are something else.")
        if len(header) < _HEADER_SIZE:
            raise NotADatabase(f"{shown(path)} is cut short: only {size_text(len(header))} of it are left.")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_irregular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise NotADatabase(f"{shown(path)} is a directory, not a database file.")
    if not stat.S_ISREG(status.st_mode):
        raise NotADatabase(f"{shown(path)} is no regular file (a pipe, socket or device) and is not opened.")
    if status.st_size == 0:
        raise NotADatabase(f"{shown(path)} is empty: nothing has been recorded in it yet.")


def _path_error(path: Path, error: OSError) -> DbviewError:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return FileMissing(f"{shown(path)} does not exist.")
        case errno.EACCES | errno.EPERM:
            return PermissionDenied(f"{shown(path)} may not be read by you: ask its owner for read permission.")
        case errno.ELOOP:
            return FileMissing(f"{shown(path)} is a symbolic link that leads back to itself.")
        case _:
            return NotADatabase(f"{shown(path)} cannot be opened: {error.strerror}.")


def refuse_changed_state(path: Path, descriptor: int) -> None:
    """Raise an error if reading the file now could create or change a file beside it, or read another file than before.

    Cheap enough (a few microseconds) to be asked before every query: a writer may switch the mode of a file, or put
    another in its place, while it is open.

    Raises:
        SourceChanged: The file is gone, was cut short, or another has its name.
        UnsupportedState: It is in write-ahead-log mode, or a log lies beside it.
    """
    header = os.pread(descriptor, _HEADER_SIZE, 0)
    if len(header) < _HEADER_SIZE:
        raise SourceChanged(f"{shown(path)} was cut short while it was open.")
    try:
        is_same = os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError as error:
        raise SourceChanged(f"{shown(path)} is gone: {error.strerror}.") from error
    if not is_same:
        raise SourceChanged(f"{shown(path)} is another file now than the one that was opened: open it again.")
    log = path.with_name(path.name + "-wal")
    if _WAL in (header[_WRITE_VERSION], header[_READ_VERSION]):
        raise UnsupportedState(
            f"{shown(path)} is in write-ahead-log (WAL) mode: opening it would create or change files beside it, "
            "so this version does not open it."
        )
    if _size(log) > 0:
        raise UnsupportedState(
            f"{shown(log)} holds a write-ahead log that is not yet part of the database: reading it would create files "
            "beside it, so this version does not open it."
        )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def explain(error: sqlite3.Error, path: Path) -> DbviewError:
    """Return the error that says in words what SQLite reported for a file."""
    name = getattr(error, "sqlite_errorname", "") or ""
    if isinstance(error, sqlite3.DataError):
        return ValueTooLong(f"{shown(path)} holds a value longer than this query may load ({visible(str(error))}).")
    if name == "SQLITE_READONLY_ROLLBACK":
        return UnsupportedState(
            f"{shown(path)} was left in the middle of a write (there is a journal to be rolled back). Its next writer "
            "repairs it; this version does not open it before that."
        )
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseLocked(f"{shown(path)} is locked: a writer has held it for too long. Try again in a moment.")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return NotADatabase(f"{shown(path)} is damaged or not a database: {visible(str(error))}.")
    if name.startswith("SQLITE_CANTOPEN"):
        return PermissionDenied(f"{shown(path)} cannot be opened: it was removed or may not be read any more.")
    if name.startswith("SQLITE_IOERR"):
        return NotADatabase(
            f"{shown(path)} cannot be read: {visible(str(error))}. The file system may be gone or refuse locks."
        )
    return SourceChanged(f"{shown(path)}: the query failed: {visible(str(error))}.")
