"""Give a parsed filter its meaning for one relation: names to columns, literals to checks."""

from __future__ import annotations

import datetime
import difflib
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
    Matches,
    Number,
    NumberCompares,
    Present,
    Somewhere,
    TextCompares,
    TextEquals,
)
from dbview.query.filter import And, Comparison, Literal, Name, Node, Not, Or, Range, Words
from dbview.query.relation import Column, Join, Origin, Relation, Role
from dbview.text import visible
from recorder.layout.flatten import unspell
from recorder.layout.tables import EXEC_CFG, ID

ALIASES: dict[str, Role] = {
    role.value: role
    for role in (
        Role.RUN,
        Role.EXPERIMENT,
        Role.TITLE,
        Role.STATUS,
        Role.VALID,
        Role.SUMMARY,
        Role.PAYLOAD,
        Role.SCHEMA,
        Role.TIME,
    )
}
"""Short names; each wins over a parameter of the same name, which is then ``p.name``."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf(?:inity)?", re.IGNORECASE)
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
    return Except(condition) if comparison.operator == "!=" else condition


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


def number_of(text: str) -> Number | None:
    """Return the number a text spells, None if it spells none. Beyond 64 bits it is a float, as in SQLite."""
    if not _NUMBER.fullmatch(text):
        return None
    if text.lstrip("+-").isdigit() and len(text) < 25:
        whole = int(text)
        return whole if -(2**63) <= whole < 2**63 else float(whole)
    return float(text)


# Names


def find_column(relation: Relation, name: str) -> Column:
    """Return the one column that a name typed outside a filter means (``--columns``, ``--sort``).

    Raises:
        FilterError: There is none, or a wildcard fits several.
    """
    prefix, dot, rest = name.partition(".")
    parsed = Name(rest, prefix, False, 0) if dot and prefix in ("p", "env") else Name(name, "", False, 0)
    columns = find_columns(relation, parsed)
    if len(columns) > 1:
        raise FilterError(f"{visible(name)} fits {len(columns)} columns; name one of them", 0)
    return columns[0]


def find_columns(relation: Relation, name: Name) -> list[Column]:
    """Return the columns that a name means: one, or several for a name with wildcards.

    Raises:
        FilterError: There is none; the message names the nearest.
    """
    if name.prefix == "env":
        return [_variable_column(relation, name)]
    if name.prefix == "summary":
        raise FilterError("values out of the summary are no columns yet; search it with summary:text", name.position)
    found = _find(relation, name)
    if found:
        return found
    raise FilterError(_no_column(relation, name), name.position)


def _find(relation: Relation, name: Name) -> list[Column]:
    text = name.text
    exact = relation.find(text)
    if name.quoted:
        return [exact] if exact else []
    if name.prefix == "p":
        parameters = [column for column in relation.parameters if unspell(column.name) == text]
        return parameters[:1] or _folded(relation.parameters, text) or _of(relation.find(f"p.{text}"))
    alias = relation.of_role(ALIASES[text]) if text in ALIASES else None
    return (
        _of(alias)
        or _of(exact)
        or _folded(relation.columns, text)
        or _of(relation.of_role(ALIASES[text.lower()]) if text.lower() in ALIASES else None)
        or _fitting(relation, text)
    )


def _of(column: Column | None) -> list[Column]:
    return [column] if column else []


def _folded(columns: tuple[Column, ...], text: str) -> list[Column]:
    folded = text.casefold()
    found = [column for column in columns if folded in (column.name.casefold(), unspell(column.name).casefold())]
    return found[:1]


def _fitting(relation: Relation, text: str) -> list[Column]:
    if "*" not in text and "?" not in text:
        return []
    parts = ("." if character == "?" else ".*" if character == "*" else re.escape(character) for character in text)
    fits = re.compile("".join(parts), re.IGNORECASE | re.DOTALL).fullmatch
    return [column for column in relation.stored if fits(column.name)]


def _variable_column(relation: Relation, name: Name) -> Column:
    """Return the column of one environment variable, joined by the key of the executor's configuration."""
    if relation.find(f"{EXEC_CFG}.env"):
        key = f"{EXEC_CFG}_id"
    elif relation.name == EXEC_CFG and relation.of_role(Role.ENVIRONMENT):
        key = ID
    else:
        raise FilterError(f"{visible(relation.name)} has no environment to look into", name.position)
    via = Join(key, EXEC_CFG, "env", name.text)
    return Column(f"env.{name.text}", "TEXT", Role.ENVIRONMENT, Origin.JOINED, via)


def _no_column(relation: Relation, name: Name) -> str:
    known = [unspell(column.name) for column in relation.columns]
    known += [alias for alias, role in ALIASES.items() if relation.of_role(role)]
    near = difflib.get_close_matches(name.text, known, 3, 0.5)
    if not near:
        near = [column for column in known if name.text.casefold() in column.casefold()][:3]
    hint = f"; did you mean {', '.join(map(visible, near))}?" if near else ""
    return f"{visible(relation.name)} has no column {visible(name.text)}{hint}"


# is:, since:, before:


def _resolve_is(comparison: Comparison, relation: Relation) -> Condition:
    value = _single(comparison)
    column = relation.of_role(Role.VALID)
    wanted = {"valid": 1, "invalid": 0}.get(value.text.lower())
    if wanted is None:
        raise FilterError(f"is:{visible(value.text)} is not known; there are is:valid and is:invalid", value.position)
    if column is None:
        raise FilterError(f"{visible(relation.name)} has no validity", comparison.name.position)
    return ColumnIs(column, NumberCompares("=", wanted))


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
