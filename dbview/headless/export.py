"""Write the rows of a View into a file: all of them or nothing, never over another file unasked."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from dbview.errors import OutputRefused, UsageError
from dbview.headless.cells import exact_value, plain_value
from dbview.headless.formats import write_rows
from dbview.headless.query import Request, query_rows
from dbview.headless.rows import Watch, unwatched
from dbview.output import Say
from dbview.source.source import Source
from dbview.text import visible
from dbview.unfinished import removed_afterwards

SUFFIXES = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".md": "markdown",
    ".txt": "table",
    ".parquet": "parquet",
}
"""The format that a file's name asks for by how it ends."""

_BELONGS_TO_DATABASE = ("", "-journal", "-wal", "-shm")


def form_of(file: Path) -> str:
    """Return the format that a file's name asks for.

    Raises:
        UsageError: Its ending tells none.
    """
    form = SUFFIXES.get(file.suffix.lower())
    if form is None:
        endings = " ".join(SUFFIXES)
        raise UsageError(f"{visible(str(file))}: the ending of the name tells the format, one of {endings}.")
    return form


def why_to_ask(file: Path, database: Path) -> str:
    """Return why a file should not be written unasked: it is there, or beside the data; nothing if it may be."""
    if os.path.lexists(file):
        return f"{visible(str(file))} is there already"
    with contextlib.suppress(OSError):
        if file.absolute().parent.samefile(database.parent):
            return f"{visible(str(file))} would stand beside the database"
    return ""


def export(
    source: Source, request: Request, file: Path, say: Say, watch: Watch = unwatched, *, asked: bool = False
) -> bool:
    """Write the rows that a request asks for into a file, which is there only when all of it is.

    Args:
        source: Where the rows are.
        request: Which rows; its format may also be ``parquet``, and its limit is its own alone.
        file: Where to write.
        say: Told what is to be known beside the data.
        watch: Told how far it is; may end it.
        asked: True if the person agreed to what :func:`why_to_ask` says.

    Returns:
        Whether there are any.

    Raises:
        OutputRefused: The file must not, or cannot, be written; nothing is left of it.
        DbviewError: As :func:`dbview.headless.query.query`; nothing is left of the file either.
    """
    if any(_is_same(file, Path(f"{source.path}{suffix}")) for suffix in _BELONGS_TO_DATABASE):
        raise OutputRefused(f"{visible(str(file))} belongs to the database: name another file.")
    if (reason := why_to_ask(file, source.path)) and not asked:
        raise OutputRefused(f"{reason}; --force writes it all the same.")
    whole = replace(request, whole=True)
    with _written(file, may_replace=asked) as binary:
        if request.form == "parquet":
            # Only here: it takes a library of its own.
            from dbview.headless.parquet import write_parquet

            return query_rows(source, whole, partial(write_parquet, binary), say, watch)
        text = io.TextIOWrapper(binary, encoding="utf-8", errors="backslashreplace", newline="")
        to_json = exact_value if request.exact else plain_value
        found = query_rows(
            source, whole, lambda names, rows: write_rows(request.form, text, names, rows, to_json), say, watch
        )
        text.flush()
        text.detach()
        return found


def _is_same(file: Path, other: Path) -> bool:
    if os.path.realpath(file) == os.path.realpath(other):
        return True
    try:
        return file.samefile(other)
    except OSError:
        return False


@contextlib.contextmanager
def _written(file: Path, *, may_replace: bool) -> Iterator[BinaryIO]:
    """Give a file to write that takes its name when all is written; by an error nothing is left of it."""
    unfinished = file.with_name(f".{file.name[:200]}.{os.getpid()}.partial")
    with _in_words(file):
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with removed_afterwards(unfinished):
        with _in_words(file), os.fdopen(descriptor, "wb") as binary:
            yield binary
            binary.flush()
            os.fsync(binary.fileno())
        with _in_words(file):
            (_replace if may_replace else _give_name)(unfinished, file)


def _replace(unfinished: Path, file: Path) -> None:
    unfinished.replace(file)


def _give_name(unfinished: Path, file: Path) -> None:
    """Give a file its name, unless another has taken it meanwhile."""
    try:
        os.link(unfinished, file)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems know no links.
        if os.path.lexists(file):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        unfinished.replace(file)


@contextlib.contextmanager
def _in_words(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"{visible(str(file))} cannot be written: {error.strerror}. Nothing is left of it."
        raise OutputRefused(words) from error
