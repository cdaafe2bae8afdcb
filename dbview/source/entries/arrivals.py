"""Find what has come into a View, or changed in it, since it was put in order: a few bounded queries, no scan.

While nothing is written, nothing is read. After a write, the newest rows are looked at again, as many as
:data:`NEWEST`, and those that came since; an older one is looked at while it is on the screen.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dbview.query.relation import Column, Relation, Role
from dbview.query.view import View
from dbview.source.reader import ChangeToken, Reader
from dbview.source.view.order import KeyOrder, NaturalOrder, OldestFirst, Order
from dbview.source.view.parts import operand_of
from dbview.source.view.rows import KeyRange, key_of, rows_of, within
from dbview.values import Row

NEWEST = 500
"""Rows that are looked at again after a write, the newest."""

MOST_NEW = 20_000
"""If more keys are new than this, the View is put in order anew instead."""

_OUTCOME = (Role.STATUS, Role.VALID, Role.SUMMARY, Role.TIME)
"""What may change of an entry; it is compared to tell whether something did."""


@dataclass(frozen=True, slots=True)
class FollowedOrder:
    """Rows in natural order, newest first: those that were looked at since, then those of an order from before.

    Attributes:
        keys: Of the first of them, eight bytes each.
        low: These are all that matter from this key on.
        below: Has those with smaller keys.
        skip: How many rows of ``below`` have no smaller keys, and are left out.
    """

    relation: Relation
    keys: Sequence[int]
    low: int
    below: Order
    skip: int

    @property
    def length(self) -> int:
        """Number of rows known so far; an upper estimate if not :attr:`exact`."""
        return len(self.keys) + max(0, self.below.length - self.skip)

    @property
    def exact(self) -> bool:
        """True if :attr:`length` is a count, not an estimate."""
        return self.below.exact

    def rows(self, reader: Reader, columns: Sequence[Column], start: int, stop: int, *, clip: bool = True) -> list[Row]:
        """Return the rows at these positions."""
        own = reader.rows(self.relation, columns, self.keys[start:stop], clip=clip)
        shift = self.skip - len(self.keys)
        first = max(start + shift, self.skip)
        return own + (self.below.rows(reader, columns, first, stop + shift, clip=clip) if stop + shift > first else [])

    def position_of(self, reader: Reader, key: int) -> int | None:
        """Return the position of a key."""
        if key >= self.low:
            place = bisect_left(self.keys, -key, key=lambda one: -one)
            return place if place < len(self.keys) and self.keys[place] == key else None
        position = self.below.position_of(reader, key)
        return None if position is None else position - self.skip + len(self.keys)


@dataclass(frozen=True)
class Seen:
    """What was seen of a relation when it was looked at last.

    Attributes:
        high: Its greatest key; None while that is not known.
        token: Another one means that something was committed since; None if it was not looked at.
        low: From this key on, all rows were looked at.
        matching: Keys from there on that the filter found.
        outcomes: What may change of the rows that were looked at, by key.
    """

    high: int | None
    token: ChangeToken | None = None
    low: int = 0
    matching: frozenset[int] = frozenset()
    outcomes: Mapping[int, tuple[Any, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrivals:
    """What has come, or changed.

    Attributes:
        seen: To be given to the next look.
        order: The rows with what has come; None if the View has to be put in order anew.
        new: Keys of the rows that have come into the View.
        changed: Keys of those that were in it and have changed.
        added: Number of rows that have come into the relation.
        left_out: Keys of those of them that the View's filter leaves out.
    """

    seen: Seen
    order: Order | None
    new: frozenset[int] = frozenset()
    changed: frozenset[int] = frozenset()
    added: int = 0
    left_out: frozenset[int] = frozenset()


def keeps_natural_order(relation: Relation, view: View) -> bool:
    """Tell whether rows that come to a View stand at one of its ends: it is sorted by the key, or not at all."""
    if relation.key is None or len(view.sort) > 1:
        return False
    if not view.sort:
        return True
    from dbview.query.names import find_column

    (key,) = view.sort
    column = find_column(relation, key.column)
    return column.via is None and column.name == relation.key and (key.descending or not view.filter.strip())


def look_for_arrivals(
    reader: Reader, relation: Relation, view: View, order: Order, seen: Seen, shown: Sequence[int]
) -> Arrivals | None:
    """Return what has come into a View since it was looked at; None if nothing was committed.

    Args:
        reader: The same at every look.
        relation: The View's relation.
        view: What is shown.
        order: Its rows, as they were known.
        seen: What was seen then.
        shown: Keys of the rows on the screen.
    """
    token = reader.token()
    if token == seen.token:
        return None
    if not keeps_natural_order(relation, view):
        now = _look(reader, relation, shown, token)
        since = _since(now, seen)
        found = since.intersection(_matching(reader, relation, view, KeyRange(min(since), max(since))) if since else ())
        return Arrivals(now, None, found, _changed(now, seen), len(since), since - found)
    now = _look(reader, relation, shown, token)
    if now.high is None:
        return Arrivals(now, None)
    low = now.low if seen.high is None else min(now.low, seen.high + 1)
    is_turned = isinstance(order, OldestFirst)
    if now.high - low > MOST_NEW or _were_removed(now, seen) or is_turned != _is_turned(view):
        # Too many; or no position below is what it was; or the table was empty, and its order has no direction.
        return Arrivals(now, None)
    matching = _matching(reader, relation, view, KeyRange(low, now.high))
    now = replace(now, low=low, matching=frozenset(matching))
    come = {
        key
        for key in matching
        if (seen.high is not None and key > seen.high) or (seen.token and key >= seen.low and key not in seen.matching)
    }
    changed = _changed(now, seen) - come
    since = _since(now, seen)
    newest_first = order.newest_first if isinstance(order, OldestFirst) else order
    followed = _followed(reader, relation, newest_first, matching, low)
    return Arrivals(
        now,
        OldestFirst(followed) if is_turned else followed,
        frozenset(come),
        changed,
        len(since),
        since - now.matching,
    )


def _look(reader: Reader, relation: Relation, shown: Sequence[int], token: ChangeToken) -> Seen:
    columns = [column for role in _OUTCOME if (column := relation.of_role(role)) and column.via is None]
    picked = ", ".join([key_of(relation), *map(operand_of, columns)])
    rows = reader.query(f"SELECT {picked} FROM {rows_of(relation)} ORDER BY 1 DESC LIMIT {NEWEST}")
    if not rows:
        return Seen(None, token)
    high, low = rows[0][0], rows[-1][0]
    if older := [str(key) for key in shown if key < low]:
        listed = ",".join(older)
        rows += reader.query(f"SELECT {picked} FROM {rows_of(relation)} WHERE {key_of(relation)} IN ({listed})")
    return Seen(high, token, low, frozenset(), {key: tuple(outcome) for key, *outcome in rows})


def _were_removed(now: Seen, seen: Seen) -> bool:
    """Tell whether a row that was looked at is gone; one that newer ones have taken the place of does not count."""
    is_all = len(now.outcomes) < NEWEST
    return any(key not in now.outcomes and (is_all or key >= now.low) for key in seen.outcomes)


def _is_turned(view: View) -> bool:
    return bool(view.sort) and not view.sort[0].descending


def _since(now: Seen, seen: Seen) -> frozenset[int]:
    return frozenset(key for key in now.outcomes if seen.high is not None and key > seen.high)


def _changed(now: Seen, seen: Seen) -> frozenset[int]:
    return frozenset(
        key for key, outcome in now.outcomes.items() if key in seen.outcomes and seen.outcomes[key] != outcome
    )


def _matching(reader: Reader, relation: Relation, view: View, keys: KeyRange) -> list[int]:
    """Return the keys in a range that the View's filter finds, newest first."""
    if view.filter.strip():
        from dbview.source.view.selection import Selection

        rows = Selection(reader, relation, view.filter, lambda: False).rows(keys)
    else:
        where = within(relation, keys)
        rows = reader.query(f"SELECT {key_of(relation)} FROM {rows_of(relation)} WHERE {where} ORDER BY 1 DESC")
    return [key for (key,) in rows]


def _followed(reader: Reader, relation: Relation, order: Order, matching: Sequence[int], low: int) -> FollowedOrder:
    """Return the order with the rows from a key on as they are now."""
    if not isinstance(order, FollowedOrder):
        skip = _rows_from(reader, relation, order, low)
        return FollowedOrder(relation, array("q", matching), low, order, skip)
    older = order.keys[bisect_left(order.keys, 1 - low, key=lambda one: -one) :]
    return replace(order, keys=array("q", [*matching, *older]))


def _rows_from(reader: Reader, relation: Relation, order: Order, low: int) -> int:
    """Return how many rows of an order in natural order have no smaller keys."""
    if isinstance(order, KeyOrder):
        # The first that has a smaller key.
        return bisect_left(order.keys, 1 - low, hi=order.length, key=lambda one: -one)
    if isinstance(order, NaturalOrder) and low <= order.bounds.high:
        return reader.count(relation, KeyRange(low, order.bounds.high))
    return 0


def newest_of(reader: Reader, relation: Relation, condition: str, above: int) -> tuple[int | None, int]:
    """Return the newest row above a key that fulfils an SQL condition, and up to which key was looked.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose rows.
        condition: SQL on a row.
        above: Only rows with greater keys are looked at, :data:`MOST_NEW` keys at most, the newest.
    """
    bounds = reader.bounds(relation)
    if bounds is None or bounds.high <= above:
        return None, above
    keys = KeyRange(max(above + 1, bounds.high - MOST_NEW), bounds.high)
    found = reader.query(
        f"SELECT {key_of(relation)} FROM {rows_of(relation)} WHERE {within(relation, keys)} AND {condition} "
        "ORDER BY 1 DESC LIMIT 1"
    )
    return (int(found[0][0]) if found else None), bounds.high
