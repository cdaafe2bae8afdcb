"""Look for words in what is shown of a payload, for as long as it takes, or until somebody has had enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from dbview.screens.base import ViewerScreen
from dbview.screens.payload.viewport import Viewport
from dbview.text import visible


class _Asks(Protocol):
    def __call__(self, job: Callable[[Viewport], object], then: Callable[[Any], None]) -> None: ...


class Search:
    """The search for words.

    Args:
        screen: Says that there are none.
        ask: Has something done to what is shown, and gives on what that returned.
        say: Puts words on the status line.

    Attributes:
        is_running: True until the words are found, or not, or the search is stopped.
    """

    def __init__(self, screen: ViewerScreen, ask: _Asks, say: Callable[[str], None]) -> None:
        self._screen = screen
        self._ask = ask
        self._say = say
        self.is_running = False

    def stop(self) -> None:
        """Let the search be."""
        self.is_running = False

    def find(self, words: str, *, backwards: bool, again: bool) -> None:
        """Go to the next place of words, or the one before; one search at a time.

        Args:
            words: The words; empty to mark none any more.
            backwards: True to look above.
            again: True to pass over the place where the cursor is.
        """
        if self.is_running:
            return
        self.is_running = bool(words)
        if words:
            self._say(f"searching {visible(words)} …   Esc stops")

        def job(viewport: Viewport) -> bool:
            return viewport.find(words, lambda: self.is_running, backwards=backwards, again=again)

        def then(found: bool) -> None:
            was_stopped = words and not self.is_running
            self.is_running = False
            if not found and words and not was_stopped:
                other, where = "other " if again else "", "above" if backwards else "below"
                self._screen.notify(f"No {other}{visible(words)} {where}.")

        self._ask(job, then)
