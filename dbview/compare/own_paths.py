"""Tell what differs between runs by the run's number alone: it says nothing of why a run went otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from recorder.layout.tagged import tag_of

_NUMBER = re.compile("([0-9]+)")
_PATH = "$path"


def are_own_paths(values: Sequence[Any], runs: Sequence[str]) -> bool:
    """Tell whether values are paths that differ only by the number of their own run, as ``/a/r0019`` and ``/a/r0020``.

    Args:
        values: One of each entry.
        runs: The run of each, as text.
    """
    paths = [value.get(_PATH) if tag_of(value) == _PATH else value for value in values]
    return all(isinstance(path, str) and "/" in path for path in paths) and _differ_by_run(paths, runs)


def are_own_names(values: Sequence[Any], runs: Sequence[str]) -> bool:
    """Tell whether values are names that differ by their own run's number alone, as ``find_0019`` and ``find_0020``.

    A number alone is no name: it may be an amount.

    Args:
        values: One of each entry.
        runs: The run of each, as text.
    """
    are_names = all(isinstance(value, str) and any(map(str.isalpha, value)) for value in values)
    return are_names and _differ_by_run(values, runs)


def _differ_by_run(texts: Sequence[str], runs: Sequence[str]) -> bool:
    # Beginning with what is no number, then numbers and what is none by turns.
    pieces = [_NUMBER.split(text) for text in texts]
    if len({len(one) for one in pieces}) > 1 or len({_number(run) for run in runs}) == 1:
        return False
    own = tuple(map(_number, runs))
    return all(
        len(set(beside)) == 1 or (index % 2 == 1 and tuple(map(_number, beside)) == own)
        for index, beside in enumerate(zip(*pieces, strict=True))
    )


def _number(text: str) -> str:
    """Return a number as text, without the zeros that fill it up: it may have more digits than Python reads."""
    return text.lstrip("0")
