"""What another program finds in a database, and does to it, with nothing but SQL."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any


def rows(path: Path, sql: str, *bound: Any) -> list[tuple[Any, ...]]:
    """Return what a statement gives, once it is committed."""
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, bound).fetchall()


def dump(path: Path) -> list[str]:
    """Return everything in a database as text."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


def columns(path: Path, table: str) -> list[tuple[str, str]]:
    """Return the columns of a table and their declared types."""
    return [(name, declared) for _, name, declared, *_ in rows(path, f'PRAGMA table_info("{table}")')]


def headers(path: Path) -> list[str]:
    """Return the titles of all headers."""
    return [title for (title,) in rows(path, "SELECT title FROM gen_cfg ORDER BY id")]
