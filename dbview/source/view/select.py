"""Select the rows of a View by its filter and sort them, newest first, telling what is known on the way."""

from __future__ import annotations

import contextlib
import time
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dbview.errors import DbviewError, ScratchUnusable
from dbview.query.filter import parse
from dbview.query.names import find_column
from dbview.query.relation import Relation
from dbview.query.resolve import resolve
from dbview.query.view import View
from dbview.source.reader import Reader
from dbview.source.view.arrange import count
from dbview.source.view.joins import KeysOfJoins
from dbview.source.view.order import KeyOrder, NaturalOrder, OldestFirst
from dbview.source.view.render import Rendering
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.source.view.scan import PUBLISH_SECONDS, Cancelled, Publisher, Scan
from dbview.source.view.snapshot import Publish, Snapshot, last_snapshot
from dbview.source.view.sort_values import SortValues
from dbview.source.view.sorting import FIRST_LOOK, Top, WholeOrder

_SHARE_OF_TOP = 0.2
"""Share of the time of a sort that goes by until its top is known, as a guess for its progress."""
_SHARE_UNTIL_SORTED = 0.8
"""Share of it that goes by until the first key of the whole order comes."""


def select(reader: Reader, relation: Relation, view: View, publish: Publish, cancelled: Cancelled) -> Snapshot:
    """Collect the keys of the rows that a View's filter finds, in the order asked for.

    Arguments and errors are those of :func:`dbview.source.view.arrange.arrange`; the result is not published here.
    """
    selection = Selection(reader, relation, view.filter, cancelled)
    if not view.sort:
        return _matches(selection, publish)
    columns = [(find_column(relation, key.column), key.descending) for key in view.sort]
    (by, descending), *_ = columns
    if by.via is None and by.name == relation.key and (descending or not view.filter.strip()):
        # The natural order or, without a filter, its opposite: nothing has to be sorted.
        if view.filter.strip():
            return _matches(selection, publish)
        turned = (lambda found: found) if descending else oldest_first
        return turned(count(reader, relation, lambda found: publish(turned(found)), cancelled))
    values = SortValues(reader, relation, columns)
    top = _top(selection, values, publish)
    if top.complete or cancelled():
        return top
    publish(top)
    return _whole(selection, values, top, publish)


def oldest_first(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot of the natural order with its rows the other way round."""
    order = snapshot.order
    if not isinstance(order, NaturalOrder):
        return snapshot
    return replace(snapshot, order=OldestFirst(order), is_settled=order.exact)


class Selection:
    """The rows of a relation that fulfil a filter.

    Attributes:
        reader: Reads them.
        relation: Whose rows they are.
        cancelled: Tells whether they are no longer wanted.
    """

    def __init__(self, reader: Reader, relation: Relation, filter: str, cancelled: Cancelled) -> None:
        self.reader = reader
        self.relation = relation
        self.cancelled = cancelled
        node = parse(filter)
        rendering = Rendering(relation, KeysOfJoins(reader, cancelled).condition)
        self._condition = "TRUE" if node is None else rendering.condition(resolve(node, relation))
        self._bindings = rendering.bindings

    def scan(self) -> Scan:
        """Return a new scan of the relation."""
        return Scan(self.reader, self.relation, self.cancelled)

    def rows(
        self,
        step: KeyRange,
        picked: Sequence[str] = (),
        condition: str = "TRUE",
        bindings: Mapping[str, Any] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Return the key, and what else is picked, of the rows in a step of a scan that fulfil another condition too.

        The newest comes first.

        Args:
            step: The keys to look at.
            picked: SQL expressions.
            condition: SQL of the other condition.
            bindings: Its values.
        """
        where = f"{within(self.relation, step)} AND {self._condition} AND {condition}"
        wanted = ", ".join([key_of(self.relation), *picked])
        return self.reader.query(
            f"SELECT {wanted} FROM {rows_of(self.relation)} WHERE {where} ORDER BY 1 DESC",
            {**self._bindings, **(bindings or {})},
        )

    def counts(
        self,
        step: KeyRange,
        picked: Sequence[str],
        totals: Sequence[str] = (),
        condition: str = "TRUE",
        bindings: Mapping[str, Any] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Return what is picked of the rows in a step of a scan, each combination once, with numbers of its rows.

        These are: how many rows have it, and what else is to be totalled of them. If nothing is picked, the numbers
        of all rows come in one pass.

        Args:
            step: The keys to look at.
            picked: SQL expressions.
            totals: SQL expressions that aggregate.
            condition: SQL of another condition that the rows fulfil.
            bindings: Its values, and those of the totals.
        """
        where = f"{within(self.relation, step)} AND {self._condition} AND {condition}"
        wanted = ", ".join([*picked, "count(*)", *totals])
        grouped = f" GROUP BY {', '.join(str(place + 1) for place in range(len(picked)))}" if picked else ""
        return self.reader.query(
            f"SELECT {wanted} FROM {rows_of(self.relation)} WHERE {where}{grouped}",
            {**self._bindings, **(bindings or {})},
        )


def _matches(selection: Selection, publish: Publish) -> Snapshot:
    """Collect the keys of all rows, in natural order."""
    keys: array[int] = array("q")
    scan, publisher = selection.scan(), Publisher()
    error: DbviewError | None = None
    started = time.monotonic()
    try:
        for step in scan.steps():
            keys.extend(key for (key,) in selection.rows(step))
            # The first matches at once; while there are none, how far the search has come.
            if (keys or time.monotonic() - started > PUBLISH_SECONDS) and publisher.is_due():
                publish(Snapshot(KeyOrder(selection.relation, keys, len(keys)), scan.scanned, complete=False))
    except DbviewError as problem:
        error = problem
    return last_snapshot(KeyOrder(selection.relation, keys, len(keys)), scan, error)


def _top(selection: Selection, values: SortValues, publish: Publish) -> Snapshot:
    """Find the first rows of an order; complete if there are no others."""
    scan, publisher = selection.scan(), Publisher()
    error: DbviewError | None = None
    top = Top(values)

    def look(step: KeyRange) -> None:
        values.prepare(step)
        condition, bindings = top.condition(step)
        top.add(selection.rows(step, values.picked, condition, bindings))

    try:
        if scan.bounds is not None:
            look(KeyRange(scan.bounds.low, min(scan.bounds.low + FIRST_LOOK - 1, scan.bounds.high)))
        for step in scan.steps():
            look(step)
            if top.keys and publisher.is_due():
                order = KeyOrder(selection.relation, top.keys, len(top.keys))
                share = scan.scanned * _SHARE_OF_TOP
                publish(Snapshot(order, share, complete=False, is_top=True, is_settled=False))
    except DbviewError as problem:
        error = problem
    snapshot = last_snapshot(KeyOrder(selection.relation, top.keys, len(top.keys)), scan, error)
    if scan.complete and top.is_all:
        return snapshot
    share = scan.scanned * _SHARE_OF_TOP
    return replace(snapshot, scanned=share, complete=False, is_top=True, is_settled=scan.complete)


def _whole(selection: Selection, values: SortValues, top: Snapshot, publish: Publish) -> Snapshot:
    """Put all rows in order; what can be read of a damaged file, if it breaks on the way."""
    scan, publisher = selection.scan(), Publisher()
    error: DbviewError | None = None
    keys: array[int] = array("q")
    added = 0
    try:
        with contextlib.closing(WholeOrder(values, selection.reader.scratch.parent, selection.cancelled)) as whole:
            try:
                for step in scan.steps():
                    values.prepare(step)
                    rows = selection.rows(step, values.picked)
                    whole.add(rows)
                    added += len(rows)
                    if publisher.is_due():
                        share = _SHARE_OF_TOP + (_SHARE_UNTIL_SORTED - _SHARE_OF_TOP) * scan.scanned
                        publish(replace(top, scanned=share))
            except ScratchUnusable:
                raise
            except DbviewError as problem:
                error = problem
            for part in whole.in_order():
                keys.extend(part)
                if len(keys) > top.order.length and publisher.is_due():
                    share = _SHARE_UNTIL_SORTED + (1 - _SHARE_UNTIL_SORTED) * len(keys) / added
                    publish(Snapshot(KeyOrder(selection.relation, keys, len(keys)), share, False, is_top=True))
    except ScratchUnusable as problem:
        return replace(top, error=problem)
    if selection.cancelled() and not (scan.complete and len(keys) == added):
        return top
    return last_snapshot(KeyOrder(selection.relation, keys, len(keys)), scan, error)
