"""Find the one row that equal cells share, by value and never by likeness; add it once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence

from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.tagged import canonical_json, to_json_value
from recorder.layout.values import StoredValue
from recorder.storage import effects

PORTION = 20_000
"""Rows of other programs that are hashed by one entry: nobody may wait long for the lock on account of their number."""

Cells = tuple[StoredValue, ...]


class SharedRows:
    """Find and add shared rows through one connection, inside its writing transactions.

    Through the hashes it takes the same time however many rows there are. Every row is compared by value before it is
    used: others may have altered it since it was hashed.

    Args:
        connection: The connection.
        hashed: Whether the side table of hashes may be used and kept up.
    """

    def __init__(self, connection: sqlite3.Connection, *, hashed: bool) -> None:
        self._connection = connection
        self._hashed = hashed
        self._last: dict[str, tuple[Cells, int]] = {}
        self._seen: set[str] = set()
        self._selects: dict[str, str] = {}

    def begin_anew(self) -> None:
        """Look at every row again before it is used: others have written since."""
        self._seen.clear()

    def row_of(self, table: str, cells: Mapping[str, StoredValue]) -> int:
        """Return the id of the row that holds exactly these cells, of the same storage classes; add it if need be."""
        wanted = tuple(cells.values())
        last, row_id = self._last.get(table, ((), 0))
        # Entries that follow one another mostly share their rows.
        if not _are_same(last, wanted):
            self._seen.discard(table)
        if table not in self._seen:
            if not (_are_same(last, wanted) and _are_same(self._row(table, cells, row_id), wanted)):
                row_id = self._find_or_add(table, cells, wanted)
                self._last[table] = wanted, row_id
            self._seen.add(table)
        return row_id

    def _row(self, table: str, columns: Mapping[str, StoredValue], row_id: int) -> Cells | None:
        if table not in self._selects:
            self._selects[table] = f"SELECT {_names(columns)} FROM {table} WHERE id = ?"
        row: Cells | None = self._connection.execute(self._selects[table], (row_id,)).fetchone()
        return row

    def _find_or_add(self, table: str, cells: Mapping[str, StoredValue], wanted: Cells) -> int:
        hashed_up_to = self._hash_portion(table, cells) if self._hashed else 0
        row_id = self._find_by_hash(table, cells, wanted) if self._hashed else None
        if row_id is None and hashed_up_to is not None:
            row_id = self._find_by_value(table, cells, wanted, hashed_up_to)
        if row_id is not None:
            return row_id
        sql = f"INSERT INTO {table}({_names(cells)}) VALUES ({', '.join('?' * len(wanted))})"
        row_id = effects.insert(self._connection, table, sql, wanted)
        effects.check_kept(self._connection, table, row_id)
        if self._hashed:
            self._keep_hashes(table, [(hash_of(wanted), row_id)])
        if hashed_up_to is None:
            self._mark_hashed(table, row_id)
        return row_id

    def _find_by_hash(self, table: str, cells: Mapping[str, StoredValue], wanted: Cells) -> int | None:
        digest = hash_of(wanted)
        found = self._connection.execute(
            f"SELECT id FROM {tables.SHARED} WHERE table_name = ? AND hash = ? ORDER BY id", (table, digest)
        ).fetchall()
        for (row_id,) in found:
            row = self._row(table, cells, row_id)
            if _are_same(row, wanted):
                return int(row_id)
            self._correct_hash(table, digest, row_id, row)
        return None

    def _find_by_value(self, table: str, cells: Mapping[str, StoredValue], wanted: Cells, beyond: int) -> int | None:
        condition = " AND ".join(f"{quote(name)} IS ?" for name in cells)
        rows = self._connection.execute(
            f"SELECT id, {_names(cells)} FROM {table} WHERE id > ? AND {condition} ORDER BY id", (beyond, *wanted)
        ).fetchall()
        return next((int(row_id) for row_id, *row in rows if _are_same(tuple(row), wanted)), None)

    def _hash_portion(self, table: str, columns: Mapping[str, StoredValue]) -> int | None:
        """Hash some rows that others wrote; return the id up to which all are hashed, or None if really all are."""
        row = self._connection.execute(
            f"SELECT value FROM {tables.META} WHERE key = ?", (tables.HASHED_UP_TO + table,)
        ).fetchone()
        up_to = int(row[0]) if row is not None and str(row[0]).isdecimal() else 0
        rows = self._connection.execute(
            f"SELECT id, {_names(columns)} FROM {table} WHERE id > ? ORDER BY id LIMIT ?", (up_to, PORTION)
        ).fetchall()
        if rows:
            self._keep_hashes(table, [(hash_of(tuple(cells)), row_id) for row_id, *cells in rows])
            up_to = rows[-1][0]
            self._mark_hashed(table, up_to)
        return up_to if len(rows) == PORTION else None

    def _mark_hashed(self, table: str, up_to: int) -> None:
        self._connection.execute(
            f"INSERT OR REPLACE INTO {tables.META}(key, value) VALUES (?, ?)", (tables.HASHED_UP_TO + table, str(up_to))
        )

    def _keep_hashes(self, table: str, hashes: Sequence[tuple[str, int]]) -> None:
        self._connection.executemany(
            f"INSERT OR IGNORE INTO {tables.SHARED}(table_name, hash, id) VALUES (?, ?, ?)",
            [(table, digest, row_id) for digest, row_id in hashes],
        )

    def _correct_hash(self, table: str, digest: str, row_id: int, row: Cells | None) -> None:
        """Let a row that somebody altered be found by what it holds now."""
        self._connection.execute(
            f"DELETE FROM {tables.SHARED} WHERE table_name = ? AND hash = ? AND id = ?", (table, digest, row_id)
        )
        if row is not None:
            self._keep_hashes(table, [(hash_of(row), row_id)])


def hash_of(cells: Cells) -> str:
    """Return the hash by which a shared row is found: equal for equal cells of equal storage classes."""
    return hashlib.sha256(canonical_json(to_json_value(list(cells))).encode("ascii")).hexdigest()


def _names(columns: Mapping[str, StoredValue]) -> str:
    return ", ".join(map(quote, columns))


def _are_same(row: Cells | None, wanted: Cells) -> bool:
    return row is not None and row == wanted and [*map(type, row)] == [*map(type, wanted)]
