"""Put the rows of a View in order: count them all here, or select and sort them (:mod:`dbview.source.view.select`)."""

from __future__ import annotations

from array import array

from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.source.reader import Reader
from dbview.source.view.counted import Count
from dbview.source.view.order import MARK_ROWS, KeyOrder, NaturalOrder
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import Cancelled, Scan
from dbview.source.view.snapshot import Publish, Snapshot, last_snapshot


def arrange(reader: Reader, relation: Relation, view: View, publish: Publish, cancelled: Cancelled) -> Snapshot:
    """Put the rows of a View in order.

    Args:
        reader: Used by this call alone while it runs.
        relation: The View's relation.
        view: What is wanted; its filter and sort count here.
        publish: Called at most about ten times a second, and with the result.
        cancelled: Asked between steps; what is known by then is returned, not complete.

    Raises:
        FilterError: The filter or sort makes no sense for this relation.
        DbviewError: The scan could not begin; one that breaks later keeps what it has (:attr:`Snapshot.error`).
    """
    if view.filter.strip() or view.sort:
        # Only here: most tables are opened without, and the first rows should not wait for what they do not need.
        from dbview.source.view.select import select

        result = select(reader, relation, view, publish, cancelled)
    else:
        result = count(reader, relation, publish, cancelled)
    publish(result)
    return result


def count(reader: Reader, relation: Relation, publish: Publish, cancelled: Cancelled) -> Snapshot:
    """Count all rows, leaving marks on the way; rows can be read before the first step.

    While the file stays as it is, a relation is counted once.
    """
    signature = reader.signature()
    if (known := reader.counted.find(relation, signature)) is not None:
        order = NaturalOrder(relation, known.bounds, known.marks, known.rows, exact=True)
        return Snapshot(order, 1.0, complete=True, total=known.rows)
    scan = Scan(reader, relation, cancelled)
    if scan.bounds is None:
        return Snapshot(KeyOrder(relation, array("q"), 0), 1.0, True, total=0)
    bounds, marks = scan.bounds, array("q", [scan.bounds.high])

    def look(step: KeyRange) -> None:
        if step.low > bounds.low:
            marks.append(step.low - 1)

    def tell() -> None:
        # Counted as far as the last mark; beyond it, as if no key were missing.
        length = (len(marks) - 1) * MARK_ROWS + marks[-1] - bounds.low + 1
        publish(Snapshot(NaturalOrder(relation, bounds, marks[:], length, exact=False), scan.scanned, complete=False))

    tell()
    scan.walk(look, tell, rows=MARK_ROWS)
    length = scan.seen if scan.complete else bounds.high - bounds.low + 1
    snapshot = last_snapshot(NaturalOrder(relation, bounds, marks, length, scan.complete), scan)
    if snapshot.complete and not snapshot.changed and snapshot.error is None:
        reader.counted.keep(relation, signature, Count(bounds, marks, scan.seen))
    return snapshot
