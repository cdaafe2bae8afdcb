"""Read a payload on threads that nothing waits for: a file system that does not answer holds nothing up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from dbview.errors import NoAnswer
from dbview.payload.content import Content
from dbview.payload.looking import apart

T = TypeVar("T")


class Reading:
    """Does what is to be done to one payload, one job after the other.

    Args:
        name: Of the payload, for messages; visible.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._turn = threading.Lock()

    async def run(self, job: Callable[[], T], seconds: float | None) -> T:
        """Return what a job returns.

        Raises:
            NoAnswer: It did not end within these seconds. It may go on; the next job does not wait for it.
        """
        try:
            future = asyncio.wrap_future(self._in_turn(job))
            return await asyncio.wait_for(asyncio.shield(future), seconds)
        except TimeoutError as error:
            # A lock that is never let go would hold up a second try.
            self._turn = threading.Lock()
            raise NoAnswer(f"{self._name} does not come: no answer within {seconds:g} s. r tries again.") from error

    def close(self, content: Content) -> None:
        """Close what was read, as soon as nobody reads it any more."""
        self._in_turn(content.close)

    def _in_turn(self, job: Callable[[], T]) -> Future[T]:
        turn = self._turn

        def run() -> T:
            with turn:
                return job()

        return apart(run, "payload")
