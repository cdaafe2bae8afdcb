"""Keep results as files beside the database, named for their content."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Mapping
from pathlib import Path

from recorder.entry import Entry
from recorder.errors import PermissionDenied, StorageFailed
from recorder.layout import tables
from recorder.layout.tagged import tag_of
from recorder.layout.values import StoredValue
from recorder.neighbours import neighbour
from recorder.shared_files import make_directory, sync_directory, write_whole

_UNFINISHED = re.compile(r"\.sha256-[0-9a-f]{64}(\.[a-z0-9]+)?\.[0-9a-f]{12}")
"""Names of files that are being written."""

_STALE = 86_400.0
"""Seconds after which nobody is writing such a file any more."""


def payload_directory(database: Path) -> Path:
    """Return the directory that holds the files of a database's entries."""
    return neighbour(database, tables.PAYLOADS)


def payload_cell(database: Path, entry: Entry, cell: StoredValue) -> StoredValue:
    """Return the payload's cell; that of a file is its path, from the database's directory on."""
    if tag_of(entry.payload) != "$file":
        return cell
    return f"{payload_directory(database).name}/{entry.payload['$file']}"


def keep_payload_files(database: Path, files: Mapping[str, bytes]) -> None:
    """Write files so that they survive a power loss; those that are there already are kept.

    Raises:
        PermissionDenied: They may not be written.
        StorageFailed: They cannot be written.
    """
    if not files:
        return
    directory = payload_directory(database)
    try:
        if not directory.is_dir():
            make_directory(directory)
        for name, content in files.items():
            _keep(directory / name, content)
        sync_directory(directory)
    except PermissionError as error:
        raise PermissionDenied(f"{directory}: {error.strerror}; ask for the right to write there") from error
    except OSError as error:
        raise StorageFailed(
            f"{directory}: {error.strerror}; look at the file system: is it full, over quota?"
        ) from error


def is_unfinished(name: str) -> bool:
    """Tell whether a file of this name is being written, or was when its process ended: no entry points to it."""
    return _UNFINISHED.fullmatch(name) is not None


def sweep_unfinished(database: Path) -> None:
    """Remove what processes that ended had only begun to write, after a day. What cannot be removed harms nobody."""
    with contextlib.suppress(OSError), os.scandir(payload_directory(database)) as found:
        for file in found:
            with contextlib.suppress(OSError):
                is_file = is_unfinished(file.name) and file.is_file(follow_symlinks=False)
                if is_file and time.time() - file.stat(follow_symlinks=False).st_mtime > _STALE:
                    os.unlink(file.path)  # noqa: PTH108 - as scandir gives it


def _keep(path: Path, content: bytes) -> None:
    # The name says the content, so a file of the right size is the right one; any other was torn or cut short.
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size == len(content):
            return
    write_whole(path, path.with_name(f".{path.name}.{os.urandom(6).hex()}"), content)
