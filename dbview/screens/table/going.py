"""Understand which row somebody wants to go to."""

from __future__ import annotations

import re

from dbview.query.relation import Relation
from dbview.source.reader import Reader
from dbview.source.view.order import Order
from dbview.text import visible

QUESTION = "go to id, or to row +123"
"""What is asked for."""

_NUMBER = re.compile(r"#?(?P<number>[+-]?[0-9]{1,19})")
_KEYS = range(-(2**63), 2**63)


def find_row(reader: Reader, relation: Relation, order: Order, text: str) -> int | None:
    """Return the position of the row that a text names, None if there is none.

    ``123`` or ``#123`` is the row with that id, ``+123`` the row at that place from the top, as the rows are sorted and
    filtered. Where a relation has no ids, ``123`` is what is called row 123.
    """
    named = _NUMBER.fullmatch(text)
    if named is None:
        return None
    number = int(named["number"])
    if named["number"].startswith("+"):
        return number - 1 if 1 <= number <= order.length else None
    key = number if relation.key is not None else 1 - number
    return order.position_of(reader, key) if key in _KEYS else None


def missing_words(relation: Relation, text: str, is_filtered: bool, so_far: bool) -> str:
    """Return that there is no row of that name."""
    is_place = text.startswith("+") or relation.key is None
    name = f"row {visible(text.removeprefix('+'))}" if is_place else f"id {visible(text)}"
    where = "among the rows that match" if is_filtered else "in this table"
    return f"There is no {name} {where}{' so far' if so_far else ''}."
