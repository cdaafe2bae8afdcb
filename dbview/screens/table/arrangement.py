"""Hold the scan that puts a View's rows in order, and what is known of them so far."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace

from textual.message_pump import MessagePump

from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.screens.last_scan import LastScan
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.view.arrange import arrange
from dbview.source.view.order import Order
from dbview.source.view.scan import Cancelled
from dbview.source.view.snapshot import Snapshot

_WAIT = 0.05
"""Seconds between two looks at whether a scan that waits is still wanted."""


class Arrangement(LastScan[Snapshot]):
    """The rows of the View that was asked for last.

    Args:
        scheduler: Runs the scans.
        listener: Is told of every snapshot.

    Attributes:
        snapshot: What is known of the rows; None until the first of them are.
        is_quiet: True if nothing of the order is shown before all of it is known.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        super().__init__(scheduler, listener)
        self._heard = asyncio.Event()
        self.is_quiet = False
        self.snapshot: Snapshot | None = None

    @property
    def order(self) -> Order | None:
        """The order of the rows as far as it is known."""
        return self.snapshot.order if self.snapshot else None

    @property
    def is_slow(self) -> bool:
        """True if the scan has been running for so long that its progress is shown."""
        return super().is_slow and not self.is_quiet

    def arrange(
        self, relation: Relation, view: View, *, after: threading.Event | None = None, is_quiet: bool = False
    ) -> None:
        """Put the rows of a View in order; an earlier scan ends. What was known stays until more is.

        Args:
            relation: The View's relation.
            view: What is wanted.
            after: Is set when the rows may be looked at; None if that is at once.
            is_quiet: True to keep what is known until all of the new order is.
        """
        self.is_quiet = is_quiet

        def job(reader: Reader, publish: Callable[[Snapshot], None], cancelled: Cancelled) -> Snapshot:
            def tell(snapshot: Snapshot) -> None:
                if snapshot.complete or snapshot.error or not is_quiet:
                    publish(snapshot)

            while after is not None and not after.wait(_WAIT) and not cancelled():
                pass
            return arrange(reader, relation, view, tell, cancelled)

        self.begin(job)

    async def until_ended(self) -> Snapshot | None:
        """Wait until the present scan ends, and return its result; None if it no longer is the present one.

        Raises:
            DbviewError: The scan could not begin.
        """
        generation = self.generation
        try:
            result = await self.result()
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
