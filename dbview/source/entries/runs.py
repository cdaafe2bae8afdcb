"""Say what a run is, and what is kept of how a Task went in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dbview.query.relation import Relation, RelationKind, Role
from dbview.source.reader import Reader
from dbview.values import Cell
from recorder.layout.tables import GEN_CFG
from recorder.layout.values import as_column

MARKS_KEPT = 4
"""Entries of a Task in a run that are remembered one by one, the newest; further ones are counted."""

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

    def with_others(self, other: RunCell) -> RunCell:
        """Return the cell of these entries and of others, none of which is among them."""
        marks = sorted((*self.marks, *other.marks), key=age)[-MARKS_KEPT:]
        valid = max((mark for mark in (self.valid, other.valid) if mark is not None), key=age, default=None)
        attention = self.attention if marks[-1] is self.newest else other.attention
        return RunCell(self.entries + other.entries, self.not_valid + other.not_valid, tuple(marks), valid, attention)


def age(mark: Mark) -> tuple[str, int]:
    """Return what orders entries of a Task by age, the oldest first."""
    return mark.time, mark.key


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


def run_of_entry(reader: Reader, relation: Relation, key: int) -> Run | None:
    """Return the run of an entry, as its header spells it; None if the entry is gone or its table knows no runs."""
    experiment, run = relation.of_role(Role.EXPERIMENT), relation.of_role(Role.RUN)
    rows = reader.rows(relation, [experiment, run], [key]) if experiment and run else []
    return Run(*rows[0].cells) if rows else None


def names_runs(reader: Reader, relations: Sequence[Relation]) -> bool:
    """Tell whether entries of this file name runs, as far as its newest headers tell."""
    headers = next((relation for relation in relations if relation.name == GEN_CFG), None)
    if headers is None or not run_tasks(relations):
        return False
    columns = [column for role in (Role.RUN, Role.EXPERIMENT) if (column := headers.of_role(role))]
    rows = reader.newest(headers, columns, _HEADERS_LOOKED_AT)
    return any(cell is not None for row in rows for cell in row.cells)
