"""Take a filter text, and say on the line below what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from dbview.text import visible
from dbview.widgets.drawing import beside, fit

_PROMPT = " / "


class StatusLine(Widget):
    """One line: words at its left and at its right, or an error that points at a place of the line above."""

    DEFAULT_CSS = """
StatusLine { height: 1; color: $text-muted; }
"""

    left: reactive[str] = reactive("")
    right: reactive[str] = reactive("")
    error: reactive[tuple[str, int] | None] = reactive(None)

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width
        if self.error is None:
            return Content(beside(f" {self.left}", f"{self.right} " if self.right else "", width))
        message, column = self.error
        if column + 2 + cell_len(message) <= width:
            return Content.assemble(" " * column, (f"^ {message}", "$text-error"))
        if column < width // 2:
            return Content.assemble((f" {fit(message, width - 1)}", "$text-error"))
        room = max(0, column - 1)
        return Content.assemble((f" {fit(message, room - 1)}".ljust(column), "$text-error"), ("^", "$text-error"))


class PlainInput(Input):
    """A line to type in, which draws what could drive the terminal as a replacement character."""

    def render_line(self, y: int) -> Strip:
        """Draw the line; one cell for each such character, so that the columns hold."""
        strip = super().render_line(y)
        if strip.text.isprintable():
            return strip
        segments = [Segment("".join(map(_drawn, text)), style) for text, style, _control in strip]
        return Strip(segments).adjust_cell_length(self.size.width)


class FilterInput(PlainInput):
    """The filter's line, with the keys that matter in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "apply", tooltip="Apply the filter.")]


def _drawn(character: str) -> str:
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


class FilterBar(Vertical):
    """A line to type a filter in, and a line for what came of it. Both are always there, so nothing jumps.

    Args:
        placeholder: Shown while there is no filter.
    """

    DEFAULT_CSS = """
FilterBar {
    height: 2;
    & > Horizontal { height: 1; }
    & Static { width: 3; color: $text-muted; }
    & Input {
        width: 1fr; height: 1; border: none; padding: 0; background: $background;
        &:focus { border: none; background: $surface; }
    }
    &:focus-within Static { color: $text-accent; text-style: bold; }
}
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", tooltip="Leave the bar; the last good filter stays."),
        Binding("up", "older", "earlier filter", tooltip="The filter applied before this one."),
        Binding("down", "newer", "later filter", show=False, tooltip="The filter applied after this one."),
    ]

    @dataclass
    class Applied(Message):
        """A filter text was entered."""

        text: str

    @dataclass
    class Edited(Message):
        """The text is another one; nothing was entered yet."""

        text: str

    class Left(Message):
        """The bar was left without applying."""

    def __init__(self, placeholder: str) -> None:
        super().__init__()
        self._applied = ""
        self._input = FilterInput(placeholder=placeholder, select_on_focus=False)
        self._status = StatusLine()
        self._history: list[str] = []
        self._place = 0

    def compose(self) -> ComposeResult:
        """Lay the two lines out."""
        with Horizontal():
            yield Static(_PROMPT, markup=False)
            yield self._input
        yield self._status

    @property
    def text(self) -> str:
        """The text in the bar."""
        return self._input.value

    @property
    def status(self) -> StatusLine:
        """The line below."""
        return self._status

    @property
    def is_edited(self) -> bool:
        """True while the cursor is in the bar."""
        return self._input.has_focus

    def edit(self) -> None:
        """Put the cursor into the bar, at once: the next key goes there."""
        self.screen.set_focus(self._input)

    def set_text(self, text: str) -> None:
        """Show the filter that is in force."""
        self._applied = text
        self._input.value = text
        self._status.error = None
        if text and text not in self._history[-1:]:
            self._history.append(text)
        self._place = len(self._history)

    def show_error(self, message: str, position: int) -> None:
        """Say what is wrong with the text, and point at it."""
        column = len(_PROMPT) + cell_len(self._input.value[:position]) - self._input.scroll_offset.x
        self._status.error = (visible(message), max(0, column))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the text on."""
        event.stop()
        self.post_message(self.Applied(event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take an error back once its text is edited."""
        event.stop()
        self._status.error = None
        self.post_message(self.Edited(event.value))

    def action_leave(self) -> None:
        """Leave; the text in force is shown again."""
        self.set_text(self._applied)
        self.post_message(self.Left())

    def action_older(self) -> None:
        """Show the filter applied before."""
        self._show_past(self._place - 1)

    def action_newer(self) -> None:
        """Show the filter applied after."""
        self._show_past(self._place + 1)

    def _show_past(self, place: int) -> None:
        self._place = max(0, min(place, len(self._history)))
        self._input.value = self._history[self._place] if self._place < len(self._history) else ""
        self._input.cursor_position = len(self._input.value)
