"""Give a parsed filter its meaning for one relation: names to columns, literals to checks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from dbview.errors import FilterError
from dbview.query.conditions import (
    AllOf,
    AnyOf,
    ColumnIs,
    Condition,
    Contains,
    Except,
    Finds,
    Matches,
    NumberCompares,
    Present,
    Somewhere,
    TextCompares,
    TextEquals,
)
from dbview.query.filter import And, Comparison, Literal, Name, Node, Not, Or, Range, Words
from dbview.query.names import find_columns
from dbview.query.relation import Column, Relation, Role
from dbview.query.standing import standing
from dbview.text import visible
from dbview.values import number_of

_TRUTH = {"yes": 1, "true": 1, "no": 0, "false": 0}
_AGO = re.compile(r"(\d{1,6})([mhdw])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_TIME = re.compile(r"\d{4}(?:-\d\d(?:-\d\d(?:[ T]\d\d(?::\d\d(?::\d\d)?)?)?)?)?")


def resolve(node: Node, relation: Relation) -> Condition:
    """Return the conditions that a filter sets to the rows of a relation.

    Raises:
        FilterError: The relation has no such column, or a value makes no sense for it; with the position.
    """
    match node:
        case And(parts=parts):
            return AllOf(tuple(resolve(part, relation) for part in parts))
        case Or(parts=parts):
            return AnyOf(tuple(resolve(part, relation) for part in parts))
        case Not(part=part):
            return Except(resolve(part, relation))
        case Words(literal=literal):
            return Somewhere(_containing(literal))
        case Comparison():
            return _resolve_comparison(node, relation)


def _resolve_comparison(comparison: Comparison, relation: Relation) -> Condition:
    special = _SPECIAL.get(comparison.name.text)
    if special and comparison.operator == ":" and not comparison.name.quoted and not comparison.name.prefix:
        return special(comparison, relation)
    columns = _columns_of(relation, comparison.name)
    parts = [
        _compare(column, comparison.operator.removeprefix("!"), value)
        for column in columns
        for value in comparison.values
    ]
    condition = parts[0] if len(parts) == 1 else AnyOf(tuple(parts))
    return Except(condition) if comparison.operator.startswith("!") else condition


def _columns_of(relation: Relation, name: Name) -> list[Column]:
    try:
        return find_columns(relation, name)
    except FilterError as error:
        raise FilterError(f'{error} (to search for words, quote them: "...")', error.position) from error


def _compare(column: Column, operator: str, value: Literal | Range) -> Condition:
    if isinstance(value, Range):
        _refuse_empty(value)
        return AllOf((_compare(column, ">=", value.low), _compare(column, "<=", value.high)))
    text = value.text
    if operator == "~":
        return ColumnIs(column, _finding(value))
    if operator == ":":
        return ColumnIs(column, _containing(value))
    if operator == "=" and not value.quoted:
        if text.lower() == "null":
            return Except(ColumnIs(column, Present()))
        if "*" in text or "?" in text:
            return ColumnIs(column, Matches(text))
    number = None if value.quoted else number_of(text)
    if column.declared == "INTEGER" and not value.quoted:
        # A bool is stored as a number.
        number = _TRUTH.get(text.lower(), number)
    if operator == "=":
        equals: Condition = ColumnIs(column, TextEquals(text, exact_case=value.quoted, of_numbers=number is None))
        return equals if number is None else AnyOf((ColumnIs(column, NumberCompares("=", number)), equals))
    if number is not None and column.role is not Role.TIME:
        return ColumnIs(column, NumberCompares(operator, number))
    if column.role is Role.TIME and _TIME.fullmatch(text):
        text = text.replace("T", " ")
    return ColumnIs(column, TextCompares(operator, text))


def _refuse_empty(span: Range) -> None:
    low, high = number_of(span.low.text), number_of(span.high.text)
    if low is not None and high is not None and low > high:
        raise FilterError(
            f"nothing lies between {span.low.text} and {span.high.text}: the smaller one goes first", span.low.position
        )


def _containing(literal: Literal) -> Contains | Matches:
    if not literal.quoted and ("*" in literal.text or "?" in literal.text):
        return Matches(f"*{literal.text}*")
    return Contains(literal.text)


def _finding(literal: Literal) -> Finds:
    # Only here: most filters have none.
    from dbview.query.automaton import Automaton

    try:
        return Finds(literal.text, Automaton(literal.text).required_text)
    except FilterError as error:
        inside = error.position
        # Within quotes a quote stands twice.
        inside += 1 + literal.text.count('"', 0, inside) if literal.quoted else 0
        raise FilterError(str(error), literal.position + inside) from error


# is:, since:, before:


def _resolve_is(comparison: Comparison, relation: Relation) -> Condition:
    value = _single(comparison)
    return standing(relation, value.text, value.position)


def _resolve_time(comparison: Comparison, relation: Relation) -> Condition:
    value = _single(comparison)
    column = relation.of_role(Role.TIME)
    if column is None:
        raise FilterError(f"{visible(relation.name)} has no time column", comparison.name.position)
    ago = _AGO.fullmatch(value.text)
    if ago:
        moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
        text = moment.strftime("%Y-%m-%d %H:%M:%S")
    elif _TIME.fullmatch(value.text):
        text = value.text.replace("T", " ")
    else:
        raise FilterError("a time is 2d (m, h, d, w ago) or 2024-03-01T12:30, in UTC", value.position)
    return ColumnIs(column, TextCompares(">=" if comparison.name.text == "since" else "<", text))


def _single(comparison: Comparison) -> Literal:
    value = comparison.values[0]
    if len(comparison.values) != 1 or not isinstance(value, Literal):
        raise FilterError(f"{comparison.name.text}: takes one value", comparison.name.position)
    return value


_SPECIAL: dict[str, Callable[[Comparison, Relation], Condition]] = {
    "is": _resolve_is,
    "since": _resolve_time,
    "before": _resolve_time,
}
