"""Say at the top of every screen where one is, and how fresh and how safe that is."""

from __future__ import annotations

import time

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from dbview.text import visible
from dbview.widgets.drawing import beside, fit_end

SEPARATOR = " › "


class Head(Widget):
    """One line with the place at the left and the state of the file at the right, and a rule below.

    Attributes:
        places: Names from the file down to what is shown.
        state: Words for how the file is open and when it was written.
    """

    DEFAULT_CSS = """
Head {
    height: 2;
    color: $text;
    border-bottom: solid $panel-lighten-2;
}
"""

    places: reactive[tuple[str, ...]] = reactive(())
    state: reactive[str] = reactive("")

    def __init__(self, places: tuple[str, ...], state: str) -> None:
        super().__init__()
        self.set_reactive(Head.places, places)
        self.set_reactive(Head.state, state)

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width
        state = self.state + " "
        if width < 60:
            state = state.rpartition(" · ")[0] + " "
        path = fit_end(SEPARATOR.join(map(visible, self.places)), width - len(state) - 2)
        return Content(beside(f" {path}", state, width))


def written_words(written_at: float) -> str:
    """Return when the file was written, for the head; times are UTC and say so."""
    return time.strftime("written %Y-%m-%d %H:%M UTC", time.gmtime(written_at))
