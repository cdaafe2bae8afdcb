"""The few SQL functions of our own that conditions need where SQLite's would answer differently."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from recorder.layout.texts import masked_variables

NUMBER_TEXT = "number_text"
"""``number_text(real)``: a number's shortest exact text; SQLite's own cast keeps 15 digits."""
FOLDED_EQUAL = "folded_equal"
"""``folded_equal(blob, folded)``: equal but for the letter case of all of Unicode."""
FOLDED_CONTAINS = "folded_contains"
"""``folded_contains(blob, folded)``: contains it, letter case of all of Unicode ignored."""
FOLDED_LIKE = "folded_like"
"""``folded_like(blob, folded pattern)``: matches ``*`` and ``?`` as a whole, letter case of all of Unicode ignored."""
VARIABLE = "environment_variable"
"""``environment_variable(env, name)``: one variable out of environment text, a secret masked."""


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

    def variable(raw: bytes | None, name: str) -> str | None:
        return None if raw is None else masked_variables(text_of(raw)).get(name)

    connection.create_function(NUMBER_TEXT, 1, repr, deterministic=True)
    connection.create_function(FOLDED_EQUAL, 2, folded(str.__eq__), deterministic=True)
    connection.create_function(FOLDED_CONTAINS, 2, folded(str.__contains__), deterministic=True)
    connection.create_function(
        FOLDED_LIKE, 2, folded(lambda text, pattern: wildcards_match(pattern, text)), deterministic=True
    )
    connection.create_function(VARIABLE, 2, variable, deterministic=True)


def fold(text: str) -> str:
    """Return text with differences of letter case removed."""
    return text.casefold()


def wildcards_match(pattern: str, text: str) -> bool:
    """Tell whether a whole text matches ``*`` (any characters) and ``?`` (one character), in linear space.

    Greedy with one point to go back to, so that no pattern takes longer than pattern times text.
    """
    at, star, resume = 0, -1, 0
    place = 0
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return all(character == "*" for character in pattern[at:])
