"""``query --exact`` reproduces value and storage class of every cell."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.layout.tables import quote

from .conftest import answer

Stored = tuple[str, Any]
"""Storage class and value; a text by its bytes, a real number by its bits."""


def from_json(value: Any) -> Stored:
    match value:
        case None:
            return "null", None
        case int():
            return "integer", value
        case float():
            return "real", struct.pack("<d", value)
        case str():
            return "text", value.encode()
        case {"$float": text}:
            return "real", struct.pack("<d", float(text))
        case {"$text": text}:
            return "text", base64.b64decode(text)
        case {"$bytes": text}:
            return "blob", base64.b64decode(text)
    raise AssertionError(f"no exact value: {value!r}")


def from_sqlite(kind: str, value: Any) -> Stored:
    return kind, struct.pack("<d", value) if kind == "real" else value


def stored_rows(path: Path, table: str) -> list[dict[str, Stored]]:
    """Return every cell of a table as SQLite has it, the newest row first."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({quote(table)})")]
        connection.text_factory = bytes
        picked = ", ".join(f"typeof(t.{quote(name)}), t.{quote(name)}" for name in names)
        rows = connection.execute(f"SELECT {picked} FROM {quote(table)} AS t ORDER BY rowid DESC").fetchall()
    return [
        {name: from_sqlite(row[2 * place].decode(), row[2 * place + 1]) for place, name in enumerate(names)}
        for row in rows
    ]


def exported_rows(path: Path, table: str, form: str) -> list[dict[str, Stored]]:
    got = answer("query", path, table, "--format", form, "--exact")
    assert got.code == 0, got.err
    objects = json.loads(got.out) if form == "json" else [json.loads(line) for line in got.out.splitlines()]
    return [{name: from_json(value) for name, value in row.items()} for row in objects]


class NotUtf8(bytes):
    """The bytes of a text that is not UTF-8."""


def is_not_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False


characters = st.characters(exclude_categories=["Cs"])
cells = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(characters)
    | st.text(st.sampled_from("\x00\x07\x1b[]0;\x7f\x9b\u202e\r\n\t\\\"'"))
    | st.binary()
    | st.binary(min_size=1).filter(is_not_utf8).map(NotUtf8)
)
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)


@given(
    st.lists(names, min_size=1, max_size=5, unique_by=str.casefold).flatmap(
        lambda columns: st.tuples(
            st.just(columns), st.lists(st.tuples(*[cells] * len(columns)), min_size=1, max_size=4)
        )
    ),
    st.sampled_from(["json", "jsonl"]),
)
@settings(max_examples=60)
def test_whatever_is_stored_comes_back(data: tuple[list[str], list[tuple[Any, ...]]], form: str) -> None:
    columns, rows = data
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "any.db"
        with contextlib.closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(f'CREATE TABLE "some table"({", ".join(map(quote, columns))})')
            for row in rows:
                marks = ("CAST(? AS TEXT)" if isinstance(cell, NotUtf8) else "?" for cell in row)
                connection.execute(f'INSERT INTO "some table" VALUES ({", ".join(marks)})', row)
        assert exported_rows(path, "some table", form) == stored_rows(path, "some table")


@pytest.mark.parametrize(
    "cell",
    ["x" * 5_000, "µ" * 4_001, "𝄞\0" * 3_000, b"\x00\xff" * 500_000, NotUtf8(b"long \xff" * 2_000), "y" * 20_000_000],
    ids=["text", "two bytes a character", "NUL inside", "blob", "not UTF-8", "over the limit of a window"],
)
def test_long_values_come_whole(cell: str | bytes, tmp_path: Path) -> None:
    path = tmp_path / "long.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, value)")
        mark = "CAST(? AS TEXT)" if isinstance(cell, NotUtf8) else "?"
        connection.executemany(f"INSERT INTO t(value) VALUES ({mark})", [(cell,), ("short",), (cell,)])
    assert exported_rows(path, "t", "jsonl") == stored_rows(path, "t")


@pytest.mark.parametrize("name", ["lute-v01.db", "lute-v02.db", "lattedb.db"])
def test_a_real_file_comes_back_cell_for_cell(name: str, sample: Callable[[str], Path]) -> None:
    path = sample(name)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        tables = [table for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert tables
    for table in tables:
        assert exported_rows(path, table, "jsonl") == stored_rows(path, table), table
