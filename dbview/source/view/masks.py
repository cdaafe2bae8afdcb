"""Let a filter see of a value what may be shown of it, in SQL: no condition tells what a secret is."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import lru_cache

from dbview.query.relation import Column, Form, Role
from dbview.secrets import LONGEST_MASKED, is_named_secret, masked_cell, secrets_are_shown
from dbview.text import visible
from recorder.layout.texts import MASK

_SHOWN = "shown_of_text"
"""``shown_of_text(bytes, is_blob, role)``: the text with secrets masked, NULL if it has none."""

_MASKED_ALREADY = (Form.VARIABLES, Form.PAIRS, Form.SECONDS)

_BEGINS_JSON = "[[{ \t\n\v\f\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*"
"""What begins otherwise is no JSON, and most values do: a bracket, white space, or the mark before a text."""
_FIRST_BYTES = ", ".join(f"x'{byte:02x}'" for byte in b"[{ \t\n\v\f\r\x1c\x1d\x1e\x1f\xc2\xe1\xe2\xe3\xef")
"""The same of a blob, in UTF-8."""

_TEXTS_REMEMBERED = 4
"""A condition asks for the same text several times in a row."""


def shown(column: Column, value: str) -> str:
    """Return the SQL expression for what may be shown of a column's value.

    Args:
        column: Says what kind of text it is.
        value: The SQL expression for the value itself.
    """
    if secrets_are_shown() or (column.part is not None and column.part.form in _MASKED_ALREADY):
        return value
    is_text = f"{value} > '' COLLATE BINARY"
    if is_named_secret(column):
        return f"CASE WHEN {is_text} AND length(CAST({value} AS BLOB)) > 0 THEN '{MASK}' ELSE {value} END"
    is_blob = f"typeof({value}) = 'blob'"
    masked = f"ifnull({_SHOWN}(CAST({value} AS BLOB), {is_blob}, '{column.role.value}'), {value})"
    if column.role not in (Role.ENVIRONMENT, Role.SUMMARY):
        first = f"substr({value}, 1, 1)"
        begins = f"CASE WHEN {is_blob} THEN {first} IN ({_FIRST_BYTES}) ELSE {first} GLOB '{_BEGINS_JSON}' END"
        is_text = f"{is_text} AND {begins}"
    return f"CASE WHEN {is_text} THEN {masked} ELSE {value} END"


def masked_words(columns: Iterable[Column]) -> str:
    """Return in words which columns that a filter names are masked, and so stand as ``***`` before it; or nothing."""
    names = ", ".join(dict.fromkeys(visible(column.name) for column in columns if is_named_secret(column)))
    return f"masked, so that a filter sees {MASK}: {names} (--reveal shows secrets)" if names else ""


def register(connection: sqlite3.Connection, encoding: str) -> None:
    """Make the function known to a connection; texts come to it as blobs, in the database's encoding.

    Blobs are shown as the UTF-8 they spell, whatever that encoding is.
    """

    @lru_cache(_TEXTS_REMEMBERED)
    def shown_of_text(raw: bytes, is_blob: bool, role: str) -> str | None:
        if len(raw) > LONGEST_MASKED:
            return ""
        cell = raw if is_blob else raw.decode(encoding, "backslashreplace")
        found = masked_cell(Column("", role=Role(role)), cell)
        return None if found == cell else str(found)

    connection.create_function(_SHOWN, 3, shown_of_text, deterministic=True)
