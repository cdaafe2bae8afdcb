"""Find the columns that a name means: one, or several for a name with wildcards."""

from __future__ import annotations

import contextlib
import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dbview.errors import FilterError
from dbview.query.filter import Name, quote_literal
from dbview.query.relation import Column, Form, Join, Origin, Part, Relation, Role
from dbview.query.wildcards import has_wildcards, wildcards_match
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

PARAMETER, VARIABLE, PAIR = "p", "env", "summary"
"""Prefixes: of a parameter, of a variable of the environment, of a named pair of the summary."""

_PREFIXED = re.compile(rf"({PARAMETER}|{VARIABLE}|{PAIR})\.(.+)", re.DOTALL)
_PLAIN = re.compile(r"[^\W\d][\w.\[\]-]*")
_QUOTED = re.compile(r'"((?:[^"]|"")+)"', re.DOTALL)


def find_column(relation: Relation, name: str) -> Column:
    """Return the one column that a name typed outside a filter means (``--columns``, ``--sort``).

    Raises:
        FilterError: There is none, or a wildcard fits several.
    """
    columns = find_columns(relation, name_of(name))
    if len(columns) > 1 or (columns[0].part and columns[0].part.is_pattern):
        several = f"{len(columns)} columns" if len(columns) > 1 else "whatever there is of that name"
        raise FilterError(f"{visible(name)} fits {several}; name one of them", 0)
    return columns[0]


def column_term(relation: Relation, column: Column) -> str:
    """Return the shortest name by which the filter language means this column."""
    names = (column.role.value, column.name, f"{PARAMETER}.{column.name}")
    plain = (name for name in names if _PLAIN.fullmatch(name) and means(relation, name, column))
    return next(plain, quote_literal(column.name))


def means(relation: Relation, name: str, column: Column) -> bool:
    """Tell whether a name stands for this column."""
    try:
        return find_column(relation, name) == column
    except FilterError:
        return False


def columns_of(relation: Relation, names: Iterable[str]) -> list[Column]:
    """Return the columns that a View names; one that is not there any more is left out."""
    found = []
    for name in names:
        with contextlib.suppress(FilterError):
            found.append(relation.find(name) or find_column(relation, name))
    return found


def name_of(text: str) -> Name:
    """Return the name that stands alone in a text, as it stands in a filter but for spaces and operators."""
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed is None:
        return Name(text, "", False, 0)
    quoted = _QUOTED.fullmatch(prefixed[2])
    return Name(quoted[1].replace('""', '"') if quoted else prefixed[2], prefixed[1], quoted is not None, 0)


def find_columns(relation: Relation, name: Name) -> list[Column]:
    """Return the columns that a name means: one, or several for a name with wildcards.

    Raises:
        FilterError: There is none; the message names the nearest.
    """
    if found := _find(relation, name):
        return found
    raise FilterError(_no_column(relation, name), name.position)


def _find(relation: Relation, name: Name) -> list[Column]:
    text = name.text
    if name.prefix in (VARIABLE, PAIR):
        return _of_part(relation, name)
    if name.prefix == PARAMETER:
        parameters = [column for column in relation.parameters if unspell(column.name) == text]
        return parameters[:1] or _folded(relation.parameters, text) or _of(relation.find(f"p.{text}"))
    exact = relation.find(text)
    if name.quoted:
        # A column that is part of another is called by its prefix and its part, wherever a column is named.
        return _of(exact) or _of_part(relation, replace(name_of(text), quoted=True, position=name.position))
    alias = relation.of_role(ALIASES[text]) if text in ALIASES else None
    return (
        _of(alias)
        or _of(exact)
        or _folded(relation.columns, text)
        or _folded(relation.beside, text)
        or _of(relation.of_role(ALIASES[text.lower()]) if text.lower() in ALIASES else None)
        or _fitting(relation.stored, text)
        or _fitting((*relation.columns, *relation.beside), text)
    )


def _of(column: Column | None) -> list[Column]:
    return [column] if column else []


def _folded(columns: Sequence[Column], text: str) -> list[Column]:
    folded = text.casefold()
    found = [column for column in columns if folded in (column.name.casefold(), unspell(column.name).casefold())]
    return found[:1]


def _fitting(columns: Sequence[Column], text: str) -> list[Column]:
    if not has_wildcards(text):
        return []
    pattern = text.casefold()
    return [column for column in columns if wildcards_match(pattern, column.name.casefold())]


def _of_part(relation: Relation, name: Name) -> list[Column]:
    """Return the column of a variable or a named pair; a pair does not hide a stored column of that very name."""
    if name.prefix == VARIABLE:
        return [variable_column(relation, name)]
    if name.prefix == PAIR:
        return _of(relation.find(f"{PAIR}.{name.text}")) or [pair_column(relation, name)]
    return []


def variable_column(relation: Relation, name: Name) -> Column:
    """Return the column of a variable, joined by the key of the executor's configuration."""
    if relation.find(f"{EXEC_CFG}.env"):
        key = f"{EXEC_CFG}_id"
    elif relation.name == EXEC_CFG and relation.of_role(Role.ENVIRONMENT):
        key = ID
    else:
        raise FilterError(f"{visible(relation.name)} has no environment to look into", name.position)
    via = Join(key, EXEC_CFG, "env")
    return Column(_called(name), "TEXT", Role.ENVIRONMENT, Origin.JOINED, via, part=_part(Form.VARIABLES, name))


def pair_column(relation: Relation, name: Name) -> Column:
    """Return the column of a named pair of the summary."""
    summary = relation.of_role(Role.SUMMARY)
    if summary is None:
        raise FilterError(f"{visible(relation.name)} has no summary to look into", name.position)
    return Column(
        _called(name), "TEXT", origin=Origin.PART, part=_part(Form.PAIRS, name), part_of=summary.name, via=summary.via
    )


def _part(form: Form, name: Name) -> Part:
    return Part(form, name.text, not name.quoted and has_wildcards(name.text))


def _called(name: Name) -> str:
    """Return what a part is called wherever a column is named, so that it is found again by it."""
    needs_quotes = name.quoted and (has_wildcards(name.text) or '"' in name.text)
    return f"{name.prefix}.{quote_literal(name.text) if needs_quotes else name.text}"


def _no_column(relation: Relation, name: Name) -> str:
    known = [unspell(column.name) for column in (*relation.columns, *relation.beside)]
    known += [alias for alias, role in ALIASES.items() if relation.of_role(role)]
    near = nearest(name.text, known)
    hint = f"; did you mean {', '.join(map(visible, near))}?" if near else ""
    return f"{visible(relation.name)} has no column {visible(name.text)}{hint}"


def nearest(text: str, known: Sequence[str]) -> list[str]:
    """Return the names that may be meant by one that there is not, three at most: spelled alike, else with it inside.

    What is spelled no more alike than ``hits`` and ``wait`` is no guess.
    """
    folded = text.casefold()
    return difflib.get_close_matches(text, known, 3) or [name for name in known if folded in name.casefold()][:3]
