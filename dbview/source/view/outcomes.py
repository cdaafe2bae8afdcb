"""Count the rows that a filter finds by how they went: in one pass without sorting, once it is known how rows go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from dbview.query.relation import Relation, Role
from dbview.source.view.rows import KeyRange
from dbview.source.view.selection import Selection
from dbview.values import Cell
from recorder.layout.tables import quote

_MOST_KNOWN = 8
"""Outcomes that are looked for by name; there are hardly ever more."""


class Outcome(NamedTuple):
    """How a row went; NULL for a relation without status or validity."""

    status: Cell
    valid: Cell


Outcomes = Mapping[Outcome, int]
"""Rows by how they went."""


class OutcomeSql:
    """How a row went, in the SQL of a relation.

    Attributes:
        picked: SQL expressions for status and validity.
    """

    def __init__(self, relation: Relation) -> None:
        status, valid = (
            f"t.{quote(column.name)}" if (column := relation.of_role(role)) else "NULL"
            for role in (Role.STATUS, Role.VALID)
        )
        self._status, self._valid = status, valid
        # What is longer is no status.
        self.picked = (f"substr({status}, 1, 20)", f"CASE {valid} WHEN 1 THEN 1 WHEN 0 THEN 0 END")

    def went(self, status: str, valid: Cell) -> str:
        """Return the condition that a row has a status, which is the name of a parameter, and a validity."""
        is_valid = f"{self._valid} IS {valid}" if valid in (0, 1) else f"({self.picked[1]}) IS NULL"
        return f"({is_valid} AND {self._status} COLLATE BINARY IS :{status})"


class OutcomeCounting:
    """Counts the rows in the steps of a scan.

    Rows that go as others did are counted in one pass; only what is new is grouped, for which SQLite sorts.

    Args:
        selection: Which rows count.

    Attributes:
        bindings: The values of :attr:`code`.
    """

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._sql = OutcomeSql(selection.relation)
        self._known: dict[Outcome, str] = {}
        self.bindings: dict[str, Any] = {}

    def counted(self, step: KeyRange) -> Counter[Outcome]:
        """Return how many rows of a step went how."""
        if not self._known:
            return self._others(step)
        filters = [f"count(*) FILTER (WHERE {condition})" for condition in self._known.values()]
        total, *counts = self._selection.totals(step, filters, self.bindings)
        found = Counter({known: count for known, count in zip(self._known, counts, strict=True) if count})
        if total > sum(counts):
            found.update(self._others(step))
        return found

    @property
    def code(self) -> str:
        """The SQL expression for a number that stands for how a row went; below zero where that is not known yet."""
        cases = (f"WHEN {condition} THEN {place}" for place, condition in enumerate(self._known.values()))
        return f"CASE WHEN FALSE THEN 0 {' '.join(cases)} ELSE -1 END"

    def decoded(self, step: KeyRange, codes: Iterable[int]) -> Counter[Outcome]:
        """Return how many rows of a step went how, given the code of each; those not known yet are looked at again."""
        known, counts = list(self._known), Counter(codes)
        found = Counter({known[code]: count for code, count in counts.items() if code >= 0})
        if counts[-1]:
            found.update(self._others(step))
        return found

    def _others(self, step: KeyRange) -> Counter[Outcome]:
        """Return how many rows of a step went how, of those that went as none that is known."""
        rest = f"({' OR '.join(self._known.values()) or 'FALSE'}) IS NOT TRUE"
        found: Counter[Outcome] = Counter()
        for status, valid, rows in self._selection.counts(step, self._sql.picked, rest, self.bindings):
            found[Outcome(status, valid)] += rows
        for outcome in found:
            self._learn(outcome)
        return found

    def _learn(self, outcome: Outcome) -> None:
        # A status of another kind, or one that may have been cut, is grouped each time.
        status = outcome.status
        if outcome in self._known or len(self._known) >= _MOST_KNOWN or not isinstance(status, str) or len(status) > 19:
            return
        name = f"outcome{len(self._known)}"
        self.bindings[name] = status
        self._known[outcome] = self._sql.went(name, outcome.valid)
