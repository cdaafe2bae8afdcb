"""Compare entries with each other, and whole runs Task by Task: what a page or a command has to tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dbview.compare.entries import CONFIGURATION, Aspect, compare
from dbview.query.relation import Relation, RelationKind, Role
from dbview.query.view import EntryPlace
from dbview.source.entries.latest import latest_entry, place_of_time
from dbview.source.entries.record import Record, read_record
from dbview.source.entries.runs import Run
from dbview.source.entries.tries import condition_of_run
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.values import Cell
from recorder.layout.tables import SHARED_TABLES

_IN_HEADS = (Role.RUN.value, Role.EXPERIMENT.value)


@dataclass(frozen=True)
class Head:
    """What one column of a comparison is about: an entry, or a run.

    Attributes:
        title: Its name in this comparison.
        lines: What else there is to say of it, each visible.
        status: Of an entry.
    """

    title: str
    lines: tuple[str, ...]
    status: Cell = None


@dataclass(frozen=True)
class Group:
    """Some of the differences, under a heading of their own.

    Attributes:
        title: What they are about.
        aspects: The respects in which there are any.
        places: The entries that are compared; those of a run are others in every group.
        heads: What these entries are, where the heads of the comparison tell of runs.
    """

    title: str
    aspects: tuple[Aspect, ...]
    places: tuple[EntryPlace, ...]
    heads: tuple[Head, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """What differs between entries, or runs.

    Attributes:
        heads: What is compared.
        groups: The differences.
        notes: What else there is to say, line by line: what is the same, what only one of them has.
        complete: False while more may come.
    """

    heads: tuple[Head, ...]
    groups: tuple[Group, ...] = ()
    notes: tuple[str, ...] = ()
    complete: bool = True


def compare_entries(records: Sequence[Record], database: Path) -> Comparison:
    """Return what differs between two or more entries, the oldest first: by time, then by id."""
    records = sorted(records, key=lambda record: (place_of_time(record.role(Role.TIME)), record.key))
    places = tuple(EntryPlace(record.relation.name, record.key) for record in records)
    aspects = compare(records, database)
    groups = tuple(Group(one.title, (one,), places) for one in aspects if _tells(one))
    same = [one.title.lower() for one in aspects if not _tells(one)]
    with_task = len({place.relation for place in places}) > 1
    heads = tuple(_head(record, with_task) for record in records)
    return Comparison(heads, groups, (f"the same: {', '.join(same)}",) if same else ())


def compare_runs(
    reader: Reader,
    relations: Sequence[Relation],
    database: Path,
    runs: tuple[Run, Run],
    publish: Callable[[Comparison], None],
    cancelled: Cancelled,
) -> Comparison:
    """Return what differs between the entries of each Task in two runs, but for what the heads say.

    Of each Task and run that is the newest valid entry; where none is valid the newest, which may tell why.

    Args:
        reader: Used by this call alone while it runs.
        relations: All of the source.
        database: The file.
        runs: The two, in the order of the columns.
        publish: Called after each Task.
        cancelled: Asked between steps; what is known by then is returned.
    """
    heads = tuple(Head(f"run {cell_text(run)}", (cell_text(experiment),)) for experiment, run in runs)
    groups: list[Group] = []
    same: list[str] = []
    missing: tuple[list[str], list[str]] = ([], [])
    tasks = [relation for relation in relations if relation.kind is RelationKind.TASK]

    def comparison(complete: bool) -> Comparison:
        notes = [f"the same in both: {', '.join(same)}"] if same else []
        for head, other, names in zip(heads, heads[::-1], missing, strict=True):
            notes += [f"no entry in {head.title}, but in {other.title}: {', '.join(names)}"] if names else []
        return Comparison(heads, tuple(groups), tuple(notes), complete)

    has_headers = all(any(relation.name == name for relation in relations) for name in SHARED_TABLES)
    for task in tasks if has_headers else ():
        keys = [latest_entry(reader, task, condition_of_run(reader, *run), cancelled) for run in runs]
        if cancelled():
            return comparison(False)
        found = [key for key in keys if key is not None]
        if len(found) == 2:
            records = [read_record(reader, relations, task, key) for key in found]
            aspects = tuple(one for one in map(_beside_heads, compare(records, database)) if one.differences)
            if aspects:
                places = tuple(EntryPlace(task.name, key) for key in found)
                heads_of_task = tuple(_head(record, with_task=False) for record in records)
                groups.append(Group(task.name, aspects, places, heads_of_task))
            else:
                same.append(visible(task.name))
        elif found:
            missing[0 if keys[0] is None else 1].append(visible(task.name))
        publish(comparison(False))
    return comparison(True)


def _beside_heads(aspect: Aspect) -> Aspect:
    """Return how runs differ in one respect, but for the header's fields that tell the two runs from each other."""
    if aspect.title != CONFIGURATION:
        return aspect
    return replace(aspect, differences=tuple(one for one in aspect.differences if one.name not in _IN_HEADS))


def _tells(aspect: Aspect) -> bool:
    return bool(aspect.differences or aspect.of_job)


def _head(record: Record, with_task: bool) -> Head:
    run, experiment = (cell_text(record.role(role)) for role in (Role.RUN, Role.EXPERIMENT))
    title = f"{visible(record.relation.name)} #{record.key}" if with_task else f"#{record.key}"
    moment = cell_text(record.role(Role.TIME))
    return Head(title, (f"run {run} · {experiment}", f"{moment} UTC"), record.role(Role.STATUS))
