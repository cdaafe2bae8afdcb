"""Tell whether a file that a Task named is still there, without opening it."""

from __future__ import annotations

import enum
import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbview.payload.recognise import JsonPayload, PathPayload, Payload
from dbview.payload.tree import file_names
from dbview.text import size_text, visible
from recorder.layout.tables import PAYLOADS


class Presence(enum.Enum):
    """Where a file is, seen from this host. ``gone`` and ``not here`` are two different findings."""

    HERE = "here"
    GONE = "gone"
    """Its directory exists, the file does not."""
    NOT_HERE = "not here"
    """Its directory does not exist either: node-local scratch, or a file system that is not mounted."""
    NO_PERMISSION = "no permission"
    NOT_LOOKED_FOR = "not looked for"
    """There are too many."""
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


def kept_file(database: Path, name: str) -> str:
    """Return the path of a file in which the recorder keeps a part of an entry, by the name that the entry holds."""
    return f"{database}{PAYLOADS}/{name}"


def files_of_payload(payload: Payload, database: Path) -> tuple[str, ...]:
    """Return the paths of the files that a payload is, or that parts of it are kept in."""
    match payload:
        case PathPayload(paths=paths):
            return paths
        case JsonPayload(tree=tree):
            return files_in(tree, database)
        case _:
            return ()


def files_in(tree: Any, database: Path) -> tuple[str, ...]:
    """Return the paths of the files that leaves of tagged JSON are kept in."""
    return tuple(kept_file(database, name) for name in file_names(tree))


def file_words(path: str, files: Mapping[str, FileState]) -> str:
    """Return a path and the state of the file there on one visible line.

    Args:
        path: The path.
        files: What is known so far, by path.
    """
    state = files.get(path)
    return f"{visible(path)}  ({state.words() if state else 'looking for it …'})"


_LOOKED_FOR = 1_000
"""A file system that is far away takes milliseconds for each."""

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
    return FileState(path, Presence.HERE, kind_of(status), status.st_size if is_file else None, status.st_mtime)


def kind_of(status: os.stat_result) -> str:
    """Return what is at a path: ``file``, ``directory``, ``pipe`` ...; empty for what has no name here."""
    return _KINDS.get(stat.S_IFMT(status.st_mode), "")


def states_of(paths: Sequence[str]) -> dict[str, FileState]:
    """Look for several files; the state of each by its path. Those after the first thousand are not looked for."""
    looked_for = {path: file_state(path) for path in paths[:_LOOKED_FOR]}
    return {path: FileState(path, Presence.NOT_LOOKED_FOR) for path in paths[_LOOKED_FOR:]} | looked_for


def _directory_is_here(place: str) -> bool:
    return os.path.isdir(os.path.dirname(place.rstrip("/")))  # noqa: PTH112, PTH120


def age_text(seconds: float) -> str:
    """Return an age for people, in its largest unit: ``5 minutes``, ``3 days``, ``moments``."""
    for length, unit in _AGES:
        amount = int(seconds / length)
        if amount >= 1:
            return f"{amount} {unit}{'' if amount == 1 else 's'}"
    return "moments"
