"""What is known of a View's rows at one moment of the scan that puts them in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbview.errors import DbviewError
from dbview.source.view.order import Order
from dbview.source.view.scan import Scan

if TYPE_CHECKING:
    from dbview.source.view.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known of a View's rows at one moment of its scan.

    Attributes:
        order: The rows known so far.
        scanned: Share of the relation that has been looked at, 0 to 1.
        complete: True if nothing more will come.
        changed: True if the file changed while it was scanned: the result may mix two states.
        total: Rows of the relation whatever the filter, once they are counted.
        error: What ended the scan early; the rows before that are kept.
        is_top: True while only the first rows of a sorted order are known.
        is_settled: False while others may yet come before or between the rows that are known.
        outcomes: The rows by how they went, those looked at so far; None where they were found without looking at them.
    """

    order: Order
    scanned: float
    complete: bool
    changed: bool = False
    total: int | None = None
    error: DbviewError | None = None
    is_top: bool = False
    is_settled: bool = True
    outcomes: Outcomes | None = None


Publish = Callable[[Snapshot], None]
"""Given each snapshot, in the thread of the scan."""


def last_snapshot(order: Order, scan: Scan) -> Snapshot:
    """Return the snapshot with which a scan ends, by itself, cancelled or by an error."""
    total = scan.seen if scan.complete else None
    # After an error the file may not even answer whether it changed.
    return Snapshot(order, scan.scanned, scan.complete, scan.error is None and scan.changed(), total, scan.error)
