"""Hold how the rows of a filter went, for the bar that always follows the filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message_pump import MessagePump

from dbview.query.relation import Relation
from dbview.screens.last_scan import LastScan
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.view.scan import Cancelled
from dbview.source.view.snapshot import Snapshot
from dbview.widgets.share_bar import ShareBar

if TYPE_CHECKING:
    from dbview.source.numbers.groups import Groups
    from dbview.source.view.outcomes import Outcomes


class Sharing:
    """A filter's rows by how they went, and the bar that shows it.

    What the scan that puts the rows in order has counted on its way is shown; where it has not, another scan counts.

    Args:
        scheduler: Runs the scans.
        listener: Is told of every count.

    Attributes:
        scan: Counts.
        bar: Shows the last count; nothing while there is none for the filter.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self.scan: LastScan[Groups] = LastScan(scheduler, listener)
        self._expected: tuple[str, str] | None = None
        self._counted: tuple[str, str] | None = None
        self.bar = ShareBar()

    def expect(self, relation: Relation, filter: str) -> None:
        """Take note that other rows are asked for: a count of others is no longer shown."""
        self.scan.cancel()
        self._expected = relation.name, filter
        if self._counted != self._expected:
            self.bar.outcomes = None
        self.bar.progress = ""

    async def count(self, relation: Relation, filter: str) -> None:
        """Count the rows of a filter; an error that ended the scan is raised here."""
        self.expect(relation, filter)

        def job(reader: Reader, publish: Callable[[Groups], None], cancelled: Cancelled) -> Groups:
            # Only here: the first rows do not wait for it.
            from dbview.source.numbers.groups import group

            return group(reader, relation, filter, (), publish, cancelled)

        self.scan.begin(job)
        await self.scan.result()

    def take(self, groups: Groups) -> None:
        """Show a count."""
        self._show(groups.outcomes(), groups)

    def take_arranged(self, snapshot: Snapshot) -> None:
        """Show what was counted while the expected rows were put in order, if they were looked at for that."""
        if snapshot.outcomes is not None:
            # What an earlier scan still counts is older.
            self.scan.cancel()
            self._show(snapshot.outcomes, snapshot)

    def _show(self, outcomes: Outcomes, found: Groups | Snapshot) -> None:
        self._counted = self._expected
        self.bar.outcomes = outcomes
        self.bar.progress = "" if found.complete else f"··· {100 * found.scanned:.0f} % scanned"
