"""Note in ``_rec_entry`` where entries stand, so that the newest is found through its indexes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from recorder.layout import tables
from recorder.layout.tables import quote

# NULL for a number, which the text of the side table could not tell from a text.
_TIMESTAMP = f"CASE WHEN typeof(t.{tables.TIMESTAMP}) IN ('text', 'blob') THEN t.{tables.TIMESTAMP} END"


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
