"""Put the state of a result into words: how many rows, of how many, and how far the scan has come."""

from __future__ import annotations

from dbview.query.relation import Relation, RelationKind
from dbview.query.view import View
from dbview.source.view.rows import POSITION_LIMIT
from dbview.source.view.snapshot import Snapshot
from dbview.text import visible


def row_noun(relation: Relation, count: int) -> str:
    """Return entry or entries for a Task, row or rows for anything else."""
    if relation.kind is RelationKind.TASK:
        return "entry" if count == 1 else "entries"
    return "row" if count == 1 else "rows"


def result_words(relation: Relation, view: View, snapshot: Snapshot, stopped: bool) -> str:
    """Return what is known of the result: ``11 of 13``, ``13 entries · by run ▾``."""
    parts = [_count_words(relation, view, snapshot, stopped)]
    for key in view.sort:
        column = relation.find(key.column)
        parts.append(f"by {visible(column.label if column else key.column)} {'▾' if key.descending else '▴'}")
    if snapshot.changed:
        parts.append("the file changed meanwhile: r reads it again")
    return " · ".join(parts)


def _count_words(relation: Relation, view: View, snapshot: Snapshot, stopped: bool) -> str:
    length = snapshot.order.length
    noun = row_noun(relation, length)
    if snapshot.is_top:
        return f"the first {length:,} {noun}" + (
            ", the rest not sorted" if stopped or snapshot.error else ", the rest being sorted"
        )
    if _is_cut(relation, snapshot):
        return f"{length:,} of the first {POSITION_LIMIT:,} rows" if view.filter else f"only the first {length:,} rows"
    if not view.filter:
        return f"{length:,} {noun}" if snapshot.order.exact else f"about {length:,} {noun}"
    if snapshot.complete:
        return f"{length:,} of {snapshot.total:,}" if snapshot.total is not None else f"{length:,} {noun}"
    return f"{length:,} found so far" + (f", stopped: {progress_words(snapshot)}" if stopped else "")


def empty_words(relation: Relation, view: View, snapshot: Snapshot | None) -> str:
    """Return what stands in the place of rows while there are none."""
    if snapshot is None:
        return "reading …"
    if view.filter and _is_cut(relation, snapshot):
        return f"None of the first {POSITION_LIMIT:,} rows matches the filter; the others cannot be read."
    if view.filter:
        return f"No {row_noun(relation, 1)} matches the filter{'.' if snapshot.complete else ' so far.'}"
    return f"There are no {row_noun(relation, 0)} here yet." if snapshot.complete else "reading …"


def _is_cut(relation: Relation, snapshot: Snapshot) -> bool:
    """Tell whether there may be rows beyond those that are looked at: without keys, all before them would be read."""
    return relation.key is None and snapshot.total == POSITION_LIMIT


def source_words(relation: Relation) -> str:
    """Return what it is that takes long where reading the rows does."""
    if relation.kind is RelationKind.VIEW:
        return "the view, whose rows are computed"
    return "the computed columns" if any(column.computed for column in relation.columns) else "the file"


def progress_words(snapshot: Snapshot | None) -> str:
    """Return how much of the relation has been looked at."""
    return f"{int(snapshot.scanned * 100)} % scanned" if snapshot else "scanning"
