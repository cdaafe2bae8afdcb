"""Answer from the spool as well: what waits counts as if it were stored already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recorder.entry import END, START, Entry
from recorder.errors import FileMissing, RecorderError, UnknownParameter, UnknownTask
from recorder.layout import tables
from recorder.layout.values import StoredValue, as_column, to_stored
from recorder.saying import say
from recorder.spool import files
from recorder.spool.chain import Spool
from recorder.storage.base import Found, Recorded, Storage, StoredEntry, Wanted
from recorder.storage.completing import completed, is_another_end, of_its_own, start_of

_FIXED = {name: name for name in (tables.TIMESTAMP, *tables.TRAILING_COLUMNS)} | tables.SHORT_NAMES


def newest(wanted: Wanted, storage: Storage, spool: Spool) -> Found | None:
    """Return the value of the newest entry, stored or waiting; its id is 0 if it waits. None if no entry matches.

    If several experiments have entries of the run that is wanted, a warning names them.

    Raises:
        FileMissing: There is no database, and no entry of the Task waits.
        NotFound: No such Task or parameter, neither stored nor waiting.
        RecorderError: The database cannot be read.
    """
    # An end need not name its Task: its start does.
    named = [entry for entry in _entries(spool) if entry.task == wanted.task or entry.stage == END]
    waiting = [entry for entry in _not_stored(named, storage) if entry.task == wanted.task]
    found = _newest_of_both(wanted, storage, waiting) if waiting else storage.latest(wanted)
    if found is not None and wanted.experiment is None and wanted.run is not None and len(found.experiments) > 1:
        say.warning(
            "Run %s of Task %r is in experiments %s; took the newest entry, of %s. Name the experiment to be sure",
            wanted.run,
            wanted.task,
            ", ".join(map(str, found.experiments)),
            found.experiments[0],
        )
    return found


def _newest_of_both(wanted: Wanted, storage: Storage, waiting: Sequence[Entry]) -> Found | None:
    try:
        stored = storage.latest(wanted)
    except (FileMissing, UnknownTask, UnknownParameter) as nothing:
        if not any(_knows(entry, wanted.parameter) for entry in waiting):
            if isinstance(nothing, UnknownParameter):
                raise
            raise UnknownParameter(
                f"Task {wanted.task!r}, of which entries wait, has no parameter {wanted.parameter!r}"
            ) from nothing
        stored = None
    matching = [entry for entry in waiting if _matches(entry, wanted)]
    if not matching:
        return stored
    last = max(matching, key=lambda entry: (_second(entry), entry.stage != START, entry.timestamp))
    experiments = [entry.shared_cells(tables.GEN_CFG)["experiment"] for entry in [last, *matching]]
    found = Found(_value(last, wanted.parameter), 0, tuple(dict.fromkeys(experiments)))
    if stored is not None:
        is_newer = _comes_after(last, storage.read(wanted.task, stored.id))
        first, second = (found, stored) if is_newer else (stored, found)
        found = replace(first, experiments=tuple(dict.fromkeys([*first.experiments, *second.experiments])))
    is_any = wanted.run is None and wanted.experiment is None
    return replace(found, experiments=()) if is_any else found


def _comes_after(waiting: Entry, stored: StoredEntry) -> bool:
    """Tell whether an entry that waits will be newer than one that is stored."""
    second = str(stored.result[tables.TIMESTAMP])
    return _second(waiting) > second or (_second(waiting) == second and waiting.stage != START)


def _entries(spool: Spool) -> Sequence[Entry]:
    """Return what waits, by key: an end stands for its start as well, which comes before it."""
    found: dict[str, Entry] = {}
    unread = 0
    for place in spool.places():
        try:
            paths = files.waiting(place)
        except RecorderError as error:
            say.warning("%s; entries may wait there", error)
            continue
        for path in paths:
            try:
                entry = files.read(path)
            except FileMissing:  # stored meanwhile
                continue
            except RecorderError:
                unread += 1
                continue
            before = found.get(entry.key)
            moment = None if before is None else before.timestamp.isoformat(timespec="microseconds")
            if before is not None and is_another_end(entry, before.task, before.stage, moment):
                own = completed(of_its_own(entry), before)
                found[own.key] = own
            elif before is None or before.stage == START:
                found[entry.key] = entry if before is None or entry.stage == START else completed(entry, before)
    if unread:
        say.warning("%d files in the spool are no entries, or may not be read; `recorder replay` names them", unread)
    return list(found.values())


def _not_stored(entries: Sequence[Entry], storage: Storage) -> Sequence[Entry]:
    """Leave out what is stored already, and only its file was not removed yet: its validity may have changed since."""
    if not entries:
        return entries
    try:
        waiting = [entry for entry, place in zip(entries, storage.find(entries), strict=True) if place is None]
        starts = [replace(entry, stage=START) for entry in waiting if entry.stage == END]
        begun = dict(zip((start.key for start in starts), storage.find(starts), strict=True)) if starts else {}
    except FileMissing:
        return entries
    return [_as_stored(entry, begun.get(entry.key), storage) for entry in waiting]


def _as_stored(entry: Entry, begun: Recorded | None, storage: Storage) -> Entry:
    """Return an entry as it will be stored: what an end leaves out is taken from its start."""
    return entry if begun is None else completed(entry, start_of(entry, storage.read(begun.task, begun.id)))


def _knows(entry: Entry, parameter: str) -> bool:
    return parameter in _FIXED or parameter in entry.parameter_leaves()


def _matches(entry: Entry, wanted: Wanted) -> bool:
    header = entry.shared_cells(tables.GEN_CFG)
    return (entry.valid or not wanted.valid_only) and wanted.matches(header["experiment"], header["run"])


def _second(entry: Entry) -> str:
    """Return the moment as the Task's table holds it: it decides which entry is the newest."""
    return str(entry.result_cells()[tables.TIMESTAMP])


def _value(entry: Entry, parameter: str) -> StoredValue:
    leaves = entry.parameter_leaves()
    if parameter in leaves:
        leaf, declared = leaves[parameter]
        return as_column(to_stored(leaf), declared)
    return entry.result_cells()[_FIXED[parameter]] if parameter in _FIXED else None
