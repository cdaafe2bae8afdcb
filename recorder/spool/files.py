"""The files of one place: each an entry, or something that somebody left there."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path

from recorder.entry import FORMAT, WHOLE, Entry
from recorder.errors import (
    FileMissing,
    PermissionDenied,
    RecorderError,
    StorageFailed,
    UnreadableEntry,
    UnsupportedLayout,
)
from recorder.saying import say
from recorder.shared_files import DIRECTORY_MODE, FILE_MODE, sync_directory, write_whole

SUFFIX = ".json"
PARTIAL = ".partial"
"""Suffix of a file that is being written; it is renamed when all of it is on the disk."""

REFUSED = "refused"
"""Directory in a place for what no database takes and what is no entry; each with a text that says why."""

REASON = ".reason"

_HEAD = 65_536
"""Bytes in which an entry says that it is one: nobody's gigabyte is read to the end."""

_SETTLED = 60.0
"""Seconds after which nobody is writing a partial file any more."""

_STALE = 86_400.0
"""Seconds after which a partial file that is no entry is removed: no call ever said that it was kept."""


def write(entry: Entry, text: str, place: Path) -> Path:
    """Write an entry's text so that it survives a power loss; return its file.

    Its name begins with the moment of recording, so that names sort as entries do.

    Raises:
        OSError: It cannot be written; nothing is left of it.
    """
    moment = entry.timestamp.isoformat(timespec="microseconds")[:26].replace("-", "").replace(":", "")
    stage = "" if entry.stage == WHOLE else f"-{entry.stage}"
    path = place / f"{moment}-{entry.key}{stage}{SUFFIX}"
    # As bytes: for text Python looks for the codec in its library, which may be as far away now as the database.
    write_whole(path, path.with_suffix(PARTIAL), text.encode("ascii") + b"\n")
    sync_directory(place)
    return path


def waiting(place: Path) -> list[Path]:
    """Return the files that wait in a place, oldest first.

    Raises:
        PermissionDenied: The directory may not be read.
        StorageFailed: It cannot be read.
    """
    return _named(place, SUFFIX)


def _named(place: Path, suffix: str) -> list[Path]:
    try:
        with os.scandir(place) as names:
            return sorted(Path(found.path) for found in names if found.name.endswith(suffix))
    except FileNotFoundError:
        return []
    except PermissionError as error:
        raise PermissionDenied(f"{place}: the spool may not be read; ask for the right to") from error
    except OSError as error:
        raise StorageFailed(f"{place}: the spool cannot be read: {error.strerror}") from error


def read(path: Path) -> Entry:
    """Return the entry in a file.

    Raises:
        UnreadableEntry: Its content is no entry.
        UnsupportedLayout: A newer version wrote it.
        FileMissing: It is gone: somebody was quicker.
        PermissionDenied: It may not be read.
        StorageFailed: It cannot be read.
    """
    try:
        # Not blocking: a pipe of that name would have us wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableEntry("not an entry: no ordinary file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                head = file.read(_HEAD)
                if FORMAT.encode() not in head:
                    raise UnreadableEntry(f'not an entry: no "format": "{FORMAT}" in its first {_HEAD} bytes')
                text = (head + file.read()).decode("utf-8")
        finally:
            os.close(descriptor)
        return Entry.from_json(text)
    except (UnreadableEntry, UnsupportedLayout) as error:
        raise type(error)(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableEntry(f"{path}: not an entry: not in UTF-8") from error
    except FileNotFoundError as error:
        raise FileMissing(f"{path}: gone") from error
    except PermissionError as error:
        raise PermissionDenied(f"{path}: may not be read; ask its owner to replay it") from error
    except (OSError, MemoryError) as error:
        raise StorageFailed(f"{path}: cannot be read: {error}") from error
    except RecorderError:
        raise
    except Exception as error:  # whatever somebody put there, it must not keep what lies beside it from its place
        raise UnreadableEntry(f"{path}: not an entry: {type(error).__name__}") from error


def set_aside(path: Path, reason: Exception) -> Path:
    """Move a file into the place's directory of refused ones, with a text beside it that says why; return it there.

    Raises:
        OSError: It cannot be moved; it stays where it was.
    """
    directory = path.parent if path.parent.name == REFUSED else path.parent / REFUSED
    if not directory.is_dir():
        directory.mkdir(exist_ok=True)
        directory.chmod(DIRECTORY_MODE)
    target = directory / path.name
    count = 0
    while target != path and os.path.lexists(target):  # another of that name is not overwritten
        count += 1
        target = directory / f"{path.stem}~{count}{path.suffix}"
    path.rename(target)
    said = target.with_suffix(REASON)
    said.write_text(f"{type(reason).__name__}: {reason}\n", encoding="utf-8", errors="backslashreplace")
    said.chmod(FILE_MODE)
    return target


def remove(path: Path) -> None:
    """Remove the file of an entry that is stored. If it comes back with a power loss, its key tells that it is stored.

    Raises:
        OSError: It cannot be removed.
    """
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with contextlib.suppress(FileNotFoundError):
        path.with_suffix(REASON).unlink()


def adopt_leftovers(place: Path) -> None:
    """Let whole entries wait that a killed process had not renamed yet; remove what it had only begun, after a day.

    Raises:
        RecorderError: The place cannot be read.
    """
    for path in _named(place, PARTIAL):
        try:
            age = time.time() - path.lstat().st_mtime
            if age > _SETTLED:
                read(path)
                path.rename(path.with_suffix(SUFFIX))
        except UnreadableEntry:
            if age > _STALE:
                with contextlib.suppress(OSError):  # a directory, or no right to: it is in nobody's way
                    path.unlink()
        except (RecorderError, OSError) as error:
            say.debug("%s: left as it is: %s", path, type(error).__name__)
