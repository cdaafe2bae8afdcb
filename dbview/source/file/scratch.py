"""A private directory for what must lie on a disk for a while: made when it is first needed, gone with the viewer.

A viewer that was killed leaves its directory behind; the next one removes it. Whether its owner still lives is told by
a lock on the directory, which the kernel drops with the process.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import threading
from pathlib import Path

from dbview.errors import ScratchUnusable
from dbview.source.file.opening import shown

SCRATCH_VARIABLE = "DBVIEW_SCRATCH"
"""Names the directory in which private directories are made, if ``--scratch`` does not."""

_PREFIX = "dbview-copy-"


class Scratch:
    """A private directory; nothing is made before it is asked for. Any thread may call it.

    Args:
        parent: Where to make it; None for :data:`SCRATCH_VARIABLE`, else ``TMPDIR``, else ``/tmp``.
    """

    def __init__(self, parent: Path | None = None) -> None:
        # Not tempfile.gettempdir(): it tries directories out by writing, the current one among them.
        self.parent = parent or Path(os.environ.get(SCRATCH_VARIABLE) or os.environ.get("TMPDIR") or "/tmp")
        self._directory: Path | None = None
        self._lock = -1
        # A signal may close it in the thread that is just making it.
        self._turn = threading.RLock()

    def directory(self) -> Path:
        """Return the directory, for this user alone (mode 0700).

        Raises:
            ScratchUnusable: It cannot be made.
        """
        with self._turn:
            if self._directory is None:
                try:
                    self._directory, self._lock = _make(self.parent)
                except OSError as error:
                    raise ScratchUnusable(
                        f"no private directory can be made in {shown(self.parent)} ({error.strerror}): name another "
                        f"with --scratch or ${SCRATCH_VARIABLE}."
                    ) from error
            return self._directory

    def remove_stale(self) -> None:
        """Remove the directories of viewers of this user that ended without doing so themselves."""
        # What is others', and what goes away under our eyes, is none of our business.
        with contextlib.suppress(OSError), os.scandir(self.parent) as entries:
            for entry in entries:
                if entry.name.startswith(_PREFIX):
                    _remove_if_stale(Path(entry.path))

    def free(self) -> int:
        """Return how many bytes this user can still write there."""
        status = os.statvfs(self.directory())
        return status.f_bavail * status.f_frsize

    def close(self) -> None:
        """Remove the directory with all that is in it."""
        with self._turn:
            if self._directory is not None:
                shutil.rmtree(self._directory, ignore_errors=True)
                os.close(self._lock)
                self._directory = None


def _remove_if_stale(path: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_uid == os.geteuid():
                # Fails as long as the owner lives.
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(descriptor)


def _make(parent: Path) -> tuple[Path, int]:
    """Return a new directory and the descriptor that holds its lock."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        # Until it is locked, a viewer that clears up just now takes it for stale; then another is made.
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            # A file system without such locks: it will stay if this process is killed, since nobody can tell.
            with contextlib.suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if path.exists():
                return path, descriptor
            os.close(descriptor)
