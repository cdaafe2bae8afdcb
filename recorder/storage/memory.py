"""Keep entries in memory: the contract at its plainest, to hold other storages against, and for tests of programs."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recorder.entry import END, START, Entry
from recorder.errors import UnknownEntry, UnknownParameter, UnknownTask
from recorder.layout import tables
from recorder.layout.values import StoredValue, as_column, to_stored
from recorder.patience import Patience
from recorder.storage.base import (
    Found,
    Recorded,
    Selection,
    Status,
    Storage,
    StoredEntry,
    TaskCount,
    ValidityChange,
    Wanted,
    Window,
    is_stale,
)
from recorder.storage.completing import (
    completed,
    is_another_end,
    names_another_task,
    of_its_own,
    say_ended_again,
    start_of,
)


@dataclass
class _Task:
    columns: dict[str, str] = field(default_factory=dict)
    entries: list[StoredEntry] = field(default_factory=list)
    changes: list[tuple[int, ValidityChange]] = field(default_factory=list)

    def column_of(self, name: str, task: str) -> str:
        column = name if name in self.columns else tables.SHORT_NAMES.get(name, name)
        if column not in self.columns and column not in tables.TRAILING_COLUMNS and column != tables.TIMESTAMP:
            raise UnknownParameter(f"Task {task!r} has no parameter {name!r}")
        return column


class MemoryStorage(Storage):
    """Keep entries as long as the object lives. Has no file open, so :meth:`close` does nothing.

    Attributes:
        files: Content of what payloads point to, by file name.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._tasks: dict[str, _Task] = {}
        self._keys: dict[str, Recorded] = {}

    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        """Store entries, all of them or none; return where each is, also one that already was."""
        return [self._store(entry) for entry in list(entries)]  # all are handed over before one is stored

    def _store(self, entry: Entry) -> Recorded:
        found = self._find(entry)
        if found is not None:
            return found
        known = self._keys.get(entry.key)
        if known is None:
            return self._add(entry)
        before = self._tasks[known.task].entries[known.id - 1]
        if before.stage == START and not names_another_task(entry, known.task):
            return self._complete(entry, known, before)
        own = of_its_own(entry)
        place = self._add(completed(own, start_of(own, before)))
        say_ended_again(known, place)
        return place

    def _add(self, entry: Entry) -> Recorded:
        task = self._tasks.setdefault(entry.task, _Task())
        place = Recorded(entry.task, len(task.entries) + 1)
        task.entries.append(_stored(task, entry, place))
        self.files.update(entry.files)
        return self._keys.setdefault(entry.key, place)

    def _complete(self, entry: Entry, place: Recorded, began: StoredEntry) -> Recorded:
        task = self._tasks[place.task]
        changes = [change.valid for entry_id, change in task.changes if entry_id == place.id]
        ended = replace(completed(entry, start_of(entry, began)), valid=entry.valid and changes[-1:] != [False])
        task.entries[place.id - 1] = replace(_stored(task, ended, place), started_at=began.started_at)
        self.files.update(entry.files)
        return place

    def find(self, entries: Sequence[Entry], patience: Patience | None = None) -> list[Recorded | None]:
        """Return where entries are that storing again would not change; None for each that is not stored so far."""
        return [self._find(entry) for entry in entries]

    def _find(self, entry: Entry) -> Recorded | None:
        known = self._keys.get(entry.key)
        if known is None:
            return None
        stored = self._tasks[known.task].entries[known.id - 1]
        if is_another_end(entry, known.task, stored.stage, stored.recorded_at):
            return self._keys.get(of_its_own(entry).key)
        return None if entry.stage == END and stored.stage == START else known

    def latest(self, wanted: Wanted) -> Found | None:
        """Return the value of the newest entry, that of the greatest (timestamp, id); None if no entry matches."""
        task = self._task(wanted.task)
        column = task.column_of(wanted.parameter, wanted.task)
        matching = [entry_id for entry_id in range(1, len(task.entries) + 1) if _matches(task, entry_id, wanted)]
        if not matching:
            return None
        newest = max(matching, key=lambda entry_id: (_timestamp(task.entries[entry_id - 1]), entry_id))
        entry = task.entries[newest - 1]
        own = entry.header["experiment"]
        others = sorted({str(task.entries[entry_id - 1].header["experiment"]) for entry_id in matching} - {str(own)})
        value = entry.parameters.get(column) if column in task.columns else entry.result[column]
        is_any = wanted.run is None and wanted.experiment is None
        return Found(value, newest, () if is_any else (own, *others))

    def set_validity(self, task: str, ids: Sequence[int], change: ValidityChange) -> None:
        """Mark entries as valid or not, all of them or none."""
        kept = self._task(task)
        for entry_id in ids:
            self.read(task, entry_id)
        for entry_id in ids:
            entry = kept.entries[entry_id - 1]
            result = entry.result | {tables.VALID_FLAG: int(change.valid)}
            kept.entries[entry_id - 1] = replace(entry, result=result)
            kept.changes.append((entry_id, change))

    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept."""
        kept = self._task(task)
        if not 1 <= entry_id <= len(kept.entries):
            raise UnknownEntry(f"Task {task!r} has no entry {entry_id}; nothing was changed")
        entry = kept.entries[entry_id - 1]
        return replace(entry, parameters={name: entry.parameters.get(name) for name in kept.columns})

    def window(self, selection: Selection, after: int) -> Window:
        """Return the next entries that match: here, one at a time."""
        task = self._task(selection.task)
        where = {task.column_of(name, selection.task): leaves for name, leaves in selection.where.items()}
        for entry_id in range(after + 1, len(task.entries) + 1):
            if _matches(task, entry_id, selection.wanted) and _holds(task, entry_id, where):
                return Window([self.read(selection.task, entry_id)], entry_id)
        return Window([], None)

    def status(self) -> Status:
        """Return which Tasks have been recorded, and how often."""
        counts = [_count(name, task.entries) for name, task in sorted(self._tasks.items())]
        return Status(str(tables.SIDE_LAYOUT_VERSION), tuple(counts))

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _task(self, name: str) -> _Task:
        if name not in self._tasks:
            raise UnknownTask(f"no Task {name!r} has been recorded")
        return self._tasks[name]


def _matches(task: _Task, entry_id: int, wanted: Wanted) -> bool:
    entry = task.entries[entry_id - 1]
    if wanted.valid_only and entry.result[tables.VALID_FLAG] != 1:
        return False
    return wanted.matches(entry.header["experiment"], entry.header["run"])


def _stored(task: _Task, entry: Entry, place: Recorded) -> StoredEntry:
    leaves = entry.parameter_leaves()
    for name, (_, declared) in leaves.items():
        task.columns.setdefault(name, declared)
    recorded_at = entry.timestamp.isoformat(timespec="microseconds")
    return StoredEntry(
        task=place.task,
        id=place.id,
        key=entry.key,
        header=entry.shared_cells(tables.GEN_CFG),
        executor=entry.shared_cells(tables.EXEC_CFG),
        parameters={name: as_column(to_stored(leaf), task.columns[name]) for name, (leaf, _) in leaves.items()},
        result=entry.result_cells(),
        exact=entry.parameters,
        parameters_hash=entry.parameters_hash,
        payload_kind=entry.payload_kind,
        extra=entry.extra,
        recorded_at=recorded_at,
        stage=entry.stage,
        started_at=recorded_at if entry.stage == START else None,
        origin={name: to_stored(value) for name, value in entry.origin.items() if value is not None},
        failure={name: to_stored(value) for name, value in entry.failure.items() if value is not None},
    )


def _holds(task: _Task, entry_id: int, where: Mapping[str, Sequence[Any]]) -> bool:
    entry = task.entries[entry_id - 1]
    for name, leaves in where.items():
        if name in task.columns:
            cell, declared = entry.parameters.get(name), task.columns[name]
        else:
            cell, declared = entry.result[name], tables.TRAILING_COLUMNS.get(name, "TEXT")
        if cell not in [as_column(to_stored(leaf), declared) for leaf in leaves]:
            return False
    return True


def _count(name: str, entries: Sequence[StoredEntry]) -> TaskCount:
    valid = sum(entry.result[tables.VALID_FLAG] == 1 for entry in entries)
    running = [entry for entry in entries if entry.result[tables.RESULT_STATUS] == tables.RUNNING]
    now = datetime.datetime.now(datetime.UTC)
    stale = sum(
        is_stale(entry.started_at or entry.result[tables.TIMESTAMP], entry.header["task_timeout"], now)
        for entry in running
    )
    return TaskCount(name, len(entries), valid, len(running), stale)


def _timestamp(entry: StoredEntry) -> StoredValue:
    return entry.result[tables.TIMESTAMP]
