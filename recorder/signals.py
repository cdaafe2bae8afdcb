"""Hold signals back while an entry is between two places.

A batch system ends its jobs with SIGTERM. Python's own handlers run between two of its instructions, and without a
handler a process is gone at once: in the middle of an entry. Blocked signals are not lost: the kernel delivers them
when the block ends, to whatever handler the program has. Nothing is installed, so nothing is left behind.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

SIGNALS = frozenset({signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU})
"""What batch systems and people end a process with, but for SIGKILL, which nobody can hold back."""


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Hold signals back from this thread until the block ends."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
