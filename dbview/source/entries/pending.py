"""Read the entries that wait beside a database to be stored: a next Task is given their values already.

What such a file holds is described in ``docs/layout.md``. Files in other places of the spool are not known here.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dbview.query.relation import Relation
from dbview.source.entries.latest import Wanted
from dbview.source.entries.record import read_record
from dbview.source.entries.waiting import MOST_COUNTED
from dbview.source.reader import Reader
from dbview.values import Cell
from recorder.layout import tables
from recorder.layout.flatten import flatten, unflatten, unspell
from recorder.layout.tables import quote
from recorder.layout.tagged import to_json_value
from recorder.layout.values import as_column, column_type, to_stored

_FORMAT, _NEWEST_VERSION = "recorder-entry", 2
_START, _END, _UNNAMED = "start", "end", "unnamed"
_LARGEST = 64 * 2**20
"""Bytes of a file that are read; what is larger is not looked into."""


@dataclass(frozen=True)
class Pending:
    """An entry that waits.

    Attributes:
        file: Name of its file.
        key: The entry's own; the start and the end of a Task share it.
        task: The Task's name.
        moment: When it was recorded, UTC.
        stage: ``whole``, ``start`` or ``end``.
        header: Tagged values of the shared configuration.
        parameters: The nested parameters, tagged.
        types: Column types of parameters by flat name.
        result: Cells of the fixed columns.
    """

    file: str
    key: str
    task: str
    moment: datetime.datetime
    stage: str
    header: Mapping[str, Any]
    parameters: Mapping[str, Any]
    types: Mapping[str, str]
    result: Mapping[str, Cell] = field(default_factory=dict)

    @property
    def time(self) -> str:
        """The timestamp as it will be stored: it decides which entry is the latest."""
        return _second(self.moment)

    def header_cell(self, name: str) -> Cell:
        """Return a cell of the shared configuration, as its column will hold it."""
        return as_column(to_stored(self.header.get(name)), tables.GEN_CFG_COLUMNS[name])

    def knows(self, parameter: str) -> bool:
        """Tell whether the entry has such a parameter, or every entry has."""
        return parameter in flatten(dict(self.parameters)) or parameter in self.result or parameter in _FIXED

    def value(self, parameter: str) -> Cell:
        """Return a parameter's value, as its column will hold it; None if the entry has no such parameter."""
        leaves = flatten(dict(self.parameters))
        if parameter in leaves:
            leaf = leaves[parameter]
            return as_column(to_stored(leaf), self.types.get(parameter) or column_type(leaf))
        return self.result.get(tables.SHORT_NAMES.get(parameter, parameter))


_FIXED = {tables.TIMESTAMP, *tables.TRAILING_COLUMNS, *tables.SHORT_NAMES}


@dataclass(frozen=True)
class Spool:
    """What waits of a Task.

    Attributes:
        entries: Those that are not stored yet, in the order of their files' names.
        unread: How many files could not be read as entries.
    """

    entries: tuple[Pending, ...]
    unread: int

    def latest(self, wanted: Wanted) -> Pending | None:
        """Return the valid entry that will be the latest of those that match, None if there is none."""
        matching = [
            entry
            for entry in self.entries
            if entry.result[tables.VALID_FLAG] and wanted.matches(*map(entry.header_cell, ("experiment", "run")))
        ]
        # Within a second a start is overtaken by whatever else there is.
        return max(matching, key=lambda entry: (entry.time, entry.stage != _START, entry.moment), default=None)


def read_spool(reader: Reader, relations: Sequence[Relation], database: Path, task: str) -> Spool:
    """Return the entries of a Task that wait beside a database; nothing is changed there.

    Args:
        reader: Tells which of them are stored already, and what is known of those that have begun.
        relations: All relations of the source.
        database: The database's file.
        task: The Task's name.
    """
    found: dict[str, Pending] = {}
    unread = 0
    for path in _files(database):
        entry = _read(path)
        if entry is None:
            unread += path.exists()  # else it was stored meanwhile
        elif (before := found.get(entry.key)) is None or before.stage == _START:
            found[entry.key] = entry if before is None or entry.stage == _START else _completed(entry, before)
    waiting = (_unless_stored(reader, relations, entry) for entry in found.values())
    return Spool(tuple(entry for entry in waiting if entry is not None and entry.task == task), unread)


def _files(database: Path) -> list[Path]:
    try:
        with os.scandir(f"{database}{tables.SPOOL}") as found:
            named = (Path(one.path) for one in found if one.name.endswith(".json"))
            return sorted(path for _number, path in zip(range(MOST_COUNTED), named, strict=False))
    except OSError:
        return []


def _read(path: Path) -> Pending | None:
    """Return the entry in a file, None if it is none or cannot be read."""
    try:
        # Not blocking: a pipe of that name would have us wait for ever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                return None
            fields = json.loads(file.read())
        if fields["format"] != _FORMAT or fields["version"] > _NEWEST_VERSION:
            return None
        return _pending(path.name, fields)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError):
        return None


def _pending(file: str, fields: Mapping[str, Any]) -> Pending:
    moment = datetime.datetime.fromisoformat(fields["timestamp"]).astimezone(datetime.UTC).replace(tzinfo=None)
    header, parameters, types = (dict(fields[name]) for name in ("header", "parameters", "types"))
    result = {
        tables.TIMESTAMP: _second(moment),
        tables.RESULT_STATUS: to_stored(fields["status"]),
        tables.RESULT_SUMMARY: as_column(to_stored(fields["summary"]), "TEXT"),
        tables.RESULT_PAYLOAD: as_column(to_stored(fields["payload"]), "BLOB"),
        tables.RESULT_SCHEMAS: to_stored(fields["schemas"]),
        tables.VALID_FLAG: int(bool(fields["valid"])),
    }
    stage = str(fields.get("stage", "whole"))
    return Pending(file, str(fields["key"]), str(fields["task"]), moment, stage, header, parameters, types, result)


def _second(moment: datetime.datetime) -> str:
    return moment.isoformat(" ", "seconds")[: len("YYYY-MM-DD HH:MM:SS")]


# An end says nothing of its Task that its start said; both have one key


def _completed(end: Pending, start: Pending) -> Pending:
    """Return an end with what it does not say of its Task taken from the start."""
    if end.task not in (_UNNAMED, start.task):
        return end
    header = {**start.header, **{name: value for name, value in end.header.items() if value is not None}}
    return replace(
        end,
        task=start.task,
        header=header,
        parameters=end.parameters or start.parameters,
        types={**start.types, **end.types},
    )


def _unless_stored(reader: Reader, relations: Sequence[Relation], entry: Pending) -> Pending | None:
    """Return an entry as it will be stored, None if it is stored already and only its file is still there."""
    side = next((relation for relation in relations if relation.name == tables.ENTRY), None)
    found = _stored(reader, side, entry.key) if side is not None else []
    if side is None or not found:
        return entry
    ((task, key, recorded_at, stage),) = found
    is_another = entry.stage == _END and (
        entry.task not in (_UNNAMED, unspell(task))
        or (stage != _START and recorded_at not in (None, entry.moment.isoformat(timespec="microseconds") + "+00:00"))
    )
    if entry.stage != _END or (stage != _START and not is_another):
        return None
    if is_another and _stored(reader, side, _key_of_another(entry)):
        return None
    relation = next((relation for relation in relations if relation.name == task), None)
    return entry if relation is None else _completed(entry, _start(reader, relations, relation, key, entry))


def _stored(reader: Reader, side: Relation, key: str) -> list[tuple[Any, ...]]:
    # Files of the first side layout know no stages.
    stage = "stage" if side.find("stage") else "'whole'"
    return reader.query(f"SELECT task, id, recorded_at, {stage} FROM {quote(tables.ENTRY)} WHERE key = ?", (key,))


def _key_of_another(end: Pending) -> str:
    """Return the key of an end that is an entry of its own, since another has ended under its key."""
    text = f"{end.key} {end.moment.isoformat(timespec='microseconds')}+00:00"
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()[: len(end.key)]


def _start(reader: Reader, relations: Sequence[Relation], relation: Relation, key: int, end: Pending) -> Pending:
    """Return what is stored of the start of an end."""
    record = read_record(reader, relations, relation, key)
    shared = record.shared.get(tables.GEN_CFG)
    parameters = record.beside.exact
    if parameters is None:
        parameters = unflatten((name, to_json_value(cell)) for name, cell in record.parameters.items())
    header = dict(shared.cells) if shared is not None and shared.cells is not None else {}
    return replace(
        end,
        stage=_START,
        task=unspell(relation.name),
        header={name: to_json_value(cell) for name, cell in header.items()},
        parameters=parameters,
        types={},
    )
