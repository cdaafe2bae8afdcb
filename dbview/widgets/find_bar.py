"""Take a part of a name, and find what has it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.bar import Bar, PlainInput


class FindBar(Bar):
    """The bar over a list; what is typed takes effect at once. Its old text is replaced by what is typed the next time.

    Args:
        placeholder: Shown while nothing is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "open", id="find.open", priority=True, tooltip="Open what was found."),
        Binding(
            "escape",
            "leave",
            "show all",
            id="find.leave",
            priority=True,
            tooltip="Empty the bar and leave it.",
        ),
    ]

    def __init__(self, placeholder: str) -> None:
        super().__init__(PlainInput(placeholder=placeholder, select_on_focus=False))

    def edit(self) -> None:
        """Put the cursor into the bar, at once; what is typed replaces the text."""
        super().edit()
        self._input.select_all()

    def clear(self) -> None:
        """Empty the bar."""
        self._input.clear()

    def action_leave(self) -> None:
        """Leave and find nothing in particular."""
        self.clear()
        self._hand_on(self.Left())


class PageBar(FindBar):
    """The bar over a page: what is typed is gone to, and nothing is hidden.

    Args:
        placeholder: Shown while nothing is typed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "end search", id="find.leave", priority=True, tooltip="Empty the bar and leave it.")
    ]
