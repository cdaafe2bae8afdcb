"""Tell whether a file that a Task named is still there, without opening it."""

from __future__ import annotations

import enum
import os
import stat
import time
from dataclasses import dataclass

from dbview.text import size_text, visible


class Presence(enum.Enum):
    """Where a file is, seen from this host. ``gone`` and ``not here`` are two different findings."""

    HERE = "here"
    GONE = "gone"
    """Its directory exists, the file does not."""
    NOT_HERE = "not here"
    """Its directory does not exist either: node-local scratch, or a file system that is not mounted."""
    NO_PERMISSION = "no permission"
    UNKNOWN = "cannot be looked at"
    """The file system gave an error; ``reason`` says which."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What is known of a file.

    Attributes:
        path: The path as it was given.
        kind: ``file``, ``directory``, ``pipe`` ...; empty where it is not known.
        size: In bytes, for a regular file that is here.
        modified: Time of its last change in seconds since 1970 (UTC), if it is here.
        reason: The system's words where ``presence`` is UNKNOWN.
    """

    path: str
    presence: Presence
    kind: str = ""
    size: int | None = None
    modified: float | None = None
    reason: str = ""

    def words(self, now: float | None = None) -> str:
        """Return the state on one visible line: ``here · file · 1.5 KiB · 3 days old``.

        Args:
            now: Seconds since 1970; None for the present.
        """
        parts = [self.presence.value, self.kind, visible(self.reason)]
        if self.size is not None:
            parts.append(size_text(self.size))
        if self.modified is not None:
            parts.append(f"{age_text((time.time() if now is None else now) - self.modified)} old")
        return " · ".join(part for part in parts if part)


_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "device",
    stat.S_IFBLK: "device",
}

_AGES = ((86400 * 365.25, "year"), (86400 * 30.44, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))


def file_state(path: str) -> FileState:
    """Look for a file by its absolute path (``~/`` is the reader's home).

    Only its directory entry is read: a pipe or device is never opened. On a file system that does not answer this
    blocks, so it belongs in a worker.
    """
    place = os.path.expanduser(path)  # noqa: PTH111 - the path may hold what Path refuses
    try:
        status = os.stat(place)  # noqa: PTH116
    except PermissionError:
        return FileState(path, Presence.NO_PERMISSION)
    except (FileNotFoundError, NotADirectoryError):
        return FileState(path, Presence.GONE if _directory_is_here(place) else Presence.NOT_HERE)
    except (OSError, ValueError) as error:
        return FileState(path, Presence.UNKNOWN, reason=getattr(error, "strerror", None) or str(error))
    is_file = stat.S_ISREG(status.st_mode)
    kind = _KINDS.get(stat.S_IFMT(status.st_mode), "")
    return FileState(path, Presence.HERE, kind, status.st_size if is_file else None, status.st_mtime)


def _directory_is_here(place: str) -> bool:
    return os.path.isdir(os.path.dirname(place.rstrip("/")))  # noqa: PTH112, PTH120


def age_text(seconds: float) -> str:
    """Return an age for people, in its largest unit: ``5 minutes``, ``3 days``, ``moments``."""
    for length, unit in _AGES:
        amount = int(seconds / length)
        if amount >= 1:
            return f"{amount} {unit}{'' if amount == 1 else 's'}"
    return "moments"
