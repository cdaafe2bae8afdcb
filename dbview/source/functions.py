"""The few SQL functions of our own that conditions need where SQLite's would answer differently."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from dbview.query.wildcards import wildcards_match
from dbview.source import parts

NUMBER_TEXT = "number_text"
"""``number_text(real)``: a number's shortest exact text; SQLite's own cast keeps 15 digits."""
FOLDED_EQUAL = "folded_equal"
"""``folded_equal(blob, folded)``: equal but for the letter case of all of Unicode."""
FOLDED_CONTAINS = "folded_contains"
"""``folded_contains(blob, folded)``: contains it, letter case of all of Unicode ignored."""
FOLDED_LIKE = "folded_like"
"""``folded_like(blob, folded pattern)``: matches ``*`` and ``?`` as a whole, letter case of all of Unicode ignored."""


def register(connection: sqlite3.Connection, encoding: str) -> None:
    """Make the functions known to a connection.

    Args:
        connection: Where to.
        encoding: The database's text encoding. Text comes to the functions as blobs, since it need not be well-formed.
    """

    def text_of(raw: bytes) -> str:
        return raw.decode(encoding, "backslashreplace")

    def folded(test: Callable[[str, str], bool]) -> Callable[[bytes | None, str], bool | None]:
        return lambda raw, wanted: None if raw is None else test(fold(text_of(raw)), wanted)

    connection.create_function(NUMBER_TEXT, 1, repr, deterministic=True)
    connection.create_function(FOLDED_EQUAL, 2, folded(str.__eq__), deterministic=True)
    connection.create_function(FOLDED_CONTAINS, 2, folded(str.__contains__), deterministic=True)
    connection.create_function(
        FOLDED_LIKE, 2, folded(lambda text, pattern: wildcards_match(pattern, text)), deterministic=True
    )
    parts.register(connection, encoding)


def fold(text: str) -> str:
    """Return text with differences of letter case removed."""
    return text.casefold()
