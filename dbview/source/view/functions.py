"""The few SQL functions of our own that conditions need where SQLite's would answer differently."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import lru_cache

from dbview.query.wildcards import wildcards_match
from dbview.source.view import masks, parts

NUMBER_TEXT = "number_text"
"""``number_text(real)``: a number's shortest exact text; SQLite's own cast keeps 15 digits."""
FOLDED_EQUAL = "folded_equal"
"""``folded_equal(blob, folded)``: equal but for the letter case of all of Unicode."""
FOLDED_CONTAINS = "folded_contains"
"""``folded_contains(blob, folded)``: contains it, letter case of all of Unicode ignored."""
FOLDED_LIKE = "folded_like"
"""``folded_like(blob, folded pattern)``: matches ``*`` and ``?`` as a whole, letter case of all of Unicode ignored."""
EXPRESSION_FOUND = "expression_found"
"""``expression_found(blob, expression)``: a regular expression is found in it."""

_EXPRESSIONS_KEPT = 32


def register(connection: sqlite3.Connection, encoding: str, is_unwanted: Callable[[], bool] = lambda: False) -> None:
    """Make the functions known to a connection.

    Args:
        connection: Where to.
        encoding: The database's text encoding. Text comes to the functions as blobs, since it need not be well-formed.
        is_unwanted: Tells whether what the connection does now is no longer wanted.
    """

    def text_of(raw: bytes) -> str:
        return raw.decode(encoding, "backslashreplace")

    def folded(test: Callable[[str, str], bool]) -> Callable[[bytes | None, str], bool | None]:
        return lambda raw, wanted: None if raw is None else test(fold(text_of(raw)), wanted)

    @lru_cache(_EXPRESSIONS_KEPT)
    def search(expression: str) -> Callable[[str, Callable[[], bool]], bool]:
        # Only here: a file is opened without ever searching it so.
        from dbview.query.automaton import Automaton

        return Automaton(expression).is_in

    def expression_found(raw: bytes | None, expression: str) -> bool | None:
        return None if raw is None else search(expression)(text_of(raw), is_unwanted)

    connection.create_function(NUMBER_TEXT, 1, repr, deterministic=True)
    connection.create_function(FOLDED_EQUAL, 2, folded(str.__eq__), deterministic=True)
    connection.create_function(FOLDED_CONTAINS, 2, folded(str.__contains__), deterministic=True)
    connection.create_function(
        FOLDED_LIKE, 2, folded(lambda text, pattern: wildcards_match(pattern, text)), deterministic=True
    )
    connection.create_function(EXPRESSION_FOUND, 2, expression_found, deterministic=True)
    parts.register(connection, encoding)
    masks.register(connection, encoding)


def fold(text: str) -> str:
    """Return text with differences of letter case removed."""
    return text.casefold()
