"""Take a filter text; those applied before can be had again."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.bar import Bar, PlainInput


class FilterInput(PlainInput):
    """The filter's line, with the keys that matter in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "apply", tooltip="Apply the filter."),
        Binding("ctrl+u", "clear", "clear", tooltip="Empty the bar; applied then, all rows are shown again."),
    ]

    def action_clear(self) -> None:
        """Empty the line."""
        self.clear()


class FilterBar(Bar):
    """The bar over the rows of a table.

    Args:
        placeholder: Shown while there is no filter.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", tooltip="Leave the bar; the last good filter stays."),
        Binding("up", "older", "earlier filter", tooltip="The filter applied before this one."),
        Binding("down", "newer", "later filter", show=False, tooltip="The filter applied after this one."),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(FilterInput(placeholder=placeholder, select_on_focus=False))
        self._applied = ""
        self._history: list[str] = []
        self._place = 0

    def set_text(self, text: str) -> None:
        """Show the filter that is in force."""
        self._applied = text
        self._input.value = text
        self._status.error = None
        if text and text not in self._history[-1:]:
            self._history.append(text)
        self._place = len(self._history)

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
