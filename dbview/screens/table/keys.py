"""The keys of a table's screen, in the order in which they stand in its key line."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from dbview.screens.copying import COPY_BINDINGS
from dbview.screens.follow import FOLLOW_BINDING
from dbview.screens.marks import COMPARE_BINDING
from dbview.screens.table.export import EXPORT_BINDING
from dbview.screens.table.shown_columns import COLUMN_BINDINGS

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
    *COLUMN_BINDINGS,
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
    Binding(
        "space",
        "mark",
        "mark",
        id="entries.mark",
        tooltip="Mark the entry, to compare it with others; again takes the mark away.",
    ),
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
