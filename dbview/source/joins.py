"""Turn a condition on a joined column into the keys that fulfil it, so that the scan itself never joins."""

from __future__ import annotations

from array import array

from dbview.query.conditions import Check
from dbview.query.relation import Join, Relation, RelationKind
from dbview.source import functions
from dbview.source.reader import Reader
from dbview.source.render import Rendering
from dbview.source.rows import key_of, rows_of, within
from dbview.source.scan import Cancelled, Scan
from recorder.layout.tables import ID, quote

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
        self._known: dict[tuple[Join, Check], str] = {}

    def condition(self, via: Join, check: Check) -> str:
        """Return an SQL condition that holds for the local keys whose joined column passes a check."""
        if (via, check) not in self._known:
            self._known[via, check] = self._membership(f"t.{quote(via.key)}", self._keys(via, check))
        return self._known[via, check]

    def _keys(self, via: Join, check: Check) -> array[int]:
        relation = Relation(via.relation, RelationKind.SHARED, (), key=ID)
        rendering = Rendering(relation, self.condition)
        operand = f"t.{quote(via.column)}"
        if via.variable is not None:
            operand = f"{functions.VARIABLE}(CAST({operand} AS BLOB), {rendering.bind(via.variable)})"
        passes = rendering.check(operand, check)
        keys = array("q")
        for step in Scan(self._reader, relation, self._cancelled).steps():
            sql = f"SELECT {key_of(relation)} FROM {rows_of(relation)} WHERE {within(relation, step)} AND {passes}"
            keys.extend(key for (key,) in self._reader.query(sql, rendering.bindings))
        return keys

    def _membership(self, operand: str, keys: array[int]) -> str:
        if len(keys) <= _MOST_KEYS_WRITTEN_OUT:
            return f"({operand} IN ({','.join(map(str, keys))}))"
        return f"({self._reader.register_set(frozenset(keys))}({operand}))"
