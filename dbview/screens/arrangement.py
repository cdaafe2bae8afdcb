"""Hold the scan that puts a View's rows in order, and what is known of them so far."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, replace

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.view.arrange import arrange
from dbview.source.view.order import Order
from dbview.source.view.scan import Cancelled
from dbview.source.view.snapshot import Snapshot

PROGRESS_AFTER = 0.3
"""Seconds after which a scan's progress is shown; what is done sooner needs no words."""

_WAIT = 0.05
"""Seconds between two looks at whether a scan that waits is still wanted."""


@dataclass
class Arranged(Message):
    """A scan has come as far as this."""

    generation: int
    snapshot: Snapshot

    def can_replace(self, message: Message) -> bool:
        """Give way to a later message, unless that comes from an earlier scan."""
        return isinstance(message, Arranged) and message.generation >= self.generation


class Arrangement:
    """The rows of the View that was asked for last.

    Args:
        scheduler: Runs the scans.
        listener: Is told of every snapshot, by :class:`Arranged`.

    Attributes:
        generation: Number of the scan; those before it do not count any more.
        snapshot: What is known of the rows; None until the first of them are.
        was_stopped: True if the scan was ended by hand.
        is_quiet: True if nothing of its order is shown before all of it is known.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._scheduler = scheduler
        self._listener = listener
        self._scan: ScanHandle[Snapshot] | None = None
        self._began = 0.0
        self._heard = asyncio.Event()
        self.is_quiet = False
        self.generation = 0
        self.snapshot: Snapshot | None = None
        self.was_stopped = False

    @property
    def order(self) -> Order | None:
        """The order of the rows as far as it is known."""
        return self.snapshot.order if self.snapshot else None

    @property
    def is_running(self) -> bool:
        """True while more may become known."""
        return self._scan is not None and not self._scan.future.done() and not self.was_stopped

    @property
    def is_slow(self) -> bool:
        """True if the scan has been running for so long that its progress is shown."""
        return self.is_running and not self.is_quiet and time.monotonic() - self._began >= PROGRESS_AFTER

    def begin(
        self, relation: Relation, view: View, *, is_quiet: bool = False, after: threading.Event | None = None
    ) -> None:
        """Put the rows of a View in order; an earlier scan ends. What was known stays until more is.

        Args:
            relation: The View's relation.
            view: What is wanted.
            is_quiet: True to keep what is known until all of the new order is.
            after: Is set when the rows may be looked at; None if that is at once.
        """
        self.cancel()
        self.generation += 1
        self.was_stopped = False
        self._began = time.monotonic()
        self.is_quiet = is_quiet
        generation = self.generation

        def publish(snapshot: Snapshot) -> None:
            if snapshot.complete or snapshot.error or not is_quiet:
                self._listener.post_message(Arranged(generation, snapshot))

        def job(reader: Reader, cancelled: Cancelled) -> Snapshot:
            while after is not None and not after.wait(_WAIT) and not cancelled():
                pass
            return arrange(reader, relation, view, publish, cancelled)

        self._scan = self._scheduler.scan(job)

    async def until_ended(self) -> Snapshot | None:
        """Wait until the present scan ends, and return its result; None if it no longer is the present one.

        Raises:
            DbviewError: The scan could not begin.
        """
        generation = self.generation
        if self._scan is None:
            return None
        try:
            result = await asyncio.wrap_future(self._scan.future)
        except DbviewError:
            self._heard.set()
            raise
        return result if generation == self.generation else None

    async def first_order(self) -> Order | None:
        """Wait until the first rows are known, and return their order; None if the scan could not begin."""
        await self._heard.wait()
        return self.order

    def take(self, snapshot: Snapshot) -> Snapshot | None:
        """Take note of what is known now; return what was known before."""
        self._heard.set()
        before, self.snapshot = self.snapshot, snapshot
        return before

    def amend(self, order: Order, added: int) -> None:
        """Take note that rows have come since: these are all of them, and so many are new in the relation."""
        if self.snapshot is not None:
            total = None if self.snapshot.total is None else self.snapshot.total + added
            self.snapshot = replace(self.snapshot, order=order, total=total, changed=False)

    def stop(self) -> None:
        """End the scan by hand; what is known of the rows is kept."""
        self.was_stopped = True
        self.cancel()

    def cancel(self) -> None:
        """Let the scan end by itself: it is not wanted any more."""
        if self._scan:
            self._scan.cancel()
