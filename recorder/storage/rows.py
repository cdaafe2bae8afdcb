"""Turn an entry into the cells of its Task's table, and rows back into what was asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from recorder.errors import NotADatabase, UnknownEntry
from recorder.layout import tables
from recorder.layout.tables import quote
from recorder.layout.tagged import read_side_text, side_text
from recorder.layout.values import StoredValue, to_stored
from recorder.storage.base import Found, StoredEntry, Wanted
from recorder.storage.schema import Schema, TaskTable

_log = logging.getLogger("recorder")

_NO_SIDE_TEXT = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What reading a text that is no side text may raise."""


def parameter_cells(table: TaskTable, leaves: Mapping[str, tuple[Any, str]]) -> dict[str, StoredValue]:
    """Return the cells of the parameters by column; those without a column of their own go into the surplus.

    Args:
        table: The Task's table, as far as it could be given columns.
        leaves: Tagged leaf and column type by flat name.
    """
    cells: dict[str, StoredValue] = {}
    surplus = {}
    for name, (leaf, _) in leaves.items():
        if name in table.parameters:
            cells[table.parameters[name]] = to_stored(leaf)
        else:
            surplus[name] = leaf
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
    experiments = _matching_headers(database, wanted)
    condition = "1" if experiments is None else f"{tables.GEN_CFG_ID} IN ({', '.join(map(str, experiments))})"
    if wanted.valid_only:
        condition += f" AND {tables.VALID_FLAG} = 1"
    newest = database.execute(
        f"SELECT id, {tables.GEN_CFG_ID}, {quote(column or tables.SURPLUS)} FROM {quote(table.name)} "
        f"WHERE {condition} ORDER BY {tables.TIMESTAMP} DESC, id DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        return None
    row_id, header_id, value = newest
    if column is None:
        value = _from_surplus(schema, table, row_id, value).get(wanted.parameter)
    if experiments is None:
        return Found(value, row_id, ())
    used = database.execute(
        f"SELECT DISTINCT {tables.GEN_CFG_ID} FROM {quote(table.name)} WHERE {condition}"
    ).fetchall()
    own = experiments[header_id]
    others = sorted({str(experiments[used_id]) for (used_id,) in used} - {str(own)})
    return Found(value, row_id, (own, *others))


def _matching_headers(database: Database, wanted: Wanted) -> dict[int, StoredValue] | None:
    """Return experiments by id of the shared rows that match; None if all do."""
    if wanted.run is None and wanted.experiment is None:
        return None
    return {
        row_id: experiment
        for row_id, experiment, run in database.execute(f"SELECT id, experiment, run FROM {tables.GEN_CFG}").fetchall()
        if wanted.matches(experiment, run)
    }


def read_entry(database: Database, schema: Schema, table: TaskTable, entry_id: int) -> StoredEntry:
    """Return an entry that is known to be there."""
    row = _row(database, table.name, table.columns, {tables.ID: entry_id})
    header, executor = (
        _row(database, name, list(columns), {tables.ID: row[f"{name}_id"]})
        for name, columns in tables.SHARED_TABLES.items()
    )
    side: dict[str, Any] = {}
    if {"key", "task", "id", "parameters"} <= set(schema.columns(tables.ENTRY)):
        side = _row(database, tables.ENTRY, ["key", "parameters"], {"task": table.name, "id": entry_id})
    parameters = {name: row[column] for name, column in table.parameters.items()}
    return StoredEntry(
        key=side.get("key"),
        header=header,
        executor=executor,
        parameters=parameters | _from_surplus(schema, table, entry_id, row.get(tables.SURPLUS)),
        result={name: row[name] for name in (tables.TIMESTAMP, *tables.TRAILING_COLUMNS)},
        exact=_exact(schema, table, entry_id, side.get("parameters")),
    )


def _exact(schema: Schema, table: TaskTable, entry_id: int, text: StoredValue) -> Any:
    if text is None:
        return None
    try:
        return read_side_text(str(text))
    except _NO_SIDE_TEXT as error:
        _log.warning(
            "%s: the exact parameters of entry %s of %r are damaged (%s); the columns still hold them",
            *(schema.path, entry_id, table.name, type(error).__name__),
        )
        return None


def _row(
    database: Database, table: str, columns: Sequence[str], where: Mapping[str, StoredValue]
) -> dict[str, StoredValue]:
    names = ", ".join(map(quote, columns))
    condition = " AND ".join(f"{quote(name)} = ?" for name in where)
    found = database.execute(f"SELECT {names} FROM {quote(table)} WHERE {condition}", list(where.values())).fetchone()
    return {} if found is None else dict(zip(columns, found, strict=True))
