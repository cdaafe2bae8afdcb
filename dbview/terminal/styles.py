"""Name how a cell is drawn by the parameters of its ANSI sequence, and go from one way to another in few bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

PLAIN = ""
"""The parameters of a cell drawn in no particular way."""

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "7": "27", "9": "29", "53": "55"}
"""What takes back an attribute."""

_LENGTHS = {"2": 5, "5": 3}
"""Parameters of a colour: ``38;2;r;g;b`` and ``38;5;n``."""


class _Style(NamedTuple):
    attributes: frozenset[str]
    text: str
    ground: str


@lru_cache(maxsize=4096)
def switch(before: str, after: str) -> str:
    """Return the sequence that makes a terminal draw in another way; only what differs is in it.

    Args:
        before: Parameters of how it draws now, as in ``1;38;2;255;0;0``.
        after: Parameters of how it is to draw.
    """
    if before == after:
        return ""
    if after == PLAIN:
        return "\x1b[m"
    old, new = _style(before), _style(after)
    gone = old.attributes - new.attributes
    if not gone <= _OFF.keys():
        return f"\x1b[0;{after}m"
    off = {_OFF[attribute] for attribute in gone}
    # What takes back bold takes back dim as well.
    kept = {attribute for attribute in old.attributes if _OFF.get(attribute) not in off}
    parts = [*sorted(off), *sorted(new.attributes - kept)]
    parts += [new.text or "39"] if new.text != old.text else []
    parts += [new.ground or "49"] if new.ground != old.ground else []
    return f"\x1b[{';'.join(parts)}m" if parts else ""


@lru_cache(maxsize=4096)
def of_blank(parameters: str) -> str:
    """Return the parameters that matter for a blank: its text has no colour that could be seen."""
    style = _style(parameters)
    kept = sorted(style.attributes & _SEEN_ON_BLANKS)
    # In reverse the colour of the text is that of the ground.
    colours = (style.text, style.ground) if "7" in kept else (style.ground,)
    return ";".join([*kept, *filter(None, colours)])


@lru_cache(maxsize=4096)
def told_apart(parameters: str) -> str:
    """Return parameters by which text can be told from its ground, where a terminal has too few colours for both."""
    style = _style(parameters)
    text, ground = style.text.removeprefix("38;"), style.ground.removeprefix("48;")
    if text.isdecimal() and ground.isdecimal():
        is_same = int(ground) - int(text) == _FROM_TEXT_TO_GROUND
    else:
        is_same = text == ground and ground.startswith("5;")
    if not is_same:
        return parameters
    return ";".join([*sorted(style.attributes), "37" if ground in _GREYS else _GREY, style.ground])


@lru_cache(maxsize=4096)
def _style(parameters: str) -> _Style:
    attributes, text, ground = set(), "", ""
    for part in _parts(parameters):
        code = part.partition(";")[0]
        if code == "38" or code in _TEXT:
            text = part
        elif code == "48" or code in _GROUND:
            ground = part
        else:
            attributes.add(part)
    return _Style(frozenset(attributes), text, ground)


def _parts(parameters: str) -> Iterator[str]:
    """Give the parameters, those of a colour together."""
    rest = [code for code in parameters.split(";") if code]
    while rest:
        length = _LENGTHS.get(rest[1], 1) if rest[0] in ("38", "48") and len(rest) > 1 else 1
        yield ";".join(rest[:length])
        del rest[:length]


_SEEN_ON_BLANKS = frozenset(("4", "7", "9", "21", "53"))
"""Underlined, in reverse, struck through, underlined twice, overlined."""

_FROM_TEXT_TO_GROUND = 10
"""Added to the number of a text's colour, of sixteen, it gives that of the same ground."""

_GREY, _GREYS = "90", ("100", "5;8")
"""What can be told from black, from white, and mostly from what is between; and the grounds that it is itself."""

_TEXT = frozenset(str(code) for code in (*range(30, 38), *range(90, 98)))
_GROUND = frozenset(str(code) for code in (*range(40, 48), *range(100, 108)))
