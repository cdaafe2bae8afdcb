"""Turn conditions that look beyond a row into the keys that fulfil them, so that the scan itself need not."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import replace

from dbview.query.conditions import ColumnIs, NewestOfRun
from dbview.query.relation import Join, Relation, RelationKind
from dbview.source.entries.runs import comparable_run
from dbview.source.reader import Reader
from dbview.source.view.parts import key_of_join, operand_of
from dbview.source.view.render import Rendering
from dbview.source.view.rows import key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Scan
from dbview.text import decode_escaped
from dbview.values import Cell, UndecodableText
from recorder.layout.tables import ID

_MOST_KEYS_WRITTEN_OUT = 1_000
_MOST_HEADERS_KNOWN = 20_000


class KeysOfJoins:
    """Evaluates conditions on shared rows and on other entries; the answer holds for one scan.

    Args:
        reader: The reader of the scan that the keys are for.
        cancelled: Asked between steps.
    """

    def __init__(self, reader: Reader, cancelled: Cancelled) -> None:
        self._reader = reader
        self._cancelled = cancelled
        self._known: dict[ColumnIs | NewestOfRun, str] = {}

    def condition(self, relation: Relation, condition: ColumnIs | NewestOfRun) -> str:
        """Return an SQL condition that holds for the rows of a relation that fulfil a condition."""
        if condition not in self._known:
            if isinstance(condition, NewestOfRun):
                known = self._membership(key_of(relation), self.newest(relation, condition))
            elif (via := condition.column.via) is not None:
                known = self._membership(key_of_join(via), self._shared(via, condition))
            else:
                raise ValueError(f"{condition.column.name} stands in the row itself")
            self._known[condition] = known
        return self._known[condition]

    def _shared(self, via: Join, condition: ColumnIs) -> array[int]:
        """Return the keys of the shared rows that fulfil a condition."""
        there = Relation(via.relation, RelationKind.SHARED, (), key=ID)
        rendering = Rendering(there, self.condition)
        column = replace(condition.column, via=None, part_of=via.column)
        passes = rendering.condition(ColumnIs(column, condition.check))
        keys = array("q")
        for step in Scan(self._reader, there, self._cancelled).steps():
            sql = f"SELECT {key_of(there)} FROM {rows_of(there)} WHERE {within(there, step)} AND {passes}"
            keys.extend(key for (key,) in self._reader.query(sql, rendering.bindings))
        return keys

    def newest(self, relation: Relation, condition: NewestOfRun, most: int | None = None) -> array[int]:
        """Return the key of the newest entry of each run: the greatest by time, then by key.

        Args:
            relation: Whose entries.
            condition: Which of them count, and how a run is known.
            most: Runs that are looked at, those of the newest entries; None for all. Each takes half a kilobyte.
        """
        runs = _Runs(self._reader, condition.experiment, condition.run)
        rendering = Rendering(relation, self.condition)
        counts = rendering.condition(condition.valid) if condition.valid is not None else "TRUE"
        newest: dict[tuple[Cell, Cell], tuple[str, int]] = {}
        key = key_of(relation)
        # One text, so that the greatest of both together is found in one pass; no time has a character below it.
        age = f"max(coalesce({operand_of(condition.time)}, '') || char(1) || printf('%020d', {key}))"
        for step in Scan(self._reader, relation, self._cancelled).steps():
            where = f"WHERE {within(relation, step)} AND {counts} GROUP BY 1"
            sql = f"SELECT {runs.header}, {age} FROM {rows_of(relation)} {where}"
            rows = self._reader.query(sql, rendering.bindings)
            runs.look_up(header for header, _age in rows)
            # Of the newest headers first, as the steps come.
            for header, text in reversed(rows):
                time, _, digits = _decoded(text).rpartition("\x01")
                run = runs.of(header)
                if most is not None and len(newest) >= most and run not in newest:
                    continue
                newest[run] = max(newest.get(run, ("", -(2**63))), (time, int(digits)))
        return array("q", [key for _time, key in newest.values()])

    def _membership(self, operand: str, keys: array[int]) -> str:
        if len(keys) <= _MOST_KEYS_WRITTEN_OUT:
            return f"({operand} IN ({','.join(map(str, keys))}))"
        return f"({self._reader.register_set(frozenset(keys))}({operand}))"


class _Runs:
    """Looks up which run the headers of entries name.

    Attributes:
        header: SQL for the key of an entry's header.
    """

    def __init__(self, reader: Reader, experiment: Join, run: Join) -> None:
        self._reader = reader
        self._ways = (experiment, run)
        self._known: dict[Cell, tuple[Cell, Cell]] = {}
        self.header = key_of_join(run)

    def look_up(self, headers: Iterable[Cell]) -> None:
        if len(self._known) > _MOST_HEADERS_KNOWN:
            self._known.clear()
        wanted = set(headers) - self._known.keys()
        experiments, runs = (self._reader.shared_cells(via, wanted) for via in self._ways)
        self._known.update({header: (experiments.get(header), comparable_run(runs.get(header))) for header in wanted})

    def of(self, header: Cell) -> tuple[Cell, Cell]:
        return self._known[header]


def _decoded(text: str | UndecodableText) -> str:
    return text if isinstance(text, str) else decode_escaped(text.raw)
