"""Recognise what the tables of a file are: each recogniser only builds Relations.

Grid, filter and export know no special column; they go by a column's role and origin.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from dbview.query.relation import Column, Form, Join, Origin, Part, Relation, RelationKind, Role
from dbview.text import decode_escaped
from recorder.layout import tables

_INTERNAL_PREFIXES = ("sqlite_", tables.SIDE_PREFIX, "django_", "auth_")
_ROW_ID_NAMES = ("rowid", "_rowid_", "oid")

TASK_ROLES = {
    tables.ID: Role.ID,
    tables.TIMESTAMP: Role.TIME,
    tables.GEN_CFG_ID: Role.CONFIGURATION,
    tables.EXEC_CFG_ID: Role.CONFIGURATION,
    tables.RESULT_STATUS: Role.STATUS,
    tables.RESULT_SUMMARY: Role.SUMMARY,
    tables.RESULT_PAYLOAD: Role.PAYLOAD,
    tables.RESULT_SCHEMAS: Role.SCHEMA,
    tables.VALID_FLAG: Role.VALID,
}
"""What the fixed columns of a Task mean; all others are parameters."""
_SHARED_ROLES = {
    tables.ID: Role.ID,
    "title": Role.TITLE,
    "experiment": Role.EXPERIMENT,
    "run": Role.RUN,
    "env": Role.ENVIRONMENT,
}


class StoredColumn(NamedTuple):
    """A column as ``PRAGMA table_xinfo`` tells it."""

    name: str
    declared: str
    is_row_id: bool
    """Another name for the row id (``INTEGER PRIMARY KEY``)."""
    is_computed: bool


class StoredTable(NamedTuple):
    """A table or view as the file's schema tells it."""

    name: str
    kind: str
    """table, view, virtual or shadow."""
    has_row_id: bool
    columns: tuple[StoredColumn, ...]
    left_out: tuple[str, ...]
    """Columns whose names are not UTF-8."""


def read_schema(connection: sqlite3.Connection) -> list[StoredTable]:
    """Return the tables and views of a file, in the order they were made, the schema's own tables last.

    What has a name that is not UTF-8 cannot be asked for, and a guard written in Python is not even told of it: such a
    table is listed without columns, such a column is left out and named beside the others.
    """
    kept = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        listed = connection.execute("PRAGMA table_list").fetchall()
        order = {name: place for place, (name,) in enumerate(connection.execute("SELECT name FROM sqlite_master"))}
        found = [
            (order.get(name, len(order)), _table(connection, name, kind, bool(without_row_id), order))
            for schema, name, kind, _width, without_row_id, _strict in listed
            if schema == "main" and name != "sqlite_schema"
        ]
    finally:
        connection.text_factory = kept
    return [table for _place, table in sorted(found, key=lambda placed: placed[0])]


def _table(
    connection: sqlite3.Connection, name: str, kind: str, without_row_id: bool, all_names: Container[str]
) -> StoredTable:
    # A primary key that has an index is no other name for the row id (https://sqlite.org/lang_createtable.html#rowid).
    may_name_row_id = kind == "table" and not without_row_id and f"sqlite_autoindex_{name}_1" not in all_names
    columns = _columns(connection, name, may_name_row_id) if _is_text(name) else []
    return StoredTable(
        _written_out(name),
        kind,
        not without_row_id and kind != "view",
        tuple(column for column in columns if _is_text(column.name)),
        tuple(_written_out(column.name) for column in columns if not _is_text(column.name)),
    )


def _columns(connection: sqlite3.Connection, table: str, may_name_row_id: bool) -> list[StoredColumn]:
    try:
        rows = connection.execute(f"PRAGMA table_xinfo({tables.quote(table)})").fetchall()
    except sqlite3.OperationalError:
        # A virtual table of an unknown module, or a view over something gone: it has a name and nothing to show.
        return []
    may_name_row_id = may_name_row_id and sum(bool(primary) for *_, primary, _hidden in rows) == 1
    return [
        StoredColumn(
            name,
            (declared or "").upper(),
            may_name_row_id and bool(primary) and (declared or "").upper() == "INTEGER",
            hidden == 2,
        )
        for _id, name, declared, _notnull, _default, primary, hidden in rows
        if hidden != 1
    ]


def _is_text(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _written_out(name: str) -> str:
    return decode_escaped(name.encode("utf-8", "surrogateescape"))


def recognise(schema: Sequence[StoredTable]) -> tuple[Relation, ...]:
    """Return the relations of a file, in the schema's order."""
    by_name = {table.name: table for table in schema}
    return tuple(_relation(table, by_name) for table in schema)


def _relation(table: StoredTable, by_name: dict[str, StoredTable]) -> Relation:
    names = [column.name for column in table.columns]
    if table.kind == "table" and tables.is_task_table(names):
        columns = _with_roles(table, TASK_ROLES, Role.PARAMETER)
        columns += _joined(columns, by_name)
        beside = _beside(table.name, columns, by_name)
        return Relation(table.name, RelationKind.TASK, columns, _key(table), table.left_out, beside)
    if table.name in tables.SHARED_TABLES:
        columns = _with_roles(table, _SHARED_ROLES, Role.OTHER)
        return Relation(table.name, RelationKind.SHARED, columns, _key(table), table.left_out)
    kind = RelationKind.VIEW if table.kind == "view" else RelationKind.PLAIN
    if table.name.startswith(_INTERNAL_PREFIXES) or table.kind == "shadow":
        kind = RelationKind.INTERNAL
    return Relation(table.name, kind, _with_roles(table, {tables.ID: Role.ID}, Role.OTHER), _key(table), table.left_out)


def _with_roles(table: StoredTable, roles: dict[str, Role], other: Role) -> tuple[Column, ...]:
    return tuple(
        Column(column.name, column.declared, roles.get(column.name, other), computed=column.is_computed)
        for column in table.columns
    )


def _joined(columns: Iterable[Column], by_name: dict[str, StoredTable]) -> tuple[Column, ...]:
    """Return the columns of the shared rows an entry points to, named ``gen_cfg.run``."""
    taken = {column.name for column in columns}
    joined = []
    for relation in tables.SHARED_TABLES:
        if relation not in by_name or not by_name[relation].has_row_id:
            continue
        for shared in by_name[relation].columns:
            name = f"{relation}.{shared.name}"
            if shared.name == tables.ID or name in taken:
                continue
            via = Join(f"{relation}_id", relation, shared.name)
            joined.append(Column(name, shared.declared, _SHARED_ROLES.get(shared.name, Role.OTHER), Origin.JOINED, via))
    return tuple(joined)


def _beside(task: str, columns: Iterable[Column], by_name: Mapping[str, StoredTable]) -> tuple[Column, ...]:
    """Return what the recorder keeps beside the entries of a Task, as far as this file has such tables and columns.

    Failures are named ``failure.signal``; who recorded an entry, when and how long it took, ``origin.user``.
    """
    there = {
        table: {column.name: column.declared for column in by_name[table].columns if by_name[table].kind == "table"}
        for table in (tables.ENTRY, tables.FAILURE, tables.ORIGIN)
        if table in by_name
    }
    of_entry = Join(tables.ID, tables.ENTRY, "origin_id", task=task)
    failure = Join(tables.ID, tables.FAILURE, "", by="entry_id", task=task)
    origin = Join(tables.ID, tables.ORIGIN, "", through=of_entry)
    plain = Part(Form.SIDE_TEXT)
    kept = [
        *((f"failure.{name}", replace(failure, column=name), plain) for name in _FAILURE_COLUMNS),
        *((f"origin.{name}", replace(origin, column=name), plain) for name in _ORIGIN_COLUMNS),
        *((f"origin.{name}", replace(of_entry, column=name), plain) for name in ("started_at", "recorded_at")),
        ("origin.duration", replace(of_entry, column="recorded_at"), Part(Form.SECONDS, "started_at")),
    ]
    taken = {column.name for column in columns}
    return tuple(
        Column(name, _declared(there, via, part), Role.OTHER, Origin.JOINED, via, part=part)
        for name, via, part in kept
        if name not in taken and _leads_somewhere(there, via, part)
    )


_FAILURE_COLUMNS = ("return_code", "signal", "output", "log")
_ORIGIN_COLUMNS = ("user", "host", "pid", "job", "recorder_version", "code_version")


def _leads_somewhere(there: Mapping[str, Mapping[str, str]], via: Join, part: Part) -> bool:
    needed = {via.by, via.column, part.name or via.column, *(["task"] if via.task is not None else [])}
    by_a_way = via.through is None or _leads_somewhere(there, via.through, Part(Form.SIDE_TEXT))
    return by_a_way and needed <= there.get(via.relation, {}).keys()


def _declared(there: Mapping[str, Mapping[str, str]], via: Join, part: Part) -> str:
    return "REAL" if part.form is Form.SECONDS else there[via.relation][via.column]


def _key(table: StoredTable) -> str | None:
    """Return the column that is the row id, else a name for it that no column shadows, None if the table has none."""
    if not table.has_row_id or not table.columns:
        return None
    taken = {column.name.lower() for column in table.columns}
    free = next((name for name in _ROW_ID_NAMES if name not in taken), None)
    return next((column.name for column in table.columns if column.is_row_id), free)
