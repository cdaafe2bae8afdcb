"""Write a relation's rows, keys and cells as SQL."""

from __future__ import annotations

from typing import NamedTuple

from dbview.query.relation import Relation
from recorder.layout.tables import quote

POSITION_LIMIT = 10_000
"""Rows shown of a relation without a key: there is no way to the later ones but through all before them."""

_POSITION = "position among the first rows"
"""Name for the key of a relation that has none: one that no column is likely to have."""


class KeyRange(NamedTuple):
    """Keys from ``low`` to ``high``, both included."""

    low: int
    high: int


def rows_of(relation: Relation) -> str:
    """Return the FROM clause, under the name ``t``, that stands for a relation's rows.

    A relation without a key is known by the first :data:`POSITION_LIMIT` rows that SQLite gives; their keys are 0, -1,
    -2 ..., so that the first row is the first in natural order as well.
    """
    if relation.key is not None:
        return f"{quote(relation.name)} AS t"
    # By their names: SQLite would look at the columns left out as well.
    named = ", ".join(quote(column.name) for column in relation.stored) if relation.left_out else "*"
    first = f"(SELECT {named} FROM {quote(relation.name)} LIMIT {POSITION_LIMIT}) AS s"
    return f"(SELECT 1 - row_number() OVER () AS {quote(_POSITION)}, s.* FROM {first}) AS t"


def key_of(relation: Relation) -> str:
    """Return the SQL expression for the key of a row of :func:`rows_of`."""
    return f"t.{quote(relation.key or _POSITION)}"


def within(relation: Relation, keys: KeyRange) -> str:
    """Return the SQL condition for a key range."""
    return f"{key_of(relation)} BETWEEN {keys.low} AND {keys.high}"


def beginning(name: str, length: int) -> str:
    """Return the SQL expression for a column in which a long text or blob is cut, but to more than ``length``.

    A text is cut by its bytes, perhaps through a character: by characters, substr() would end it at a NUL, and what is
    left could pass for the whole.
    """
    column = f"t.{quote(name)}"
    text = f"CAST(substr(CAST({column} AS BLOB), 1, {4 * (length + 1)}) AS TEXT)"
    start = f"CASE typeof({column}) WHEN 'text' THEN {text} ELSE substr({column}, 1, {length + 1}) END"
    # No number comes after an empty text, and comparing is much cheaper than making a blob of one.
    is_long = f"{column} > '' COLLATE BINARY AND length(CAST({column} AS BLOB)) > {length}"
    return f"CASE WHEN {is_long} THEN {start} ELSE {column} END"
