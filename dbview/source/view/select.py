"""Select the rows of a View by its filter and sort them, newest first, telling what is known on the way."""

from __future__ import annotations

import contextlib
import time
from array import array
from collections import Counter
from dataclasses import replace

from dbview.errors import ScratchUnusable
from dbview.query.names import find_column
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.source.reader import Reader
from dbview.source.view.arrange import count
from dbview.source.view.order import KeyOrder, NaturalOrder, OldestFirst
from dbview.source.view.outcomes import Outcome, OutcomeCounting
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import PUBLISH_SECONDS, Cancelled, Publisher, Scan
from dbview.source.view.selection import Selection
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
    # A filter may cost more than anything else: with one, the rows are looked at once.
    return _sorted(selection, values, publish, in_one_pass=bool(view.filter.strip()))


def oldest_first(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot of the natural order with its rows the other way round."""
    order = snapshot.order
    if not isinstance(order, NaturalOrder):
        return snapshot
    return replace(snapshot, order=OldestFirst(order), is_settled=order.exact)


def _matches(selection: Selection, publish: Publish) -> Snapshot:
    """Collect the keys of all rows, in natural order."""
    keys, counting, went = array("q"), OutcomeCounting(selection), Counter[Outcome]()
    scan, publisher, started = selection.scan(), Publisher(), time.monotonic()

    def look(step: KeyRange) -> None:
        rows = selection.rows(step, [counting.code], bindings=counting.bindings)
        keys.extend(row[0] for row in rows)
        went.update(counting.decoded(step, [row[1] for row in rows]))
        # The first matches at once; while there are none, how far the search has come.
        if (keys or time.monotonic() - started > PUBLISH_SECONDS) and publisher.is_due():
            order = KeyOrder(selection.relation, keys, len(keys))
            publish(Snapshot(order, scan.scanned, complete=False, outcomes=dict(went)))

    scan.walk(look)
    return replace(last_snapshot(KeyOrder(selection.relation, keys, len(keys)), scan), outcomes=dict(went))


def _sorted(selection: Selection, values: SortValues, publish: Publish, *, in_one_pass: bool) -> Snapshot:
    """Put all rows in order, the top of it first; what can be read of a damaged file, if it breaks on the way.

    In two passes the top is there sooner: in the first, SQLite leaves out what comes later.
    """
    top: Snapshot | None = None
    try:
        with contextlib.closing(WholeOrder(values, selection.reader.scratch.parent, selection.cancelled)) as whole:
            scan = selection.scan()
            top = _top(selection, scan, values, publish, whole if in_one_pass else None)
            if top.complete or selection.cancelled():
                return top
            publish(top)
            if not in_one_pass:
                scan = selection.scan()
                _fill(whole, selection, scan, values, top, publish)
            return _merged(whole, selection, scan, top, publish)
    except ScratchUnusable as problem:
        return replace(top or _top(selection, selection.scan(), values, publish), error=problem)


def _top(
    selection: Selection, scan: Scan, values: SortValues, publish: Publish, whole: WholeOrder | None = None
) -> Snapshot:
    """Find the first rows of an order; complete if there are no others. All rows may go into the whole order, too."""
    top, counting, went, publisher = Top(values), OutcomeCounting(selection), Counter[Outcome](), Publisher()
    share = _SHARE_OF_TOP if whole is None else _SHARE_UNTIL_SORTED

    def known() -> Snapshot:
        return Snapshot(
            KeyOrder(selection.relation, top.keys, len(top.keys)),
            scan.scanned * share,
            complete=False,
            is_top=True,
            is_settled=scan.complete,
            outcomes=None if whole is None else dict(went),
        )

    def look_for_top(step: KeyRange) -> None:
        values.prepare(step)
        condition, bindings = top.condition(step)
        top.add(selection.rows(step, values.picked, condition, bindings))

    def look_at_all(step: KeyRange, whole: WholeOrder) -> None:
        values.prepare(step)
        condition, bindings = top.condition(step)
        picked = [*values.picked, condition, counting.code]
        rows = selection.rows(step, picked, bindings={**bindings, **counting.bindings})
        top.add([row for row in rows if row[-2]])
        whole.add(rows)
        went.update(counting.decoded(step, [row[-1] for row in rows]))

    def look(step: KeyRange) -> None:
        if scan.bounds is not None and step.high == scan.bounds.high:
            low = scan.bounds.low
            look_for_top(KeyRange(low, min(low + FIRST_LOOK - 1, scan.bounds.high)))
        if whole is None:
            look_for_top(step)
        else:
            look_at_all(step, whole)
        if top.keys and publisher.is_due():
            publish(known())

    scan.walk(look)
    found = known()
    ended = last_snapshot(found.order, scan)
    if scan.complete and top.is_all:
        return replace(ended, outcomes=found.outcomes)
    return replace(found, total=ended.total, changed=ended.changed, error=ended.error)


def _fill(
    whole: WholeOrder, selection: Selection, scan: Scan, values: SortValues, top: Snapshot, publish: Publish
) -> None:
    """Add all rows to the whole order."""

    def look(step: KeyRange) -> None:
        values.prepare(step)
        whole.add(selection.rows(step, values.picked))

    def tell() -> None:
        publish(replace(top, scanned=_SHARE_OF_TOP + (_SHARE_UNTIL_SORTED - _SHARE_OF_TOP) * scan.scanned))

    scan.walk(look, tell)


def _merged(whole: WholeOrder, selection: Selection, scan: Scan, top: Snapshot, publish: Publish) -> Snapshot:
    """Return the rows of the whole order."""
    keys, publisher = array("q"), Publisher()
    for part in whole.in_order():
        keys.extend(part)
        if len(keys) > top.order.length and publisher.is_due():
            share = _SHARE_UNTIL_SORTED + (1 - _SHARE_UNTIL_SORTED) * len(keys) / whole.length
            order = KeyOrder(selection.relation, keys, len(keys))
            publish(Snapshot(order, share, False, is_top=True, outcomes=top.outcomes))
    if selection.cancelled() and not (scan.complete and len(keys) == whole.length):
        return top
    return replace(last_snapshot(KeyOrder(selection.relation, keys, len(keys)), scan), outcomes=top.outcomes)
