"""Select the rows of a View by its filter and sort them, newest first, telling what is known on the way."""

from __future__ import annotations

import time
from typing import Any

from dbview.errors import DbviewError
from dbview.query.filter import parse
from dbview.query.relation import Relation
from dbview.query.resolve import find_column, resolve
from dbview.query.view import View
from dbview.source.joins import KeysOfJoins
from dbview.source.order import KeyOrder
from dbview.source.reader import Reader
from dbview.source.render import Rendering
from dbview.source.rows import key_of, rows_of, within
from dbview.source.scan import PUBLISH_SECONDS, Cancelled, Publisher, Scan
from dbview.source.snapshot import Publish, Snapshot, last_snapshot
from dbview.source.sorting import Sorter

_SHARE_OF_SORTING = 0.1
"""Share of the time of a scan that goes into sorting what there is so far."""


def select(reader: Reader, relation: Relation, view: View, publish: Publish, cancelled: Cancelled) -> Snapshot:
    """Collect the keys of the rows that a View's filter finds, in the order asked for.

    Arguments and errors are those of :func:`dbview.source.arrange.arrange`; the result is not published here.
    """
    sorter = Sorter(reader, relation, [(find_column(relation, key.column), key.descending) for key in view.sort])
    condition, bindings = _condition(reader, relation, view.filter, cancelled)
    scan, publisher = Scan(reader, relation, cancelled), Publisher()
    error: DbviewError | None = None
    picked = ", ".join([key_of(relation), *sorter.selected()])
    started = time.monotonic()

    def snapshot(*, is_last: bool) -> Snapshot:
        began = time.monotonic()
        order = KeyOrder(relation, sorter.keys(), len(sorter))
        publisher.interval = max(PUBLISH_SECONDS, (time.monotonic() - began) / _SHARE_OF_SORTING)
        return last_snapshot(order, scan, error) if is_last else Snapshot(order, scan.scanned, complete=False)

    try:
        for step in scan.steps():
            where = f"{within(relation, step)} AND {condition}"
            sql = f"SELECT {picked} FROM {rows_of(relation)} WHERE {where} ORDER BY {key_of(relation)} DESC"
            sorter.add(reader.query(sql, bindings))
            # The first matches at once; while there are none, how far the search has come.
            if (len(sorter) or time.monotonic() - started > PUBLISH_SECONDS) and publisher.is_due():
                publish(snapshot(is_last=False))
    except DbviewError as problem:
        error = problem
    return snapshot(is_last=True)


def _condition(reader: Reader, relation: Relation, text: str, cancelled: Cancelled) -> tuple[str, dict[str, Any]]:
    """Return a filter as an SQL condition with its bindings."""
    node = parse(text)
    if node is None:
        return "TRUE", {}
    rendering = Rendering(relation, KeysOfJoins(reader, cancelled).condition)
    return rendering.condition(resolve(node, relation)), rendering.bindings
