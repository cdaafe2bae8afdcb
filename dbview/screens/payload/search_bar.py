"""Take words, and find where they stand in a payload."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.bar import Bar, PlainInput


class SearchBar(Bar):
    """The bar over a payload."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "find", id="search.find", priority=True, tooltip="Find the next place."),
        Binding(
            "escape",
            "leave",
            "leave",
            id="search.leave",
            priority=True,
            tooltip="Leave the bar; nothing is looked for.",
        ),
    ]

    def __init__(self) -> None:
        super().__init__(PlainInput(placeholder="find text", select_on_focus=False))

    def edit(self) -> None:
        """Put the cursor into the bar, at once; what is typed replaces the text."""
        super().edit()
        self._input.select_all()

    def action_leave(self) -> None:
        """Leave without searching."""
        self._hand_on(self.Left())
