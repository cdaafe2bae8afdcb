"""Find out how each Task went in each run: a walk over all Task tables that keeps a few marks for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, KeysView, Mapping, Sequence
from dataclasses import dataclass

from dbview.query.relation import Column, Relation, Role
from dbview.source.entries.headers import RunsOfHeaders
from dbview.source.entries.runs import MARKS_KEPT, Mark, Place, RunCell
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Publisher, Scan
from dbview.values import Cell
from recorder.layout.tables import quote

PLACES_KEPT = 100_000
"""Pairs of a run and a Task that are remembered; the entries of further ones, which are older, are left out."""

NEWEST = 500
"""Entries of each Task that are looked at again after a write, and those that came since."""

MOST_KEYS = 5_000
"""If the keys of these span more than this, all entries have to be surveyed anew."""


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


def survey(
    reader: Reader, tasks: Sequence[Relation], publish: Callable[[Surveyed], None], cancelled: Cancelled
) -> Recent:
    """Look at every entry of some Tasks, the newest of each Task first, and tell how it went in its run.

    Returns what looks at the newest of them again.

    Args:
        reader: Used by this call alone while it runs.
        tasks: Some of :func:`run_tasks`.
        publish: Called with what was found since the last call, a few times a second, and at the end. Each place's
            cell holds all that is known of it, so that a later one takes the place of an earlier one.
        cancelled: Asked between steps.
    """
    scans = [(task, Scan(reader, task, cancelled)) for task in tasks]
    found = Recent(reader, tasks)
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
    return found


class Recent:
    """The newest entries of some Tasks apart from the older ones, so that they alone can be looked at again.

    Args:
        reader: Used by this call alone while it runs.
        tasks: Some Tasks; what is found of them is added step by step.

    Attributes:
        runs: What the entries' headers lead to.
    """

    def __init__(self, reader: Reader, tasks: Sequence[Relation]) -> None:
        self._tasks = tasks
        self._low = {task.name: _low(reader, task) for task in tasks}
        self._older, self._newest = _Cells(), _Cells()
        self.runs = RunsOfHeaders()

    def look(self, reader: Reader, cancelled: Cancelled) -> dict[Place, RunCell] | None:
        """Return the cells that the newest entries have a part in now; None if all must be surveyed anew.

        They must be if too many came, or a cell has lost its only entry. What else happens to older entries is not
        noticed.

        Args:
            reader: Used by this call alone while it runs.
            cancelled: Asked between Tasks.
        """
        before, self._newest = self._newest, _Cells()
        self.runs.forget()
        for task in self._tasks:
            bounds, low = reader.bounds(task), self._low[task.name]
            if task.key is None or cancelled() or (bounds is not None and bounds.high - low > MOST_KEYS):
                return None
            if bounds is not None and bounds.high >= low:
                _Gathering(reader, task, self, cancelled).add(KeyRange(low, bounds.high))
        cells = {place: self._cell(place) for place in {*before.places, *self._newest.places}}
        known = {place: cell for place, cell in cells.items() if cell is not None}
        return known if len(known) == len(cells) else None

    # While it is put together

    @property
    def left_out(self) -> bool:
        """True if there are more places than are remembered."""
        return self._older.left_out or self._newest.left_out

    def parts(self, task: Relation, step: KeyRange) -> Iterable[tuple[_Cells, KeyRange]]:
        """Return the parts of a key range with what each is added to: the newest entries, and those before."""
        low = self._low[task.name]
        if step.high >= low:
            yield self._newest, KeyRange(max(low, step.low), step.high)
        if step.low < low:
            yield self._older, KeyRange(step.low, min(low - 1, step.high))

    def taken(self) -> dict[Place, RunCell]:
        """Return the cells that changed since this was called last."""
        changed = self._older.taken() | self._newest.taken()
        return {place: cell for place in changed if (cell := self._cell(place)) is not None}

    def _cell(self, place: Place) -> RunCell | None:
        older, newest = self._older.cell(place), self._newest.cell(place)
        return older.with_others(newest) if older and newest else older or newest


def _low(reader: Reader, task: Relation) -> int:
    """Return the key from which on entries count as the newest ones."""
    bounds = reader.bounds(task)
    if bounds is None:
        return 0
    below = reader.key_below(task, bounds.high, NEWEST)
    return bounds.low if below is None else below + 1


class _Known:
    """A cell that still grows."""

    __slots__ = ("attention", "entries", "marks", "not_valid", "valid")

    def __init__(self) -> None:
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


class _Cells:
    """The cells of some entries, and which of them changed since they were told of."""

    def __init__(self) -> None:
        self._cells: dict[Place, _Known] = {}
        self._changed: set[Place] = set()
        self.left_out = False

    @property
    def places(self) -> KeysView[Place]:
        return self._cells.keys()

    def at(self, place: Place) -> _Known | None:
        """Return what is known of a place, which is to be added to; None for a place too many."""
        known = self._cells.get(place)
        if known is None:
            if len(self._cells) >= PLACES_KEPT:
                self.left_out = True
                return None
            known = self._cells[place] = _Known()
        self._changed.add(place)
        return known

    def cell(self, place: Place) -> RunCell | None:
        known = self._cells.get(place)
        return known.cell() if known else None

    def taken(self) -> set[Place]:
        changed, self._changed = self._changed, set()
        return changed


class _Gathering:
    """Takes the entries of one Task, step by step."""

    def __init__(self, reader: Reader, task: Relation, found: Recent, cancelled: Cancelled) -> None:
        self._reader = reader
        self._task = task
        self._found = found
        # Only here: the overview is on the screen before it is known what needs attention.
        from dbview.source.entries.attention import Attention

        self._attention = Attention(reader, task, cancelled)
        run, time = task.of_role(Role.RUN), _stored(task.of_role(Role.TIME))
        self._header = f"t.{quote(run.via.key)}" if run and run.via else "NULL"
        self._picked = ", ".join(
            [
                self._header,
                # What is longer is no time and no status.
                f"CASE typeof({time}) WHEN 'text' THEN substr({time}, 1, 32) ELSE '' END",
                key_of(task),
                f"substr({_stored(task.of_role(Role.STATUS))}, 1, 20)",
                f"CASE {_stored(task.of_role(Role.VALID))} WHEN 1 THEN 1 WHEN 0 THEN 0 END",
                self._attention.picked,
            ]
        )

    def add(self, step: KeyRange) -> None:
        for cells, part in self._found.parts(self._task, step):
            self._add(cells, part)

    def _add(self, cells: _Cells, part: KeyRange) -> None:
        rows_of_part = f"FROM {rows_of(self._task)} WHERE {within(self._task, part)}"
        if cells.left_out:
            # What entries are of is told much faster than how they went; and here mostly it is nothing that is kept.
            headers = self._reader.query(f"SELECT DISTINCT {self._header} {rows_of_part}")
            if cells.places.isdisjoint(self._places(header for (header,) in headers).values()):
                return
        rows = self._reader.query(f"SELECT {self._picked} {rows_of_part} ORDER BY 3 DESC", self._attention.bindings)
        # The newest first: they are the ones that are kept where there are too many.
        places = self._places(row[0] for row in rows)
        # Once for each header, so that an entry costs one look-up.
        known = {header: cells.at(place) for header, place in places.items()}
        for row in rows:
            if (at := known[row[0]]) is not None:
                at.add(row[1:5], self._attention.words(row[5]))

    def _places(self, headers: Iterable[Cell]) -> dict[Cell, Place]:
        """Return the places of entries by their headers, in the order of these."""
        different = dict.fromkeys(headers)
        runs = self._found.runs.of(self._reader, self._task, different)
        return {header: Place(runs[header], self._task.name) for header in different}


def _stored(column: Column | None) -> str:
    return f"t.{quote(column.name)}" if column else "NULL"
