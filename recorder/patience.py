"""Wait for something that another process holds: how long, what is to happen meanwhile, and when to give up."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

from recorder.signals import SIGNALS

WAIT = 20.0
"""Seconds after which waiting is given up, if nobody says otherwise."""


class Interrupted(BaseException):
    """A signal that was held back arrived while we waited: it takes effect as soon as what must not be lost is safe."""


class Patience:
    """Be patient for some seconds, from now on.

    Waiting is a loop of tries and pauses: ``while not try_it(): if not patience.pause(0.001): give up``.

    Args:
        seconds: After which :meth:`pause` says that it is time to give up.
        soon: Seconds of waiting after which ``meanwhile`` is called, once.
        meanwhile: What is to be done when waiting turns out to take long.
    """

    def __init__(
        self, seconds: float = WAIT, *, soon: float = 1.0, meanwhile: Callable[[], None] | None = None
    ) -> None:
        now = time.monotonic()
        self._end = now + seconds
        self._soon = now + soon
        self._meanwhile = meanwhile

    def pause(self, seconds: float) -> bool:
        """Sleep so long, or less where the end is nearer; tell whether another try is worth while.

        Raises:
            Interrupted: A signal that is held back has arrived.
        """
        now = time.monotonic()
        if now >= self._end:
            return False
        if self._meanwhile is not None and now >= self._soon:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        time.sleep(max(0.0, min(seconds, self._end - now)))
        if signal.sigpending() & SIGNALS:
            raise Interrupted
        return True
