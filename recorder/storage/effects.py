"""Insert and alter rows, and make sure that it happened.

A trigger that ignores a statement, or a constraint that does so on a conflict, drops it without any error: then the
number of changed rows is all that tells, and the id of the last insert is that of another row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from recorder.errors import Refused
from recorder.layout.tables import quote
from recorder.layout.values import StoredValue


def insert(connection: sqlite3.Connection, table: str, sql: str, cells: Sequence[StoredValue]) -> int:
    """Insert a row with a statement that is made already; return its id.

    Raises:
        Refused: The table did not take it.
    """
    cursor = connection.execute(sql, cells)
    if cursor.rowcount < 1:
        raise _refused(connection, f"the table {table!r} ignored a new row")
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, sql: str, cells: Sequence[StoredValue]) -> None:
    """Alter a row that is there.

    Raises:
        Refused: The table did not let it be altered.
    """
    if connection.execute(sql, cells).rowcount < 1:
        raise _refused(connection, f"the table {table!r} ignored that a row was altered")


def check_kept(connection: sqlite3.Connection, table: str, row_id: int) -> None:
    """Make sure that a row is there with which everything has been done: a trigger may have removed it at once.

    Raises:
        Refused: It is not.
    """
    if connection.execute(f"SELECT 1 FROM {quote(table)} WHERE id = ?", (row_id,)).fetchone() is None:
        raise _refused(connection, f"the table {table!r} did not keep a new row")


def _refused(connection: sqlite3.Connection, what: str) -> Refused:
    _, _, path = connection.execute("PRAGMA database_list").fetchone()
    return Refused(f"{path}: {what}; look for a trigger or an ON CONFLICT clause of its own, and drop it")
