"""Turn what the cursor is on into a condition or a sort of the View."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dbview.query.filter import quote_literal
from dbview.query.names import column_term, means
from dbview.query.relation import Column, Relation, Role
from dbview.query.view import SortKey
from dbview.secrets import hides_secret
from dbview.source.entries.runs import comparable_run
from dbview.values import Cell


def sort_name(relation: Relation, column: Column) -> str:
    """Return the name by which a View sorts by this column; an alias wins over a parameter's own name."""
    return column.name if means(relation, column.name, column) else f"p.{column.name}"


def next_sort(relation: Relation, sort: Sequence[SortKey], column: Column) -> tuple[SortKey, ...]:
    """Return what follows when a column is sorted by once more: ascending, descending, not at all."""
    name = sort_name(relation, column)
    ascending, descending = SortKey(name), SortKey(name, descending=True)
    if sort and sort[0] == ascending:
        return (descending,)
    return () if sort and sort[0] == descending else (ascending,)


def added_sort(relation: Relation, sort: Sequence[SortKey], column: Column) -> tuple[SortKey, ...]:
    """Return what follows when a column is added as a further key: ascending, descending, not at all; others stay."""
    name = sort_name(relation, column)
    if SortKey(name) in sort:
        return tuple(SortKey(name, descending=True) if key.column == name else key for key in sort)
    others = tuple(key for key in sort if key.column != name)
    return others if len(others) < len(sort) else (*sort, SortKey(name))


def cell_condition(relation: Relation, column: Column, cell: Cell, exclude: bool = False) -> str | None:
    """Return the condition that a column has this value (or has another), None for a value no filter can name."""
    if hides_secret(column, cell):
        return None
    operator = "!=" if exclude else "="
    match cell:
        case None:
            value = "null"
        case int() | float():
            value = repr(cell)
        case str():
            value = quote_literal(cell)
        case _:
            return None
    return f"{column_term(relation, column)}{operator}{value}"


def unnamed_words(column: Column, value: object, noun: str) -> str:
    """Return why no filter can name a value: a condition on what is masked would find nothing, or tell the secret."""
    if hides_secret(column, value):
        return f"It has a secret, which is masked: no filter can name {noun}. --reveal shows secrets."
    return f"No filter can name {noun}."


def run_condition(relation: Relation, experiment: Cell, run: Cell) -> str | None:
    """Return the filter that finds the entries of a run, None if no filter can name it."""
    text = ""
    number = comparable_run(run)
    # Without quotes it finds the run however it is spelled.
    for role, value in ((Role.EXPERIMENT, experiment), (Role.RUN, number if isinstance(number, int) else run)):
        column = relation.of_role(role)
        condition = cell_condition(relation, column, value) if column else None
        if condition is None:
            return None
        text = with_condition(text, condition)
    return text


def with_condition(text: str, condition: str) -> str:
    """Return a filter narrowed by one more condition."""
    if not text.strip():
        return condition
    is_choice = re.search(r"(?<!\S)or(?!\S)", text, re.IGNORECASE)
    return f"({text}) {condition}" if is_choice else f"{text.strip()} {condition}"
