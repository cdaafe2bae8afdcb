"""Find the columns of few different values, and count these values, in the rows that a filter finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dbview.query.filter import quote_literal
from dbview.query.names import PAIR, VARIABLE, columns_of
from dbview.query.relation import Column, Origin, Relation, Role
from dbview.source.numbers.distinct import summary_keys, variable_names
from dbview.source.numbers.value_counts import counts_of_each, told_apart
from dbview.source.reader import Reader
from dbview.source.view.rows import KeyRange
from dbview.source.view.scan import COSTLY_PUBLISH_SECONDS, Cancelled, Scanned
from dbview.source.view.selection import Selection
from dbview.values import Cell

MOST_VALUES = 12
"""A column of more different values is no facet."""

_NEWEST_ROWS = 500

_PLACES = {Role.PARAMETER: 0, Role.CONFIGURATION: 2}
"""Where the columns of a role stand among others: what people choose by first, mere keys of shared rows last."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A column of few values.

    Attributes:
        column: Which.
        counts: Rows by its values, the most frequent first.
    """

    column: Column
    counts: Sequence[tuple[Cell, int]]


@dataclass(frozen=True, slots=True)
class Facets(Scanned):
    """What is known, as far as the scan has come.

    Attributes:
        facets: The columns that have at most :data:`MOST_VALUES` values so far, but more than one, and one of these
            twice; or are named in the filter.
        rows: Rows of the filter.
        looked_at: Columns that were looked at.
    """

    facets: Sequence[Facet]
    rows: int
    looked_at: int


def find_facets(
    reader: Reader,
    relation: Relation,
    filter: str,
    kept: Sequence[Column],
    publish: Callable[[Facets], None],
    cancelled: Cancelled,
) -> Facets:
    """Count the values of all columns that have few: stored, joined, variables and named values of the summary.

    A column is given up as soon as it has too many values, so that most cost no more than a first look.

    Args:
        reader: Used by this call alone while it runs.
        relation: What to count.
        filter: Which rows count; empty for all.
        kept: Columns that are facets even with a single value: what the filter has chosen.
        publish: Called with what is known so far, a few times a second, and with the result.
        cancelled: Asked between steps; the partial result is returned.

    Raises:
        FilterError: The filter makes no sense for this relation.
    """
    selection = Selection(reader, relation, filter, cancelled)
    counts: dict[Column, Counter[Cell]] = {column: Counter() for column in _candidates(reader, relation, kept)}
    looked_at = len(counts)
    rows = 0

    def look(step: KeyRange) -> None:
        nonlocal rows
        each = dict(counts_of_each(selection, step, list(counts)))
        # Each column has all rows, so that the filter need not be asked once more.
        of_any = next(iter(each.values()), None)
        rows += selection.totals(step, (), {})[0] if of_any is None else sum(count for _cell, count in of_any)
        for column, counted in each.items():
            of_column = counts[column]
            for cell, count in counted:
                of_column[told_apart(cell)] += count
            if len(of_column) > MOST_VALUES:
                del counts[column]

    def found(scanned: float, complete: bool, changed: bool) -> Facets:
        return Facets(scanned, complete, changed, _facets(counts, kept), rows, looked_at)

    return selection.scan().find(look, found, publish, COSTLY_PUBLISH_SECONDS)


def _candidates(reader: Reader, relation: Relation, kept: Sequence[Column]) -> list[Column]:
    """Return the columns to count, without those that have too many values among the newest rows already."""
    plain = [column for column in relation.columns if column.role not in (Role.ID, Role.TIME) and not column.computed]
    plain.sort(key=lambda column: _PLACES.get(column.role, 1))
    names = [
        f"{prefix}.{quote_literal(name)}"
        for prefix, found in ((PAIR, summary_keys), (VARIABLE, variable_names))
        for name in found(reader, relation)
    ]
    parts = [column for column in columns_of(relation, names) if column.origin is not Origin.STORED]
    candidates = list(dict.fromkeys((*kept, *plain, *parts)))
    rows = reader.newest(relation, candidates, _NEWEST_ROWS)
    seen = zip(*(row.cells for row in rows), strict=True) if rows else ((),) * len(candidates)
    few = []
    for column, cells in zip(candidates, seen, strict=True):
        different = len(set(cells))
        # Counting what looks constant is not worth a look into the text of every row.
        if column in kept or (different <= MOST_VALUES and (different > 1 or column in plain)):
            few.append(column)
    return few


def _facets(counts: Mapping[Column, Counter[Cell]], kept: Sequence[Column]) -> list[Facet]:
    # Where no value occurs twice, each stands for a row, and there is nothing to group.
    groups = {column for column, found in counts.items() if 1 < len(found) < found.total()}
    return [
        Facet(column, found.most_common()) for column, found in counts.items() if column in groups or column in kept
    ]
