"""Standard output and standard error: data goes to the one, words to the other."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO

from dbview.errors import DbviewError
from dbview.text import visible

Say = Callable[[str], None]
"""Tells a person something, beside the data."""


def prepare_output() -> None:
    """Write UTF-8 to files and pipes whatever the locale; on a terminal escape what its encoding cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def standard_output() -> TextIO:
    """Return where data goes.

    Raises:
        DbviewError: This process was started without a standard output.
    """
    if sys.stdout is None:
        raise DbviewError("standard output is closed, so there is nowhere to write to.")
    return sys.stdout


def flush() -> None:
    """Write out what is buffered; here, where a failure can still be told."""
    if sys.stdout is not None:
        sys.stdout.flush()


def abandon_output() -> None:
    """Let what is still buffered go nowhere, so that the interpreter ends in silence."""
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def tell(text: str) -> None:
    """Say something about the data after the data written so far."""
    flush()
    say(text)


def say(text: str) -> None:
    """Say something to the person, if there is one."""
    # Without standard error nobody listens; the exit code still tells.
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{text}\n")
            sys.stderr.flush()


def say_why(error: OSError) -> None:
    """Say what the system would not do, and with which file."""
    say(f"dbview: {visible(str(error.filename or 'the output'))}: {error.strerror}.")
