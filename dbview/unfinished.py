"""Leave nothing of a file that is being written, however the program ends, unless it is killed outright."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator
from pathlib import Path

_files: set[Path] = set()


@contextlib.contextmanager
def removed_afterwards(file: Path) -> Iterator[None]:
    """Remove a file at the end of the block, or of the program: a thread may be at it that nobody waits for."""
    _files.add(file)
    try:
        yield
    finally:
        _remove(file)
        _files.discard(file)


@atexit.register
def remove_unfinished() -> None:
    """Remove what is being written; for the end of the program, also by a signal."""
    for file in tuple(_files):
        _remove(file)


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink()
