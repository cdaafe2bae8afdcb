"""Take a part of a name, and find what has it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.bar import Bar, PlainInput


class FindInput(PlainInput):
    """The line of a find bar, with the key that matters in it named."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "open", id="find.open", tooltip="Open what was found.")
    ]


class FindBar(Bar):
    """The bar over a list; what is typed takes effect at once. Its old text is replaced by what is typed the next time.

    Args:
        placeholder: Shown while nothing is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            "show all",
            id="find.leave",
            tooltip="Empty the bar and leave it.",
        ),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(FindInput(placeholder=placeholder, select_on_focus=True))

    def clear(self) -> None:
        """Empty the bar."""
        self._input.clear()

    def action_leave(self) -> None:
        """Leave and find nothing in particular."""
        self.clear()
        self.post_message(self.Left())


class PageBar(FindBar):
    """The bar over a page: what is typed is gone to, and nothing is hidden.

    Args:
        placeholder: Shown while nothing is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "end search", id="find.leave", tooltip="Empty the bar and leave it.")
    ]
