"""Take parts out of texts, in SQL: a variable of an environment, a pair of a summary, the plain text of side text."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from dbview.query.relation import Column, Form, Join, Part
from dbview.query.wildcards import wildcards_match
from dbview.secrets import masked_summary, masked_variables
from dbview.summary import pair_value, summary_pairs
from recorder.layout.tables import quote

_PART = "part_of_text"
"""``part_of_text(blob, form, name)``: the part of that name, the name being a blob of UTF-8; NULL if there is none."""
_PARTS = "parts_of_text"
"""``parts_of_text(blob, form, pattern)``: the parts whose names fit, as a JSON array."""
_SECONDS = "seconds_between"
"""``seconds_between(moment, moment)``: how much later the second one is; NULL unless both are moments."""

_FORMS = {form.value.encode(): form for form in Form}

_TEXTS_REMEMBERED = 4
"""A condition asks for the same part of the same text several times in a row."""


# SQL


def value_of(row: str, name: str, part: Part | None) -> str:
    """Return the SQL expression for a column's value, or for the part of it that is shown.

    Args:
        row: What the row is called in the query.
        name: The stored column.
        part: Which part, not a pattern; None for the value itself.
    """
    operand = f"{row}.{quote(name)}"
    if part is None:
        return operand
    if part.form is Form.SECONDS:
        return f"{_SECONDS}({row}.{quote(part.name)}, {operand})"
    taken = f"{_PART}(CAST({operand} AS BLOB), {_bytes(part.form.value)}, {_bytes(part.name)})"
    return (
        f"CASE typeof({operand}) WHEN 'text' THEN {taken} ELSE {operand} END" if part.form is Form.SIDE_TEXT else taken
    )


def values_of(row: str, name: str, part: Part) -> str:
    """Return the SQL table whose column ``value`` has every part that a pattern fits."""
    operand = f"CAST({row}.{quote(name)} AS BLOB)"
    return f"json_each({_PARTS}({operand}, {_bytes(part.form.value)}, {_bytes(part.name)}))"


def key_of_join(via: Join) -> str:
    """Return the SQL expression, in a query of rows ``t``, for the key of the row that a join finds."""
    return f"t.{quote(via.key)}" if via.through is None else looked_up(via.through, None)


def looked_up(via: Join, part: Part | None) -> str:
    """Return the SQL expression, in a query of rows ``t``, for a joined value, looked up through an index."""
    of_task = f"AND r.task = '{via.task.replace(chr(39), chr(39) * 2)}'" if via.task is not None else ""
    found = f"FROM {quote(via.relation)} AS r WHERE r.{quote(via.by)} = {key_of_join(via)} {of_task} LIMIT 1"
    return f"(SELECT {value_of('r', via.column, part)} {found})"


def operand_of(column: Column) -> str:
    """Return the SQL expression, in a query of rows ``t``, for the value of any column."""
    if column.via is not None:
        return looked_up(column.via, column.part)
    return value_of("t", column.stored_name, column.part)


def _bytes(text: str) -> str:
    # A blob: no quoting, no NUL and no encoding of the database can come between.
    return f"x'{text.encode('utf-8', 'backslashreplace').hex()}'"


# Functions


def register(connection: sqlite3.Connection, encoding: str) -> None:
    """Make the functions known to a connection; texts come to them as blobs, in the database's encoding."""

    def reading(read: Callable[[str, Form, str], str | None]) -> Callable[[bytes | None, bytes, bytes], str | None]:
        @lru_cache(_TEXTS_REMEMBERED)
        def remembered(raw: bytes, form: bytes, name: bytes) -> str | None:
            return read(raw.decode(encoding, "backslashreplace"), _FORMS[form], name.decode())

        return lambda raw, form, name: None if raw is None else remembered(raw, form, name)

    connection.create_function(_PART, 3, reading(part_of), deterministic=True)
    connection.create_function(_PARTS, 3, reading(_parts_as_json), deterministic=True)
    connection.create_function(_SECONDS, 2, seconds_between, deterministic=True)


def part_of(text: str, form: Form, name: str) -> str | None:
    """Return a part of a text, None if it has none of that name; the value of a secret is masked."""
    match form:
        case Form.VARIABLES:
            return masked_variables(text).get(name)
        case Form.PAIRS:
            return pair_value(masked_summary(text), name)
        case _:
            return plain_text(text)


def parts_of(text: str, form: Form) -> dict[str, str]:
    """Return all parts of a text by name; values of secrets are masked."""
    match form:
        case Form.VARIABLES:
            return masked_variables(text)
        case Form.PAIRS:
            return summary_pairs(masked_summary(text))
        case _:
            return {}


def _parts_as_json(text: str, form: Form, pattern: str) -> str:
    folded = pattern.casefold()
    found = parts_of(text, form).items()
    return json.dumps([value for name, value in found if wildcards_match(folded, name.casefold())])


def plain_text(text: str) -> str:
    """Return text of a side table as it was given; text that is not in its form is returned as it stands."""
    # Only here: most files are looked at without any.
    from recorder.layout.side_text import read_side_text

    try:
        tree = read_side_text(text)
    except (ValueError, RecursionError):
        return text
    return tree if isinstance(tree, str) else text


def seconds_between(began: object, ended: object) -> float | None:
    """Return how long something took, None unless both are moments; what has just begun has not taken any time yet."""
    try:
        took = datetime.fromisoformat(str(ended)) - datetime.fromisoformat(str(began))
    except (ValueError, TypeError):  # no moments, or only one of them names its zone
        return None
    return took.total_seconds() if took.total_seconds() > 0 else None
