"""Hold the scan that a screen asked for last; those before it end, and what they still tell counts no more."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.view.scan import Cancelled

T = TypeVar("T")

PROGRESS_AFTER = 0.3
"""Seconds after which a scan's progress is shown; what is done sooner needs no words."""


@dataclass
class Found(Message):
    """A scan has come as far as this.

    Attributes:
        scan: Tells it.
        generation: Number of the scan among those that were begun there.
        found: What is known.
    """

    scan: LastScan[Any]
    generation: int
    found: Any

    def can_replace(self, message: Message) -> bool:
        """Give way to a later message, unless that comes from an earlier scan."""
        return isinstance(message, Found) and message.scan is self.scan and message.generation >= self.generation


class LastScan(Generic[T]):
    """The scan that was asked for last.

    Args:
        scheduler: Runs the scans.
        listener: Is told of what they find, by :class:`Found`.

    Attributes:
        generation: Number of the scan; what those before it tell counts no more.
        was_stopped: True if it was ended by hand.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._scheduler = scheduler
        self._listener = listener
        self._handle: ScanHandle[T] | None = None
        self.generation = 0
        self._began = 0.0
        self.was_stopped = False

    @property
    def is_running(self) -> bool:
        """True while more may be found."""
        return self._handle is not None and not self._handle.future.done() and not self.was_stopped

    @property
    def is_slow(self) -> bool:
        """True if it has been running for so long that its progress is shown."""
        return self.is_running and time.monotonic() - self._began >= PROGRESS_AFTER

    def begin(self, job: Callable[[Reader, Callable[[T], None], Cancelled], T]) -> None:
        """Begin another scan.

        Args:
            job: The scan; it runs in a thread, and is given a reader, whom to tell what is known, and whether to end.
        """
        self.cancel()
        self.was_stopped, self._began = False, time.monotonic()
        generation = self.generation

        def publish(found: T) -> None:
            self._listener.post_message(Found(self, generation, found))

        self._handle = self._scheduler.scan(lambda reader, cancelled: job(reader, publish, cancelled))

    async def result(self) -> T:
        """Wait until the scan that was begun ends, and return what it found.

        Raises:
            DbviewError: It went wrong.
        """
        if self._handle is None:
            raise RuntimeError("no scan was begun")
        return await asyncio.wrap_future(self._handle.future)

    def told(self, message: Found) -> bool:
        """Tell whether a message is from this scan, and not from one before it."""
        return message.scan is self and message.generation == self.generation

    def stop(self) -> None:
        """End it by hand; what it has found by then counts."""
        self.was_stopped = True
        self._end()

    def cancel(self) -> None:
        """Let it end by itself: what it still tells counts no more."""
        self.generation += 1
        self._end()

    def _end(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
