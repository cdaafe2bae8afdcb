"""Put the values that rows are counted by in order."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from dbview.source.numbers.axis import Bin, OfExperiment, Others, Single, Value
from dbview.text import cell_text
from dbview.values import number_of


class Kind(enum.IntEnum):
    """What a value is, in the order in which values stand; a text that spells a number is one."""

    NUMBER = 0
    TEXT = 1
    NULL = 2
    OTHERS = 3


class Place(NamedTuple):
    """By what a value is sorted: numbers by value, texts by what is shown of them."""

    kind: Kind
    number: int | float = 0
    text: str = ""


def places(value: Value) -> tuple[Place, ...]:
    """Return by what a value is sorted; runs of several experiments are sorted by these first."""
    return (_place(value.experiment), _place(value.run)) if isinstance(value, OfExperiment) else (_place(value),)


def _place(value: Single) -> Place:
    if isinstance(value, Others):
        return Place(Kind.OTHERS)
    if value is None:
        return Place(Kind.NULL)
    if isinstance(value, Bin):
        return Place(Kind.NUMBER, value.low)
    number = value if isinstance(value, int | float) else number_of(value) if isinstance(value, str) else None
    text = cell_text(value)
    return Place(Kind.TEXT, text=text) if number is None else Place(Kind.NUMBER, number, text)


def are_numbers(values: Iterable[Value]) -> bool:
    """Tell whether values are numbers, or spell them, as far as there are any."""
    kinds = {places(value)[-1].kind for value in values}
    return Kind.NUMBER in kinds and Kind.TEXT not in kinds


def in_order(counts: Mapping[Value, int], by_count: bool) -> list[Value]:
    """Return values by how often they are there, those alike in that by what they are; or only by what they are."""
    if by_count:
        return sorted(counts, key=lambda value: (-counts[value], places(value)))
    return sorted(counts, key=places)
