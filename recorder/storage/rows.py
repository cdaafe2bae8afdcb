"""Turn an entry into the cells of its Task's table, and rows back into what was asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from recorder.entry import WHOLE
from recorder.errors import NotADatabase, UnknownEntry
from recorder.layout import tables
from recorder.layout.side_text import read_side_text, side_text
from recorder.layout.tables import quote
from recorder.layout.values import StoredValue, to_stored
from recorder.saying import say
from recorder.storage.base import Found, StoredEntry, Wanted
from recorder.storage.library import Database
from recorder.storage.newest import find_newest, headers_in_use, matching_headers, needs_headers
from recorder.storage.schema import Schema
from recorder.storage.task_table import TaskTable

_NO_SIDE_TEXT = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What reading a text that is no side text may raise."""


def parameter_cells(table: TaskTable, leaves: Mapping[str, Any]) -> dict[str, StoredValue]:
    """Return the cells of the parameters by column; those without a column of their own go into the surplus.

    Args:
        table: The Task's table, as far as it could be given columns.
        leaves: Tagged leaf by flat name.
    """
    cells: dict[str, StoredValue] = {}
    surplus = {}
    columns = table.parameters
    for name, leaf in leaves.items():
        column = columns.get(name)
        if column is None:
            surplus[name] = leaf
        else:
            cells[column] = to_stored(leaf)
    if surplus and tables.SURPLUS in table.columns:
        # Flat names as keys: none of them is a tag, since what begins with "$" is a mapping's own key and was wrapped.
        cells[tables.SURPLUS] = side_text({"$dict": surplus})
    return cells


def _from_surplus(schema: Schema, table: TaskTable, row_id: int, text: StoredValue) -> dict[str, StoredValue]:
    if text is None:
        return {}
    try:
        return {name: to_stored(leaf) for name, leaf in read_side_text(str(text))["$dict"].items()}
    except _NO_SIDE_TEXT as error:
        raise NotADatabase(
            f"{schema.path}: entry {row_id} of {table.name!r} has a damaged {tables.SURPLUS} ({error}); "
            "restore it from a copy"
        ) from error


def check_ids(database: Database, table: TaskTable, task: str, ids: Sequence[int]) -> None:
    """Make sure that a Task has entries with all of these ids.

    Raises:
        UnknownEntry: It has not; the message names those that are missing.
    """
    sql = f"SELECT 1 FROM {quote(table.name)} WHERE id = ?"
    missing = [str(row_id) for row_id in ids if database.execute(sql, (to_stored(row_id),)).fetchone() is None]
    if missing:
        raise UnknownEntry(f"Task {task!r} has no entry {', '.join(missing)}; nothing was changed")


def find_latest(database: Database, schema: Schema, table: TaskTable, wanted: Wanted) -> Found | None:
    """Return the value of the newest entry that matches, or None."""
    column = table.column_of(wanted.parameter, wanted.task)
    experiments = matching_headers(database, wanted) if needs_headers(wanted) else None
    newest = find_newest(database, schema, table, wanted, None if experiments is None else experiments.keys())
    if newest is None:
        return None
    sql = f"SELECT {tables.GEN_CFG_ID}, {quote(column or tables.SURPLUS)} FROM {quote(table.name)} WHERE id = ?"
    header_id, value = database.execute(sql, (newest,)).fetchone()
    if column is None:
        value = _from_surplus(schema, table, newest, value).get(wanted.parameter)
    if experiments is None:
        return Found(value, newest, () if wanted.experiment is None else (wanted.experiment,))
    own = experiments[header_id]
    elsewhere = {header: name for header, name in experiments.items() if str(name) != str(own)}
    used = headers_in_use(database, schema, table, wanted, elsewhere) if elsewhere else []
    return Found(value, newest, (own, *sorted({str(elsewhere[header]) for header in used})))


def read_entries(
    connection: sqlite3.Connection,
    schema: Schema,
    table: TaskTable,
    task: str,
    condition: str,
    bound: Sequence[StoredValue],
) -> list[StoredEntry]:
    """Return the entries of a Task that an SQL condition on its table leaves, in the order of their ids."""
    sql = f"SELECT {', '.join(map(quote, table.columns))} FROM {quote(table.name)} WHERE {condition} ORDER BY id"
    found = [dict(zip(table.columns, row, strict=True)) for row in connection.execute(sql, bound).fetchall()]
    beside = _Beside(connection, schema, table)
    return [_stored_entry(beside, task, row) for row in found]


def _stored_entry(beside: _Beside, task: str, row: dict[str, StoredValue]) -> StoredEntry:
    schema, table = beside.schema, beside.table
    entry_id = int(row[tables.ID] or 0)
    side = beside.of_entry(tables.ENTRY, "id", entry_id)
    failure = beside.of_entry(tables.FAILURE, "entry_id", entry_id)
    if not tables.is_about(side, row):
        side, failure = {}, {}
    parameters = {name: row[column] for name, column in table.parameters.items()}
    parameters.update(_from_surplus(schema, table, entry_id, row.get(tables.SURPLUS)))
    return StoredEntry(
        task=task,
        id=entry_id,
        key=_text(side.get("key")),
        header=beside.shared(tables.GEN_CFG, list(tables.GEN_CFG_COLUMNS), row[tables.GEN_CFG_ID]),
        executor=beside.shared(tables.EXEC_CFG, list(tables.EXEC_CFG_COLUMNS), row[tables.EXEC_CFG_ID]),
        parameters=parameters,
        result={name: row[name] for name in (tables.TIMESTAMP, *tables.TRAILING_COLUMNS)},
        exact=_tree(schema, table, entry_id, side.get("parameters")),
        parameters_hash=_text(side.get("parameters_hash")),
        payload_kind=_text(side.get("payload_kind")),
        extra=_tree(schema, table, entry_id, side.get("extra")) or {},
        recorded_at=_text(side.get("recorded_at")) if side.get("key") is not None else None,
        stage=_text(side.get("stage")) or WHOLE,
        started_at=_text(side.get("started_at")),
        origin=_told(beside.shared(tables.ORIGIN, tables.side_columns(tables.ORIGIN)[1:], side.get("origin_id"))),
        failure=_told({name: cell for name, cell in failure.items() if name not in ("task", "entry_id")}),
    )


class _Beside:
    """What is kept beside the rows of one Task's table; shared rows are read once."""

    def __init__(self, connection: sqlite3.Connection, schema: Schema, table: TaskTable) -> None:
        self.schema = schema
        self.table = table
        self._connection = connection
        self._shared: dict[tuple[str, StoredValue], dict[str, StoredValue]] = {}

    def shared(self, table: str, columns: list[str], row_id: StoredValue) -> dict[str, StoredValue]:
        """Return the cells of a shared row; none if it is missing."""
        if row_id is None or "id" not in self.schema.columns(table):
            return {}
        if (table, row_id) not in self._shared:
            held = [name for name in columns if name in self.schema.columns(table)]
            self._shared[table, row_id] = self._row(table, held, "id = ?", (row_id,))
        return self._shared[table, row_id]

    def of_entry(self, table: str, id_column: str, entry_id: int) -> dict[str, StoredValue]:
        """Return the cells that a side table holds of an entry; none if it holds nothing, or is not ours."""
        held = [name for name in tables.side_columns(table) if name in self.schema.columns(table)]
        if not {"task", id_column} <= set(held):
            return {}
        return self._row(table, held, f"task = ? AND {id_column} = ?", (self.table.name, entry_id))

    def _row(
        self, table: str, columns: Sequence[str], condition: str, bound: Sequence[StoredValue]
    ) -> dict[str, StoredValue]:
        sql = f"SELECT {', '.join(map(quote, columns))} FROM {quote(table)} WHERE {condition}"
        found = self._connection.execute(sql, bound).fetchone()
        return {} if found is None else dict(zip(columns, found, strict=True))


def _text(cell: StoredValue) -> str | None:
    return None if cell is None else str(cell)


def _told(cells: Mapping[str, StoredValue]) -> dict[str, StoredValue]:
    """Return cells of a side table whose texts are side texts; what is not there is left out."""
    told: dict[str, StoredValue] = {}
    for name, cell in cells.items():
        if isinstance(cell, str):
            try:
                told[name] = to_stored(read_side_text(cell))
            except _NO_SIDE_TEXT:
                told[name] = cell
        elif cell is not None:
            told[name] = cell
    return told


def _tree(schema: Schema, table: TaskTable, entry_id: int, text: StoredValue) -> Any:
    if text is None:
        return None
    try:
        return read_side_text(str(text))
    except _NO_SIDE_TEXT as error:
        say.warning(
            "%s: what is kept beside entry %s of %r is damaged (%s); the columns still hold the parameters",
            *(schema.path, entry_id, table.name, type(error).__name__),
        )
        return None
