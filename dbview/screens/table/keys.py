"""The keys of a table's screen, in the order in which they stand in its key line."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from dbview.screens.copying import COPY_BINDINGS
from dbview.screens.follow import FOLLOW_BINDING
from dbview.screens.marks import COMPARE_BINDING, MARK_BINDING, UNMARK_BINDING
from dbview.screens.table.export import EXPORT_BINDING
from dbview.screens.table.seeking import SEEKING_BINDINGS

_COLUMN_BINDINGS = (
    Binding("v", "columns", "columns", tooltip="All columns: show, hide, find, move, pin them.", id="table.columns"),
    Binding("H", "column('hide')", "hide", show=False, tooltip="Hide the current column.", id="table.hide"),
    Binding(
        "less_than_sign",
        "column('left')",
        "move left",
        show=False,
        tooltip="Move the current column to the left.",
        id="table.column-left",
    ),
    Binding(
        "greater_than_sign",
        "column('right')",
        "move right",
        show=False,
        tooltip="Move the current column to the right.",
        id="table.column-right",
    ),
    Binding(
        "p",
        "column('pin')",
        "pin",
        show=False,
        tooltip="Keep the columns up to the current one at the left edge, or no longer.",
        id="table.pin",
    ),
    Binding("plus", "column('wider')", "wider", show=False, tooltip="Widen the current column.", id="table.wider"),
    Binding(
        "underscore",
        "column('narrower')",
        "narrower",
        show=False,
        tooltip="Narrow the current column.",
        id="table.narrower",
    ),
    Binding(
        "W",
        "column('automatic')",
        "own width",
        show=False,
        tooltip="Make the current column as wide as its values again.",
        id="table.own-width",
    ),
)

TABLE_BINDINGS: list[BindingType] = [
    # This one and g take effect before the next key is looked at: people type on before a slow line has answered.
    Binding(
        "slash",
        "filter",
        "filter",
        id="table.filter",
        priority=True,
        tooltip="Type a filter; Enter applies it, an empty one shows all rows; Esc keeps the last good one.",
    ),
    *_COLUMN_BINDINGS,
    FOLLOW_BINDING,
    COMPARE_BINDING,
    Binding(
        "b",
        "numbers('group')",
        "group by",
        id="table.group",
        tooltip="Count the rows by the values of the current column.",
    ),
    Binding(
        "g",
        "go_to",
        "go to id",
        id="table.go-to",
        priority=True,
        tooltip="Go to the row with an id, or with +123 to row 123.",
    ),
    MARK_BINDING,
    UNMARK_BINDING,
    Binding("r", "refresh", "refresh", id="app.refresh", tooltip="Read the file again; the cursor stays on its row."),
    # Last: where there is little room, they give way in the key line.
    Binding(
        "equals_sign",
        "narrow(False)",
        "only this",
        id="table.only-this",
        tooltip="Keep the rows with the current cell's value.",
    ),
    Binding(
        "minus",
        "narrow(True)",
        "not this",
        id="table.not-this",
        tooltip="Drop the rows with the current cell's value.",
    ),
    *SEEKING_BINDINGS,
    Binding(
        "i",
        "numbers('statistics')",
        "statistics",
        id="table.statistics",
        tooltip="What the values of the current column are like.",
    ),
    Binding(
        "P",
        "numbers('plot')",
        "plot",
        id="table.plot",
        tooltip="Plot the numbers of the current column against time, run or id.",
    ),
    Binding(
        "F", "facets", "facets", id="table.facets", tooltip="The columns of few values; a value narrows the filter."
    ),
    EXPORT_BINDING,
    *COPY_BINDINGS,
]
