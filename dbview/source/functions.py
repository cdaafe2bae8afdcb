"""The few SQL functions of our own that conditions need where SQLite's would answer differently."""

from __future__ import annotations

import sqlite3

from recorder.layout.values import MASK, env_variables, is_secret

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


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection. Text comes to them as blobs, since it need not be UTF-8."""
    for name, arguments, function in (
        (NUMBER_TEXT, 1, repr),
        (FOLDED_EQUAL, 2, _folded_equal),
        (FOLDED_CONTAINS, 2, _folded_contains),
        (FOLDED_LIKE, 2, _folded_like),
        (VARIABLE, 2, _variable),
    ):
        connection.create_function(name, arguments, function, deterministic=True)


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


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else fold(raw.decode("utf-8", "backslashreplace"))


def _folded_equal(raw: bytes | None, folded: str) -> bool | None:
    text = _text(raw)
    return None if text is None else text == folded


def _folded_contains(raw: bytes | None, folded: str) -> bool | None:
    text = _text(raw)
    return None if text is None else folded in text


def _folded_like(raw: bytes | None, pattern: str) -> bool | None:
    text = _text(raw)
    return None if text is None else wildcards_match(pattern, text)


def _variable(raw: bytes | None, name: str) -> str | None:
    if raw is None:
        return None
    value = env_variables(raw.decode("utf-8", "backslashreplace")).get(name)
    return MASK if value is not None and is_secret(name) else value
