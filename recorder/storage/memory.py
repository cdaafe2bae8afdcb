"""Keep entries in memory: the contract at its plainest, to hold other storages against, and for tests of programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from recorder.entry import Entry
from recorder.errors import UnknownEntry, UnknownParameter, UnknownTask
from recorder.layout import tables
from recorder.layout.values import StoredValue, as_column, to_stored
from recorder.patience import Patience
from recorder.storage.base import (
    Found,
    Recorded,
    Status,
    Storage,
    StoredEntry,
    TaskCount,
    ValidityChange,
    Wanted,
)


@dataclass
class _Task:
    columns: dict[str, str] = field(default_factory=dict)
    entries: list[StoredEntry] = field(default_factory=list)
    changes: list[tuple[int, ValidityChange]] = field(default_factory=list)


class MemoryStorage(Storage):
    """Keep entries as long as the object lives. Holds no files, so :meth:`close` does nothing."""

    def __init__(self) -> None:
        self._tasks: dict[str, _Task] = {}
        self._keys: dict[str, Recorded] = {}

    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        """Store entries, all of them or none; return where each is, also one that already was."""
        return [self._store(entry) for entry in entries]

    def _store(self, entry: Entry) -> Recorded:
        if entry.key in self._keys:
            return self._keys[entry.key]
        task = self._tasks.setdefault(entry.task, _Task())
        leaves = entry.parameter_leaves()
        for name, (_, declared) in leaves.items():
            task.columns.setdefault(name, declared)
        cells = {name: as_column(to_stored(leaf), task.columns[name]) for name, (leaf, _) in leaves.items()}
        stored = StoredEntry(
            key=entry.key,
            header=entry.shared_cells(tables.GEN_CFG),
            executor=entry.shared_cells(tables.EXEC_CFG),
            parameters=cells,
            result=entry.result_cells(),
            exact=entry.parameters,
        )
        task.entries.append(stored)
        return self._keys.setdefault(entry.key, Recorded(entry.task, len(task.entries)))

    def latest(self, wanted: Wanted) -> Found | None:
        """Return the value of the newest entry, that of the greatest (timestamp, id); None if no entry matches."""
        task = self._task(wanted.task)
        is_fixed = wanted.parameter in tables.TRAILING_COLUMNS or wanted.parameter == tables.TIMESTAMP
        if wanted.parameter not in task.columns and not is_fixed:
            raise UnknownParameter(f"Task {wanted.task!r} has no parameter {wanted.parameter!r}")
        matching = [entry_id for entry_id in range(1, len(task.entries) + 1) if _matches(task, entry_id, wanted)]
        if not matching:
            return None
        newest = max(matching, key=lambda entry_id: (_timestamp(task.entries[entry_id - 1]), entry_id))
        entry = task.entries[newest - 1]
        own = entry.header["experiment"]
        others = sorted({str(task.entries[entry_id - 1].header["experiment"]) for entry_id in matching} - {str(own)})
        value = entry.parameters.get(wanted.parameter) if wanted.parameter in task.columns else None
        if wanted.parameter not in task.columns:
            value = entry.result[wanted.parameter]
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

    def status(self) -> Status:
        """Return which Tasks have been recorded, and how often."""
        counts = [
            TaskCount(name, len(task.entries), sum(entry.result[tables.VALID_FLAG] == 1 for entry in task.entries))
            for name, task in sorted(self._tasks.items())
        ]
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


def _timestamp(entry: StoredEntry) -> StoredValue:
    return entry.result[tables.TIMESTAMP]
