"""Count the rows that a filter finds by the values of no, one or two columns, and by how they went."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from dbview.query.relation import Column, Relation, Role
from dbview.source.numbers.axis import Axis, OfExperiment, Single, Value
from dbview.source.numbers.value_counts import number_in, told_apart, value_counts
from dbview.source.reader import Reader
from dbview.source.view.outcomes import Outcome, OutcomeCounting, Outcomes, OutcomeSql
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import Cancelled, Scanned
from dbview.source.view.selection import Selection
from dbview.values import Cell

MOST_VALUES = 2_000
"""Values of a column that are told apart; the rows of others, which are older, are counted together."""

MOST_VALUES_OF_TWO = 300
"""The same for each of two columns."""

MOST_EXPERIMENTS = 50
"""The same for the experiments that runs are told apart by."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of some numbers, all of them finite.

    Attributes:
        count: How many there are.
        total: Their sum, exact.
        low: The least.
        high: The greatest.
    """

    count: int
    total: Fraction
    low: int | float
    high: int | float

    @property
    def mean(self) -> float:
        """Their mean."""
        return float(self.total / self.count)

    def joined(self, other: Numbers | None) -> Numbers:
        """Return what is known of these numbers and others."""
        if other is None:
            return self
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Numbers(self.count + other.count, self.total + other.total, low, high)


@dataclass(frozen=True, slots=True)
class Groups(Scanned):
    """How many rows each group has, as far as the scan has come.

    Attributes:
        counts: Rows by how they went, by the values of the columns.
        numbers: What is known of the numbers that were asked for as well, by the same; groups without one left out.
    """

    counts: Mapping[tuple[Value, ...], Outcomes]
    numbers: Mapping[tuple[Value, ...], Numbers] = field(default_factory=dict)

    def outcomes(self) -> Counter[Outcome]:
        """Return the rows of all groups by how they went."""
        total: Counter[Outcome] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total


def group(
    reader: Reader,
    relation: Relation,
    filter: str,
    columns: Sequence[Column],
    publish: Callable[[Groups], None],
    cancelled: Cancelled,
    of: Column | None = None,
    by_experiment: bool = False,
) -> Groups:
    """Count the rows that a filter finds by the values of columns.

    Args:
        reader: Used by this call alone while it runs.
        relation: What to count.
        filter: Which rows count; empty for all.
        columns: None, one or two; of any kind that a filter can name.
        publish: Called with what is known so far, a few times a second, and with the result.
        cancelled: Asked between steps; the partial result is returned.
        of: A column whose numbers are added up for each group, texts that spell one among them; None for none.
        by_experiment: True to tell a run of one experiment from that of another, where the rows are of several.

    Raises:
        FilterError: The filter makes no sense for this relation.
    """
    selection = Selection(reader, relation, filter, cancelled)
    most = MOST_VALUES if len(columns) < 2 else MOST_VALUES_OF_TWO
    experiment = _experiment_of(relation, columns) if by_experiment else None
    counting = _Counting([Axis(column, most) for column in columns], columns, experiment)
    told = columns if experiment is None else (*columns, experiment)
    all_rows = OutcomeCounting(selection)

    def look(step: KeyRange) -> None:
        if columns:
            counting.add(_counted(selection, step, told, of))
        else:
            counting.add(((), outcome, rows, None) for outcome, rows in all_rows.counted(step).items())

    return selection.scan().find(look, counting.taken, publish)


def _experiment_of(relation: Relation, columns: Sequence[Column]) -> Column | None:
    """Return the column that runs are told apart by, None if there is no run, or that column is there already."""
    experiment = relation.of_role(Role.EXPERIMENT)
    has_run = any(column.role is Role.RUN for column in columns)
    return experiment if has_run and experiment not in columns else None


def _counted(
    selection: Selection, step: KeyRange, columns: Sequence[Column], of: Column | None
) -> Iterator[tuple[tuple[Cell, ...], Outcome, int, Numbers | None]]:
    """Yield values, outcome, how many rows there are of these in a step, and the numbers that they have."""
    picked = OutcomeSql(selection.relation).picked
    wanted = columns if of is None else (*columns, of)
    for cells, (status, valid), rows in value_counts(selection, step, wanted, picked):
        number = None if of is None else number_in(of, cells[-1])
        numbers = None
        if number is not None and math.isfinite(number):
            numbers = Numbers(rows, Fraction(number) * rows, number, number)
        yield tuple(map(told_apart, cells[: len(columns)])), Outcome(status, valid), rows, numbers


class _Counting:
    """The groups so far; the experiment of their runs, if that is asked for, stands behind their values."""

    def __init__(self, axes: Sequence[Axis], columns: Sequence[Column], experiment: Column | None) -> None:
        self._runs = [column.role is Role.RUN for column in columns]
        self._experiment = experiment
        self._axes = axes if experiment is None else (*axes, Axis(experiment, MOST_EXPERIMENTS))
        self._counts: dict[tuple[Single, ...], Counter[Outcome]] = {}
        self._numbers: dict[tuple[Single, ...], Numbers] = {}

    def add(self, counted: Iterable[tuple[tuple[Cell, ...], Outcome, int, Numbers | None]]) -> None:
        for cells, outcome, count, numbers in counted:
            values = tuple(axis.value(cell) for axis, cell in zip(self._axes, cells, strict=True))
            if any(axis.has_other_bins for axis in self._axes):
                self._put_into_bins()
            self._counts.setdefault(values, Counter())[outcome] += count
            if numbers is not None:
                self._numbers[values] = numbers.joined(self._numbers.get(values))

    def _put_into_bins(self) -> None:
        before, self._counts = self._counts, {}
        numbers, self._numbers = self._numbers, {}
        for values, counts in before.items():
            moved = tuple(axis.moved(value) for axis, value in zip(self._axes, values, strict=True))
            self._counts.setdefault(moved, Counter()).update(counts)
            if (found := numbers.get(values)) is not None:
                self._numbers[moved] = found.joined(self._numbers.get(moved))
        for axis in self._axes:
            axis.has_other_bins = False

    def taken(self, scanned: float, complete: bool, changed: bool) -> Groups:
        experiments = {values[-1] for values in self._counts} if self._experiment else set()
        named = {values: self._named(values, len(experiments) > 1) for values in self._counts}
        counts = {named[values]: dict(outcomes) for values, outcomes in self._counts.items()}
        numbers = {named[values]: found for values, found in self._numbers.items()}
        return Groups(scanned, complete, changed, counts, numbers)

    def _named(self, values: tuple[Single, ...], has_experiments: bool) -> tuple[Value, ...]:
        """Return the values of the columns, runs with their experiment where there are several."""
        if self._experiment is None:
            return values
        *own, experiment = values
        if not has_experiments:
            return tuple(own)
        column = self._experiment
        return tuple(
            OfExperiment(column, experiment, value) if is_run else value
            for value, is_run in zip(own, self._runs, strict=True)
        )
