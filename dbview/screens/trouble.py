"""Keep what went wrong on a screen, until its next try."""

from __future__ import annotations

from dbview.errors import DbviewError
from dbview.screens.base import ViewerScreen
from dbview.text import visible


class Trouble:
    """What went wrong last. It stands in full over the screen for a moment, and on a line of it until the next try.

    Args:
        screen: Shows it.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._said = ""
        self._cause: DbviewError | None = None

    @property
    def words(self) -> str:
        """What to show on the line; empty while nothing is wrong.

        The file goes by its name, which is at the top of the screen: behind a long path the words would be cut off.
        """
        path = self._screen.source.path
        return self._said.replace(visible(str(path)), visible(path.name))

    def take(self, error: DbviewError) -> None:
        """Say what went wrong; what has been said already is not said once more."""
        error = self._cause or error
        words = visible(str(error))
        if words != self._said:
            ViewerScreen.show_error(self._screen, error)
        self._said = words

    def take_cause(self, error: DbviewError) -> None:
        """Say why nothing can be read: until the next try, whatever else goes wrong comes of it."""
        self._cause = error
        self.take(error)

    def clear(self) -> None:
        """Take note that it is tried again."""
        self._said = ""
        self._cause = None
