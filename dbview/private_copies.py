"""Open a file for a command line: say when it must be copied, ask where that is much, and show how far it is."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from dbview.errors import CopyTooLarge
from dbview.output import say, tell
from dbview.source.file.copying import COPY_LIMIT, COPY_LIMIT_OPTION, UNLIMITED, Copying
from dbview.source.file.opening import shown
from dbview.source.file.scratch import SCRATCH_VARIABLE, Scratch
from dbview.source.source import Source, open_source
from dbview.text import size_text
from dbview.unfinished import remove_unfinished

_PROGRESS_AFTER = 0.3
"""Seconds after which the progress of a copy is shown; what is done sooner needs no words."""
_PROGRESS_EVERY = 0.1
_ENDING_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def add_copy_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for files that cannot be read in place."""
    group = parser.add_argument_group("files that cannot be read in place")
    limit = f"copy such a file up to this size, as in 500M or 20G (default: {COPY_LIMIT >> 20}M)"
    group.add_argument(COPY_LIMIT_OPTION, type=_size, default=COPY_LIMIT, metavar="SIZE", help=limit)
    place = f"where to copy it to (default: ${SCRATCH_VARIABLE}, $TMPDIR, /tmp)"
    group.add_argument("--scratch", type=Path, metavar="DIR", help=place)


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)([KMGT]?)(?:i?B)?", text, re.IGNORECASE | re.ASCII)
    if found is None:
        raise ValueError(text)
    return min(int(found[1]) << 10 * " KMGT".index(found[2].upper() or " "), UNLIMITED)


_size.__name__ = "size"  # argparse names it in its message


@contextlib.contextmanager
def opened(path: Path, options: argparse.Namespace, *, asks: bool = False) -> Iterator[Source]:
    """Give the source of a file, and remove what was copied afterwards, also if a signal ends the program.

    Args:
        path: The file.
        options: Holds what :func:`add_copy_options` added.
        asks: Ask at the terminal, if there is one, whether to copy more than allowed; else that is refused.

    Raises:
        DbviewError: The file cannot be opened.
    """
    progress = _Progress()
    copying = Copying(Scratch(options.scratch), options.copy_limit, progress.show)
    with _removed_by_signals(copying.scratch):
        try:
            source = open_source(path, copying)
        except CopyTooLarge as error:
            if not (asks and sys.stdin.isatty() and sys.stderr.isatty() and _is_wanted(error, copying.scratch)):
                raise
            copying.limit = UNLIMITED
            source = open_source(path, copying)
        finally:
            progress.end()
        with contextlib.closing(source):
            if source.copied_because and not asks:
                tell(f"Read from a private copy of {shown(source.path)}: {source.copied_because}.")
            yield source


def _is_wanted(error: CopyTooLarge, scratch: Scratch) -> bool:
    say(f"dbview: {error}\nThe copy would go to {shown(scratch.parent)}, until you leave.")
    sys.stderr.write("Copy it now? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Progress:
    """A line on the terminal that tells how far a copy is."""

    def __init__(self) -> None:
        self._began = self._shown = time.monotonic()
        self._is_visible = sys.stderr is not None and sys.stderr.isatty()
        self._length = 0

    def show(self, done: int, whole: int) -> None:
        """Show that so many bytes of so many have been copied."""
        now = time.monotonic()
        if not self._is_visible or now - self._began < _PROGRESS_AFTER or now - self._shown < _PROGRESS_EVERY:
            return
        self._shown = now
        line = f"copying {size_text(whole)}: {100 * done // whole} %"
        self._write(line)
        self._length = len(line)

    def end(self) -> None:
        """Take the line away; from now on the terminal may belong to the interface."""
        if self._length:
            self._write("")
        self._is_visible = False

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r{line.ljust(self._length)}\r")
        sys.stderr.flush()


@contextlib.contextmanager
def _removed_by_signals(scratch: Scratch) -> Iterator[None]:
    """Remove a scratch directory, and what is being written, also if a signal ends the program, as it then does."""

    def end(number: int, _frame: object) -> None:
        # No exception: raised in a function that SQLite calls back, it would come to nothing.
        scratch.close()
        remove_unfinished()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # Python lets only its main thread say what a signal does; and whoever is to outlive a hang-up (nohup) does so.
    is_main = threading.current_thread() is threading.main_thread()
    ours = [number for number in _ENDING_SIGNALS if is_main and signal.getsignal(number) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
