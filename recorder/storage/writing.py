"""Write entries into the tables of one connection: shared rows, the Task's row and what is kept beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recorder.entry import START, UNNAMED, Entry
from recorder.errors import Refused
from recorder.layout import tables
from recorder.layout.flatten import flatten, unspell
from recorder.layout.side_text import side_text, side_text_and_hash
from recorder.layout.tables import quote
from recorder.layout.tagged import to_json_value
from recorder.layout.values import StoredValue, as_column
from recorder.saying import say
from recorder.storage import effects
from recorder.storage.base import Recorded, StoredEntry, ValidityChange
from recorder.storage.completing import completed, of_its_own, say_ended_again, start_of
from recorder.storage.known import Known, KnownKeys
from recorder.storage.payload_files import payload_cell
from recorder.storage.placing import is_last_as_placed, place_anew, place_rows
from recorder.storage.rows import parameter_cells, read_entries
from recorder.storage.schema import Schema
from recorder.storage.shared_rows import SharedRows
from recorder.storage.task_table import TaskTable

_COLUMN_LIMIT = len(tables.LEADING_COLUMNS) + len(tables.TRAILING_COLUMNS) + tables.MAX_PARAMETER_COLUMNS + 1
_ORIGIN_COLUMNS = {name: declared for name, declared in tables.side_types(tables.ORIGIN).items() if name != "id"}
_FAILURE_COLUMNS = [name for name in tables.side_columns(tables.FAILURE) if name not in ("task", "entry_id")]


Cells = dict[str, StoredValue]


class Writing:
    """Write through one connection, inside its writing transactions, as long as its tables are those of the schema.

    Args:
        connection: The connection.
        schema: Its tables; those an entry needs are created.
        is_ours: Whether the side tables are ours. Into others goes what they have columns for.
    """

    def __init__(self, connection: sqlite3.Connection, schema: Schema, *, is_ours: bool) -> None:
        self._connection = connection
        self.schema = schema
        self.is_ours = is_ours
        self._known = KnownKeys(connection, schema)
        self._shared = SharedRows(connection, hashed=is_ours)
        self._inserts: dict[tuple[str, ...], str] = {}
        self._last_ids: dict[str, int] = {}
        self._origin: tuple[dict[str, Any], Cells] | None = None
        self._limit = min(_COLUMN_LIMIT, connection.getlimit(sqlite3.SQLITE_LIMIT_COLUMN))

    def begin_anew(self) -> None:
        """Trust nothing that was seen in earlier transactions: others have written since."""
        self._shared.begin_anew()
        self._last_ids.clear()

    def store(self, entry: Entry) -> Recorded:
        """Store an entry, or complete the one that its key began; return where it is, also if it already was."""
        known = self._known.find(entry.key)
        if known is not None and known.is_followed_by(entry):
            return self._store_another_end(entry, known)
        if known is not None and not known.is_completed_by(entry):
            return known.recorded
        if known is not None and self._complete(entry, known):
            return known.recorded
        return self._add(entry)

    def _store_another_end(self, entry: Entry, first: Known) -> Recorded:
        own = of_its_own(entry)
        known = self._known.find(own.key)
        if known is not None:
            return known.recorded
        stored = self._read(first)
        if stored is not None:
            own = completed(own, start_of(own, stored))
        elif own.task == UNNAMED:
            own = replace(own, task=first.recorded.task)
        recorded = self._add(own)
        say_ended_again(first.recorded, recorded)
        return recorded

    def _add(self, entry: Entry) -> Recorded:
        leaves = flatten(entry.parameters)
        table = self.schema.ensure_task_table(entry.task, leaves, entry.types, self._limit)
        cells = self._cells(entry, table, leaves)
        row_id = self._insert(table.name, cells)
        if self.is_ours:
            self._place_neighbours(table.name, row_id)
        self._keep_beside(tables.ENTRY, {"key": entry.key, **self._side_cells(entry, table.name, row_id, cells)})
        self._keep_failure(entry, table.name, row_id)
        effects.check_kept(self._connection, table.name, row_id)
        return Recorded(entry.task, row_id)

    def change_validity(self, table: str, row_id: int, change: ValidityChange) -> None:
        """Set an entry's validity, and keep who, when and why."""
        self._update(table, {tables.VALID_FLAG: int(change.valid)}, "id = ?", (row_id,))
        cells: Cells = {
            "task": table,
            "entry_id": row_id,
            "valid": int(change.valid),
            "changed_at": change.at.isoformat(timespec="seconds"),
            "changed_by": side_text(to_json_value(change.by)),
            "reason": None if change.reason is None else side_text(to_json_value(change.reason)),
        }
        self._keep_beside(tables.VALIDITY, cells)

    # Cells

    def _cells(self, entry: Entry, table: TaskTable, leaves: Mapping[str, Any]) -> Cells:
        cells: Cells = {
            f"{shared}_id": self._shared.row_of(shared, entry.shared_cells(shared)) for shared in tables.SHARED_TABLES
        }
        cells.update(parameter_cells(table, leaves))
        cells.update(entry.result_cells())
        cells[tables.RESULT_PAYLOAD] = payload_cell(self.schema.path, entry, cells[tables.RESULT_PAYLOAD])
        return cells

    def _side_cells(self, entry: Entry, table: str, row_id: int, cells: Cells) -> Cells:
        recorded_at = entry.timestamp.isoformat(timespec="microseconds")
        parameters, digest = side_text_and_hash(entry.parameters)
        side: Cells = {
            "task": table,
            "id": row_id,
            "recorded_at": recorded_at,
            "parameters": parameters,
            "parameters_hash": digest,
            "payload_kind": entry.payload_kind,
            "extra": side_text(entry.extra) if entry.extra else None,
            tables.GEN_CFG_ID: cells[tables.GEN_CFG_ID],
            tables.TIMESTAMP: cells[tables.TIMESTAMP],
            "stage": entry.stage,
            "origin_id": self._origin_id(entry),
        }
        if entry.stage == START:
            side["started_at"] = recorded_at
        return side

    def _origin_id(self, entry: Entry) -> int | None:
        if not self.is_ours or not entry.origin:
            return None
        if self._origin is None or self._origin[0] != entry.origin:  # mostly it is that of the last entry
            # As the columns will hold them: shared rows are compared by value.
            told = {name: _side_cell(entry.origin.get(name)) for name in _ORIGIN_COLUMNS}
            cells = {name: as_column(cell, _ORIGIN_COLUMNS[name]) for name, cell in told.items()}
            self._origin = entry.origin, cells
        return self._shared.row_of(tables.ORIGIN, self._origin[1])

    # The Task's row

    def _complete(self, entry: Entry, known: Known) -> bool:
        """Let an end take the place of its start; tell whether the start's row was still there."""
        stored = self._read(known)
        if stored is None or not self._is_as_begun(stored, known):
            say.warning(
                "%s: the row of entry %s of Task %r, which was begun, is another's now or gone: its end is an "
                "entry of its own",
                *(self.schema.path, known.id, known.recorded.task),
            )
            self._connection.execute(f"DELETE FROM {tables.ENTRY} WHERE key = ?", (entry.key,))
            return False
        entry = completed(entry, start_of(entry, stored))
        if self._is_withdrawn(known):
            entry = replace(entry, valid=False)
        leaves = flatten(entry.parameters)
        table = self.schema.ensure_columns(self.schema.named(known.table), leaves, entry.types, self._limit)
        cells = self._cells(entry, table, leaves)
        absent = {column: None for column in (*table.parameters.values(), tables.SURPLUS) if column in table.columns}
        self._update(table.name, {**absent, **cells}, "id = ?", (known.id,))
        side = self._side_cells(entry, table.name, known.id, cells)
        held = set(self.schema.columns(tables.ENTRY))
        self._update(tables.ENTRY, {name: cell for name, cell in side.items() if name in held}, "key = ?", (entry.key,))
        self._keep_failure(entry, table.name, known.id)
        return True

    def _is_as_begun(self, stored: StoredEntry, known: Known) -> bool:
        """Tell whether the row is still the one that was begun, and not another's in a table that was made anew."""
        if stored.key is None or stored.result[tables.RESULT_STATUS] != tables.RUNNING:
            return False
        cells = parameter_cells(self.schema.named(known.table), flatten(stored.exact or {}))
        if not cells:
            return True
        # In SQL, where each cell is compared as its column holds it.
        columns, places = ", ".join(map(quote, cells)), ", ".join("?" * len(cells))
        sql = f"SELECT 1 FROM {quote(known.table)} WHERE id = ? AND ({columns}) IS ({places})"
        return self._connection.execute(sql, (known.id, *cells.values())).fetchone() is not None

    def _is_withdrawn(self, known: Known) -> bool:
        """Tell whether somebody marked an entry as not valid while it was RUNNING: its end does not know better."""
        if not {"id", "task", "entry_id", "valid"} <= set(self.schema.columns(tables.VALIDITY)):
            return False
        sql = f"SELECT valid FROM {tables.VALIDITY} WHERE task = ? AND entry_id = ? ORDER BY id DESC LIMIT 1"
        last = self._connection.execute(sql, (known.table, known.id)).fetchone()
        return last is not None and last[0] == 0

    def _read(self, known: Known) -> StoredEntry | None:
        if not tables.is_task_table(self.schema.columns(known.table)):
            return None
        table = self.schema.named(known.table)
        found = read_entries(self._connection, self.schema, table, unspell(known.table), "id = ?", (known.id,))
        return found[0] if found else None

    def _insert(self, table: str, cells: Cells) -> int:
        """Insert a row with our own statement: sqlite-utils' insert costs several times as much on this hot path."""
        shape = (table, *cells)
        if shape not in self._inserts:
            names, places = ", ".join(map(quote, cells)), ", ".join("?" * len(cells))
            self._inserts[shape] = f"INSERT INTO {quote(table)}({names}) VALUES ({places})"
        return effects.insert(self._connection, table, self._inserts[shape], tuple(cells.values()))

    def _update(self, table: str, cells: Cells, condition: str, bound: tuple[StoredValue, ...]) -> None:
        changes = ", ".join(f"{quote(name)} = ?" for name in cells)
        sql = f"UPDATE {quote(table)} SET {changes} WHERE {condition}"
        effects.update(self._connection, table, sql, (*cells.values(), *bound))

    # Beside it

    def _place_neighbours(self, table: str, row_id: int) -> None:
        """Note where the rows stand that others wrote since our last one; forget what stood here before.

        A place that is taken already was an entry's whose table somebody dropped or renamed; others may have filled it
        since, even beyond our last entry there.
        """
        last = self._last_ids.get(table)
        self._last_ids[table] = row_id
        if last == row_id - 1:  # nobody else has written since, so this place is free
            return
        (last,) = self._connection.execute(f"SELECT max(id) FROM {tables.ENTRY} WHERE task = ?", (table,)).fetchone()
        if last is not None and (last >= row_id or not is_last_as_placed(self._connection, table)):
            place_anew(self._connection, table, row_id)
        elif row_id > (last or 0) + 1:
            place_rows(self._connection, table, last or 0, row_id)

    def _keep_failure(self, entry: Entry, table: str, row_id: int) -> None:
        if entry.failure:
            told = {name: _side_cell(entry.failure.get(name)) for name in _FAILURE_COLUMNS}
            self._keep_beside(tables.FAILURE, {"task": table, "entry_id": row_id, **told})

    def _keep_beside(self, table: str, cells: Cells) -> None:
        """Insert a row into a side table; into one that is not ours as far as it lets us: the entry must not fail."""
        if self.is_ours:
            self._insert(table, cells)
            return
        known = {name: cell for name, cell in cells.items() if name in self.schema.columns(table)}
        if known:
            self._connection.execute("SAVEPOINT side_row")
            try:
                self._insert(table, known)
            except (sqlite3.DatabaseError, Refused) as error:
                self._connection.execute("ROLLBACK TO side_row")
                say.warning("%s: nothing was written to its %s: %s", self.schema.path, table, error)
            self._connection.execute("RELEASE side_row")


def _side_cell(value: StoredValue) -> StoredValue:
    """Return what a side table holds for a text: no text of a stranger's stands there as it is."""
    return side_text(value) if isinstance(value, str) else value
