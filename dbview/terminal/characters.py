"""Say with the characters that a terminal has what it has no characters for, cell by cell."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache

from rich.cells import get_character_cell_size

_CONSOLE = "cp437"
"""What the fonts of Linux' own console have, by the name of their encoding."""

_PLAIN_LOCALES = ("C", "POSIX")

_SUBSTITUTES = {
    **dict.fromkeys("─━—–", "-"),
    **dict.fromkeys("│┃▏▎▍▕", "|"),
    **dict.fromkeys("├┤└┘┌┐┬┴┼╭╮╯╰", "+"),
    **dict.fromkeys("▌▋▊▸›", ">"),
    **dict.fromkeys("▐◂‹", "<"),
    **dict.fromkeys("█▉▓▇▆", "#"),
    **dict.fromkeys("▒▀▄▅", "="),
    **dict.fromkeys("░▃▂▁", "-"),
    "·": ".",
    "…": "~",
    # A letter, as the other statuses are; + is said of what is new.
    "✓": "V",
    "×": "x",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "▾": "v",
    "▴": "^",
    "▼": "v",
    "▲": "^",
    "•": "*",
    "●": "*",
    "★": "*",
    # No digit: it stands where numbers do.
    "∅": "-",
    "∞": "8",
    "⏎": "$",
}
"""One ASCII character for each of those that the interface draws with."""

_BRAILLE = range(0x2800, 0x2900)
_DOTS = " ..:::###"
"""What stands for so many dots of braille."""


def encoding_of(environment: Mapping[str, str]) -> str:
    """Return the name of the encoding of what the terminal is sent.

    Where no locale says otherwise it is Python's choice, which takes a bare C locale for UTF-8; one that ``LC_ALL``
    demands is ASCII.

    Args:
        environment: ``LC_ALL``, ``LC_CTYPE`` and ``LANG`` name the locale.
    """
    name = next(filter(None, map(environment.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    codeset = name.partition(".")[2].partition("@")[0]
    if environment.get("LC_ALL") in _PLAIN_LOCALES:
        codeset = "ascii"
    try:
        return codecs.lookup(codeset or sys.stdout.encoding).name
    except LookupError:
        return "ascii"


def fitting(encoding: str, terminal: str) -> Callable[[str], str]:
    """Return a function that gives a text in the characters that a terminal has, as many cells wide.

    Args:
        encoding: What it is sent, as Python names it.
        terminal: Its name, as in ``TERM``.
    """
    encodings = (encoding, _CONSOLE) if terminal == "linux" else (encoding,)
    if encodings == ("utf-8",):
        return str

    @lru_cache(maxsize=4096)
    def fitted_character(character: str) -> str:
        try:
            for name in encodings:
                character.encode(name)
        except UnicodeEncodeError:
            return substitute(character)
        return character

    def fitted(text: str) -> str:
        return text if text.isascii() else "".join(map(fitted_character, text))

    return fitted


def substitute(character: str) -> str:
    """Return ASCII characters that stand for another one, as many as it takes cells: its base letter, else ``?``."""
    if character in _SUBSTITUTES:
        return _SUBSTITUTES[character]
    if ord(character) in _BRAILLE:
        return _DOTS[(ord(character) - _BRAILLE.start).bit_count()]
    size = get_character_cell_size(character)
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if base.isascii() and base.isprintable() and size == len(base) else "?" * size
