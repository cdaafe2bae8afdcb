"""List the files of a directory, or those that a pattern stands for."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from dbview.errors import FileMissing, PayloadUnreadable, PermissionDenied
from dbview.payload.files import FileState, Presence, kind_of
from dbview.payload.patterns import MOST_MATCHES, is_pattern, matching
from dbview.text import visible


class Files(NamedTuple):
    """Files by their absolute paths: directories first, then by name.

    Attributes:
        states: What is known of each.
        has_more: True if there are more than :data:`~dbview.payload.patterns.MOST_MATCHES`.
    """

    states: tuple[FileState, ...]
    has_more: bool


def files_at(place: str) -> Files:
    """Return the files of a directory, or of a pattern; links are followed. It may block.

    Args:
        place: The absolute path.

    Raises:
        FileMissing: The directory is not there, or nothing matches the pattern.
        PermissionDenied: It may not be read.
        PayloadUnreadable: It is no directory, or the file system gave an error.
    """
    try:
        with os.scandir(place) as entries:
            names = [entry.name for _number, entry in zip(range(MOST_MATCHES + 1), entries, strict=False)]
    except (FileNotFoundError, NotADirectoryError) as error:
        found = matching(place) if is_pattern(place) else None
        if found is None or not found.paths:
            raise FileMissing(f"nothing is at {visible(place)}.") from error
        return _sorted([_state(path) for path in found.paths], has_more=found.has_more)
    except PermissionError as error:
        raise PermissionDenied(f"{visible(place)} may not be read.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PayloadUnreadable(f"{visible(place)} cannot be read: {visible(reason)}.") from error
    states = [_state(f"{place.rstrip('/')}/{name}") for name in names[:MOST_MATCHES]]
    return _sorted(states, has_more=len(names) > MOST_MATCHES)


def _sorted(states: list[FileState], *, has_more: bool) -> Files:
    return Files(tuple(sorted(states, key=lambda one: (one.kind != "directory", one.path))), has_more)


def _state(path: str) -> FileState:
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError as error:
        # Of a link that leads nowhere there is still its name.
        return FileState(path, Presence.UNKNOWN, reason=error.strerror or str(error), place=path)
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return FileState(path, Presence.HERE, kind_of(status), size, status.st_mtime, place=path)
