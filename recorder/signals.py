"""Hold signals back while an entry is between two places.

A batch system ends its jobs with SIGTERM. Python's own handlers run between two of its instructions, and without a
handler a process is gone at once: in the middle of an entry. Blocked signals are not lost: the kernel delivers them
when the block ends, to whatever handler the program has.

Where the process has other threads, and numeric libraries start some, the kernel gives a blocked signal to one of them
instead: without a handler the process is gone at once, and a handler of Python's runs here, in the middle. So for as
long as the block lasts such signals have a handler that notes them; then each gets its own again, and is sent again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU})
"""What batch systems and people end a process with, but for SIGKILL, which nobody can hold back."""


class _Held(threading.local):
    """What concerns this thread.

    Attributes:
        signals: Those that it holds back now: not what the program itself had blocked before.
        noted: Those that another thread was given meanwhile.
    """

    def __init__(self) -> None:
        self.signals: frozenset[int] = frozenset()
        self.noted: list[int] = []


_held = _Held()


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back from this thread until the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    outer = _held.signals
    new = SIGNALS - before
    _held.signals = outer | new
    handlers = {} if _is_only_thread() else {number: signal.getsignal(number) for number in new}
    own = {number: handler for number, handler in handlers.items() if handler not in (None, signal.SIG_IGN)}
    try:
        _handle(dict.fromkeys(own, _note))
        yield
    finally:
        _handle(own)
        noted, _held.noted = _held.noted, []
        _held.signals = outer
        for number in noted:
            signal.raise_signal(number)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def may_strike_elsewhere() -> bool:
    """Tell whether another thread could be given a signal that this one holds back, and end the process.

    Numerical libraries start threads that Python does not know of.
    """
    try:
        return os.stat("/proc/self/task").st_nlink > 3  # noqa: PTH116 - one for each thread, and two of any directory
    except OSError:  # not Linux
        return threading.active_count() > 1


def one_waits() -> bool:
    """Tell whether a signal that this thread holds back has arrived, and will do something once it is let through."""
    waiting = signal.sigpending() & _held.signals
    # The kernel keeps even a signal that is ignored, as SIGHUP is under nohup, until it is let through.
    return bool(_held.noted) or any(signal.getsignal(number) is not signal.SIG_IGN for number in waiting)


def _is_only_thread() -> bool:
    try:
        return os.stat("/proc/self/task").st_nlink == 3  # noqa: PTH116 - the cheapest form; it runs once an entry
    except OSError:
        return False


def _handle(handlers: Mapping[signal.Signals, Any]) -> None:
    with contextlib.suppress(ValueError):  # only the main thread may; in others nothing more can be done
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _note(number: int, frame: Any) -> None:
    _held.noted.append(number)
