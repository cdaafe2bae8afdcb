"""Find the newest entry of a run: through the side index where we keep one, else by walking back from the end.

The newest is that of the greatest (timestamp, id). Three ways lead to it:

- What ``_rec_entry`` places is found through its indexes, and looked up in the Task's table: there its validity stands,
  and there an entry that somebody removed is missing.
- Rows beyond, which other programs wrote since, and files without our side tables are walked from the newest id
  backwards, as far as :data:`WINDOW` rows. Programs stamp their rows when they write them, so among rows that are
  stamped in order the first match is the newest. That the rows before the window are not stamped later is assumed; if
  those inside it are out of order, the assumption does not hold here and SQLite looks at all.
- Beyond the window SQLite looks at all that is left, and needs no assumption.

Of rows that ``_rec_entry`` places it is assumed that nobody alters their header or timestamp afterwards. Where the one
that is found was altered, or the last that is placed is another's now or gone, SQLite looks at all.
"""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.values import StoredValue, as_column
from recorder.storage.base import Wanted
from recorder.storage.library import Database
from recorder.storage.placing import AS_PLACED, is_last_as_placed
from recorder.storage.schema import Schema
from recorder.storage.task_table import TaskTable

WINDOW = 1_024
"""Rows that are walked before SQLite looks at all the others."""

_INT64 = range(-(2**63), 2**63)


class _OutOfOrder(Exception):
    """What the quick ways assume does not hold for this file."""


@dataclass(frozen=True)
class _Place:
    timestamp: StoredValue
    id: int


def matching_headers(database: Database, wanted: Wanted) -> dict[int, StoredValue]:
    """Return the experiments of the shared configurations that match, by id."""
    condition, bound = _header_condition(wanted)
    found = database.execute(f"SELECT id, experiment, run FROM {tables.GEN_CFG} WHERE {condition}", bound).fetchall()
    return {row_id: experiment for row_id, experiment, run in found if wanted.matches(experiment, run)}


def _header_condition(wanted: Wanted) -> tuple[str, list[StoredValue]]:
    """Return SQL that lets every match pass, and in an ordinary file nothing else."""
    conditions: list[str] = ["1"]
    bound: list[StoredValue] = []
    if wanted.experiment is not None and _can_bind(wanted.experiment):
        conditions.append("(experiment = ? OR typeof(experiment) <> 'text')")
        bound.append(wanted.experiment)
    if wanted.run is not None:
        run = as_column(wanted.run, "INTEGER")
        if isinstance(run, int) and run not in _INT64:
            run = float(run) if abs(run) < 10**300 else math.inf
        if isinstance(run, (int, float)):
            conditions.append("run = CAST(? AS NUMERIC)")  # as the texts 12, 012 and 12.0 do
            bound.append(run)
        elif _can_bind(run):
            conditions.append("run = ?")
            bound.append(run)
    return " AND ".join(conditions), bound


def needs_headers(wanted: Wanted) -> bool:
    """Tell whether the shared configurations that match are to be listed: those of a run are few."""
    return wanted.run is not None or (wanted.experiment is not None and not _can_bind(wanted.experiment))


def _can_bind(value: StoredValue) -> bool:
    if isinstance(value, str):
        return value.isascii() or value.encode("utf-8", "replace").decode("utf-8") == value
    return isinstance(value, bytes)


def find_newest(
    database: Database, schema: Schema, table: TaskTable, wanted: Wanted, headers: Collection[int] | None
) -> int | None:
    """Return the id of the newest entry that matches, or None.

    Args:
        database: The database, inside a transaction.
        schema: Its tables.
        table: The Task's table.
        wanted: Whether only valid entries count, and which experiment, are taken from here.
        headers: Ids of the shared configurations that match; None if only the experiment matters, or nothing.
    """
    if headers is not None and not headers:
        return None
    search = _Search(database.conn, table.name, wanted, headers)
    if headers is None and wanted.experiment is not None and not search.knows_experiment():
        return None
    try:
        beyond = 0
        places = []
        if schema.finds_newest():
            if not is_last_as_placed(database.conn, table.name):
                raise _OutOfOrder
            sql = f"SELECT max(id) FROM {tables.ENTRY} WHERE task = ?"
            beyond = database.execute(sql, (table.name,)).fetchone()[0] or 0
            places += search.through_index() if beyond else []
        places += search.by_walking(beyond)
        return max(places, key=lambda place: (place.timestamp, place.id)).id if places else None
    except _OutOfOrder:
        found = search.by_looking_at_all("1")
        return None if found is None else found.id


def headers_in_use(
    database: Database, schema: Schema, table: TaskTable, wanted: Wanted, headers: Collection[int]
) -> list[int]:
    """Return those of the shared configurations that a matching entry has."""
    valid = f" AND t.{tables.VALID_FLAG} = 1" if wanted.valid_only else ""
    if not schema.finds_newest():
        sql = (
            f"SELECT DISTINCT t.{tables.GEN_CFG_ID} FROM {quote(table.name)} AS t "
            f"WHERE t.{tables.GEN_CFG_ID} IN ({_listed(headers)}){valid}"
        )
        return [header for (header,) in database.execute(sql).fetchall()]
    placed = (
        f"SELECT 1 FROM {tables.ENTRY} AS e CROSS JOIN {quote(table.name)} AS t ON t.id = e.id "
        f"WHERE e.task = ?1 AND e.{tables.GEN_CFG_ID} = ?2{valid} LIMIT 1"
    )
    used = [header for header in headers if database.execute(placed, (table.name, header)).fetchone()]
    beyond = (
        f"SELECT DISTINCT t.{tables.GEN_CFG_ID} FROM {quote(table.name)} AS t WHERE t.id > "
        f"(SELECT coalesce(max(id), 0) FROM {tables.ENTRY} WHERE task = ?) "
        f"AND t.{tables.GEN_CFG_ID} IN ({_listed(headers)}){valid}"
    )
    return used + [header for (header,) in database.execute(beyond, (table.name,)).fetchall()]


class _Search:
    """A search in one Task's table."""

    def __init__(
        self, connection: sqlite3.Connection, table: str, wanted: Wanted, headers: Collection[int] | None
    ) -> None:
        self._connection = connection
        self._table = quote(table)
        self._headers = headers
        self._bound: dict[str, StoredValue] = {"table": table}
        self._valid = f"t.{tables.VALID_FLAG} IS 1" if wanted.valid_only else "1"
        self._of_header = "1"
        if headers is not None:
            self._of_header = f"t.{tables.GEN_CFG_ID} IN ({_listed(headers)})"
        elif wanted.experiment is not None:
            self._bound["experiment"] = wanted.experiment
            self._of_header = (
                f"(SELECT CAST(g.experiment AS TEXT) FROM {tables.GEN_CFG} AS g WHERE g.id = t.{tables.GEN_CFG_ID}) "
                "IS :experiment"
            )

    def _rows(self, sql: str, **bound: StoredValue) -> list[tuple[StoredValue, ...]]:
        return self._connection.execute(sql, {**self._bound, **bound}).fetchall()

    def knows_experiment(self) -> bool:
        """Tell whether any shared configuration is of the experiment."""
        sql = f"SELECT 1 FROM {tables.GEN_CFG} WHERE CAST(experiment AS TEXT) = :experiment LIMIT 1"
        return bool(self._rows(sql))

    def through_index(self) -> list[_Place]:
        """Return the newest of what is placed: one, or one for each header."""
        join = (
            f"SELECT e.{tables.TIMESTAMP}, e.id, {AS_PLACED} "
            f"FROM {tables.ENTRY} AS e CROSS JOIN {self._table} AS t ON t.id = e.id "
            f"WHERE e.task = :table AND {self._valid}"
        )
        order = f"ORDER BY e.{tables.TIMESTAMP} DESC, e.id DESC LIMIT 1"
        if self._headers is None:
            found = self._rows(f"{join} AND {self._of_header} {order}")
        else:
            sql = f"{join} AND e.{tables.GEN_CFG_ID} = :header {order}"
            found = [row for header in self._headers for row in self._rows(sql, header=header)]
        if not all(is_as_placed and isinstance(timestamp, str) for timestamp, _, is_as_placed in found):
            raise _OutOfOrder
        return [_Place(timestamp, int(row_id or 0)) for timestamp, row_id, _ in found]

    def by_walking(self, beyond: int) -> list[_Place]:
        """Return the newest of the rows with a greater id."""
        rows = self._rows(
            f"SELECT t.{tables.TIMESTAMP}, t.id, {self._of_header} AND {self._valid} "
            f"FROM {self._table} AS t WHERE t.id > :beyond ORDER BY t.id DESC LIMIT {WINDOW}",
            beyond=beyond,
        )
        stamps = [timestamp for timestamp, _, _ in rows]
        if not all(isinstance(stamp, str) for stamp in stamps):
            raise _OutOfOrder
        if any(later < earlier for later, earlier in itertools.pairwise(map(str, stamps))):
            raise _OutOfOrder
        newest = next((_Place(stamp, int(row_id or 0)) for stamp, row_id, is_match in rows if is_match), None)
        if newest is None and len(rows) == WINDOW:
            newest = self.by_looking_at_all("t.id > :beyond AND t.id < :walked", beyond=beyond, walked=rows[-1][1])
            if newest is not None and not isinstance(newest.timestamp, str):
                raise _OutOfOrder
        return [] if newest is None else [newest]

    def by_looking_at_all(self, condition: str, **bound: StoredValue) -> _Place | None:
        """Return the newest of the rows that a condition leaves, as SQLite finds it."""
        rows = self._rows(
            f"SELECT t.{tables.TIMESTAMP}, t.id FROM {self._table} AS t WHERE {condition} AND {self._of_header} "
            f"AND {self._valid} ORDER BY t.{tables.TIMESTAMP} DESC, t.id DESC LIMIT 1",
            **bound,
        )
        return _Place(rows[0][0], int(rows[0][1] or 0)) if rows else None


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, ids))
