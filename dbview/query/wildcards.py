"""Match ``*`` (any characters) and ``?`` (one character)."""

from __future__ import annotations


def has_wildcards(text: str) -> bool:
    """Tell whether a text has ``*`` or ``?``."""
    return "*" in text or "?" in text


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
