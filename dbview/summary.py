"""Take the numbers people live on out of summary text, such as ``Number of hits: 812;Hit rate: 0.05``."""

from __future__ import annotations

import functools
import re

_LONGEST_NAME = 60
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
"""What ``str.splitlines`` splits at."""
_NEVER = re.compile(r"(?!)")
_NAMES_REMEMBERED = 100


def summary_parts(summary: str) -> list[str]:
    """Return the parts of a summary: they stand on lines of their own, or are separated by semicolons."""
    return [part for line in summary.splitlines() for part in line.split(";") if part.strip()]


def name_and_value(part: str) -> tuple[str, str] | None:
    """Return what a part of a summary is called and its value, None for words without a name."""
    name, _colon, value = part.partition(":")
    name = name.strip()
    # What follows a colon at once (a path, a time) is not a value.
    is_pair = 0 < len(name) <= _LONGEST_NAME and len(value) > 1 and value[0].isspace()
    return (name, value.strip()) if is_pair else None


def summary_pairs(summary: str) -> dict[str, str]:
    """Return the named values of a summary, in its order; of several with the same name, the last."""
    return dict(pair for part in summary_parts(summary) if (pair := name_and_value(part)))


def pair_value(summary: str, name: str) -> str | None:
    """Return the value of a named pair of a summary, None if there is none.

    Where no pair has exactly that name, letter case does not matter, nor whether words are joined by spaces or ``_``.
    """
    # Nearly always the name is there as it is asked for, and no other part need be looked at.
    if values := _values_of(name).findall(summary):
        return str(values[-1]).strip()
    pairs, wanted = summary_pairs(summary), folded_name(name)
    return next((value for found, value in reversed(pairs.items()) if folded_name(found) == wanted), None)


@functools.lru_cache(_NAMES_REMEMBERED)
def _values_of(name: str) -> re.Pattern[str]:
    """Return what finds the values of exactly this name, as :func:`summary_pairs` does."""
    if summary_pairs(f"{name}: value") != {name: "value"}:
        return _NEVER
    space = f"[^\\S{_LINE_ENDS}]"
    return re.compile(f"(?:\\A|[;{_LINE_ENDS}]){space}*{re.escape(name)}{space}*:{space}([^;{_LINE_ENDS}]+)")


def folded_name(name: str) -> str:
    """Return what the names of pairs that count as alike have in common."""
    return name.casefold().replace("_", " ")
