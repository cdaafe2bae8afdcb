"""Keep what a count has found while the file stays as it is, so that a table opened again is not counted again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dbview.query.relation import Relation
from dbview.source.file.disk import Signature
from dbview.source.view.rows import KeyRange


class Count(NamedTuple):
    """All rows of a relation, counted.

    Attributes:
        bounds: Smallest and greatest key.
        marks: Keys on the way, as :class:`dbview.source.view.order.NaturalOrder` has them.
        rows: How many there are.
    """

    bounds: KeyRange
    marks: Sequence[int]
    rows: int


class Counted:
    """Counts by relation, each good for one state of the file. Any thread may call it."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[Signature, Count]] = {}

    def find(self, relation: Relation, signature: Signature) -> Count | None:
        """Return the count of a relation, None if there is none or the file has changed since."""
        known = self._counts.get(relation.name)
        return known[1] if known and known[0] == signature else None

    def keep(self, relation: Relation, signature: Signature, count: Count) -> None:
        """Keep a count that was begun when the file had this signature, if that tells one state from another."""
        if signature.is_settled:
            self._counts[relation.name] = signature, count

    def forget(self) -> None:
        """Forget all counts: the file is to be read anew."""
        self._counts = {}
