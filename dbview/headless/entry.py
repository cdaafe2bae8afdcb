"""All that the screen of a row shows, as JSON: values as with ``query --exact``, but secrets masked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from dbview.compare.around import Against, Around, look_around
from dbview.compare.job import job_words
from dbview.headless.cells import exact_value
from dbview.headless.diff import difference_object
from dbview.headless.files import file_objects, files_of_entry, state_of
from dbview.headless.lineage import links_object
from dbview.headless.payload import payload_object
from dbview.payload.files import files_in, files_of_payload
from dbview.payload.recognise import recognise
from dbview.query.relation import Role
from dbview.query.view import EntryPlace
from dbview.source.entries.beside import Failure, Recording, is_failure
from dbview.source.entries.entry_paths import locating
from dbview.source.entries.lineage import Lineage, find_lineage
from dbview.source.entries.reason import told_reason
from dbview.source.entries.record import Record
from dbview.source.entries.references import Uses, count_uses, find_references, targets_of
from dbview.source.entries.waiting import waiting_entries
from dbview.source.reader import Reader
from dbview.source.source import Source
from dbview.summary import summary_pairs
from dbview.values import Cell
from recorder.layout.flatten import unflatten

PATIENCE = 10.0
"""Seconds for each search through the tables; what is known by then is written, and that it is not all."""

_ENVIRONMENT = "env"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What was found by looking beyond a row.

    Attributes:
        keys: The rows that its keys lead to, by column.
        uses: The rows that point to it; of one that is no entry.
        around: The entries around it; None for a row that is no entry.
        lineage: The entries that it is linked with by files; None for a row that is no entry.
    """

    keys: Mapping[str, EntryPlace]
    uses: Sequence[Uses] = ()
    around: Around | None = None
    lineage: Lineage | None = None


def find_neighbours(reader: Reader, source: Source, record: Record) -> Neighbours:
    """Look beyond a row, for a bounded time.

    Args:
        reader: Used by this call alone while it runs.
        source: The file.
        record: The row as it was read, not masked.
    """
    relations, relation = source.relations(), record.relation
    place = EntryPlace(relation.name, record.key)
    keys = targets_of(reader, relations, relation, record.cells) if relation.key is not None else {}
    if not record.is_entry:
        references = find_references(reader, relations) if relation.key is not None else []
        return Neighbours(keys, count_uses(reader, references, place, record.cells, _unheard, _patience()))
    around = look_around(reader, relations, relation, record.key, 0, _unheard, _patience())
    return Neighbours(keys, (), around, find_lineage(reader, relations, place, source.path, _unheard, _patience()))


def _unheard(_partial: object) -> None:
    """Let what is known so far pass."""


def _patience() -> Callable[[], bool]:
    until = time.monotonic() + PATIENCE
    return lambda: time.monotonic() > until


def row_object(record: Record, neighbours: Neighbours | None) -> dict[str, Any]:
    """Return a row that is no entry.

    Args:
        record: The row, masked.
        neighbours: None where nothing was looked for.
    """
    known = neighbours or Neighbours({})
    return {
        "table": record.relation.name,
        "id": record.key,
        "cells": exact_cells(record.cells),
        "keys": neighbours and _keys_object(known.keys),
        "used_by": neighbours
        and [
            {
                "table": one.reference.relation.name,
                "column": one.reference.column.name,
                "rows": one.count,
                "complete": one.complete,
            }
            for one in known.uses
        ],
    }


def entry_object(record: Record, database: Path, neighbours: Neighbours | None) -> dict[str, Any]:
    """Return an entry with all that belongs to it.

    Args:
        record: The entry, masked.
        database: The file it stands in.
        neighbours: None where nothing was looked for, no file either.
    """
    beside, told = record.beside, told_reason(record)
    payload = recognise(record.role(Role.PAYLOAD), beside.payload_directory(database), locating(record, database))
    summary = record.role(Role.SUMMARY)
    looks = neighbours is not None
    return {
        "table": record.relation.name,
        "id": record.key,
        "time": exact_value(record.role(Role.TIME)),
        "experiment": exact_value(record.role(Role.EXPERIMENT)),
        "run": exact_value(record.role(Role.RUN)),
        "status": exact_value(record.role(Role.STATUS)),
        "valid": exact_value(record.role(Role.VALID)),
        "validity_changes": [
            {"valid": exact_value(one.valid), "at": one.changed_at, "by": one.changed_by, "reason": one.reason}
            for one in beside.validity
        ],
        "job": job_words(record) or None,
        "failure": None if beside.failure is None else _exact_fields(beside.failure),
        "failure_reason": _failure_reason(record, is_told=told is not None),
        "told_reason": told and {"by": told.by, "text": told.text},
        "recorded_by": None if beside.recording is None else _exact_fields(beside.recording),
        "summary": exact_value(summary),
        "summary_pairs": summary_pairs(summary) if isinstance(summary, str) else {},
        "schemas": exact_value(record.role(Role.SCHEMA)),
        "payload": {
            "kind": payload.label,
            "value": exact_value(record.role(Role.PAYLOAD)),
            "files": _file_objects(files_of_payload(payload, database)) if looks else None,
            "contents": payload_object(payload, database) if looks else None,
        },
        "parameters": _parameter_object(record),
        "files": file_objects(files_of_entry(record, database)) if looks else None,
        "parameter_files": _file_objects(files_in(beside.exact, database)) if looks else None,
        "configuration": {
            name: None if row.cells is None else exact_cells(without_environment(row.cells))
            for name, row in record.shared.items()
        },
        "environment": dict(record.environment),
        "waiting": waiting_entries(database) if looks else None,
        **_around_object(neighbours),
    }


def _failure_reason(record: Record, *, is_told: bool) -> str | None:
    """Return whether it is known why the Task failed; None where it did not."""
    if not is_failure(record.role(Role.STATUS)):
        return None
    return "recorded" if record.beside.failure is not None else "told" if is_told else "not recorded"


def _around_object(neighbours: Neighbours | None) -> dict[str, Any]:
    """Return what lies beyond the entry; each is null where it was not looked for."""
    around, lineage = (neighbours.around, neighbours.lineage) if neighbours else (None, None)
    names = ("in_run", "latest_valid", "attention", "before", "good", "keys", "lineage")
    if neighbours is None or around is None or lineage is None:
        return dict.fromkeys(names)
    tries = around.tries
    return {
        "in_run": {"number": tries.number, "count": tries.count, "complete": tries.count > 0},
        "latest_valid": tries.latest_good,
        "attention": list(around.attention),
        "before": _against_object(around.before),
        "good": _against_object(around.good),
        "keys": _keys_object(neighbours.keys),
        "lineage": links_object(lineage),
    }


def _against_object(against: Against | None) -> dict[str, Any] | None:
    if against is None:
        return None
    return {
        "id": against.key,
        "words": against.words,
        "parameters": [difference_object(against.parameters, one) for one in against.parameters.differences],
        "complete": not against.parameters.has_more,
    }


def _keys_object(keys: Mapping[str, EntryPlace]) -> dict[str, Any]:
    return {column: {"table": place.relation, "id": place.key} for column, place in keys.items()}


def _parameter_object(record: Record) -> dict[str, Any]:
    if record.beside.exact is not None:
        return record.beside.exact
    return unflatten((name, exact_value(cell)) for name, cell in record.parameters.items())


def exact_cells(cells: Mapping[str, Cell]) -> dict[str, Any]:
    """Return cells by name as JSON."""
    return {name: exact_value(cell) for name, cell in cells.items()}


def _exact_fields(told: Failure | Recording) -> dict[str, Any]:
    return {field.name: exact_value(getattr(told, field.name)) for field in fields(told)}


def _file_objects(paths: Iterable[str]) -> list[dict[str, Any]]:
    return [
        {"path": one.path, "presence": one.presence.value, "kind": one.kind, "size": one.size, "modified": one.modified}
        for one in map(state_of, paths)
    ]


def without_environment(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """Return a shared row's cells but for the environment text, whose variables are listed by name instead."""
    return {name: cell for name, cell in cells.items() if name != _ENVIRONMENT}
