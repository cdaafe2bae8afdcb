"""Find the row of a shared table that holds certain values, or add it: equal configurations exist once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence

from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.tagged import canonical_json, to_json_value
from recorder.layout.values import StoredValue


def shared_row(connection: sqlite3.Connection, table: str, cells: Mapping[str, StoredValue], *, hashed: bool) -> int:
    """Return the id of the row that holds exactly these cells, storage classes included; add it if there is none.

    Through the hashes it takes the same time however many rows there are; those that other programs wrote are hashed
    when they are first met.

    Args:
        connection: A connection inside a writing transaction.
        table: The shared table.
        cells: What its columns but the id hold.
        hashed: Whether the side table of hashes may be used and kept up.
    """
    if hashed:
        _hash_new_rows(connection, table, list(cells))
    wanted = _text(list(cells.values()))
    for row_id in _candidates(connection, table, cells, wanted) if hashed else _equal_rows(connection, table, cells):
        if _row_text(connection, table, list(cells), row_id) == wanted:
            return row_id
    names = ", ".join(map(quote, cells))
    places = ", ".join("?" * len(cells))
    inserted = connection.execute(f"INSERT INTO {table}({names}) VALUES ({places})", tuple(cells.values()))
    row_id = int(inserted.lastrowid or 0)
    if hashed:
        _keep_hashes(connection, table, [(_hash(wanted), row_id)])
    return row_id


def _candidates(connection: sqlite3.Connection, table: str, cells: Mapping[str, StoredValue], wanted: str) -> list[int]:
    found = connection.execute(
        f"SELECT id FROM {tables.SHARED} WHERE table_name = ? AND hash = ? ORDER BY id", (table, _hash(wanted))
    )
    return [row_id for (row_id,) in found.fetchall()]


def _equal_rows(connection: sqlite3.Connection, table: str, cells: Mapping[str, StoredValue]) -> list[int]:
    condition = " AND ".join(f"{quote(name)} IS ?" for name in cells)
    found = connection.execute(f"SELECT id FROM {table} WHERE {condition} ORDER BY id", tuple(cells.values()))
    return [row_id for (row_id,) in found.fetchall()]


def _row_text(connection: sqlite3.Connection, table: str, columns: Sequence[str], row_id: int) -> str | None:
    row = connection.execute(f"SELECT {', '.join(map(quote, columns))} FROM {table} WHERE id = ?", (row_id,)).fetchone()
    return None if row is None else _text(row)


def _hash_new_rows(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
    key = tables.HASHED_UP_TO + table
    names = ", ".join(map(quote, columns))
    up_to = f"coalesce((SELECT CAST(value AS INTEGER) FROM {tables.META} WHERE key = ?), 0)"
    new_rows = connection.execute(f"SELECT id, {names} FROM {table} WHERE id > {up_to} ORDER BY id", (key,)).fetchall()
    if new_rows:
        _keep_hashes(connection, table, [(_hash(_text(cells)), row_id) for row_id, *cells in new_rows])


def _keep_hashes(connection: sqlite3.Connection, table: str, hashes: Sequence[tuple[str, int]]) -> None:
    connection.executemany(
        f"INSERT OR IGNORE INTO {tables.SHARED}(table_name, hash, id) VALUES (?, ?, ?)",
        [(table, digest, row_id) for digest, row_id in hashes],
    )
    connection.execute(
        f"INSERT OR REPLACE INTO {tables.META}(key, value) VALUES (?, ?)",
        (tables.HASHED_UP_TO + table, str(hashes[-1][1])),
    )


def _text(cells: Sequence[StoredValue]) -> str:
    """Return a text that is equal for equal cells of equal storage classes, and for no others."""
    return canonical_json(to_json_value(list(cells)))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()
