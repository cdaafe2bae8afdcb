"""Find out how each Task went in each run: a walk over all Task tables that keeps a few marks for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dbview.query.relation import Column, Relation, RelationKind, Role
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Publisher, Scan
from dbview.values import Cell
from recorder.layout.tables import GEN_CFG, quote
from recorder.layout.values import as_column

MARKS_KEPT = 4
"""Entries of a Task in a run that are remembered one by one, the newest; further ones are counted."""

PLACES_KEPT = 100_000
"""Pairs of a run and a Task that are remembered; the entries of further ones, which are older, are left out."""

_HEADERS_KEPT = 200_000
_HEADERS_LOOKED_AT = 100


class Run(NamedTuple):
    """A run: the same number occurs in several experiments. NULL where an entry's header names none.

    Spelled as where it was found first, 25 or "0025": :func:`comparable_run` says which are one.
    """

    experiment: Cell
    run: Cell


class Place(NamedTuple):
    """A Task in a run."""

    run: Run
    task: str


class Mark(NamedTuple):
    """What is remembered of one entry; marks compare by age.

    Attributes:
        time: Its timestamp, empty where that is no text.
        key: Its key in the Task's table.
        valid: 1, 0, or None for anything else.
    """

    time: str
    key: int
    status: Cell
    valid: int | None


class RunCell(NamedTuple):
    """How a Task went in a run.

    Attributes:
        entries: How many entries it has.
        not_valid: Those of them with a valid_flag of 0. Any other flag but 1 is neither.
        marks: The newest of them, oldest first: newest is by timestamp, then by key.
        valid: The newest valid one: what a later Task is given.
        attention: Why somebody should look at the newest entry, in sentences; empty if nobody needs to.
    """

    entries: int
    not_valid: int
    marks: tuple[Mark, ...]
    valid: Mark | None
    attention: tuple[str, ...]

    @property
    def newest(self) -> Mark:
        """The newest entry."""
        return self.marks[-1]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What has been found since the message before.

    Attributes:
        cells: Places that are new, or know more entries.
        scanned: Share of all entries that has been looked at, 0 to 1.
        complete: True if nothing more will come.
        changed: True if the file changed meanwhile.
        left_out: True if there are more places than are remembered.
    """

    cells: Mapping[Place, RunCell]
    scanned: float
    complete: bool
    changed: bool
    left_out: bool


def comparable_run(run: Cell) -> Cell:
    """Return what is equal for the same run, as for the recorder (``docs/recording.md``): 7, "7" and "007" are one."""
    return as_column(run, "INTEGER") if isinstance(run, int | float | str) else run


def run_tasks(relations: Iterable[Relation]) -> list[Relation]:
    """Return the Task tables whose entries name a run."""
    return [
        relation
        for relation in relations
        if relation.kind is RelationKind.TASK and relation.of_role(Role.RUN) and relation.of_role(Role.EXPERIMENT)
    ]


def names_runs(reader: Reader, relations: Sequence[Relation]) -> bool:
    """Tell whether entries of this file name runs, as far as its newest headers tell."""
    headers = next((relation for relation in relations if relation.name == GEN_CFG), None)
    if headers is None or not run_tasks(relations):
        return False
    columns = [column for role in (Role.RUN, Role.EXPERIMENT) if (column := headers.of_role(role))]
    rows = reader.newest(headers, columns, _HEADERS_LOOKED_AT)
    return any(cell is not None for row in rows for cell in row.cells)


def survey(
    reader: Reader, tasks: Sequence[Relation], publish: Callable[[Surveyed], None], cancelled: Cancelled
) -> None:
    """Look at every entry of some Tasks, the newest of each Task first, and tell how it went in its run.

    Args:
        reader: Used by this call alone while it runs.
        tasks: Some of :func:`run_tasks`.
        publish: Called with what was found since the last call, a few times a second, and at the end. Each place's
            cell holds all that is known of it, so that a later one takes the place of an earlier one.
        cancelled: Asked between steps.
    """
    scans = [(task, Scan(reader, task, cancelled)) for task in tasks]
    found = _Found()
    walks = [(_Gathering(reader, task, found, cancelled), scan.steps()) for task, scan in scans]
    spans = [scan.bounds.high - scan.bounds.low + 1 if scan.bounds else 0 for _task, scan in scans]
    publisher = Publisher()

    def tell(changed: bool = False) -> None:
        shares = [scan.scanned * span for (_task, scan), span in zip(scans, spans, strict=True)]
        scanned = sum(shares) / sum(spans) if sum(spans) else 1.0
        complete = all(scan.complete for _task, scan in scans)
        publish(Surveyed(found.taken(), scanned, complete, changed, found.left_out))

    # The newest entries of every Task before the older ones of any.
    for gathering, steps in walks:
        for step in itertools.islice(steps, 1):
            gathering.add(step)
    tell()
    for gathering, steps in walks:
        for step in steps:
            gathering.add(step)
            if publisher.is_due():
                tell()
    tell(changed=any(scan.changed() for _task, scan in scans))


class _Known:
    """A cell that still grows."""

    __slots__ = ("attention", "entries", "marks", "not_valid", "place", "valid")

    def __init__(self, place: Place) -> None:
        self.place = place
        self.entries = self.not_valid = 0
        self.marks: list[Mark] = []
        self.valid: Mark | None = None
        self.attention: tuple[str, ...] = ()

    def add(self, mark: tuple[str, int, Cell, int | None], attention: tuple[str, ...]) -> None:
        self.entries += 1
        age = mark[:2]
        if mark[3] == 0:
            self.not_valid += 1
        elif mark[3] == 1 and (self.valid is None or age > self.valid[:2]):
            self.valid = Mark(*mark)
        if len(self.marks) == MARKS_KEPT and age < self.marks[0][:2]:
            return
        # What waited before it was stored is older than its key suggests.
        place = next((place for place, other in enumerate(self.marks) if age < other[:2]), len(self.marks))
        if place == len(self.marks):
            self.attention = attention
        self.marks.insert(place, Mark(*mark))
        del self.marks[:-MARKS_KEPT]

    def cell(self) -> RunCell:
        return RunCell(self.entries, self.not_valid, tuple(self.marks), self.valid, self.attention)


class _Found:
    """The cells found so far, and which of them changed since they were told of."""

    def __init__(self) -> None:
        self._cells: dict[tuple[Cell, Cell, str], _Known] = {}
        self._spelled: dict[tuple[Cell, Cell], Run] = {}
        self._changed: set[_Known] = set()
        self.left_out = False

    def at(self, place: Place) -> _Known | None:
        """Return what is known of a place, None for a place too many."""
        run = (place.run.experiment, comparable_run(place.run.run))
        known = self._cells.get((*run, place.task))
        if known is None and len(self._cells) < PLACES_KEPT:
            known = _Known(Place(self._spelled.setdefault(run, place.run), place.task))
            self._cells[*run, place.task] = known
        return known

    def note(self, changed: Iterable[_Known | None]) -> None:
        for known in changed:
            if known is None:
                self.left_out = True
            else:
                self._changed.add(known)

    def taken(self) -> dict[Place, RunCell]:
        changed, self._changed = self._changed, set()
        return {known.place: known.cell() for known in changed}


class _Gathering:
    """Takes the entries of one Task, step by step."""

    def __init__(self, reader: Reader, task: Relation, found: _Found, cancelled: Cancelled) -> None:
        self._reader = reader
        self._task = task
        self._found = found
        # By the header's key, so that an entry costs one look-up.
        self._known: dict[Cell, _Known | None] = {}
        # Only here: the overview is on the screen before it is known what needs attention.
        from dbview.source.entries.attention import Attention

        self._attention = Attention(reader, task, cancelled)
        run, time = task.of_role(Role.RUN), _stored(task.of_role(Role.TIME))
        self._picked = ", ".join(
            [
                f"t.{quote(run.via.key)}" if run and run.via else "NULL",
                # What is longer is no time and no status.
                f"CASE typeof({time}) WHEN 'text' THEN substr({time}, 1, 32) ELSE '' END",
                key_of(task),
                f"substr({_stored(task.of_role(Role.STATUS))}, 1, 20)",
                f"CASE {_stored(task.of_role(Role.VALID))} WHEN 1 THEN 1 WHEN 0 THEN 0 END",
                self._attention.picked,
            ]
        )

    def add(self, step: KeyRange) -> None:
        rows = self._reader.query(
            f"SELECT {self._picked} FROM {rows_of(self._task)} WHERE {within(self._task, step)} ORDER BY 3 DESC",
            self._attention.bindings,
        )
        # The newest first: they are the ones that are kept where there are too many.
        headers = dict.fromkeys(row[0] for row in rows)
        if len(self._known) + len(headers) > _HEADERS_KEPT:
            self._known.clear()
        self._look_up([header for header in headers if header not in self._known])
        for header, *mark, attention in rows:
            known = self._known[header]
            if known is not None:
                known.add(tuple(mark), self._attention.words(attention))
        self._found.note(map(self._known.__getitem__, headers))

    def _look_up(self, headers: Sequence[Cell]) -> None:
        experiment, run = (self._cells_of(role, headers) for role in (Role.EXPERIMENT, Role.RUN))
        for header in headers:
            place = Place(Run(experiment.get(header), run.get(header)), self._task.name)
            self._known[header] = self._found.at(place)

    def _cells_of(self, role: Role, headers: Sequence[Cell]) -> dict[Cell, Cell]:
        column = self._task.of_role(role)
        return self._reader.shared_cells(column.via, headers) if column and column.via else {}


def _stored(column: Column | None) -> str:
    return f"t.{quote(column.name)}" if column else "NULL"
