"""Count a relation's rows by the values of some columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dbview.query.relation import Column, Relation, Role
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange, rows_of, within
from dbview.source.view.scan import Cancelled, Scan, Scanned
from dbview.values import Cell
from recorder.layout.tables import quote

_NEWEST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Tally(Scanned):
    """How many rows have each combination of values, as far as the scan has come.

    Attributes:
        counts: Rows by the values of the columns asked for, in their order.
        total: Rows counted so far.
    """

    counts: Mapping[tuple[Cell, ...], int]
    total: int


def tally(
    reader: Reader,
    relation: Relation,
    columns: Sequence[Column],
    publish: Callable[[Tally], None],
    cancelled: Cancelled,
) -> Tally:
    """Count rows by the values of stored columns; without columns, just count them.

    Args:
        reader: Used by this call alone while it runs.
        relation: What to count.
        columns: Stored columns of few distinct values, such as status and validity.
        publish: Called with what is known so far, a few times a second.
        cancelled: Asked between steps; the partial result is returned.
    """
    counts: Counter[tuple[Cell, ...]] = Counter()
    picked = ", ".join([*(f"t.{quote(column.name)}" for column in columns), "count(*)"])
    group = f"GROUP BY {', '.join(str(place + 1) for place in range(len(columns)))}" if columns else ""

    def look(step: KeyRange) -> None:
        sql = f"SELECT {picked} FROM {rows_of(relation)} WHERE {within(relation, step)} {group}"
        for *values, count in reader.query(sql):
            counts[tuple(values)] += count

    def found(scanned: float, complete: bool, changed: bool) -> Tally:
        return Tally(scanned, complete, changed, dict(counts), counts.total())

    return Scan(reader, relation, cancelled).find(look, found, publish)


def last_activity(reader: Reader, relation: Relation) -> str | None:
    """Return the newest timestamp among the newest rows, None where the relation has no time column or no such text.

    An entry that was stored late has an older timestamp than its key suggests, so more than one row is looked at.
    """
    time = relation.of_role(Role.TIME)
    if time is None:
        return None
    rows = reader.newest(relation, [time], _NEWEST_ROWS)
    return max((cell for row in rows if isinstance(cell := row.cells[0], str)), default=None)
