"""Lists and a matrix of values, in which Enter does not open an entry, and says so."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbview.widgets.listing import Listing
from dbview.widgets.matrix import Matrix

_SHOW_ROWS = Binding("enter", "select", "show rows", id="app.open", tooltip="Show the rows with this value.")


class CountedList(Listing):
    """Values with how many rows have them."""

    BINDINGS: ClassVar[list[BindingType]] = [_SHOW_ROWS]


class CountedMatrix(Matrix):
    """Values against values, with how many rows have both."""

    BINDINGS: ClassVar[list[BindingType]] = [_SHOW_ROWS]


class ChoiceList(Listing):
    """Values that narrow a filter."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "filter",
            id="app.open",
            tooltip="Keep the rows with this value; again takes it out of the filter.",
        )
    ]
