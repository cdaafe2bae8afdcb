"""Decide, before SQLite sees a path, whether a database can be there; put failures into words."""

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
    ValueTooLong,
)
from dbview.text import size_text, visible

_MAGIC = b"SQLite format 3\x00"
HEADER_SIZE = 100
"""Bytes before the first page's content (https://sqlite.org/fileformat2.html)."""


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
        header = os.pread(descriptor, HEADER_SIZE, 0)
        if not header.startswith(_MAGIC):
            raise NotADatabase(f"{shown(path)} is not an SQLite database: its first bytes are something else.")
        if len(header) < HEADER_SIZE:
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


REPORTED = (sqlite3.Error, UnicodeDecodeError)
"""What Python raises for an error of SQLite; the last where its words hold a name of the file's that is not UTF-8."""


def explain(error: sqlite3.Error | UnicodeDecodeError, path: Path) -> DbviewError:
    """Return the error that says in words what SQLite reported for a file."""
    if isinstance(error, UnicodeDecodeError):
        words = error.object.decode("utf-8", "backslashreplace")
        return NotADatabase(f"{shown(path)} is damaged: {visible(words)}.")
    name = error_name(error)
    if isinstance(error, sqlite3.DataError):
        return ValueTooLong(f"{shown(path)} holds a value longer than this query may load ({visible(str(error))}).")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return DatabaseLocked(f"{shown(path)} is locked: a writer has held it for too long. Try again in a moment.")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return NotADatabase(f"{shown(path)} is damaged or not a database: {visible(str(error))}.")
    if name == "SQLITE_PROTOCOL":
        return NotADatabase(
            f"{shown(path)} cannot be read: the log and the index beside it (-wal, -shm) do not belong together."
        )
    if name.startswith("SQLITE_CANTOPEN"):
        return PermissionDenied(
            f"{shown(path)} cannot be opened: it, or a journal beside it, was removed or may not be read by you."
        )
    if name.startswith("SQLITE_IOERR"):
        return NotADatabase(
            f"{shown(path)} cannot be read: {visible(str(error))}. The file system may be gone or refuse locks."
        )
    return SourceChanged(f"{shown(path)}: the query failed: {visible(str(error))}.")


def error_name(error: Exception) -> str:
    """Return SQLite's name of an error, such as ``SQLITE_BUSY``; empty for one that is Python's own."""
    return getattr(error, "sqlite_errorname", "") or ""
