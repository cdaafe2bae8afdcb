"""Take a filter text, with suggestions while it is typed; those applied before can be had again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from dbview.widgets.bar import PROMPT, Bar, PlainInput
from dbview.widgets.suggestion_list import SuggestionList


class FilterInput(PlainInput):
    """The filter's line, with the key that matters in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+u",
            "clear",
            "clear",
            id="filter.clear",
            priority=True,
            tooltip="Empty the bar; applied then, all rows are shown again.",
        ),
    ]

    def action_clear(self) -> None:
        """Empty the line."""
        self.clear()


class FilterBar(Bar):
    """The bar over the rows of a table.

    Whoever shows it answers :class:`Asked` with :meth:`suggest`, and may give it the filters of earlier times.

    Args:
        placeholder: Shown while there is no filter.

    Attributes:
        history: Filters that were applied, the newest last.
    """

    # These take effect before the next key is looked at: people type on before a slow line has answered.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "submit",
            "apply",
            id="filter.apply",
            priority=True,
            tooltip="Apply the filter; take what was chosen from the list.",
        ),
        Binding(
            "escape",
            "leave",
            "leave",
            id="filter.leave",
            priority=True,
            tooltip="Close the list; else leave, and the last good filter stays.",
        ),
        Binding(
            "tab",
            "complete",
            "complete",
            id="filter.complete",
            priority=True,
            tooltip="Take what is suggested; without a list, suggest something.",
        ),
        Binding(
            "up",
            "up",
            "earlier filter",
            id="filter.earlier",
            priority=True,
            tooltip="The filter applied before this one; in the list, one up.",
        ),
        Binding(
            "down",
            "down",
            "later filter",
            id="filter.later",
            priority=True,
            show=False,
            tooltip="The filter applied after; in the list, one down.",
        ),
    ]

    @dataclass
    class Asked(Message):
        """Something was typed; suggestions for it are wanted.

        Attributes:
            text: What is in the bar.
            cursor: Index of the character that the cursor is on.
            by_hand: True if suggestions were asked for with a key; else some are out of place.
        """

        text: str
        cursor: int
        by_hand: bool = False

    def __init__(self, placeholder: str) -> None:
        super().__init__(FilterInput(placeholder=placeholder, select_on_focus=False))
        self._list = SuggestionList()
        self._asked: FilterBar.Asked | None = None
        self._start = 0
        self._applied = ""
        self._place = 0
        self.history: list[str] = []

    def compose(self) -> ComposeResult:
        """Lay out the two lines and, over what is below them, the list."""
        yield from super().compose()
        yield self._list

    def set_text(self, text: str) -> None:
        """Show the filter that is in force."""
        self._applied = text
        self._set_line(text)
        self._status.error = None
        if text and text not in self.history[-1:]:
            self.history.append(text)
        self._place = len(self.history)

    def action_leave(self) -> None:
        """Close the list; else leave, and the text in force is shown again."""
        if self._list.is_open:
            self._close_list()
        else:
            self.set_text(self._applied)
            self._hand_on(self.Left())

    # Suggestions

    def suggest(self, asked: Asked, texts: Sequence[str], start: int) -> None:
        """Show what may stand at the cursor, unless something else is in the bar by now.

        Args:
            asked: The message that is answered.
            texts: What may stand there, the likeliest first; none to close the list.
            start: Where it begins; the text from there to the cursor is replaced.
        """
        if asked is not self._asked:
            return
        self._start = start
        typed = asked.text[start : asked.cursor]
        column = len(PROMPT) + cell_len(asked.text[:start]) - self._input.scroll_offset.x
        self._list.show([text for text in texts if text != typed], column)

    @on(Input.Changed)
    def _ask_for_typed(self, event: Input.Changed) -> None:
        if self.is_edited and event.value == self._input.value:
            self._ask(by_hand=False)

    def action_submit(self) -> None:
        """Take what was chosen from the list; else hand the text on."""
        if self._list.chosen is not None:
            self._take(self._list.chosen)
        else:
            self._close_list()
            super().action_submit()

    @on(Input.Blurred)
    def _close_list(self) -> None:
        """Close the list, also when the line that it is about is left."""
        self._asked = None
        self._list.show((), 0)

    @on(SuggestionList.Picked)
    def _take_picked(self, message: SuggestionList.Picked) -> None:
        message.stop()
        self._take(message.text)

    def action_complete(self) -> None:
        """Take what is chosen, else the first; without a list, ask for one."""
        if self._list.is_open:
            self._take(self._list.chosen or self._list.first)
        else:
            self._ask(by_hand=True)

    def _ask(self, by_hand: bool) -> None:
        self._list.choose_none()
        self._asked = self.Asked(self._input.value, self._input.cursor_position, by_hand)
        self.post_message(self._asked)

    def _take(self, text: str) -> None:
        """Put a suggestion in the place of what was typed for it; the change asks for what may follow."""
        if self._asked is None:
            return
        start, asked = self._start, self._asked
        self._close_list()
        self.edit()
        self._input.value = asked.text[:start] + text + asked.text[asked.cursor :]
        self._input.cursor_position = start + len(text)

    # Filters of earlier times

    def action_up(self) -> None:
        """Choose what stands above in the list; without one, show the filter applied before."""
        if self._list.is_open:
            self._list.move(-1)
        else:
            self._show_past(self._place - 1)

    def action_down(self) -> None:
        """Choose what stands below in the list; without one, show the filter applied after."""
        if self._list.is_open:
            self._list.move(1)
        else:
            self._show_past(self._place + 1)

    def _show_past(self, place: int) -> None:
        self._place = max(0, min(place, len(self.history)))
        self._set_line(self.history[self._place] if self._place < len(self.history) else "")
        self._input.cursor_position = len(self._input.value)

    def _set_line(self, text: str) -> None:
        """Show a text that nobody is typing."""
        self._close_list()
        with self._input.prevent(Input.Changed):
            self._input.value = text
        self._status.error = None
