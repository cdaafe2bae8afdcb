"""Put the rows of a View in order: count them, filter them, sort them, and tell what is known on the way."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass

from dbview.errors import DbviewError
from dbview.query.filter import parse
from dbview.query.relation import Relation
from dbview.query.resolve import find_column, resolve
from dbview.query.view import View
from dbview.source.joins import KeysOfJoins
from dbview.source.order import MARK_ROWS, KeyOrder, NaturalOrder, Order
from dbview.source.reader import Reader
from dbview.source.render import Rendering
from dbview.source.rows import key_of, rows_of, within
from dbview.source.scan import PUBLISH_SECONDS, Cancelled, Publisher, Scan
from dbview.source.sorting import Sorter

_SHARE_OF_SORTING = 0.1
"""Share of the time of a scan that goes into sorting what there is so far."""


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
    """

    order: Order
    scanned: float
    complete: bool
    changed: bool = False
    total: int | None = None
    error: DbviewError | None = None


Publish = Callable[[Snapshot], None]
"""Given each snapshot, in the thread of the scan."""


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
    node = parse(view.filter)
    condition = resolve(node, relation) if node is not None else None
    sort = [(find_column(relation, key.column), key.descending) for key in view.sort]
    if condition is None and not sort:
        result = _count(reader, relation, publish, cancelled)
    else:
        rendering = Rendering(relation, KeysOfJoins(reader, cancelled).condition)
        sql = rendering.condition(condition) if condition is not None else "TRUE"
        where = _Where(sql, rendering.bindings)
        result = _select(reader, relation, where, Sorter(reader, relation, sort), publish, cancelled)
    publish(result)
    return result


@dataclass(frozen=True, slots=True)
class _Where:
    sql: str
    bindings: dict[str, object]


def _count(reader: Reader, relation: Relation, publish: Publish, cancelled: Cancelled) -> Snapshot:
    """Count all rows, leaving marks on the way; rows can be read before the first step."""
    scan, publisher = Scan(reader, relation, cancelled), Publisher()
    error: DbviewError | None = None
    if scan.bounds is None:
        return Snapshot(KeyOrder(relation, array("q"), 0), 1.0, True, total=0)
    marks = array("q", [scan.bounds.high])
    span = scan.bounds.high - scan.bounds.low + 1
    publish(Snapshot(NaturalOrder(relation, scan.bounds, marks[:], span, exact=False), 0.0, complete=False))
    try:
        for step in scan.steps(MARK_ROWS):
            if step.low > scan.bounds.low:
                marks.append(step.low - 1)
            if publisher.is_due():
                length = scan.seen + step.high - scan.bounds.low + 1
                order = NaturalOrder(relation, scan.bounds, marks[:], length, exact=False)
                publish(Snapshot(order, scan.scanned, complete=False))
    except DbviewError as problem:
        error = problem
    order = NaturalOrder(relation, scan.bounds, marks, scan.seen if scan.complete else span, scan.complete)
    total = scan.seen if scan.complete else None
    return Snapshot(order, scan.scanned, scan.complete, _has_changed(scan, error), total, error)


def _select(
    reader: Reader, relation: Relation, where: _Where, sorter: Sorter, publish: Publish, cancelled: Cancelled
) -> Snapshot:
    """Collect the keys of the rows that fulfil a condition, in the order asked for."""
    scan, publisher = Scan(reader, relation, cancelled), Publisher()
    error: DbviewError | None = None
    picked = ", ".join([key_of(relation), *sorter.selected()])
    started = time.monotonic()

    def snapshot(*, is_last: bool) -> Snapshot:
        began = time.monotonic()
        order = KeyOrder(relation, sorter.keys(), len(sorter))
        publisher.interval = max(PUBLISH_SECONDS, (time.monotonic() - began) / _SHARE_OF_SORTING)
        if not is_last:
            return Snapshot(order, scan.scanned, complete=False)
        total = scan.seen if scan.complete else None
        return Snapshot(order, scan.scanned, scan.complete, _has_changed(scan, error), total, error)

    try:
        for step in scan.steps():
            conditions = f"{within(relation, step)} AND {where.sql}"
            sql = f"SELECT {picked} FROM {rows_of(relation)} WHERE {conditions} ORDER BY {key_of(relation)} DESC"
            sorter.add(reader.query(sql, where.bindings))
            # The first matches at once; while there are none, how far the search has come.
            if (len(sorter) or time.monotonic() - started > PUBLISH_SECONDS) and publisher.is_due():
                publish(snapshot(is_last=False))
    except DbviewError as problem:
        error = problem
    return snapshot(is_last=True)


def _has_changed(scan: Scan, error: DbviewError | None) -> bool:
    # After an error the file may not even answer whether it changed.
    return error is None and scan.changed()
