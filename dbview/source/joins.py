"""Turn a condition on a joined column into the keys that fulfil it, so that the scan itself never joins."""

from __future__ import annotations

from array import array

from dbview.query.conditions import Check, ColumnIs
from dbview.query.relation import Column, Join, Relation, RelationKind
from dbview.source.parts import key_of_join
from dbview.source.reader import Reader
from dbview.source.render import Rendering
from dbview.source.rows import key_of, rows_of, within
from dbview.source.scan import Cancelled, Scan
from recorder.layout.tables import ID

_MOST_KEYS_WRITTEN_OUT = 1_000


class KeysOfJoins:
    """Evaluates checks on joined columns; the answer holds for one scan.

    Args:
        reader: The reader of the scan that the keys are for.
        cancelled: Asked between steps.
    """

    def __init__(self, reader: Reader, cancelled: Cancelled) -> None:
        self._reader = reader
        self._cancelled = cancelled
        self._known: dict[tuple[Column, Check], str] = {}

    def condition(self, column: Column, via: Join, check: Check) -> str:
        """Return an SQL condition that holds for the rows whose joined column passes a check."""
        if (column, check) not in self._known:
            self._known[column, check] = self._membership(key_of_join(via), self._keys(column, via, check))
        return self._known[column, check]

    def _keys(self, column: Column, via: Join, check: Check) -> array[int]:
        there = Relation(via.relation, RelationKind.SHARED, (), key=ID)
        rendering = Rendering(there, self.condition)
        passes = rendering.condition(ColumnIs(Column(via.column, part=column.part), check))
        keys = array("q")
        for step in Scan(self._reader, there, self._cancelled).steps():
            sql = f"SELECT {key_of(there)} FROM {rows_of(there)} WHERE {within(there, step)} AND {passes}"
            keys.extend(key for (key,) in self._reader.query(sql, rendering.bindings))
        return keys

    def _membership(self, operand: str, keys: array[int]) -> str:
        if len(keys) <= _MOST_KEYS_WRITTEN_OUT:
            return f"({operand} IN ({','.join(map(str, keys))}))"
        return f"({self._reader.register_set(frozenset(keys))}({operand}))"
