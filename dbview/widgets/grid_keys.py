"""The keys of a grid, apart from what they do."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from dbview.widgets.moves import MOVE_BINDINGS

GRID_BINDINGS: list[BindingType] = [
    Binding("enter", "select", "open", id="app.open", tooltip="Show the current row in full."),
    *MOVE_BINDINGS,
    Binding("home", "first", "first row", id="move.first", show=False, tooltip="The first row."),
    Binding("end,G", "last", "last row", id="move.last", show=False, tooltip="The last row."),
    Binding("0", "first_column", "first column", id="move.first-column", show=False, tooltip="The first column."),
    Binding("dollar_sign", "last_column", "last column", id="move.last-column", show=False, tooltip="The last column."),
    Binding(
        "s",
        "sort",
        "sort",
        tooltip="Sort by the current column: ascending, descending, not at all.",
        id="table.sort",
    ),
    Binding(
        "S",
        "sort(True)",
        "sort further",
        show=False,
        tooltip="Sort by the current column where the others leave rows equal.",
        id="table.sort-further",
    ),
]
