"""Read a database from a private copy where it cannot be read in place: its journals are applied in the copy.

The copy counts only if neither the file nor its journals changed while it was made.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from dbview.errors import CopyTooLarge, PermissionDenied, ScratchUnusable, UnsupportedState
from dbview.source.file.disk import DatabaseFile, Stamp, stamp
from dbview.source.file.opening import REPORTED, explain, shown
from dbview.source.file.scratch import SCRATCH_VARIABLE, Scratch
from dbview.text import size_text

COPY_LIMIT = 256 * 2**20
"""Bytes that are copied without being asked for."""

UNLIMITED = 2**63
"""Bytes that no file has."""

COPY_LIMIT_OPTION = "--copy-limit"

_PART = 4 * 2**20
_RESERVE = 32 * 2**20
"""Bytes of the scratch file system that are left to others."""
_SETTLED = 0.02
"""Seconds that a file must have been left alone before the copy begins: its clock ticks in steps, on Linux of up to
10 ms, and two writes within one step look like one."""
_PATIENCE = 2.0

_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_NAME_END = 4 + 4 + len(_JOURNAL_MAGIC)
"""Bytes after the path at the end of a journal: its length, the sum of its bytes, and the magic of all journals
(https://sqlite.org/fileformat2.html, ``writeSuperJournal`` in SQLite's sources)."""

_UNLOCKED = "mode=rw&vfs=unix-none"
"""Nobody else knows the copy: it needs no locks, which its file system may lack, nor an index in shared memory."""
_SETTINGS = ("locking_mode=EXCLUSIVE", "synchronous=OFF", "trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0")


class CopyOutdated(Exception):
    """The file was written while it was being copied."""


@dataclass
class Copying:
    """What private copies may cost, and where they go.

    Attributes:
        scratch: Where they go.
        limit: Most bytes to copy.
        progress: Called with the bytes copied so far and the bytes to copy, in the thread that copies.
        share: How much of a copy that is being made is there, 0 to 1; None while none is being made.
    """

    scratch: Scratch
    limit: int = COPY_LIMIT
    progress: Callable[[int, int], None] = lambda _done, _whole: None
    share: float | None = None

    def report(self, done: int, whole: int) -> None:
        """Take note, and tell, that so many bytes of so many have been copied."""
        self.share = done / whole
        self.progress(done, whole)


class _Content(NamedTuple):
    """The stamps of all that makes up a database."""

    database: Stamp | None
    log: Stamp | None
    journal: Stamp | None

    @property
    def size(self) -> int:
        return sum(part.size for part in self if part)


def copy_database(file: DatabaseFile, copying: Copying, name: str) -> Path:
    """Return a private copy of a database with its journals applied, in rollback mode and complete in itself.

    Args:
        file: What to copy. Its kept descriptor is read: closing another would drop locks of this process.
        copying: Where to, and how much at most.
        name: Name of the copy within the scratch directory.

    Raises:
        CopyOutdated: The file was written meanwhile: look again at how it can be read.
        SourceChanged: Another file has its name.
        CopyTooLarge, ScratchUnusable, PermissionDenied, NotADatabase: It cannot be copied.
    """
    before = _settled_content(file)
    # What is compared is found by name, what is copied by descriptor.
    file.refuse_another()
    _refuse_too_large(file, copying, before)
    target = copying.scratch.directory() / name
    try:
        _copy(file, before, target, copying)
        if _content(file) != before:
            raise CopyOutdated
        _part_from_others(_beside(target, "-journal"))
        _apply_journals(file.path, target)
    except BaseException:
        remove_copy(target)
        raise
    finally:
        copying.share = None
    return target


def remove_copy(target: Path) -> None:
    """Remove a copy and what SQLite may have put beside it."""
    for end in ("", "-wal", "-shm", "-journal"):
        _beside(target, end).unlink(missing_ok=True)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _content(file: DatabaseFile) -> _Content:
    return _Content(stamp(file.path), stamp(file.log), stamp(file.journal))


def _settled_content(file: DatabaseFile) -> _Content:
    give_up_at = time.monotonic() + _PATIENCE
    content = _content(file)
    while time.monotonic() < give_up_at:
        time.sleep(_SETTLED)
        content, earlier = _content(file), content
        if content == earlier:
            return content
    raise CopyOutdated


def _refuse_too_large(file: DatabaseFile, copying: Copying, content: _Content) -> None:
    if copying.scratch.parent.resolve() == file.path.parent:
        raise ScratchUnusable(
            f"{shown(file.path)} must be read from a private copy, and nothing is ever written into its own directory: "
            f"name another with --scratch or ${SCRATCH_VARIABLE}."
        )
    if content.size > copying.limit:
        raise CopyTooLarge(
            f"{shown(file.path)} must be read from a private copy of {size_text(content.size)}, and no more than "
            f"{size_text(copying.limit)} may be copied: {COPY_LIMIT_OPTION} allows more.",
            content.size,
        )
    # What is in the log goes into the copy as well, before the copy of the log goes away.
    needed, free = content.size + (content.log.size if content.log else 0) + _RESERVE, copying.scratch.free()
    if needed > free:
        raise ScratchUnusable(
            f"{shown(file.path)} must be read from a private copy, which takes {size_text(needed)}, and in "
            f"{shown(copying.scratch.parent)} only {size_text(free)} are free: name another directory with --scratch "
            f"or ${SCRATCH_VARIABLE}."
        )


def _copy(file: DatabaseFile, content: _Content, target: Path, copying: Copying) -> None:
    done = _copy_bytes(file.descriptor, target, 0, content.size, copying)
    for part, path, end in ((content.log, file.log, "-wal"), (content.journal, file.journal, "-journal")):
        if part is None or part.size == 0:
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except PermissionError as error:
            raise PermissionDenied(
                f"{shown(path)} may not be read by you, and without it {shown(file.path)} is not whole: ask its owner "
                "for read permission."
            ) from error
        except FileNotFoundError as error:
            raise CopyOutdated from error
        try:
            done = _copy_bytes(descriptor, _beside(target, end), done, content.size, copying)
        finally:
            os.close(descriptor)


def _copy_bytes(source: int, target: Path, done: int, whole: int, copying: Copying) -> int:
    """Copy all of a file, and return how many bytes have then been copied in all."""
    try:
        with target.open("xb", buffering=0) as stream:
            place = 0
            while part := os.pread(source, _PART, place):
                stream.write(part)
                place += len(part)
                copying.report(min(done + place, whole), whole)
    except OSError as error:
        raise ScratchUnusable(f"the private copy {shown(target)} cannot be written: {error.strerror}.") from error
    return done + place


def _part_from_others(journal: Path) -> None:
    """Make the copy of a rollback journal one of this file alone, if its transaction was one of several files.

    Such a journal ends with the path of another that all of them name. While that one is there, the transaction is
    rolled back, and else it was committed; having rolled back the last of the files, SQLite deletes it. It lies where
    nothing is to be deleted, and what a damaged or hostile journal names need not even be a journal.
    """
    if not journal.exists():
        return
    with journal.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _NAME_END))
        end = file.read()
        length = int.from_bytes(end[:4], "big")
        if len(end) < _NAME_END or not end.endswith(_JOURNAL_MAGIC) or not 0 < length <= size - _NAME_END:
            return
        file.seek(size - _NAME_END - length)
        name = file.read(length)
        # Without these bytes, SQLite reads the journal as one that names no other.
        file.truncate(size - len(_JOURNAL_MAGIC))
    # The sum keeps a name from being believed that is none.
    total = sum(byte - 256 * (byte > 127) for byte in name) % 2**32
    if total == int.from_bytes(end[4:8], "big") and not _has_content(Path(os.fsdecode(name))):
        journal.unlink()


def _has_content(path: Path) -> bool:
    # As SQLite looks for it: an empty file is none.
    try:
        return path.stat().st_size > 0
    except (OSError, ValueError):
        return False


def _apply_journals(original: Path, target: Path) -> None:
    """Let SQLite roll back or fold in what lies beside the copy, as the next writer of the original will do there."""
    try:
        connection = sqlite3.connect(f"{target.as_uri()}?{_UNLOCKED}", uri=True, isolation_level=None)
        try:
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            for setting in _SETTINGS:
                connection.execute(f"PRAGMA {setting}").close()
            ((mode,),) = connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        finally:
            connection.close()
    except REPORTED as error:
        raise explain(error, original) from error
    if mode != "delete":
        raise UnsupportedState(f"{shown(original)} cannot be recovered in a private copy: its log stays in use.")
