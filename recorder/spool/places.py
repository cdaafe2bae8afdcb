"""Where entries wait: a chain of directories, tried in order, and an index that leads back to them.

Beside the database first, where everybody looks. Where that cannot be written (disk full, no right, the file system
gone) further places follow; which database their entries belong to stands in a file in each of them, and in the index.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from recorder.layout.tables import SPOOL
from recorder.neighbours import neighbour
from recorder.saying import say
from recorder.shared_files import FILE_MODE, make_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

SPOOL_VARIABLE = "RECORDER_SPOOL"
"""Environment variable that names a directory for the second place."""

DATABASE_NOTE = "database"
"""File in a place that is not beside its database: one line, the absolute path of the database."""

INDEX = "places"
"""File in the state directory: one line of JSON for each place outside the chain of today's environment."""


def absolute(path: Path) -> Path:
    """Return a path from the root, by its text alone: asking a file system that is gone might never return."""
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve looks at every directory on the way
    except OSError:  # a relative path in a working directory that is gone
        return path


def beside(database: Path) -> Path:
    """Return the first place of a database's entries."""
    return neighbour(database, SPOOL)


def chain(database: Path) -> list[Path]:
    """Return the places to try, in order. The environment is read now."""
    elsewhere = _name_elsewhere(absolute(database))
    return [beside(database), *(root / elsewhere for root in _roots())]


def known(database: Path) -> list[Path]:
    """Return every place in which entries of a database may wait: its chain, and what the index leads to.

    The one beside the database is the first, whether it exists or not; the others exist. A database that is reached by
    several paths is found by each of them.
    """
    real = _real(database)
    elsewhere = [root / _name_elsewhere(path) for root in _roots() for path in (absolute(database), real)]
    elsewhere += [place for other, place in _index() if other == absolute(database) or _real(other) == real]
    existing = [place for place in elsewhere if os.path.isdir(place)]  # noqa: PTH112 - it never raises
    return list(dict.fromkeys([beside(database), *existing]))


def make(place: Path, database: Path) -> None:
    """Create a place, open to the group; one that is not beside its database says whose it is, and is in the index.

    Raises:
        OSError: It cannot be created.
    """
    is_beside = place == beside(database)
    if not place.is_dir():
        if not is_beside:  # the database's own directory is not ours to create
            _make_way(place.parent)
        make_directory(place)
    if not is_beside:
        note = place / DATABASE_NOTE
        if not note.exists():
            note.write_bytes(os.fsencode(absolute(database)) + b"\n")
        _enter(absolute(database), absolute(place))


def _make_way(directory: Path) -> None:
    """Create a directory and those above it; whatever the umask, they are not closed to ourselves."""
    for step in reversed([directory, *directory.parents]):
        if not step.is_dir():
            with contextlib.suppress(FileExistsError):  # another process was as quick
                step.mkdir()
                step.chmod(stat.S_IMODE(step.stat().st_mode) | stat.S_IRWXU)


def _roots() -> Iterator[Path]:
    named = os.environ.get(SPOOL_VARIABLE)
    if named:
        yield Path(named)
    state = _state_directory()
    if state is not None:
        yield state / "spool"


def _state_directory() -> Path | None:
    named = os.environ.get("XDG_STATE_HOME") or ""
    state = Path(named if os.path.isabs(named) else os.path.expanduser("~/.local/state"))  # noqa: PTH111, PTH117
    return state / "recorder" if state.is_absolute() else None  # an account without a home has none


def _name_elsewhere(database: Path) -> str:
    digest = hashlib.sha256(os.fsencode(database)).hexdigest()
    return f"{database.name[:60]}-{digest[:16]}"


def _real(database: Path) -> Path:
    return Path(os.path.realpath(database))  # it never raises, also where a part is missing


def _index_file() -> Path | None:
    state = _state_directory()
    return None if state is None else state / INDEX


def _enter(database: Path, place: Path) -> None:
    """Add a line to the index, once. Without it the entry is safe, but somebody must say where it is."""
    file = _index_file()
    if file is None or (database, place) in _index():
        return
    line = json.dumps({"database": str(database), "place": str(place)}) + "\n"
    try:
        _make_way(file.parent)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK, FILE_MODE)
        try:
            os.write(descriptor, line.encode("ascii"))  # one call: lines of two processes do not mix
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        say.warning("%s: %s; to store what waits name its place: `--from %s`", file, error.strerror, place)


def _index() -> list[tuple[Path, Path]]:
    file = _index_file()
    try:
        text = b"" if file is None else _content(file)
    except (FileNotFoundError, NotADirectoryError, PermissionError):  # what we cannot reach we did not write
        return []
    except OSError as error:
        say.warning("%s: cannot be read: %s; entries may wait in places it names", file, error.strerror)
        return []
    return [line for line in map(_index_line, text.splitlines()) if line is not None]


def _content(file: Path) -> bytes:
    def opener(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_NONBLOCK)  # a pipe of that name would have us wait for ever

    with open(file, "rb", opener=opener) as opened:
        return opened.read() or b""


def _index_line(line: bytes) -> tuple[Path, Path] | None:
    """Return database and place of a line; None for one that a full disk or somebody's editor cut."""
    try:
        fields = json.loads(line)
        named = Path(fields["database"]), Path(fields["place"])
        return None if any(b"\0" in os.fsencode(path) for path in named) else named
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
