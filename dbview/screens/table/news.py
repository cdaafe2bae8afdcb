"""Tell what has come into a relation since it was read."""

from __future__ import annotations

from dataclasses import dataclass

from dbview.query.relation import Relation
from dbview.screens.progress import row_noun
from dbview.source.reader import ChangeToken, Reader

NEW_COUNTED = 100
"""New rows are counted up to this."""


@dataclass(frozen=True)
class Seen:
    """A relation at a moment.

    Attributes:
        token: Another one means that something was committed since.
        keys: Keys of its newest rows, newest first.
    """

    token: ChangeToken
    keys: tuple[int, ...]

    @property
    def newest(self) -> int | None:
        """Key of its newest row."""
        return self.keys[0] if self.keys else None


def see(reader: Reader, relation: Relation) -> Seen:
    """Take note of a relation as it is now; tokens can be compared only if they come from one reader."""
    # The token first: what is committed in between is then new, not overlooked.
    token = reader.token()
    return Seen(token, tuple(row.key for row in reader.newest(relation, (), NEW_COUNTED)))


def news_words(relation: Relation, before: Seen, now: Seen) -> str:
    """Return how many rows are new, that something else changed, or nothing."""
    if now.token == before.token:
        return ""
    # Without ids, rows go by their place: which of them are new cannot be told.
    new = [key for key in now.keys if before.newest is None or key > before.newest] if relation.key else []
    if not new:
        return "changed · r"
    return f"{len(new)}{'+' * (len(new) == NEW_COUNTED)} new {row_noun(relation, len(new))} · r"
