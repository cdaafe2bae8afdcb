"""Ask for one word on a line of its own."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dbview.widgets.filter_bar import PlainInput


class AskScreen(ModalScreen[str | None]):
    """A question at the bottom of the screen below; gives the answer, or None if it was left.

    Args:
        question: What is asked for.
    """

    DEFAULT_CSS = """
AskScreen {
    background: transparent;
    align: left bottom;
    & > Horizontal { height: 1; background: $panel; }
    & Static { width: auto; padding: 0 1; text-style: bold; }
    & Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; &:focus { border: none; } }
}
"""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out the question and the place for its answer."""
        with Horizontal():
            yield Static(f"{self._question}:", markup=False)
            yield PlainInput()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the answer."""
        self.dismiss(event.value.strip())
