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
from collections.abc import Iterable, Iterator
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

_NOTHING = contextlib.nullcontext()

_replaced: dict[int, Any] = {}
"""The handlers of signals that have ours meanwhile. Only the main thread may replace any."""


def held_back() -> contextlib.AbstractContextManager[None]:
    """Hold signals back from this thread until the block ends: that of the outermost such block."""
    return _NOTHING if _held.signals else _holding_back()


@contextlib.contextmanager
def _holding_back() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    _held.signals = SIGNALS - before
    replaces = not may_strike_elsewhere() and not _is_only_thread()
    try:
        if replaces:
            _replace(_held.signals)
        yield
    finally:
        _held.signals = frozenset()
        interruption = _put_back() if replaces else None
        noted, _held.noted = _held.noted, []
        for number in noted:
            signal.raise_signal(number)  # held back still, so that every one of them is sent
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if interruption is not None:
            raise interruption


def may_strike_elsewhere() -> bool:
    """Tell whether a signal may end the process although this thread holds it back: only the main one can do more."""
    return threading.current_thread() is not threading.main_thread()


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


def _replace(numbers: Iterable[int]) -> None:
    """Note these signals from now on, but for those that are ignored, or have a handler that Python does not know."""
    foreign = None
    for number in numbers:
        handler = signal.getsignal(number)
        if handler == signal.SIG_DFL and foreign is None:
            foreign = _handled()
        if callable(handler) or (handler == signal.SIG_DFL and not (foreign or 0) >> (number - 1) & 1):
            _replaced[number] = handler
            signal.signal(number, _note)


def _handled() -> int:
    """Return the signals for which this process has a handler, as the kernel knows it: one bit each.

    Libraries have handlers too (faulthandler, MPI). Python takes them for none, and could not put them back.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:  # noqa: PTH123 - the cheapest form
            return next(int(line[7:], 16) for line in status if line.startswith("SigCgt:"))
    except (OSError, StopIteration, ValueError):
        return -1  # not known: then none is replaced


def _put_back() -> BaseException | None:
    """Give every signal its handler again; return what a handler raised meanwhile, which must not stop this."""
    interruption = None
    while _replaced:
        try:
            number, handler = next(iter(_replaced.items()))
            signal.signal(number, handler)
            del _replaced[number]
        except BaseException as error:  # noqa: BLE001 - it is raised when all is as it was
            interruption = error
    return interruption


def _note(number: int, frame: Any) -> None:
    if number not in _held.noted:
        _held.noted.append(number)


os.register_at_fork(after_in_child=_put_back)  # another thread forked meanwhile: its child must not note for ever
