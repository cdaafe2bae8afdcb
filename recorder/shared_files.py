"""Make files and directories that are the whole group's, and there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

FILE_MODE = 0o664
DIRECTORY_MODE = 0o775
"""Whoever works on an experiment records into its database (layout v0.1), and stores what waits for it."""

_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP)


def write_whole(path: Path, unfinished: Path, content: bytes) -> None:
    """Write a file under another name, and give it its own once all of it is on the disk.

    Args:
        path: Its name; who looks for it meanwhile finds what was there before.
        unfinished: Its name until then, in the same directory.
        content: What it holds.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    # Not Path.open: the mode is to hold from the first byte on.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        unfinished.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            unfinished.unlink()
        raise


def make_directory(path: Path) -> None:
    """Create a directory in one that is there, for good.

    Raises:
        OSError: It cannot be created.
    """
    with contextlib.suppress(FileExistsError):  # another process was as quick
        path.mkdir()
        path.chmod(DIRECTORY_MODE)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Bring a directory's list of names to the disk.

    Raises:
        OSError: It may not be read, or the disk fails.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:  # some network file systems do not know how to sync a directory, nor need to
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
