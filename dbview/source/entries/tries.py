"""Find the other entries that matter to one: those of its run and Task, and the nearest good ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dbview.query.relation import Relation, Role
from dbview.source.entries.latest import LatestValid, keys_condition
from dbview.source.entries.record import Record
from dbview.source.entries.runs import comparable_run
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Scan
from dbview.values import Cell
from recorder.layout import tables
from recorder.layout.tables import quote

_FIRST_LOOK = 1_000
_WIDEST_LOOK = 50_000


class Nearest(NamedTuple):
    """The nearest entries before and after one, in the order in which they were stored; None where there is none.

    Attributes:
        before: The one before in the same run.
        good_after: The next valid one of the same run.
        task_before: The one before, whatever its run.
        task_good_before: The valid one before, whatever its run.
        task_good_after: The next valid one, whatever its run.
    """

    before: int | None
    good_after: int | None
    task_before: int | None
    task_good_before: int | None
    task_good_after: int | None


@dataclass(frozen=True, slots=True)
class Tries:
    """The entries of one Task in one run, as one of them sees them.

    Attributes:
        nearest: Those near it.
        number: Which it is, 1 being the oldest; 0 while that is not known.
        count: How many there are; 0 while that is not known.
        latest_good: The valid one with the greatest timestamp, then key: what a next Task of the run is given. None
            if there is none, or it is not known yet.
    """

    nearest: Nearest
    number: int = 0
    count: int = 0
    latest_good: int | None = None


def find_tries(reader: Reader, record: Record, publish: Callable[[Tries], None], cancelled: Cancelled) -> Tries:
    """Find the other entries that matter to an entry.

    Args:
        reader: Used by this call alone while it runs.
        record: The entry.
        publish: Called with the nearest ones, before all of the table was looked at.
        cancelled: Asked between steps; what is known by then is returned.
    """
    relation, key = record.relation, record.key
    in_run = run_condition(reader, relation, record.cells[tables.GEN_CFG_ID])
    is_good = f"t.{quote(tables.VALID_FLAG)} = 1"
    bounds = reader.bounds(relation) or KeyRange(key, key)

    def near(step: int, *conditions: str) -> int | None:
        return _near(reader, relation, (key, bounds, step), " AND ".join(conditions) or "TRUE", cancelled)

    tries = Tries(
        Nearest(near(-1, in_run), near(1, in_run, is_good), near(-1), near(-1, is_good), near(1, is_good)),
    )
    publish(tries)
    count = number = 0
    scan, latest = Scan(reader, relation, cancelled), LatestValid(reader, relation)
    for step in scan.steps():
        where = f"{within(relation, step)} AND {in_run}"
        ((many, older),) = reader.query(
            f"SELECT count(*), ifnull(sum({key_of(relation)} <= {key}), 0) FROM {rows_of(relation)} WHERE {where}"
        )
        count, number = count + many, number + older
        if many:
            latest.look(where)
    return replace(tries, number=number, count=count, latest_good=latest.key) if scan.complete else tries


def good_before(reader: Reader, relation: Relation, key: int, header: Cell, cancelled: Cancelled) -> int | None:
    """Return the valid entry before one, of its run if there is one, else of any.

    Args:
        reader: Used by this call alone while it runs.
        relation: The Task.
        key: The entry.
        header: What it holds as the key of its header.
        cancelled: Asked between steps.
    """
    in_run = run_condition(reader, relation, header)
    return _first_good(reader, relation, key, ((-1, in_run), (-1, "TRUE")), cancelled)


def good_after(reader: Reader, relation: Relation, key: int, header: Cell, cancelled: Cancelled) -> int | None:
    """Return the next valid entry after one, of its run if there is one, else of any; else the last one before.

    Arguments are those of :func:`good_before`.
    """
    in_run = run_condition(reader, relation, header)
    return _first_good(reader, relation, key, ((1, in_run), (1, "TRUE"), (-1, "TRUE")), cancelled)


def good_around(reader: Reader, relation: Relation, key: int, cancelled: Cancelled) -> int | None:
    """Return the next valid entry after one, whatever its run; if there is none the last one before.

    Arguments are those of :func:`good_before`.
    """
    return _first_good(reader, relation, key, ((1, "TRUE"), (-1, "TRUE")), cancelled)


def _first_good(
    reader: Reader, relation: Relation, key: int, places: Sequence[tuple[int, str]], cancelled: Cancelled
) -> int | None:
    """Return the nearest valid entry in the first direction, and under its condition, in which there is one."""
    bounds = reader.bounds(relation) or KeyRange(key, key)
    is_good = f"t.{quote(tables.VALID_FLAG)} = 1"
    found = (
        _near(reader, relation, (key, bounds, step), f"{condition} AND {is_good}", cancelled)
        for step, condition in places
    )
    return next((near for near in found if near is not None), None)


def run_condition(reader: Reader, relation: Relation, header: Cell) -> str:
    """Return the SQL condition for the entries of the same run: of all headers with its experiment and number."""
    column = f"t.{quote(tables.GEN_CFG_ID)}"
    if not isinstance(header, int):
        return f"{column} IS NULL" if header is None else "FALSE"
    if relation.of_role(Role.RUN) is None or relation.of_role(Role.EXPERIMENT) is None:
        return f"{column} = {header}"
    rows = reader.query(
        f"SELECT t.id, t.run, own.run FROM {tables.GEN_CFG} AS t, {tables.GEN_CFG} AS own "
        f"WHERE own.id = ? AND t.experiment IS own.experiment AND {_may_be_run('own.run')}",
        (header,),
    )
    same = [key for key, run, own in rows if comparable_run(run) == comparable_run(own)]
    return keys_condition(reader, column, [header, *same])


def condition_of_run(reader: Reader, experiment: Cell, run: Cell) -> str:
    """Return the SQL condition for the entries of a run, by the values of its experiment and number."""
    rows = reader.query(
        f"SELECT t.id, t.run FROM {tables.GEN_CFG} AS t WHERE t.experiment IS ?1 AND {_may_be_run('?2')}",
        (experiment, run),
    )
    same = [key for key, other in rows if comparable_run(other) == comparable_run(run)]
    return keys_condition(reader, f"t.{quote(tables.GEN_CFG_ID)}", same)


def _may_be_run(run: str) -> str:
    """Return the SQL condition that every header of a run fulfils, however it spells it, and few others."""
    return f"(t.run IS {run} OR CAST(t.run AS REAL) = CAST({run} AS REAL))"


def _near(
    reader: Reader, relation: Relation, place: tuple[int, KeyRange, int], condition: str, cancelled: Cancelled
) -> int | None:
    """Return the nearest key before (step -1) or after (step 1) one that fulfils a condition, looking ever further."""
    key, bounds, step = place
    width, start = _FIRST_LOOK, key + step
    while bounds.low <= start <= bounds.high and not cancelled():
        stop = start + step * width
        keys = KeyRange(min(start, stop), max(start, stop))
        direction = "DESC" if step < 0 else "ASC"
        found = reader.query(
            f"SELECT {key_of(relation)} FROM {rows_of(relation)} WHERE {within(relation, keys)} AND {condition} "
            f"ORDER BY 1 {direction} LIMIT 1"
        )
        if found:
            return int(found[0][0])
        start, width = stop + step, min(_WIDEST_LOOK, width * 4)
    return None
