"""Hold signals back while an entry is between two places.

A batch system ends its jobs with SIGTERM. Python's own handlers run between two of its instructions, and without a
handler a process is gone at once: in the middle of an entry. Blocked signals are not lost: the kernel delivers them
when the block ends, to whatever handler the program has. Nothing is installed, so nothing is left behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator

SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU})
"""What batch systems and people end a process with, but for SIGKILL, which nobody can hold back."""


class _Held(threading.local):
    """Those that this thread holds back now: not what the program itself had blocked before."""

    signals: frozenset[int] = frozenset()


_held = _Held()


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back from this thread until the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    outer = _held.signals
    _held.signals = outer | (SIGNALS - before)
    try:
        yield
    finally:
        _held.signals = outer
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
    return any(signal.getsignal(number) is not signal.SIG_IGN for number in waiting)
