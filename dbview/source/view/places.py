"""Make what rows are compared by in Python out of the values they are sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, compress
from types import NoneType
from typing import Any

from dbview.source.view.sort_values import SortValue

Place = Any
"""What rows are compared by, ascending; only places of one rank can be compared with each other."""

_NULL_RANK = 3
_INVERTED = bytes(255 - byte for byte in range(256))


def in_order(places: Sequence[Place], keys: Sequence[int]) -> tuple[list[Place], list[int]]:
    """Return places, and the keys that belong to them, in order; what is equal stays in the order it has."""
    order = sorted(range(len(keys)), key=places.__getitem__)
    return [places[index] for index in order], [keys[index] for index in order]


def by_rank(
    keys: Sequence[int], columns: Sequence[Sequence[SortValue]], directions: Sequence[bool]
) -> Iterator[tuple[int, Sequence[Place], Sequence[int]]]:
    """Yield each rank that the first values have, with the places and the keys of the rows that have it."""
    first, descends = columns[0], directions[0]
    rank_of: dict[type, int] = {kind: _rank(kind, descends) for kind in set(map(type, first))}
    for rank in set(rank_of.values()):
        places: Sequence[Place] = first
        if len(columns) > 1:
            places = [_ranked(values, directions) for values in zip(*columns, strict=True)]
        elif rank == _NULL_RANK:
            places = [0] * len(keys)
        elif descends:
            places = [None if value is None else _ascending(value) for value in first]
        if len(set(rank_of.values())) == 1:
            yield rank, places, keys
            return
        of_rank = [rank_of[type(value)] == rank for value in first]
        yield rank, list(compress(places, of_rank)), list(compress(keys, of_rank))


def _rank(kind: type, descends: bool) -> int:
    """Return a number by which values of a kind stand before or after all values of another kind."""
    if kind is NoneType:
        return _NULL_RANK
    if kind is bytes:
        return 1
    return 2 if descends else 0


def _ranked(values: Sequence[SortValue], directions: Sequence[bool]) -> Place:
    """Return the place of a row with any values: the rank of each and, ascending, the value."""
    return tuple(
        chain.from_iterable(
            (_rank(type(value), descends), _ascending(value) if descends and value is not None else value)
            for value, descends in zip(values, directions, strict=True)
        )
    )


def _ascending(value: int | float | bytes) -> int | float | bytes:
    """Return what ascends as the values descend."""
    match value:
        case bytes():
            # The end of the bytes, two zeros, is before all that goes on; a zero among them is told apart from it.
            return (value.replace(b"\0", b"\0\1") + b"\0\0").translate(_INVERTED)
        case _:
            return -value
