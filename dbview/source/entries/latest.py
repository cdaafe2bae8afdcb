"""Find the latest valid entry: the one whose values a next Task is given.

The rule is the recorder's (``docs/recording.md``): of the valid entries, the one with the greatest timestamp, then
id; and a run is matched as a number where both are numbers, so 12 and "0012" are one run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dbview.errors import NotFound
from dbview.query.names import nearest
from dbview.query.relation import Relation, Role
from dbview.query.standing import latest_of_run
from dbview.source.entries.runs import comparable_run
from dbview.source.reader import Reader
from dbview.source.view.joins import KeysOfJoins
from dbview.source.view.rows import key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Scan
from dbview.text import visible
from dbview.values import Cell, UndecodableText
from recorder.layout import tables
from recorder.layout.flatten import unspell
from recorder.layout.side_text import read_side_text
from recorder.layout.tables import quote
from recorder.layout.values import to_stored

MOST_RUNS = 100_000
"""Runs, the newest ones, of which the latest entry is told; they take some 50 MB while they are found."""

_MOST_KEYS_WRITTEN_OUT = 1_000


@dataclass(frozen=True)
class Latest:
    """What a next Task is given of what is stored.

    Attributes:
        key: The entry.
        time: Its timestamp, as it is stored.
        value: The parameter's value in it.
        run: Its run; None where its header names none.
        experiment: Its experiment, likewise.
        experiments: Every experiment that has valid entries of the run, the entry's own first.
    """

    key: int
    time: Cell
    value: Cell
    run: Cell
    experiment: Cell
    experiments: tuple[Cell, ...]


@dataclass(frozen=True)
class Wanted:
    """Which runs count.

    Attributes:
        run: Matched as number or as text; None: any.
        experiment: None: any.
    """

    run: str | None = None
    experiment: str | None = None

    @property
    def is_any(self) -> bool:
        """True if every entry counts, also one that is of no run."""
        return self.run is None and self.experiment is None

    def matches(self, experiment: Cell, run: Cell) -> bool:
        """Tell whether an entry's experiment and run are among those that count."""
        if self.experiment is not None and (experiment is None or str(experiment) != self.experiment):
            return False
        return self.run is None or (run is not None and comparable_run(run) == comparable_run(self.run))


def find_latest(
    reader: Reader, relations: Iterable[Relation], relation: Relation, parameter: str, wanted: Wanted
) -> Latest | None:
    """Return what a next Task is given as a parameter's value; None if no valid entry matches.

    Args:
        reader: Used by this call alone while it runs.
        relations: All relations of the source.
        relation: The Task that the parameter is of.
        parameter: Its flat name; or ``status``, ``summary``, ``payload``, ``schemas``, ``valid`` or ``timestamp``.
        wanted: Which runs count.

    Raises:
        NotFound: No entry of the Task ever had such a parameter.
    """
    column = column_of(relation, parameter)
    header = f"t.{quote(tables.GEN_CFG_ID)}"
    headers = None if wanted.is_any else _matching_headers(reader, relations, wanted)
    condition = "TRUE" if headers is None else keys_condition(reader, header, headers)
    is_ambiguous = headers is not None and len(set(map(str, headers.values()))) > 1
    scan, latest, used = Scan(reader, relation, lambda: False), LatestValid(reader, relation), set[int]()
    for step in scan.steps():
        where = f"{within(relation, step)} AND {condition}"
        latest.look(where)
        if is_ambiguous:
            valid = f"{where} AND t.{quote(tables.VALID_FLAG)} = 1"
            used |= {key for (key,) in reader.query(f"SELECT DISTINCT {header} FROM {rows_of(relation)} WHERE {valid}")}
    if latest.key is None:
        return None
    own = reader.query(
        f"SELECT {header}, t.{quote(tables.TIMESTAMP)} FROM {rows_of(relation)} WHERE {key_of(relation)} = ?",
        (latest.key,),
    )
    if not own:
        raise NotFound(f"{visible(relation.name)} has no entry {latest.key} any more. Ask again.")
    ((header_key, time),) = own
    experiments = (
        ()
        if headers is None
        else dict.fromkeys([headers[header_key], *sorted(str(headers[key]) for key in used if key in headers)])
    )
    value = _value(reader, relation, column, parameter, latest.key)
    run, experiment = (_shared(reader, relation, role, latest.key) for role in (Role.RUN, Role.EXPERIMENT))
    return Latest(latest.key, time, value, run, experiment, tuple(experiments))


def _shared(reader: Reader, relation: Relation, role: Role, key: int) -> Cell:
    column = relation.of_role(role)
    return None if column is None else next((row.cells[0] for row in reader.rows(relation, [column], [key])), None)


def latest_entry(reader: Reader, relation: Relation, condition: str, cancelled: Cancelled) -> int | None:
    """Return the latest valid entry of those that fulfil an SQL condition; if none is valid, the newest of them."""
    scan, latest = Scan(reader, relation, cancelled), LatestValid(reader, relation, or_newest=True)
    for step in scan.steps():
        latest.look(f"{within(relation, step)} AND {condition}")
    return latest.key


def latest_of_runs(reader: Reader, relation: Relation, cancelled: Cancelled) -> frozenset[int]:
    """Return the keys of the latest valid entries, one of each run, of :data:`MOST_RUNS`: what ``is:latest`` finds.

    Args:
        reader: Used by this call alone while it runs.
        relation: A Task whose entries name runs.
        cancelled: Asked between steps; what was found by then is returned.
    """
    return frozenset(KeysOfJoins(reader, cancelled).newest(relation, latest_of_run(relation), MOST_RUNS))


class LatestValid:
    """The latest valid entry among those looked at so far.

    Args:
        reader: Used by this call alone while it looks.
        relation: The Task.
        or_newest: True to take the newest of all where none is valid.

    Attributes:
        key: Its key; None while there is none.
    """

    def __init__(self, reader: Reader, relation: Relation, *, or_newest: bool = False) -> None:
        self._reader = reader
        self._relation = relation
        self._is_valid = f"t.{quote(tables.VALID_FLAG)} IS 1"
        self._wanted = "TRUE" if or_newest else self._is_valid
        self._place: tuple[int, tuple[int, Any], int] | None = None
        self.key: int | None = None

    def look(self, where: str) -> None:
        """Look at the rows that an SQL condition leaves."""
        rows = self._reader.query(
            f"SELECT {self._is_valid}, t.{quote(tables.TIMESTAMP)}, {key_of(self._relation)} "
            f"FROM {rows_of(self._relation)} WHERE {where} AND {self._wanted} ORDER BY 1 DESC, 2 DESC, 3 DESC LIMIT 1"
        )
        for is_valid, time, key in rows:
            place = (is_valid, place_of_time(time), key)
            if self._place is None or place > self._place:
                self._place, self.key = place, key


def place_of_time(time: Cell) -> tuple[int, Any]:
    """Return what sorts as SQLite sorts values of different kinds: NULL, numbers, text, blobs."""
    match time:
        case None:
            return (0, 0)
        case int() | float():
            return (1, time)
        case str():
            return (2, time.encode("utf-8", "surrogatepass"))
        case UndecodableText(raw=raw):
            return (2, raw)
        case _:
            return (3, time)


def _matching_headers(reader: Reader, relations: Iterable[Relation], wanted: Wanted) -> dict[int, Cell]:
    """Return the experiments of the shared configurations that match, by key."""
    shared = next((relation for relation in relations if relation.name == tables.GEN_CFG), None)
    if shared is None:
        return {}
    picked = f"{key_of(shared)}, t.{quote('experiment')}, t.{quote('run')}"
    return {
        key: experiment
        for step in Scan(reader, shared, lambda: False).steps()
        for key, experiment, run in reader.query(f"SELECT {picked} FROM {rows_of(shared)} WHERE {within(shared, step)}")
        if wanted.matches(experiment, run)
    }


def keys_condition(reader: Reader, operand: str, keys: Iterable[int]) -> str:
    """Return the SQL condition that a value is one of these keys."""
    listed = sorted(set(keys))
    if len(listed) <= _MOST_KEYS_WRITTEN_OUT:
        return f"{operand} IN ({','.join(map(str, listed))})"
    return f"{reader.register_set(frozenset(listed))}({operand})"


# The parameter


def column_of(relation: Relation, parameter: str) -> str | None:
    """Return the column that holds a parameter; None if it may be among those for which there was no column.

    Raises:
        NotFound: No entry of the Task has it; the message names the nearest.
    """
    named: dict[str, str] = {}
    for column in sorted(relation.parameters, key=lambda column: unspell(column.name) != column.name):
        named.setdefault(unspell(column.name), column.name)
    stored = {column.name for column in relation.stored}
    if parameter in named and named[parameter] != tables.SURPLUS:
        return named[parameter]
    if parameter in stored:
        return parameter
    if parameter in tables.SHORT_NAMES:
        return tables.SHORT_NAMES[parameter]
    if tables.SURPLUS in stored:
        return None
    near = nearest(parameter, [*named, *tables.SHORT_NAMES])
    hint = f" Did you mean {', '.join(map(visible, near))}?" if near else " `dbview show` lists what an entry has."
    raise NotFound(f"{visible(relation.name)} has no parameter {visible(parameter)}.{hint}")


def _value(reader: Reader, relation: Relation, column: str | None, parameter: str, key: int) -> Cell:
    found = relation.find(column or tables.SURPLUS)
    if found is None:
        return None
    cell = reader.cell(relation, found, key)
    return cell if column is not None else _from_surplus(cell, parameter)


def _from_surplus(cell: Cell, parameter: str) -> Cell:
    if not isinstance(cell, str):
        return None
    try:
        leaves = read_side_text(cell)["$dict"]
    except (ValueError, TypeError, LookupError, RecursionError):
        # As everywhere in side tables, what is damaged tells nothing.
        return None
    return to_stored(leaves[parameter]) if isinstance(leaves, Mapping) and parameter in leaves else None
