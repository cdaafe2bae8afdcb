"""Go through the entries of a Task in windows, and count them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.values import StoredValue, to_stored
from recorder.storage.base import Selection, StoredEntry, TaskCount, Window, is_stale
from recorder.storage.library import Database
from recorder.storage.newest import matching_headers
from recorder.storage.rows import read_entries
from recorder.storage.schema import Schema
from recorder.storage.task_table import TaskTable

_LOOKED_AT = 2_000
"""Rows that one window looks at, however few of them match: a writer waits no longer than that takes."""

_RETURNED = 200
"""Entries that one window returns at most."""


def read_window(database: Database, schema: Schema, table: TaskTable, selection: Selection, after: int) -> Window:
    """Return the next entries that match, all of those in the next :data:`_LOOKED_AT` rows, or the first of them."""
    conditions, bound = _conditions(table, selection)
    if selection.run is not None or selection.experiment is not None:
        headers = matching_headers(database, selection.wanted)
        conditions.append(f"{tables.GEN_CFG_ID} IN ({', '.join(map(str, headers))})")
    (end,) = database.execute(
        f"SELECT max(id) FROM (SELECT id FROM {quote(table.name)} WHERE id > ? ORDER BY id LIMIT {_LOOKED_AT})",
        (after,),
    ).fetchone()
    if end is None:
        return Window([], None)
    sql = (
        f"SELECT id FROM {quote(table.name)} WHERE id > ? AND id <= ? AND {' AND '.join(conditions)} "
        f"ORDER BY id LIMIT {_RETURNED}"
    )
    ids = [row_id for (row_id,) in database.execute(sql, (after, end, *bound)).fetchall()]
    listed = ", ".join(map(str, ids))
    found = read_entries(database.conn, schema, table, selection.task, f"id IN ({listed})", ())
    surplus = {
        name: leaves for name, leaves in selection.where.items() if table.column_of(name, selection.task) is None
    }
    entries = [entry for entry in found if _holds(entry, surplus)]
    return Window(entries, ids[-1] if len(ids) == _RETURNED else end)


def _conditions(table: TaskTable, selection: Selection) -> tuple[list[str], list[StoredValue]]:
    conditions = [f"{tables.VALID_FLAG} = 1"] if selection.valid_only else ["1"]
    bound: list[StoredValue] = []
    for name, wanted in selection.where.items():
        column = table.column_of(name, selection.task)
        if column is not None:
            cells = [to_stored(leaf) for leaf in wanted]
            places = ", ".join("?" for cell in cells if cell is not None)
            is_null = f" OR {quote(column)} IS NULL" if None in cells else ""
            conditions.append(f"({quote(column)} IN ({places}){is_null})")
            bound += [cell for cell in cells if cell is not None]
    return conditions, bound


def _holds(entry: StoredEntry, wanted: Mapping[str, Sequence[Any]]) -> bool:
    return all(entry.parameters.get(name) in map(to_stored, leaves) for name, leaves in wanted.items())


def count_entries(database: Database, schema: Schema, task: str, table: TaskTable) -> TaskCount:
    """Count a Task's entries in one pass; only those that are RUNNING are looked at more closely."""
    status = quote(tables.RESULT_STATUS)
    entries, valid, running = database.execute(
        f"SELECT count(*), coalesce(sum({tables.VALID_FLAG} = 1), 0), coalesce(sum({status} = ?), 0) "
        f"FROM {quote(table.name)}",
        (tables.RUNNING,),
    ).fetchone()
    return TaskCount(task, entries, valid, running, len(stale_ids(database, schema, table)) if running else 0)


def stale_ids(database: Database, schema: Schema, table: TaskTable) -> list[int]:
    """Return the ids of entries that are RUNNING for longer than their Task may take."""
    since, beside = f"t.{tables.TIMESTAMP}", ""
    if {"task", "id", "started_at"} <= set(schema.columns(tables.ENTRY)):
        since = f"coalesce(e.started_at, {since})"
        beside = f"LEFT JOIN {tables.ENTRY} AS e ON e.task = ? AND e.id = t.id"
    found = database.execute(
        f"SELECT t.id, {since}, g.task_timeout FROM {quote(table.name)} AS t {beside} "
        f"LEFT JOIN {tables.GEN_CFG} AS g ON g.id = t.{tables.GEN_CFG_ID} "
        f"WHERE t.{quote(tables.RESULT_STATUS)} = ? ORDER BY t.id",
        (table.name, tables.RUNNING) if beside else (tables.RUNNING,),
    ).fetchall()
    now = datetime.datetime.now(datetime.UTC)
    return [row_id for row_id, began, timeout in found if is_stale(began, timeout, now)]
