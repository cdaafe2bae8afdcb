"""Find where nested values differ. Lists are laid beside each other, so that one item more shifts no other."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from typing import Any

from recorder.layout.flatten import Steps
from recorder.layout.tagged import branches, tag_of

_MOST_ALIGNED = 1_000
"""Items of a list, without those that are equal at its two ends, that are laid beside those of another."""

_SHORTEST_NUMBER, _LONGEST_NUMBER = 1, 60
"""Characters of a text that may spell a number."""


class _Absent(enum.Enum):
    ABSENT = "absent"


ABSENT = _Absent.ABSENT
"""Stands for a value that an entry does not have, as opposed to one that is NULL."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which values differ.

    Attributes:
        steps: Keys and indexes down to it, in the last of the trees that has it.
        values: Its value in each tree, :data:`ABSENT` where there is none.
    """

    steps: Steps
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """Its flat name, as in ``a.b[0]``."""
        name = ""
        for step in self.steps:
            name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
        return name

    @property
    def change(self) -> Change | None:
        """By how much its last value is another than the first, None where that is no amount.

        Nor is it said of 0 and 1: columns keep yes and no as these, and of a count both values say it as well.
        """
        last = next((step for step in reversed(self.steps) if isinstance(step, str)), "")
        first, second = self.values[0], self.values[-1]
        may_be_flag = all(isinstance(value, int) and value in (0, 1) for value in (first, second))
        return None if may_be_flag or _NAMING.fullmatch(last) else change(first, second)


_NAMING = re.compile(r"run|run_?number|valid|(?:.*[_\W])?(?:ids?|uid|gid|pid|flag)|.*[a-z]Ids?")
"""Names of numbers that tell one thing from another, or yes from no: a difference between two of them means nothing."""


def differences(trees: Sequence[Any], *, null_is_absent: bool = False) -> Iterator[Difference]:
    """Yield the leaves at which trees differ, in the order of the last tree.

    Numbers of equal value are equal; true is not 1, unless NULL counts as absent: then the trees come from columns,
    which cannot tell these apart either.

    Args:
        trees: Nested dicts and lists with leaves of any kind, tagged JSON among them; or :data:`ABSENT`.
        null_is_absent: True to make no difference between NULL and nothing at all.
    """
    # A stack of our own: data may nest deeper than Python's calls.
    left: list[tuple[Steps, tuple[Any, ...]]] = [((), tuple(trees))]
    while left:
        steps, values = left.pop()
        if null_is_absent:
            values = tuple(ABSENT if value is None else value for value in values)
        below = _below(values, null_is_absent)
        if below is not None:
            left += [((*steps, step), items) for step, items in reversed(below)]
        elif len({identity(value, null_is_absent) for value in values}) > 1:
            yield Difference(steps, values)


def identity(value: Any, of_columns: bool = False) -> Hashable:
    """Return what is equal for equal values only.

    Args:
        value: A leaf, a tree or :data:`ABSENT`.
        of_columns: True to take NULL for absent and true for 1, as columns do.
    """
    match value:
        case bool() if not of_columns:
            return bool, value
        case None if of_columns:
            return ABSENT
        case float() if math.isnan(value):
            return "nan", float
        case list():
            return list, tuple(identity(item, of_columns) for item in value)
        case dict():
            return dict, frozenset((name, identity(item, of_columns)) for name, item in value.items())
        case _:
            return value  # type: ignore[no-any-return]


def _below(values: Sequence[Any], of_columns: bool) -> list[tuple[str | int, tuple[Any, ...]]] | None:
    """Return steps with the values below, None for values that are to be compared as they are."""
    present = [value for value in values if value is not ABSENT]
    below: list[tuple[str | int, tuple[Any, ...]]]
    if all(isinstance(value, list) for value in present):
        lists = [_without_end(value) if of_columns else value for value in _or_empty(values, [])]
        below = _aligned(lists, of_columns)
    elif all(isinstance(value, dict) and tag_of(value) in ("", "$dict") for value in present):
        mappings = [dict(branches(value) or ()) for value in _or_empty(values, {})]
        names = dict.fromkeys(name for mapping in reversed(mappings) for name in mapping)
        below = [(name, tuple(mapping.get(name, ABSENT) for mapping in mappings)) for name in names]
    else:
        return None
    # An empty one has nothing below that could differ; in columns it is the same as none.
    return below or ([] if of_columns else None)


def _or_empty(values: Sequence[Any], empty: Any) -> list[Any]:
    return [empty if value is ABSENT else value for value in values]


def _without_end(items: list[Any]) -> list[Any]:
    """Return a list without the NULLs at its end: columns of a longer list, which this one leaves empty."""
    stop = len(items)
    while stop and items[stop - 1] is None:
        stop -= 1
    return items[:stop]


def _aligned(lists: Sequence[list[Any]], of_columns: bool) -> list[tuple[str | int, tuple[Any, ...]]]:
    """Return the items of lists beside each other, each with its index in the last list that has it."""
    slots: list[_Slot] = []
    for number, items in enumerate(lists):
        keys = [identity(item, of_columns) for item in items]
        merged: list[_Slot] = []
        for old, new in _pairs([slot.key for slot in slots], keys):
            before = _Slot(0, (ABSENT,) * number, None) if old is None else slots[old]
            if new is None:
                merged.append(replace(before, values=(*before.values, ABSENT)))
            else:
                merged.append(_Slot(new, (*before.values, items[new]), keys[new]))
        slots = merged
    return [(slot.place, slot.values) for slot in slots]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Items of several lists that stand beside each other, with the place and identity of the last."""

    place: int
    values: tuple[Any, ...]
    key: Hashable


def _pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[tuple[int | None, int | None]]:
    """Yield the indexes of what stands beside each other, None for nothing; what was replaced goes in pairs."""
    start, shorter = 0, min(len(old), len(new))
    while start < shorter and old[start] == new[start]:
        yield start, start
        start += 1
    end = 0
    while end < shorter - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle = old[start : len(old) - end], new[start : len(new) - end]
    spans = [(0, len(middle[0]), 0, len(middle[1]))]
    if max(map(len, middle)) <= _MOST_ALIGNED:
        spans = [code[1:] for code in SequenceMatcher(None, *middle, autojunk=False).get_opcodes()]
    for old_start, old_stop, new_start, new_stop in spans:
        for step in range(max(old_stop - old_start, new_stop - new_start)):
            before, after = start + old_start + step, start + new_start + step
            yield before if before < start + old_stop else None, after if after < start + new_stop else None
    for step in range(end, 0, -1):
        yield len(old) - step, len(new) - step


# Numbers


@dataclass(frozen=True, slots=True)
class Change:
    """By how much a number is another one.

    Attributes:
        delta: The new number less the old one.
        percent: The same in percent of the old one; None if that is 0.
    """

    delta: Decimal
    percent: Decimal | None

    @property
    def words(self) -> str:
        """As in ``+0.08 (+11.4 %)``."""
        share = "" if self.percent is None else f" ({_signed(self.percent, 3)} %)"
        return f"{_signed(self.delta, 6)}{share}"


def change(old: Any, new: Any) -> Change | None:
    """Return by how much a number changed, None unless both are finite numbers or texts that spell them."""
    before, after = _number(old), _number(new)
    if before is None or after is None:
        return None
    try:
        delta = after - before
        return Change(delta, 100 * delta / abs(before) if before else None)
    except ArithmeticError:  # beyond any exponent
        return None


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    # As it is written: 0.78 - 0.70 is 0.08.
    text = value.strip() if isinstance(value, str) else repr(value)
    if not _SHORTEST_NUMBER <= len(text) <= _LONGEST_NUMBER or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _signed(number: Decimal, digits: int) -> str:
    as_float = float(number)
    return f"{as_float:+.{digits}g}" if math.isfinite(as_float) else f"{number:+.2E}"
