"""Note in ``_rec_entry`` where entries stand, so that the newest is found through its indexes.

Where somebody drops a Task's table and others fill it anew, their rows stand where ours stood. What is noted is about a
row only as long as this has the header and the timestamp that are noted beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from recorder.layout import tables
from recorder.layout.tables import quote

# NULL for a number, which the text of the side table could not tell from a text.
_TIMESTAMP = f"CASE WHEN typeof(t.{tables.TIMESTAMP}) IN ('text', 'blob') THEN t.{tables.TIMESTAMP} END"

AS_PLACED = f"({_TIMESTAMP} IS e.{tables.TIMESTAMP} AND t.{tables.GEN_CFG_ID} IS e.{tables.GEN_CFG_ID})"
"""SQL: whether row ``t`` of a Task's table is the one that row ``e`` of ``_rec_entry`` notes."""

_IDS = {tables.ENTRY: "id", tables.VALIDITY: "entry_id", tables.FAILURE: "entry_id"}
"""Columns that hold an entry's id, by side table."""


def is_last_as_placed(connection: sqlite3.Connection, table: str) -> bool:
    """Tell whether the greatest id that is noted of a Task is still that row's; also if none is noted."""
    found = connection.execute(
        f"SELECT {AS_PLACED} FROM {tables.ENTRY} AS e LEFT JOIN {quote(table)} AS t ON t.id = e.id "
        "WHERE e.task = ? ORDER BY e.id DESC LIMIT 1",
        (table,),
    ).fetchone()
    return found is None or bool(found[0])


def place_anew(connection: sqlite3.Connection, table: str, row_id: int) -> None:
    """Forget what is kept of entries whose place another row has now, or is to have; place the rows before one."""
    taken = [
        other
        for (other,) in connection.execute(
            f"SELECT e.id FROM {tables.ENTRY} AS e LEFT JOIN {quote(table)} AS t ON t.id = e.id WHERE e.task = ?1 "
            f"AND (e.id >= ?2 OR (t.id IS NOT NULL AND {_TIMESTAMP} IS NOT e.{tables.TIMESTAMP}))",
            (table, row_id),
        ).fetchall()
    ]
    for side_table, column in _IDS.items():
        sql = f"DELETE FROM {side_table} WHERE task = ? AND {column} = ?"
        connection.executemany(sql, [(table, other) for other in taken])
    place_rows(connection, table, 0, row_id)


def place_rows(connection: sqlite3.Connection, table: str, after: int, before: int) -> None:
    """Place the rows of a Task's table between two ids, in one statement; they are other programs' and have no key."""
    connection.execute(
        f"INSERT OR IGNORE INTO {tables.ENTRY}(task, id, recorded_at, {tables.GEN_CFG_ID}, {tables.TIMESTAMP}) "
        f"SELECT ?, t.id, coalesce(CAST(t.{tables.TIMESTAMP} AS TEXT), ''), t.{tables.GEN_CFG_ID}, {_TIMESTAMP} "
        f"FROM {quote(table)} AS t WHERE t.id > ? AND t.id < ?",
        (table, after, before),
    )


def update_from_layout_1(connection: sqlite3.Connection, task_tables: Iterable[str]) -> None:
    """Give ``_rec_entry`` the columns of layout 2, and place every row that stands before our last one."""
    for column, declared in tables.SINCE_LAYOUT_2.items():
        connection.execute(f"ALTER TABLE {tables.ENTRY} ADD COLUMN {column} {declared}")
    connection.execute(f"UPDATE {tables.ENTRY} SET stage = 'whole'")
    for table in task_tables:
        connection.execute(
            f"UPDATE {tables.ENTRY} SET ({tables.GEN_CFG_ID}, {tables.TIMESTAMP}) = (SELECT t.{tables.GEN_CFG_ID}, "
            f"{_TIMESTAMP} FROM {quote(table)} AS t WHERE t.id = {tables.ENTRY}.id) WHERE task = ?",
            (table,),
        )
        sql = f"SELECT max(id) FROM {tables.ENTRY} WHERE task = ?"
        (last,) = connection.execute(sql, (table,)).fetchone()
        place_rows(connection, table, 0, last or 0)
