"""Keep what went wrong on a screen, until its next try."""

from __future__ import annotations

from dbview.errors import DbviewError
from dbview.screens.base import ViewerScreen
from dbview.text import visible


class Trouble:
    """What went wrong last. It stands in full over the screen for a moment, and on a line of it until the next try.

    Args:
        screen: Shows it.

    Attributes:
        words: What to show on the line; empty while nothing is wrong.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self.words = ""

    def take(self, error: DbviewError) -> None:
        """Say what went wrong; what has been said already is not said once more."""
        words = visible(str(error))
        if words != self.words:
            ViewerScreen.show_error(self._screen, error)
        self.words = words

    def clear(self) -> None:
        """Take note that it is tried again."""
        self.words = ""
