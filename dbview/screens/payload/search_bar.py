"""Take words, and find where they stand in a payload."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.bar import Bar, PlainInput


class SearchInput(PlainInput):
    """The line of the search bar, with the key that matters in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "find", id="search.find", tooltip="Find the next place.")
    ]


class SearchBar(Bar):
    """The bar over a payload."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", id="search.leave", tooltip="Leave the bar; nothing is looked for."),
    ]

    def __init__(self) -> None:
        super().__init__(SearchInput(placeholder="find text", select_on_focus=True))

    def action_leave(self) -> None:
        """Leave without searching."""
        self.post_message(self.Left())
