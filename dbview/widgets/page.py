"""Draw the lines of a screen as they are given: of text, of a table, of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dbview.widgets import tones
from dbview.widgets.drawing import without_start

PageSpan = tuple[str, str | Style]
"""Visible text, and the name of its tone or a style of its own."""

PageLine = tuple[Sequence[PageSpan], bool]
"""A line's spans, and whether the cursor is on it."""


class Page(Widget, can_focus=True):
    """Lines from the top of the widget on, cut off at its side."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"page--cursor", *tones.COMPONENT_CLASSES}
    DEFAULT_CSS = (
        """
Page {
    height: 1fr;
    background: $background;
    & > .page--cursor { background: $surface-lighten-2; text-style: bold; }
"""
        + tones.CSS
        + "}"
    )

    class Resized(Message):
        """There is another amount of room."""

    class Scrolled(Message):
        """The mouse's wheel was turned.

        Args:
            lines: How far; negative for up.
        """

        def __init__(self, lines: int) -> None:
            super().__init__()
            self.lines = lines

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[PageLine] = ()

    def show_lines(self, lines: Sequence[PageLine]) -> None:
        """Show other lines."""
        self._lines = lines
        self.refresh()

    def on_resize(self) -> None:
        """Say that there is another amount of room."""
        self.post_message(self.Resized())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Say that the wheel was turned down."""
        event.stop()
        self.post_message(self.Scrolled(3))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Say that the wheel was turned up."""
        event.stop()
        self.post_message(self.Scrolled(-3))

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        width, base = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        spans, has_cursor = self._lines[y]
        if has_cursor:
            base += self.get_component_rich_style("page--cursor", partial=True)
            # The mark says it as well, where there are no colours; it takes the place of a blank, or of what the line
            # begins with when scrolled sideways, where a short line has nothing.
            spans = [("▌", ""), *without_start(spans, 1)]
        return Strip([Segment(text, base + self._style(tone)) for text, tone in spans]).adjust_cell_length(width, base)

    def _style(self, tone: str | Style) -> Style:
        return tone if isinstance(tone, Style) else tones.tone_style(self, tone)
