"""Put Tasks in the order of their pipeline, by what one makes and another takes; and find the numbers in summaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbview.paths import makes, paths_in
from dbview.query.relation import Column, Relation, Role
from dbview.secrets import masked_summary
from dbview.source.reader import Reader
from dbview.summary import summary_pairs
from dbview.values import Cell, number_of

_CELLS_LOOKED_AT = 4_000
_FEWEST_ROWS, _MOST_ROWS = 3, 60


@dataclass(frozen=True, slots=True)
class PipelineTask:
    """A Task in its place.

    Attributes:
        relation: Its table.
        numbers: What the numbers are called that its newest summaries hold.
    """

    relation: Relation
    numbers: tuple[str, ...]


def pipeline(reader: Reader, tasks: Sequence[Relation]) -> tuple[PipelineTask, ...]:
    """Return Tasks so that each stands behind those whose output it takes, else in the order their tables were made.

    Output is the payload and what parameters such as ``out_file`` name; a Task takes what its other parameters name.
    Only the newest entries are looked at. A file made by one and taken by another decides; after that, where it leads
    to no circle, a name that a digit was added to, and a directory that one writes to and another takes as a whole.
    """
    looks = [_look(reader, task) for task in tasks]
    makers: dict[str, set[int]] = {}
    makers_in: dict[str, set[int]] = {}
    for place, look in enumerate(looks):
        for path in look.makes:
            makers.setdefault(path, set()).add(place)
            makers_in.setdefault(_directory(path), set()).add(place)
    directories = {_directory(path) for look in looks for path in (*look.makes, *look.takes)}
    before: list[set[int]] = [set() for _ in looks]
    for place, look in enumerate(looks):
        for path in look.takes - directories:
            before[place] |= makers.get(path, set()) - {place}
    for place, look in enumerate(looks):
        for path in look.takes - directories:
            _add_where_no_circle(before, place, makers.get(path.rstrip("0123456789"), set()))
    for place, look in enumerate(looks):
        for path in look.takes & directories:
            _add_where_no_circle(before, place, makers.get(path, set()) | makers_in.get(path, set()))
    return tuple(PipelineTask(tasks[place], looks[place].numbers) for place in _in_order(before))


def _add_where_no_circle(before: list[set[int]], place: int, makers: set[int]) -> None:
    for maker in sorted(makers - before[place]):
        if place not in _all_before(before, maker):
            before[place].add(maker)


def _all_before(before: list[set[int]], place: int) -> set[int]:
    """Return all that stand before a place, however far, and itself."""
    found, left = {place}, [place]
    while left:
        new = before[left.pop()] - found
        found |= new
        left += new
    return found


def _in_order(before: list[set[int]]) -> list[int]:
    order: list[int] = []
    left = dict(enumerate(before))
    while left:
        # In a circle, the table that was made first comes first.
        place = next((place for place, others in left.items() if not others & left.keys()), next(iter(left)))
        order.append(place)
        del left[place]
    return order


@dataclass(frozen=True)
class _Look:
    makes: set[str]
    takes: set[str]
    numbers: tuple[str, ...]


def _look(reader: Reader, task: Relation) -> _Look:
    outcome = [column for role in (Role.SUMMARY, Role.PAYLOAD) if (column := task.of_role(role))]
    may_be_paths = [column for column in task.parameters if column.declared in ("TEXT", "BLOB", "")]
    columns = [*outcome, *may_be_paths]
    rows = reader.newest(task, columns, max(_FEWEST_ROWS, min(_MOST_ROWS, _CELLS_LOOKED_AT // max(1, len(columns)))))
    made, taken = set[str](), set[str]()
    numbers: dict[str, None] = {}
    for row in rows:
        for column, cell in zip(columns, row.cells, strict=True):
            if column.role is Role.SUMMARY:
                numbers.update(dict.fromkeys(summary_numbers(cell)))
            else:
                (made if is_made(column) else taken).update(_paths(column, cell))
    return _Look(made, taken - made, tuple(numbers))


def is_made(column: Column) -> bool:
    """Tell whether what a column holds is what its Task makes."""
    return column.role is Role.PAYLOAD or makes(column.name)


def _paths(column: Column, cell: Cell) -> Iterable[str]:
    if not isinstance(cell, str) or "/" not in cell:
        return ()
    return (path.rstrip("/") for path in paths_in(cell, column.name))


def _directory(path: str) -> str:
    return path.rpartition("/")[0]


def summary_numbers(summary: Cell) -> dict[str, int | float]:
    """Return the numbers of a summary by their names, in its order; a secret is none."""
    pairs = summary_pairs(masked_summary(summary)) if isinstance(summary, str) else {}
    return {name: number for name, value in pairs.items() if (number := number_of(value)) is not None}
