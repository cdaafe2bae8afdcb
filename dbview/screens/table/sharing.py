"""Hold how the rows of a filter went, for the bar that always follows the filter."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.query.relation import Relation
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.view.scan import Cancelled
from dbview.source.view.snapshot import Snapshot
from dbview.widgets.share_bar import ShareBar

if TYPE_CHECKING:
    from dbview.source.numbers.groups import Groups
    from dbview.source.view.outcomes import Outcomes


@dataclass
class Shared(Message):
    """The rows have been counted as far as this."""

    generation: int
    groups: Groups

    def can_replace(self, message: Message) -> bool:
        """Give way to a later message, unless that comes from an earlier scan."""
        return isinstance(message, Shared) and message.generation >= self.generation


class Sharing:
    """A filter's rows by how they went, and the bar that shows it.

    What the scan that puts the rows in order has counted on its way is shown; where it has not, another scan counts.

    Args:
        scheduler: Runs the scans.
        listener: Is told of every count, by :class:`Shared`.

    Attributes:
        bar: Shows the last count; nothing while there is none for the filter.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._scheduler = scheduler
        self._listener = listener
        self._scan: ScanHandle[Groups] | None = None
        self._generation = 0
        self._expected: tuple[str, str] | None = None
        self._counted: tuple[str, str] | None = None
        self.bar = ShareBar()

    def expect(self, relation: Relation, filter: str) -> None:
        """Take note that other rows are asked for: a count of others is no longer shown."""
        self.end()
        self._generation += 1
        self._expected = relation.name, filter
        if self._counted != self._expected:
            self.bar.outcomes = None
        self.bar.progress = ""

    async def count(self, relation: Relation, filter: str) -> None:
        """Count the rows of a filter; an error that ended the scan is raised here."""
        self.expect(relation, filter)
        generation = self._generation

        def publish(groups: Groups) -> None:
            self._listener.post_message(Shared(generation, groups))

        def job(reader: Reader, cancelled: Cancelled) -> Groups:
            # Only here: the first rows do not wait for it.
            from dbview.source.numbers.groups import group

            return group(reader, relation, filter, (), publish, cancelled)

        self._scan = self._scheduler.scan(job)
        await asyncio.wrap_future(self._scan.future)

    def take(self, message: Shared) -> None:
        """Show a count, unless it is of other rows."""
        if message.generation == self._generation:
            self._show(message.groups.outcomes(), message.groups)

    def take_arranged(self, snapshot: Snapshot) -> None:
        """Show what was counted while the expected rows were put in order, if they were looked at for that."""
        if snapshot.outcomes is not None:
            # What an earlier scan still counts is older.
            self.end()
            self._generation += 1
            self._show(snapshot.outcomes, snapshot)

    def _show(self, outcomes: Outcomes, found: Groups | Snapshot) -> None:
        self._counted = self._expected
        self.bar.outcomes = outcomes
        self.bar.progress = "" if found.complete else f"··· {100 * found.scanned:.0f} % scanned"

    def end(self) -> None:
        """Let the scan end by itself."""
        if self._scan:
            self._scan.cancel()
