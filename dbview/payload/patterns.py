"""Find the files that a pattern stands for: ``*.h5``, ``run_?.cxi``, ``frame_%04d.tif``. Nothing is opened."""

from __future__ import annotations

import fnmatch
import os
import re
from typing import NamedTuple

MOST_MATCHES = 10_000
"""Files of a pattern, or entries of a directory, that are counted."""

_MOST_LOOKED_AT = 200_000
"""Names of files that are compared with a pattern."""

_NUMBER = re.compile(r"%(?:0([1-9]))?d")
_SIGNS = re.compile(r"[*?]|\[[^\]/]+\]|" + _NUMBER.pattern)


class Matches(NamedTuple):
    """The files that a pattern stands for.

    Attributes:
        paths: Their absolute paths, sorted.
        has_more: True if there are more than are looked at.
    """

    paths: tuple[str, ...]
    has_more: bool


def is_pattern(path: str) -> bool:
    """Tell whether a path has signs of a pattern; a file may have such a name all the same."""
    return _SIGNS.search(path) is not None


def first_directory(pattern: str) -> str:
    """Return the directory in which everything lies that a pattern stands for."""
    sign = _SIGNS.search(pattern)
    return os.path.dirname(pattern[: sign.start()] if sign else pattern) or "/"  # noqa: PTH120


def matching(pattern: str) -> Matches:
    """Return the files that an absolute pattern stands for.

    ``%04d`` is a number of four digits, ``%d`` one of any length; the other signs are a shell's. A directory that
    cannot be read holds none.
    """
    found, left, has_more = ["/"], _MOST_LOOKED_AT, False
    for part in filter(None, pattern.split("/")):
        if not is_pattern(part):
            found = [os.path.join(place, part) for place in found]  # noqa: PTH118
            continue
        matches = re.compile(fnmatch.translate(_NUMBER.sub(_digits, part))).match
        below: list[str] = []
        for place in found:
            names, is_cut = _names(place, left)
            left -= len(names)
            has_more |= is_cut
            hidden = part.startswith(".")
            below += [f"{place.rstrip('/')}/{name}" for name in names if matches(name) and (hidden or name[0] != ".")]
        found = below
    has_more |= len(found) > MOST_MATCHES
    here = sorted(found)[:MOST_MATCHES]
    if not is_pattern(os.path.basename(pattern)):  # noqa: PTH119
        here = list(filter(os.path.lexists, here))
    return Matches(tuple(here), has_more)


def _digits(number: re.Match[str]) -> str:
    return "[0-9]" * int(number[1]) if number[1] else "[0-9]*"


def _names(place: str, most: int) -> tuple[list[str], bool]:
    names: list[str] = []
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                if len(names) >= most:
                    return names, True
                names.append(entry.name)
    except OSError:
        pass
    return names, False
