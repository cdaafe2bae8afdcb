"""Draw what may be typed next, on lines over whatever is below; nothing moves for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from dbview.text import visible
from dbview.widgets.drawing import pad

MOST_LINES = 8
"""Lines that are shown at a time; the others are reached by moving on."""

_WIDEST = 60
_FIRST_KEY = "Tab"


class SuggestionList(Widget):
    """A list without the focus: who has it moves the choice.

    Nothing is chosen at first; then the first line says with which key it can be had.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"suggestions--chosen", "suggestions--key"}
    DEFAULT_CSS = """
SuggestionList {
    display: none;
    overlay: screen;
    constrain: inside;
    width: auto;
    height: auto;
    background: $panel;
    color: $foreground;
    & > .suggestions--chosen { background: $surface-lighten-2; text-style: bold; }
    & > .suggestions--key { text-style: italic; }
}
"""

    @dataclass
    class Picked(Message):
        """A line was clicked on."""

        text: str

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ()
        self._shown: list[str] = []
        self._place: int | None = None
        self._first = 0

    @property
    def is_open(self) -> bool:
        """True while there is something to choose from."""
        return bool(self._texts)

    @property
    def chosen(self) -> str | None:
        """The text that was moved to; None while none was."""
        return None if self._place is None else self._texts[self._place]

    @property
    def first(self) -> str:
        """The text that is the likeliest."""
        return self._texts[0]

    def show(self, texts: Sequence[str], column: int) -> None:
        """Show texts, or none to close the list; the one that is chosen stays so if it is among them.

        Args:
            texts: The likeliest first.
            column: Terminal cell of the line above that they begin under.
        """
        chosen = self.chosen
        self._texts, self._place, self._first = tuple(texts), None, 0
        if chosen in texts:
            self._go_to(texts.index(chosen))
        self._shown = [visible(text) for text in texts]
        self.display = self.is_open
        # The edge and a blank stand before each.
        self.styles.offset = (max(0, column - 2), 0)
        self.refresh(layout=True)

    def move(self, step: int) -> None:
        """Choose the next text, or the one before; behind the last one the first comes again."""
        last = len(self._texts) - 1
        self._go_to((0 if step > 0 else last) if self._place is None else (self._place + step) % (last + 1))
        self.refresh()

    def choose_none(self) -> None:
        """Take back that one of the texts is chosen: something else was typed."""
        self._place, self._first = None, 0

    def _go_to(self, place: int) -> None:
        self._place = place
        self._first = min(max(self._first, place - MOST_LINES + 1), place)

    def get_content_width(self, *_sizes: object) -> int:
        """Return the cells that the longest text takes, with the key behind the first, and an edge at either side."""
        if not self._shown:
            return 0
        with_key = cell_len(self._shown[0]) + len(_FIRST_KEY) + 1
        return min(_WIDEST, max(with_key, *map(cell_len, self._shown)) + 4)

    def get_content_height(self, *_sizes: object) -> int:
        """Return how many lines are shown at a time."""
        return min(MOST_LINES, len(self._texts))

    def render_line(self, y: int) -> Strip:
        """Draw one text between two edges: without colours, too, it stands out from what is below."""
        width, index, style = self.size.width, self._first + y, self.rich_style
        if index >= len(self._shown):
            return Strip.blank(width, style)
        is_chosen = index == self._place
        key = f" {_FIRST_KEY}" if index == 0 and self._place is None else ""
        text = pad(f"{'▌' if is_chosen else '│'} {self._shown[index]}", width - len(key) - 2)
        line = style + self._part("chosen") if is_chosen else style
        return Strip([Segment(text, line), Segment(key, line + self._part("key")), Segment(" │", line)])

    def on_click(self, event: Click) -> None:
        """Pick the line that was clicked on."""
        event.stop()
        index = self._first + event.y
        if index < len(self._texts):
            self.post_message(self.Picked(self._texts[index]))

    def _part(self, name: str) -> Style:
        return self.get_component_rich_style(f"suggestions--{name}", partial=True)
