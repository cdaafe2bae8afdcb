"""Look for files on threads that nothing waits for: a file system that does not answer holds nothing up."""

from __future__ import annotations

import os
import queue
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dbview.errors import DbviewError
from dbview.paths import Located
from dbview.payload.files import FileState, Presence, file_state

T = TypeVar("T")

Look = Callable[[str, str], FileState]
"""Given a path as it was given and where it is, returns the state of what is there."""

PATIENCE = 5.0
"""Seconds in which a file system has to answer."""

_AT_A_TIME = 4
_MOST_HANGING = 8
"""Threads that hang at a time, at most; beyond that nothing more is looked for."""

_MOST_LOOKED_FOR = 1_000
_MOST_OPENED = 100
"""Files whose first bytes are read, at most."""

_BEGINNING = 512
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to look for: the path as it was given, and where that is."""

    path: str
    located: Located


class Looks:
    """Looks for files, a few at a time, each on a daemon thread of its own.

    Args:
        patience: Seconds after which a file counts as one that gives no answer.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._hanging: dict[threading.Thread, str] = {}

    def states(self, wanted: Sequence[Wanted], look: Look) -> Iterator[FileState]:
        """Yield the state of each file as it is known, in any order; this waits for none longer than the patience.

        Where one does not answer, others on the same mount are not asked as long as it hangs.

        Args:
            wanted: The files; those after the first thousand are not looked for.
            look: Called on other threads; it may never return.
        """
        yield from (FileState(one.path, Presence.NOT_LOOKED_FOR) for one in wanted[_MOST_LOOKED_FOR:])
        left = deque(wanted[:_MOST_LOOKED_FOR])
        answers: queue.SimpleQueue[tuple[threading.Thread, FileState]] = queue.SimpleQueue()
        running: dict[threading.Thread, tuple[Wanted, str, float]] = {}
        while left or running:
            hanging = self._still_hanging()
            while left and len(running) < _AT_A_TIME:
                one = left.popleft()
                place = one.located.place
                if place is None:
                    yield FileState(one.path, Presence.NOT_LOOKED_FOR, reason=one.located.words)
                elif len(self._hanging) >= _MOST_HANGING or mount_of(place) in hanging:
                    yield _no_answer(one)
                else:
                    running[self._begin(one, place, look, answers)] = one, place, time.monotonic() + self._patience
            if not running:
                continue
            first = min(ends_at for _one, _place, ends_at in running.values())
            try:
                thread, state = answers.get(timeout=max(0.0, first - time.monotonic()))
            except queue.Empty:
                for thread in [thread for thread, (*_, ends_at) in running.items() if ends_at <= time.monotonic()]:
                    one, place, _ends_at = running.pop(thread)
                    self._hanging[thread] = mount_of(place)
                    yield _no_answer(one)
            else:
                # One that was given up may answer after all.
                if running.pop(thread, None) is not None:
                    yield state

    def _begin(
        self, one: Wanted, place: str, look: Look, answers: queue.SimpleQueue[tuple[threading.Thread, FileState]]
    ) -> threading.Thread:
        def run() -> None:
            try:
                state = look(one.path, place)
            except (OSError, ValueError, DbviewError) as error:
                state = FileState(one.path, Presence.UNKNOWN, reason=str(error), place=place)
            if one.located.words:
                state = replace(state, reason=" · ".join(filter(None, (state.reason, one.located.words))))
            answers.put((threading.current_thread(), state))

        thread = threading.Thread(target=run, name="files", daemon=True)
        thread.start()
        return thread

    def _still_hanging(self) -> frozenset[str]:
        self._hanging = {thread: mount for thread, mount in self._hanging.items() if thread.is_alive()}
        return frozenset(self._hanging.values())


def _no_answer(one: Wanted) -> FileState:
    return FileState(one.path, Presence.NO_ANSWER, place=one.located.place)


def apart(job: Callable[[], T], name: str = "files") -> Future[T]:
    """Run a job on a daemon thread of its own, of this name, which keeps nobody from leaving if it hangs."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            result = job()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it reaches whoever asked
            future.set_exception(error)
        else:
            future.set_result(result)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def mount_of(place: str) -> str:
    """Return where the file system of an absolute path is mounted; on the root's its first directory.

    The kernel's own list is read: no file system is asked.
    """
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        lines = []
    mounts = [_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), line.split(" ")[4]) for line in lines]
    above = [mount for mount in mounts if mount != "/" and f"{place}/".startswith(f"{mount}/")]
    return max(above, key=len, default="/".join(place.split("/", 2)[:2]))


class LookInto:
    """Looks for a file, and at its first bytes; of very many files only for them.

    Args:
        database: The file that is looked at; it is never opened as any other.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._opened = 0

    def __call__(self, path: str, place: str) -> FileState:
        """Return the state of what is at a path; may block."""
        state = file_state(path, place)
        if state.kind != "file" or not state.size or self._opened >= _MOST_OPENED:
            return state
        self._opened += 1
        label = self._label(place)
        return replace(state, kind=label) if label else state

    def _label(self, place: str) -> str:
        from dbview.payload.content import open_file
        from dbview.payload.forms import is_text
        from dbview.payload.recognise import UNKNOWN, bytes_label, text_label

        # Of a file that was moved to tape nothing is on disk: reading it would fetch it back.
        if os.stat(place).st_blocks == 0:  # noqa: PTH116
            return "file, not on disk"
        try:
            content = open_file(place, self._database)
        except DbviewError:
            return ""
        try:
            start = content.read(0, _BEGINNING)
        except DbviewError:
            return ""
        finally:
            content.close()
        if is_text(start):
            return text_label(start.decode("utf-8", "replace"))
        label = bytes_label(start)
        suffix = os.path.splitext(place)[1].removeprefix(".")  # noqa: PTH122 - the name may hold what Path refuses
        if label != UNKNOWN:
            return label
        return f"{suffix} file" if suffix else ""
