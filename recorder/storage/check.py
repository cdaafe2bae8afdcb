"""Look for what is damaged, missing or contradictory in a database, in bounded parts. Nothing is changed."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recorder.errors import FileMissing
from recorder.layout import tables
from recorder.layout.flatten import flatten
from recorder.layout.side_text import read_side_text
from recorder.layout.tables import quote
from recorder.layout.tagged import canonical_hash, from_json_value
from recorder.layout.values import StoredValue, as_column, to_stored
from recorder.payloads import file_names
from recorder.storage.connection import check_journal, translating
from recorder.storage.entries import stale_ids
from recorder.storage.library import Database
from recorder.storage.payload_files import is_unfinished, payload_directory
from recorder.storage.schema import Schema
from recorder.storage.shared_rows import hash_of
from recorder.storage.task_table import TaskTable

_PORTION = 1_000
_DAMAGE_SHOWN = 20
_LEAVE = "its columns still hold what they hold; compare it with a copy"
_RECORD_AGAIN = "restore the row from a copy, or record the Task again"


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        what: What is wrong, in words.
        where: The table, the entry or the file.
        advice: What to do.
    """

    what: str
    where: str
    advice: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.advice}"


def check_database(path: Path, timeout: float, awaited: Collection[str] = ()) -> Iterator[Finding]:
    """Yield what is wrong with a database, its side tables and the files of its results.

    Args:
        path: The database file.
        timeout: Seconds to wait for another process's lock.
        awaited: Names of result files that entries in the spool point to.

    Raises:
        FileMissing: There is no such file.
        RecorderError: It cannot be read.
    """
    if not path.is_file():
        raise FileMissing(f"{path}: no such database; name a database, or the directory that holds lute.db")
    with translating(path), closing(_open(path, timeout)) as connection:
        check = _Check(connection, path, awaited)
        yield from check.integrity()
        for task, table in sorted(check.schema.task_tables().items()):
            yield from check.shared_rows_of(task, table)
            yield from check.beside(task, table)
            yield from check.running(task, table)
        for shared in (*tables.SHARED_TABLES, tables.ORIGIN):
            yield from check.shared_rows(shared)
        yield from check.side_rows()
        yield from check.payload_files()


def check_spool(waiting: Iterable[Path], refused: Iterable[Path]) -> Iterator[Finding]:
    """Yield the entries that are not in the database yet."""
    for path in waiting:
        yield Finding("an entry waits to be stored", str(path), "run `recorder replay`")
    for path in refused:
        advice = "the text beside it says why; run `recorder replay --refused` once that is mended"
        yield Finding("an entry was refused", str(path), advice)


def _open(path: Path, timeout: float) -> sqlite3.Connection:
    check_journal(path)
    with path.open("rb") as file:
        is_log = file.read(20)[18:20] == b"\x02\x02"
    # Reading a file in write-ahead-log mode makes files beside it, unless nobody has it open and SQLite is told so.
    alone = is_log and not os.path.exists(f"{path}-wal")  # noqa: PTH110 - it never raises
    uri = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    connection = sqlite3.connect(uri, uri=True, timeout=timeout, isolation_level=None)
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    return connection


class _Check:
    """The looks at one database."""

    def __init__(self, connection: sqlite3.Connection, path: Path, awaited: Collection[str]) -> None:
        self._connection = connection
        self._path = path
        self._database = Database(connection, recursive_triggers=False, execute_plugins=False)
        self.schema = Schema(self._database, path)
        self._is_ours = self.schema.finds_newest()
        self._used_files = set(awaited)

    def integrity(self) -> Iterator[Finding]:
        for (words,) in self._connection.execute(f"PRAGMA integrity_check({_DAMAGE_SHOWN})").fetchall():
            if words != "ok":
                yield Finding(str(words), str(self._path), "the file is damaged: restore it from a copy")

    def shared_rows_of(self, task: str, table: TaskTable) -> Iterator[Finding]:
        """Yield entries whose shared row is missing."""
        for shared in tables.SHARED_TABLES:
            missing = (
                f"SELECT t.id, t.{shared}_id FROM {quote(table.name)} AS t "
                f"WHERE t.id > ? AND t.{shared}_id IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM {shared} AS s WHERE s.id = t.{shared}_id) ORDER BY t.id LIMIT ?"
            )
            for row_id, shared_id in self._portions(missing):
                yield Finding(f"its {shared} row {shared_id} is missing", f"{task} {row_id}", _RECORD_AGAIN)

    def beside(self, task: str, table: TaskTable) -> Iterator[Finding]:
        """Yield entries that do not agree with what is kept beside them."""
        if not self._is_ours:
            return
        sql = (
            "SELECT t.id, e.parameters, e.parameters_hash, e.payload_kind, e.extra "
            f"FROM {quote(table.name)} AS t JOIN {tables.ENTRY} AS e ON e.task = ? AND e.id = t.id "
            "WHERE t.id > ? AND e.key IS NOT NULL ORDER BY t.id LIMIT ?"
        )
        described = self._connection.execute(f"PRAGMA table_info({quote(table.name)})").fetchall()
        declared = {name: kind for _, name, kind, *_ in described}
        # A row alone may have as many columns as SQLite takes.
        columns = f"SELECT {', '.join(map(quote, table.columns))} FROM {quote(table.name)} WHERE id = ?"
        for row_id, text, digest, kind, extra in self._portions(sql, table.name):
            cells = self._connection.execute(columns, (row_id,)).fetchone()
            if cells is None:  # removed just now
                continue
            row = dict(zip(table.columns, cells, strict=True))
            for words, advice in _disagreements(table, declared, row, text, digest):
                yield Finding(words, f"{task} {row_id}", advice)
            for name in _files_of(row[tables.RESULT_PAYLOAD], kind, text, extra):
                yield from self._file(f"{task} {row_id}", name)

    def _file(self, where: str, name: str) -> Iterator[Finding]:
        """Yield what is wrong with a file that an entry points to, and with those that are named in it."""
        self._used_files.add(name)
        path = payload_directory(self._path) / name
        try:
            with path.open("rb") as file:
                is_right = hashlib.file_digest(file, "sha256").hexdigest() == name.partition("-")[2].partition(".")[0]
            inner = _files_in(path.read_text("ascii"), json.loads) if is_right and path.suffix == ".json" else []
        except OSError as error:
            yield Finding(f"its result {path} cannot be read ({error.strerror})", where, "restore the file from a copy")
            return
        if not is_right:
            yield Finding(f"its result {path} is not what was recorded", where, "restore the file from a copy")
        for another in inner:
            yield from self._file(where, another)

    def running(self, task: str, table: TaskTable) -> Iterator[Finding]:
        for row_id in stale_ids(self._database, self.schema, table):
            advice = "its job is gone or hangs: look at its log, and record it anew"
            yield Finding("it is RUNNING for longer than its task_timeout", f"{task} {row_id}", advice)

    def shared_rows(self, table: str) -> Iterator[Finding]:
        """Yield shared rows that are there twice, that nothing points to, or whose hash is wrong."""
        columns = [name for name in self.schema.columns(table) if name != tables.ID]
        if not columns:
            return
        seen: dict[bytes, int] = {}
        used, hashed_up_to = self._used(table), self._hashed_up_to(table)
        names = ", ".join(map(quote, columns))
        for row_id, *cells in self._portions(f"SELECT id, {names} FROM {table} WHERE id > ? ORDER BY id LIMIT ?"):
            digest = hash_of(tuple(cells))
            first = seen.setdefault(bytes.fromhex(digest)[:16], row_id)  # enough, and a quarter of the memory
            if first != row_id:
                yield Finding(f"it is equal to row {first}", f"{table} {row_id}", "entries of both are of one kind")
            if row_id <= hashed_up_to and not self._has_hash(table, digest, row_id):
                advice = "somebody altered the row; entries that point to it now say what it holds"
                yield Finding("it is not what was recorded", f"{table} {row_id}", advice)
            # The start and the end of a Task may have two origins, of which the entry keeps the last.
            if table != tables.ORIGIN and row_id <= hashed_up_to and row_id not in used:
                yield Finding("no entry points to it", f"{table} {row_id}", "nothing needs to be done")

    def _used(self, table: str) -> set[int]:
        column = f"{table}_id" if table != tables.ORIGIN else "origin_id"
        sources = [task.name for task in self.schema.task_tables().values()]
        if table == tables.ORIGIN:
            sources = [tables.ENTRY] if "origin_id" in self.schema.columns(tables.ENTRY) else []
        used: set[int] = set()
        for source in sources:
            found = self._connection.execute(f"SELECT DISTINCT {column} FROM {quote(source)}").fetchall()
            used.update(row_id for (row_id,) in found)
        return used

    def _hashed_up_to(self, table: str) -> int:
        """Return the id up to which a shared table's rows are ours, or were met and hashed by us."""
        if not self._is_ours:
            return 0
        sql = f"SELECT CAST(value AS INTEGER) FROM {tables.META} WHERE key = ?"
        row = self._connection.execute(sql, (tables.HASHED_UP_TO + table,)).fetchone()
        return 0 if row is None else int(row[0])

    def _has_hash(self, table: str, digest: str, row_id: int) -> bool:
        sql = f"SELECT 1 FROM {tables.SHARED} WHERE table_name = ? AND hash = ? AND id = ?"
        return self._connection.execute(sql, (table, digest, row_id)).fetchone() is not None

    def side_rows(self) -> Iterator[Finding]:
        """Yield rows of side tables whose entry is gone."""
        if not self._is_ours:
            return
        known = {table.name for table in self.schema.task_tables().values()}
        for table, column in ((tables.ENTRY, "id"), (tables.VALIDITY, "entry_id"), (tables.FAILURE, "entry_id")):
            for (name,) in self._connection.execute(f"SELECT DISTINCT task FROM {table}").fetchall():
                advice = "somebody removed it; nothing needs to be done"
                if name not in known:
                    yield Finding(f"the Task's table {name!r} is gone", table, advice)
                    continue
                gone = (
                    f"SELECT s.{column} FROM {table} AS s WHERE s.task = ? AND s.{column} > ? AND NOT EXISTS "
                    f"(SELECT 1 FROM {quote(name)} AS t WHERE t.id = s.{column}) ORDER BY s.{column} LIMIT ?"
                )
                for (row_id,) in self._portions(gone, name):
                    yield Finding(f"entry {row_id} of {name!r} is gone", table, advice)

    def payload_files(self) -> Iterator[Finding]:
        """Yield files of results that no entry points to."""
        directory = payload_directory(self._path)
        if self._is_ours and directory.is_dir():
            for path in sorted(directory.iterdir()):
                if is_unfinished(path.name):
                    advice = "unless an entry is just being recorded, `recorder replay` removes it after a day"
                    yield Finding("it was never finished", str(path), advice)
                elif path.name not in self._used_files:
                    advice = "unless an entry is just being recorded, or waits in somebody's own spool, remove it"
                    yield Finding("no entry points to it", str(path), advice)

    def _portions(self, sql: str, *bound: StoredValue) -> Iterator[Sequence[Any]]:
        """Yield the rows of a statement that ends with ``id > ?`` and ``LIMIT ?``, and begins with the id, in parts."""
        last: Any = -(2**63)
        while True:
            rows = self._connection.execute(sql, (*bound, last, _PORTION)).fetchall()
            yield from rows
            if len(rows) < _PORTION:
                return
            last = rows[-1][0]


def _files_of(payload: StoredValue, kind: StoredValue, parameters: StoredValue, extra: StoredValue) -> list[str]:
    """Return the names of the files that an entry points to, however deep in its result or its parameters."""
    named = [Path(str(payload)).name] if kind == "file" else []
    named += _files_in(payload, json.loads) if kind == "json" else []
    return list(dict.fromkeys(named + _files_in(parameters, read_side_text) + _files_in(extra, read_side_text)))


def _files_in(text: StoredValue, read: Callable[[str], Any]) -> list[str]:
    try:
        return [] if text is None else file_names(read(str(text)))
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):  # altered; other looks say so
        return []


def _disagreements(
    table: TaskTable, declared: dict[str, str], row: dict[str, StoredValue], text: StoredValue, digest: StoredValue
) -> Iterator[tuple[str, str]]:
    try:
        tree = read_side_text(str(text))
        from_json_value(tree)
        expected = canonical_hash(tree)
        leaves = flatten(tree)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        yield "its exact parameters cannot be read", _LEAVE
        return
    if expected != digest:
        yield "its exact parameters do not have the hash that was recorded", _LEAVE
    for name, leaf in leaves.items():
        column = table.parameters.get(name)
        if column is not None and row[column] != as_column(to_stored(leaf), declared[column]):
            yield f"column {column!r} does not hold what was recorded", "somebody altered it, or the exact parameters"
