"""The rows of a relation that fulfil a filter, read and counted in the steps of a scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dbview.query.filter import parse
from dbview.query.relation import Relation
from dbview.query.resolve import resolve
from dbview.source.reader import Reader
from dbview.source.view.joins import KeysOfJoins
from dbview.source.view.render import Rendering
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Scan

_COUNTED_TOGETHER = 100
"""Expressions; SQLite joins a limited number of queries."""


class Selection:
    """The rows of a relation that fulfil a filter.

    Attributes:
        reader: Reads them.
        relation: Whose rows they are.
        cancelled: Tells whether they are no longer wanted.
        bindings: Values by parameter name, for the SQL of :meth:`found`.
    """

    def __init__(self, reader: Reader, relation: Relation, filter: str, cancelled: Cancelled) -> None:
        self.reader = reader
        self.relation = relation
        self.cancelled = cancelled
        node = parse(filter)
        rendering = Rendering(relation, KeysOfJoins(reader, cancelled).condition)
        self._condition = "TRUE" if node is None else rendering.condition(resolve(node, relation))
        self.bindings = rendering.bindings

    def scan(self) -> Scan:
        """Return a new scan of the relation."""
        return Scan(self.reader, self.relation, self.cancelled)

    def rows(
        self,
        step: KeyRange,
        picked: Sequence[str] = (),
        condition: str = "TRUE",
        bindings: Mapping[str, Any] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Return the key, and what else is picked, of the rows in a step of a scan that fulfil another condition too.

        The newest comes first.

        Args:
            step: The keys to look at.
            picked: SQL expressions.
            condition: SQL of the other condition.
            bindings: Its values.
        """
        wanted = ", ".join([key_of(self.relation), *picked])
        return self.reader.query(
            f"SELECT {wanted} FROM {self.found(step)} AND {condition} ORDER BY 1 DESC",
            {**self.bindings, **(bindings or {})},
        )

    def counts(
        self,
        step: KeyRange,
        picked: Sequence[str],
        condition: str = "TRUE",
        bindings: Mapping[str, Any] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Return what is picked of the rows in a step of a scan, each combination once, and how many rows have it.

        Args:
            step: The keys to look at.
            picked: SQL expressions, at least one.
            condition: SQL of another condition that the rows fulfil.
            bindings: Its values.
        """
        names = ", ".join(f"p{place}" for place in range(len(picked)))
        values = ", ".join(f"{expression} AS p{place}" for place, expression in enumerate(picked))
        # The limit keeps SQLite from evaluating each expression once more for each combination.
        rows = f"SELECT {values} FROM {self.found(step)} AND {condition} LIMIT -1"
        return self.reader.query(
            f"SELECT {names}, count(*) FROM ({rows}) GROUP BY {names}", {**self.bindings, **(bindings or {})}
        )

    def counts_of_each(self, step: KeyRange, picked: Sequence[str]) -> list[list[tuple[Any, int]]]:
        """Return for each expression its values in a step of a scan, each once, and how many rows have it.

        The rows are read, and the filter is evaluated, once for many expressions.

        Args:
            step: The keys to look at.
            picked: SQL expressions.
        """
        counted: list[list[tuple[Any, int]]] = [[] for _expression in picked]
        for start in range(0, len(picked), _COUNTED_TOGETHER):
            part = range(start, min(start + _COUNTED_TOGETHER, len(picked)))
            values = ", ".join(f"{picked[place]} AS p{place}" for place in part)
            # SQLite keeps what is named twice; and not to evaluate it anew for a single one, there is the limit.
            rows = f"WITH found AS (SELECT {values} FROM {self.found(step)} LIMIT -1)"
            each = (f"SELECT {place}, p{place}, count(*) FROM found GROUP BY p{place}" for place in part)
            for place, value, count in self.reader.query(f"{rows} {' UNION ALL '.join(each)}", self.bindings):
                counted[place].append((value, count))
        return counted

    def totals(self, step: KeyRange, totals: Sequence[str], bindings: Mapping[str, Any]) -> tuple[int, ...]:
        """Return how many rows there are in a step of a scan, and what else is to be totalled of them, in one pass.

        Args:
            step: The keys to look at.
            totals: SQL expressions that aggregate.
            bindings: Their values.
        """
        wanted = ", ".join(["count(*)", *totals])
        (totals_found,) = self.reader.query(f"SELECT {wanted} FROM {self.found(step)}", {**self.bindings, **bindings})
        return totals_found

    def found(self, step: KeyRange) -> str:
        """Return SQL, behind FROM, for the rows ``t`` in a step of a scan; further conditions go behind it with AND."""
        return f"{rows_of(self.relation)} WHERE {within(self.relation, step)} AND {self._condition}"
