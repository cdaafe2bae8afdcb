"""Tell whether a file that a Task named is still there, without opening it."""

from __future__ import annotations

import enum
import os
import stat
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from dbview.payload.patterns import MOST_MATCHES, first_directory, is_pattern, matching
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
    NO_ANSWER = "no answer"
    """The file system did not answer in time."""


@dataclass(frozen=True, slots=True)
class FileState:
    """What is known of a file.

    Attributes:
        path: The path as it was given.
        kind: What its first bytes say it is, else ``file``; ``directory``, ``pattern``, ``pipe`` ...; empty where it is
            not known.
        size: In bytes, for a regular file that is here.
        modified: Time of its last change in seconds since 1970 (UTC), if it is here.
        reason: Why nothing more is known, or what was taken for granted; the system's words where ``presence`` is
            UNKNOWN, the directory that is missing where it is NOT_HERE.
        count: Entries of a directory, or files that a pattern stands for.
        has_more: True if there are more of these.
        place: The absolute path that was looked at, None if none was.
    """

    path: str
    presence: Presence
    kind: str = ""
    size: int | None = None
    modified: float | None = None
    reason: str = ""
    count: int | None = None
    has_more: bool = False
    place: str | None = None

    def words(self, now: float | None = None) -> str:
        """Return the state on one visible line: ``here · file · 1.5 KiB · 3 days old``.

        Args:
            now: Seconds since 1970; None for the present.
        """
        return " · ".join([self.presence.value, *self.facts(now)])

    def facts(self, now: float | None = None) -> list[str]:
        """Return what is known beyond whether it is here, visible: kind, number, size, age, reason."""
        parts = [visible(self.kind), self._count_words()]
        if self.size is not None:
            parts.append(size_text(self.size))
        if self.modified is not None:
            parts.append(f"{age_text((time.time() if now is None else now) - self.modified)} old")
        return [part for part in (*parts, visible(self.reason)) if part]

    def _count_words(self) -> str:
        if self.count is None:
            return ""
        number = f"{'more than ' if self.has_more else ''}{self.count:,}"
        if self.kind == PATTERN:
            return f"{number} match{'es' * (self.count == 1)}"
        return f"{number} {'entry' if self.count == 1 else 'entries'}"


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


PATTERN = "pattern"
"""The kind of a path that stands for several files."""

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


def file_state(path: str, place: str | None = None) -> FileState:
    """Look for a file, a directory, or the files that a pattern stands for.

    Only directories are read: a pipe or device is never opened. On a file system that does not answer this
    blocks, so it belongs in a thread that nothing waits for.

    Args:
        path: As it was given.
        place: Its absolute path; None if ``path`` is that (``~/`` is the reader's home).
    """
    place = place or os.path.expanduser(path)  # noqa: PTH111 - the path may hold what Path refuses
    try:
        status = os.stat(place)  # noqa: PTH116
        is_directory = stat.S_ISDIR(status.st_mode)
        count, has_more = _count(place) if is_directory else (None, False)
    except PermissionError:
        return FileState(path, Presence.NO_PERMISSION, place=place)
    except (FileNotFoundError, NotADirectoryError):
        return _pattern_state(path, place) if is_pattern(place) else _missing_state(path, place)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return FileState(path, Presence.UNKNOWN, reason=reason, place=place)
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    kind, age = kind_of(status), status.st_mtime
    return FileState(path, Presence.HERE, kind, size, age, count=count, has_more=has_more, place=place)


def _missing_state(path: str, place: str) -> FileState:
    missing = _first_missing(os.path.dirname(place.rstrip("/")))  # noqa: PTH120
    if not missing:
        return FileState(path, Presence.GONE, place=place)
    return FileState(path, Presence.NOT_HERE, reason=f"no {missing}", place=place)


def _pattern_state(path: str, place: str) -> FileState:
    """Return the state of what a pattern stands for: how many files there are."""
    found, has_more = matching(place)
    if not found:
        missing = _first_missing(first_directory(place))
        presence = Presence.NOT_HERE if missing else Presence.GONE
        reason = f"no {missing}" if missing else "nothing matches"
        return FileState(path, presence, PATTERN, reason=reason, place=place)
    return FileState(path, Presence.HERE, PATTERN, count=len(found), has_more=has_more, place=place)


def _count(place: str) -> tuple[int | None, bool]:
    """Return the number of entries of a directory, and whether there are more; None where it may not be read."""
    try:
        with os.scandir(place) as entries:
            count = sum(1 for _ in islice(entries, MOST_MATCHES + 1))
    except OSError:
        return None, False
    return min(count, MOST_MATCHES), count > MOST_MATCHES


def _first_missing(directory: str) -> str:
    """Return the outermost directory of a path that is not there; empty if all are."""
    missing = ""
    while directory not in ("", "/") and not os.path.isdir(directory):  # noqa: PTH112
        missing, directory = directory, os.path.dirname(directory)  # noqa: PTH120
    return missing


def kind_of(status: os.stat_result) -> str:
    """Return what is at a path: ``file``, ``directory``, ``pipe`` ...; empty for what has no name here."""
    return _KINDS.get(stat.S_IFMT(status.st_mode), "")


def states_of(paths: Sequence[str]) -> dict[str, FileState]:
    """Look for several files; the state of each by its path. Those after the first thousand are not looked for."""
    looked_for = {path: file_state(path) for path in paths[:_LOOKED_FOR]}
    return {path: FileState(path, Presence.NOT_LOOKED_FOR) for path in paths[_LOOKED_FOR:]} | looked_for


def age_text(seconds: float) -> str:
    """Return an age for people, in its largest unit: ``5 minutes``, ``3 days``, ``moments``."""
    for length, unit in _AGES:
        amount = int(seconds / length)
        if amount >= 1:
            return f"{amount} {unit}{'' if amount == 1 else 's'}"
    return "moments"
