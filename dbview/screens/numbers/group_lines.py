"""Lay out groups of rows: those by one column as lines with bars, those by two as a matrix."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rich.cells import cell_len

from dbview.query.names import column_term
from dbview.query.relation import Column, Relation
from dbview.screens.cell_filter import cell_condition
from dbview.secrets import masked_cell
from dbview.source.numbers.axis import Bin, OfExperiment, Others, Value
from dbview.source.numbers.groups import Groups
from dbview.source.numbers.value_order import in_order
from dbview.source.view.outcomes import Outcomes
from dbview.text import cell_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Span
from dbview.widgets.matrix_lines import Heading, Table
from dbview.widgets.share_bar import bar_spans, outcome_words

WIDEST_VALUE = 36
_WIDEST_COLUMN = 14
_LEAST_COLUMN = 5
WIDEST_BAR = 60
_WORDS_WIDTH = 30


@dataclass(frozen=True, slots=True)
class ValueKey:
    """Stands for a value, which may be NULL."""

    value: Value


def value_text(column: Column, value: Value) -> str:
    """Return what a group of a column is called."""
    match value:
        case Others():
            return value.value
        case Bin(low=low, high=high):
            return f"{cell_text(low)} to < {cell_text(high)}"
        case OfExperiment():
            return f"{value_text(value.column, value.experiment)} {value_text(column, value.run)}"
        case "":
            return '""'
        case _:
            return cell_text(masked_cell(column, value))


def group_condition(relation: Relation, column: Column, value: Value) -> str | None:
    """Return the condition that a row is in a group, None for a group no filter can name."""
    match value:
        case Others():
            return None
        case Bin(low=low, high=high):
            term = column_term(relation, column)
            return f"{term}>={low!r} {term}<{high!r}"
        case OfExperiment():
            conditions = (
                group_condition(relation, value.column, value.experiment),
                group_condition(relation, column, value.run),
            )
            return None if None in conditions else " ".join(filter(None, conditions))
        case _:
            return cell_condition(relation, column, value)


def _tone(outcomes: Outcomes) -> str:
    valid, not_valid = (sum(count for outcome, count in outcomes.items() if outcome.valid == flag) for flag in (1, 0))
    return ("late" if not_valid else "good") if valid else "bad" if not_valid else ""


def _fraction(outcomes: Outcomes) -> str:
    """Return how many are valid, of how many."""
    valid = sum(count for outcome, count in outcomes.items() if outcome.valid == 1)
    total = sum(outcomes.values())
    has_validity = any(outcome.valid is not None for outcome in outcomes)
    return f"{valid:,}/{total:,}" if has_validity else f"{total:,}"


def group_words(groups: Groups) -> list[str]:
    """Return how many groups there are, of how many the numbers are told, and what is counted together."""
    number, with_numbers = len(groups.counts), len(groups.numbers)
    words = f"{number:,} group{'s' * (number != 1)}"
    parts = [f"{with_numbers:,} of {words} with numbers" if 0 < with_numbers < number else words]
    runs = {value.run if isinstance(value, OfExperiment) else value for values in groups.counts for value in values}
    experiments = {value.experiment for values in groups.counts for value in values if isinstance(value, OfExperiment)}
    if any(isinstance(value, Bin) for value in runs):
        parts.append("numbers in bins")
    if Others.OTHERS in runs | experiments:
        parts.append("values beyond the first are counted as others")
    return parts


def group_lines(groups: Groups, column: Column, by_count: bool, width: int) -> list[Line]:
    """Return a line for each value of one column: the value, its rows, a bar of how they went, and that in words.

    The key of a line is the ``repr`` of its value, by which it stays the current one.

    Args:
        groups: The groups.
        column: What they are grouped by.
        by_count: True to have the largest first; False to sort by value.
        width: Cells of a line.
    """
    counts: Counter[Value] = Counter()
    for (value, *_), outcomes in groups.counts.items():
        counts[value] += sum(outcomes.values())
    values = in_order(counts, by_count)
    most = max(counts.values(), default=1)
    labels = {value: value_text(column, value) for value in values}
    label_width = min(max(map(cell_len, labels.values()), default=1), WIDEST_VALUE)
    count_width = len(f"{most:,}")
    room = max(4, min(width - label_width - count_width - _WORDS_WIDTH - 10, WIDEST_BAR))
    lines = []
    for value in values:
        outcomes = groups.counts[(value,)]
        bar = bar_spans(outcomes, max(1, round(room * counts[value] / most)))
        blank = room - sum(len(text) for text, _tone in bar)
        spans: list[Span] = [
            (
                f"   {pad(labels[value], label_width)}  {counts[value]:>{count_width},}  ",
                "" if value is not None else "dim",
            ),
            *bar,
            (" " * blank + f"  {outcome_words(outcomes)}", "dim"),
        ]
        lines.append(Line(tuple(spans), key=repr(value)))
    return lines


def group_table(groups: Groups, columns: tuple[Column, Column], by_count: bool) -> Table:
    """Return the values of one column against those of another, each cell the valid rows of all.

    Args:
        groups: The groups.
        columns: What they are grouped by: the rows, and the columns of the matrix.
        by_count: True to have the values with most rows first; False to sort by value.
    """
    down: Counter[Value] = Counter()
    across: Counter[Value] = Counter()
    for (row, column), outcomes in groups.counts.items():
        total = sum(outcomes.values())
        down[row] += total
        across[column] += total
    rows = [Heading(value_text(columns[0], value), ValueKey(value)) for value in in_order(down, by_count)]
    heads = [Heading(value_text(columns[1], value), ValueKey(value)) for value in in_order(across, by_count)]
    widest = max((len(_fraction(outcomes)) for outcomes in groups.counts.values()), default=1)
    titles = max((cell_len(head.label) for head in heads), default=1)
    width = max(_LEAST_COLUMN, widest, min(titles, _WIDEST_COLUMN))

    def cell(row: Heading, column: Heading) -> Span:
        if not isinstance(row.key, ValueKey) or not isinstance(column.key, ValueKey):
            return ("", "")
        outcomes = groups.counts.get((row.key.value, column.key.value))
        if outcomes is None:
            return ("·", "dim")
        return (_fraction(outcomes), _tone(outcomes))

    corner = (visible(columns[0].label), visible(columns[1].label))
    return Table(corner, rows, heads, width, cell)
