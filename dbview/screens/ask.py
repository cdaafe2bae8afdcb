"""Ask for one word on a line of its own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Static

from dbview.widgets.bar import PlainInput


class AskScreen(ModalScreen[str | None]):
    """A question at the bottom of the screen below; gives the answer, or None if it was left.

    One with a long path in it takes several lines, so that all of it can be read.

    Args:
        question: What is asked for.
    """

    DEFAULT_CSS = """
AskScreen {
    background: transparent;
    align: left bottom;
    & > Horizontal { height: auto; background: $panel; }
    & Static { width: auto; max-width: 75%; padding: 0 1; text-style: bold; }
    & Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; &:focus { border: none; } }
}
"""
    AUTO_FOCUS: ClassVar[str | None] = "PlainInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        # These take effect before the next key is looked at: that one is for what comes then.
        Binding("enter", "answer", "answer", id="ask.answer", priority=True, tooltip="Give the answer."),
        Binding("escape", "dismiss(None)", "leave", id="ask.leave", priority=True, tooltip="Leave; nothing is done."),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question
        self._input = PlainInput()

    def compose(self) -> ComposeResult:
        """Lay out the question and the place for its answer."""
        with Horizontal():
            yield Static(f"{self._question}:", markup=False)
            yield self._input

    def action_answer(self) -> None:
        """Give the answer."""
        self.dismiss(self._input.value.strip())
