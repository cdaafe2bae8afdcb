"""Take a text at the top of a screen, and say on the line below what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

PROMPT = " / "

_BETWEEN = " · "
"""Stands between words at the left and at the right where there is no room for a gap."""


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
            left, right = f" {self.left}", f"{self.right} " if self.right else ""
            if self.left and right and cell_len(left) + len(_BETWEEN) + cell_len(right) > width:
                return Content(fit(left, width - len(_BETWEEN) - cell_len(right)) + _BETWEEN + right)
            return Content(beside(left, right, width))
        message, column = self.error
        if column + 2 + cell_len(message) <= width:
            return Content.assemble(" " * column, (f"^ {message}", "$text-error"))
        if column < width // 2:
            return Content.assemble((f" {fit(message, width - 1)}", "$text-error"))
        room = max(0, column - 1)
        return Content.assemble((f" {fit(message, room - 1)}".ljust(column), "$text-error"), ("^", "$text-error"))


class PlainInput(Input, inherit_bindings=False):
    """A line to type in, which draws what could drive the terminal as a replacement character.

    Its cursor does not blink: over a slow line nothing is sent while nothing happens. What its keys do, they do before
    the next key is looked at: that one may be for what Enter opens. The app itself hands it what is typed; Enter is a
    matter of what it stands in.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(binding, priority=True)
        for binding in Input.BINDINGS
        if isinstance(binding, Binding) and binding.key != "enter"
    ]

    cursor_blink: reactive[bool] = reactive(False, init=False)

    def take(self, text: str) -> None:
        """Put what is typed, or the first line of what is pasted, at the cursor, in the place of what is selected."""
        if lines := text.splitlines():
            self.replace(lines[0], *self.selection)

    def render_line(self, y: int) -> Strip:
        """Draw the line; one cell for each such character, so that the columns hold."""
        strip = super().render_line(y)
        if strip.text.isprintable():
            return strip
        segments = [Segment("".join(map(_drawn, text)), style) for text, style, _control in strip]
        return Strip(segments).adjust_cell_length(self.size.width)


def _drawn(character: str) -> str:
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


class Bar(Vertical):
    """A line to type in, and a line for what came of it. Both are always there, so nothing jumps.

    Args:
        line: The line to type in.
    """

    DEFAULT_CSS = """
Bar {
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

    @dataclass
    class Applied(Message):
        """The text was entered."""

        text: str

    @dataclass
    class Edited(Message):
        """The text is another one; nothing was entered yet."""

        text: str

    class Left(Message):
        """The bar was left without applying."""

    def __init__(self, line: PlainInput) -> None:
        super().__init__()
        self._input = line
        self._status = StatusLine()
        self._wrong: str | None = None

    def compose(self) -> ComposeResult:
        """Lay the two lines out."""
        with Horizontal():
            yield Static(PROMPT, markup=False)
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

    def show_error(self, message: str, position: int) -> None:
        """Say what is wrong with the text, and point at it."""
        column = len(PROMPT) + cell_len(self._input.value[:position]) - self._input.scroll_offset.x
        self._status.error = (visible(message), max(0, column))
        self._wrong = self._input.value

    def action_submit(self) -> None:
        """Hand the text on, and end typing."""
        self._hand_on(self.Applied(self._input.value))

    def _hand_on(self, message: Message) -> None:
        """End typing, and tell the screen itself: keys that are typed next stand behind that in its queue."""
        self.screen.set_focus(None)
        self.screen.post_message(message)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Take an error back once its text is edited."""
        event.stop()
        # News of what was typed may come after the text has been found wrong.
        if self._input.value != self._wrong:
            self._status.error = self._wrong = None
        self.post_message(self.Edited(event.value))
