"""Tell what has come into a relation since it was read."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from dbview.query.relation import Relation
from dbview.screens.base import ViewerScreen
from dbview.screens.progress import row_noun
from dbview.source.reader import ChangeToken, Reader

NEW_COUNTED = 100
"""New rows are counted up to this."""


@dataclass(frozen=True)
class _Seen:
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


class News:
    """What has come into a table since its rows were read.

    Args:
        screen: Shows the table.

    Attributes:
        words: Say it; empty if nothing has come.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._seen: _Seen | None = None
        self._notes = 0
        self.words = ""

    @property
    def newest(self) -> int | None:
        """Key of the newest row when the rows were read; None if that is not known."""
        return self._seen.newest if self._seen else None

    def begin(self, relation: Relation) -> threading.Event:
        """Take note of what is there, beside the interface: it is no news from now on.

        Returns:
            Is set when that is done: rows that are read later hold all of it.
        """
        self.words = ""
        self._notes += 1
        noted = threading.Event()
        seen = self._screen.scheduler.read(lambda reader: _see(reader, relation))
        # Also if it is not wanted any more, or goes wrong: somebody may wait for it.
        seen.add_done_callback(lambda _seen: noted.set())
        self._screen.start(lambda: self._note(seen), "seen")
        return noted

    async def _note(self, seen: Future[_Seen]) -> None:
        self._seen = await self._screen.result_of(seen)

    async def look(self, relation: Relation) -> bool:
        """Look what has come; return False if the rows were read anew meanwhile."""
        notes = self._notes
        now = await self._screen.read(lambda reader: _see(reader, relation))
        # Whatever was read anew meanwhile has its own note of what was there.
        if self._seen is None or notes != self._notes:
            return False
        self.words = _words(relation, self._seen, now)
        return True


def _see(reader: Reader, relation: Relation) -> _Seen:
    """Take note of a relation as it is now; tokens can be compared only if they come from one reader."""
    # The token first: what is committed in between is then new, not overlooked.
    token = reader.token()
    # Without ids, rows go by their place: which of them are new cannot be told, and a view may take long to tell them.
    newest = reader.newest(relation, (), NEW_COUNTED) if relation.key else []
    return _Seen(token, tuple(row.key for row in newest))


def _words(relation: Relation, before: _Seen, now: _Seen) -> str:
    """Return how many rows are new, that something else changed, or nothing."""
    if now.token == before.token:
        return ""
    new = [key for key in now.keys if before.newest is None or key > before.newest]
    if not new:
        return "changed · r"
    return f"{len(new)}{'+' * (len(new) == NEW_COUNTED)} new {row_noun(relation, len(new))} · r"
