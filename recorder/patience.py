"""Wait for something that another process holds: how long, what is to happen meanwhile, and when to give up."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable

from recorder.signals import one_waits

WAIT = 20.0
"""Seconds after which waiting is given up, if nobody says otherwise."""

SOON = 1.0
"""Seconds after which waiting turns out to take long."""

LONGEST_SLEEP = 0.1
"""Seconds after which somebody who waits looks again, for a signal at least."""


class Interrupted(BaseException):
    """A signal that was held back arrived while we waited: it takes effect as soon as what must not be lost is safe."""


class Patience:
    """Be patient for some seconds, from now on.

    Waiting is a loop of tries and pauses: ``while not try_it(): if not patience.pause(0.001): give up``.

    Args:
        seconds: After which :meth:`pause` says that it is time to give up.
        soon: Seconds of waiting after which ``meanwhile`` is called, once.
        meanwhile: What is to be done when waiting turns out to take long.
        needless: Tells whether what we wait for has come about without us: then it is time to give up as well. Asked
            at every pause, once ``meanwhile`` was done.
    """

    def __init__(
        self,
        seconds: float = WAIT,
        *,
        soon: float = SOON,
        meanwhile: Callable[[], None] | None = None,
        needless: Callable[[], bool] | None = None,
    ) -> None:
        now = time.monotonic()
        self._end = now + seconds
        self._soon = now + soon
        self._meanwhile = meanwhile
        self._needless = needless

    def pause(self, seconds: float) -> bool:
        """Sleep so long, or less: to the end at most, and not past the next look for signals.

        Returns:
            Whether another try is worth while.

        Raises:
            Interrupted: A signal that is held back has arrived.
        """
        now = time.monotonic()
        if now >= self._soon and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            meanwhile()
        elif now >= self._soon and self._needless is not None and self._needless():
            return False
        if now >= self._end:
            return False
        time.sleep(min(seconds, self.until_next_look()))
        if one_waits():
            raise Interrupted
        return True

    def left(self) -> float:
        """Return the seconds that are left until the end."""
        return max(0.0, self._end - time.monotonic())

    def until_next_look(self) -> float:
        """Return the seconds for which one may wait without looking here: for the end, or for a signal."""
        return min(LONGEST_SLEEP, self.left())

    def until(self, attempt: Callable[[], bool]) -> bool:
        """Try something until it succeeds, the more seldom the longer it takes; return False if it never did."""
        began = time.monotonic()
        while not attempt():
            if not self.pause(polling(time.monotonic() - began)):
                return False
        return True


def seconds_to_wait(seconds: float) -> float:
    """Return how long is to be waited, as it was said.

    Raises:
        ValueError: It is no number of seconds, or one that never ends; the message says so.
    """
    try:
        if 0 <= float(seconds) < math.inf:
            return float(seconds)
    except (TypeError, ValueError, OverflowError):
        pass
    raise ValueError(f"a timeout is seconds to wait, 0 or more and not for ever: {seconds!r} is none")


def polling(waited: float) -> float:
    """Return the seconds to the next look at what has been waited for so long, as soon as it may be free.

    A twentieth of the time already spent is hardly missed, whether a disk takes 0.1 or 100 ms; the rest is chance, so
    that processes that began together do not go on together.
    """
    return min(max(waited / 20, 0.0001), 0.002) * random.uniform(0.5, 1.5)
