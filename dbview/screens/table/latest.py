"""Mark the entries of a table whose values a next Task is given: the latest valid one of each run."""

from __future__ import annotations

from dbview.query.relation import Relation
from dbview.screens.base import ViewerScreen
from dbview.screens.last_scan import LastScan
from dbview.source.file.disk import Signature
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from dbview.widgets.grid import Grid

_Found = tuple[Signature, frozenset[int]]


class LatestOfRuns:
    """The latest valid entries of one table.

    They are found by a scan of all rows, whatever the filter, once for each state of the file.

    Args:
        screen: Shows the table.
        grid: Marks their rows.
    """

    def __init__(self, screen: ViewerScreen, grid: Grid) -> None:
        self._grid = grid
        self._scan: LastScan[_Found | None] = LastScan(screen.scheduler, screen)
        self._known: Signature | None = None

    async def find(self, relation: Relation) -> None:
        """Find and mark them, beside the interface, unless the file is as it was the last time."""
        known = self._known
        self._scan.begin(lambda reader, _publish, cancelled: _find(reader, relation, known, cancelled))
        if (found := await self._scan.result()) is not None:
            self._known, keys = found
            self._grid.set_latest(keys)

    def end(self) -> None:
        """Let the scan end by itself."""
        self._scan.cancel()


def _find(reader: Reader, relation: Relation, known: Signature | None, cancelled: Cancelled) -> _Found | None:
    """Return them and the state of the file; None if that is the known one, or nobody waits for them."""
    # Only here: the first rows do not wait for it.
    from dbview.source.entries.latest import latest_of_runs
    from dbview.source.entries.runs import run_tasks

    signature = reader.signature()
    if not run_tasks([relation]) or (signature == known and signature.is_settled):
        return None
    keys = latest_of_runs(reader, relation, cancelled)
    return None if cancelled() else (signature, keys)
