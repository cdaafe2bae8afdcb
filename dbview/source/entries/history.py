"""Follow one parameter through the entries of a Task: stretches of entries with the same value, the newest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dbview.errors import DbviewError
from dbview.query.relation import Column, Relation, Role
from dbview.source.reader import Reader
from dbview.source.view.parts import operand_of
from dbview.source.view.rows import KeyRange, key_of, rows_of
from dbview.source.view.scan import Cancelled
from dbview.source.view.selection import Selection
from dbview.values import Cell, Row
from recorder.layout import tables
from recorder.layout.tables import quote

_TOLD = (Role.TIME, Role.EXPERIMENT, Role.RUN)

MOST_STRETCHES = 2_000
"""Stretches that are kept; a parameter that changed more often is told of as far as that."""


@dataclass(frozen=True, slots=True)
class End:
    """The newest or the oldest entry of a stretch."""

    key: int
    time: Cell = None
    experiment: Cell = None
    run: Cell = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries that follow each other and have the same value, in the order in which they were stored.

    Attributes:
        value: The value; clipped if it is long.
        count: Number of entries.
        valid: How many of them are valid.
    """

    value: Cell
    newest: End
    oldest: End
    count: int
    valid: int


@dataclass(frozen=True, slots=True)
class History:
    """The values of a parameter as far as they are known.

    Attributes:
        stretches: The newest first.
        scanned: Share of the entries that has been looked at, 0 to 1.
        complete: True if all entries are in it.
        has_more: True if it ends here because the value changes so often.
        error: What ended it early; what was found before that is kept.
    """

    stretches: tuple[Stretch, ...] = ()
    scanned: float = 0.0
    complete: bool = False
    has_more: bool = False
    error: DbviewError | None = None

    @property
    def entries(self) -> int:
        """How many entries the stretches are of."""
        return sum(one.count for one in self.stretches)

    @property
    def words(self) -> str:
        """How often the value changed."""
        if self.has_more:
            return f"changed more than {len(self.stretches):,} times: these are the last changes"
        times = max(0, len(self.stretches) - 1)
        return {0: "never changed", 1: "changed once", 2: "changed twice"}.get(times, f"changed {times:,} times")


def read_history(
    reader: Reader,
    relation: Relation,
    column: Column,
    publish: Callable[[History], None],
    cancelled: Cancelled,
    filter: str = "",
    most: int = MOST_STRETCHES,
) -> History:
    """Return the values of a column through the entries of a Task.

    Args:
        reader: Used by this call alone while it runs.
        relation: The Task.
        column: Of any kind that a filter can name.
        publish: Called a few times a second with what is known.
        cancelled: Asked between steps; what is known by then is returned.
        filter: Which entries count; empty for all.
        most: Stretches that are kept.

    Raises:
        FilterError: The filter makes no sense for this Task.
    """
    stretches: list[Stretch] = []

    def has_more() -> bool:
        return len(stretches) > most

    def look(step: KeyRange) -> None:
        found = _stretches(selection, column, step, most)
        # One that goes on beyond the end of the step before.
        if stretches and found and _is_same(reader, relation, column, stretches[-1].oldest.key, found[0].newest.key):
            stretches[-1] = _joined(stretches[-1], found.pop(0))
        stretches.extend(found)

    selection = Selection(reader, relation, filter, lambda: cancelled() or has_more())
    scan = selection.scan()
    scan.walk(look, lambda: publish(History(tuple(stretches), scan.scanned)))
    is_whole = scan.complete and not has_more()
    return History(tuple(stretches[:most]), scan.scanned, is_whole, has_more(), scan.error)


def _stretches(selection: Selection, column: Column, step: KeyRange, most: int) -> list[Stretch]:
    """Return the stretches within a step: SQLite folds them, so that no other entry leaves it."""
    reader, relation = selection.reader, selection.relation
    key, value = key_of(relation), f"+{operand_of(column)}"
    valid = f"t.{quote(tables.VALID_FLAG)}"
    # The sign + takes a column's type off: what is compared are the values as they are.
    rows = reader.query(
        f"SELECT max(k), min(k), count(*), ifnull(sum(v), 0) FROM ("
        f"SELECT k, v, sum(is_new) OVER (ORDER BY k DESC) AS stretch FROM ("
        f"SELECT {key} AS k, {valid} = 1 AS v, {value} IS NOT lag({value}, 1, {value}) OVER (ORDER BY {key} DESC) "
        f"AS is_new FROM {selection.found(step)})) "
        f"GROUP BY stretch ORDER BY 1 DESC LIMIT {most + 1}",
        selection.bindings,
    )
    keys = [end for high, low, *_counts in rows for end in (high, low)]
    told = [relation.of_role(role) for role in _TOLD]
    read = reader.rows(relation, [column, *filter(None, told)], keys)
    values = {row.key: row.cells[0] for row in read}
    ends = {row.key: _end(row, told) for row in read}
    return [
        Stretch(values[high], ends[high], ends[low], count, good)
        for high, low, count, good in rows
        if high in ends and low in ends
    ]


def _end(row: Row, told: Sequence[Column | None]) -> End:
    cells = iter(row.cells[1:])
    return End(row.key, *(None if column is None else next(cells) for column in told))


def _joined(newer: Stretch, older: Stretch) -> Stretch:
    return replace(newer, oldest=older.oldest, count=newer.count + older.count, valid=newer.valid + older.valid)


def _is_same(reader: Reader, relation: Relation, column: Column, one: int, other: int) -> bool:
    """Tell whether two entries have the same value; the whole of it, however long."""
    value = f"SELECT +{operand_of(column)} FROM {rows_of(relation)} WHERE {key_of(relation)} = ?"
    return reader.query(f"SELECT ({value}) IS ({value})", (one, other)) == [(1,)]
