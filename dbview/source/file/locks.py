"""Take SQLite's own read lock on a file from outside SQLite, so that nobody can take its log away meanwhile.

Whoever closes a database in write-ahead-log mode last removes the log, and takes an exclusive lock for that. With the
read lock held, what is found beside the file stays there until it is open. The lock is one of the open file description
(``F_OFD_SETLK``), which conflicts with the locks of SQLite, whoever holds them, and is not lost when this process
closes another descriptor of the file.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import struct
import time
from collections.abc import Iterator

_PENDING_BYTE, _SHARED_FIRST, _SHARED_SIZE = 0x40000000, 0x40000002, 510
"""The bytes that SQLite locks (https://sqlite.org/lockingv3.html, and ``PENDING_BYTE`` in its sources)."""

_PAUSE = 0.002
"""Seconds between two tries."""


class LockBusy(Exception):
    """Somebody has locked the file for longer than we wait."""


class LocksUnavailable(Exception):
    """The file system, or this operating system, has no locks of that kind."""


@contextlib.contextmanager
def reading_lock(descriptor: int, patience: float) -> Iterator[None]:
    """Hold the read lock while the context lasts.

    Args:
        descriptor: The database file, open for reading.
        patience: Seconds to wait for a writer that holds the file.

    Raises:
        LockBusy, LocksUnavailable: The lock is not held, and the context is not entered.
    """
    give_up_at = time.monotonic() + patience
    # As SQLite does it: who waits for all readers to go holds the pending byte, and is not overtaken.
    _take(descriptor, _PENDING_BYTE, 1, give_up_at)
    try:
        _take(descriptor, _SHARED_FIRST, _SHARED_SIZE, give_up_at)
    finally:
        _set(descriptor, fcntl.F_UNLCK, _PENDING_BYTE, 1)
    try:
        yield
    finally:
        _set(descriptor, fcntl.F_UNLCK, _SHARED_FIRST, _SHARED_SIZE)


def _take(descriptor: int, start: int, length: int, give_up_at: float) -> None:
    while True:
        try:
            return _set(descriptor, fcntl.F_RDLCK, start, length)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise LocksUnavailable(error.strerror) from error
            if time.monotonic() >= give_up_at:
                raise LockBusy from error
        time.sleep(_PAUSE)


def _set(descriptor: int, kind: int, start: int, length: int) -> None:
    command = getattr(fcntl, "F_OFD_SETLK", None)
    if command is None:
        raise LocksUnavailable("this operating system has none")
    # struct flock: kind, whence, start, length, process (must be 0).
    fcntl.fcntl(descriptor, command, struct.pack("hhqqi4x", kind, 0, start, length, 0))
