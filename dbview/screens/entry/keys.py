"""The keys of a row's screen."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from dbview.screens.marks import COMPARE_BINDING, MARK_BINDING, UNMARK_BINDING
from dbview.screens.sections import section_bindings

HISTORY_BINDING = Binding(
    "h",
    "history",
    "history",
    id="parameter.history",
    tooltip="The values of this parameter in all entries of the Task.",
)

ENTRY_BINDINGS: tuple[BindingType, ...] = (
    Binding(
        "j,right_square_bracket",
        "step(1)",
        "next",
        id="entry.next",
        priority=True,
        tooltip="The next row of the table, as it is sorted and filtered.",
    ),
    Binding(
        "k,left_square_bracket",
        "step(-1)",
        "previous",
        id="entry.previous",
        priority=True,
        show=False,
        tooltip="The row before.",
    ),
    Binding(
        "slash",
        "find",
        "search",
        id="entry.find",
        priority=True,
        tooltip="Look for a text on this page; n and N go to it.",
    ),
    Binding(
        "n",
        "next_place(1)",
        "difference",
        id="entry.next-place",
        tooltip="The next difference, or the next place that was found.",
    ),
    Binding(
        "N",
        "next_place(-1)",
        "the one before",
        id="entry.place-before",
        show=False,
        tooltip="The one before of these.",
    ),
    HISTORY_BINDING,
    Binding("L", "lineage", "lineage", id="entry.lineage", tooltip="What it was made from, and what was made from it."),
    Binding(
        "d",
        "against",
        "against",
        id="entry.against",
        show=False,
        tooltip="Compare the parameters with those of another entry.",
    ),
    MARK_BINDING,
    UNMARK_BINDING,
    COMPARE_BINDING,
    Binding(
        "a",
        "toggle_empty",
        "empty too",
        id="entry.empty",
        show=False,
        tooltip="Show or hide the parameters that are NULL.",
    ),
    *section_bindings(show=False),
    Binding(
        "o",
        "toggle_output",
        "output",
        id="entry.output",
        show=False,
        tooltip="Show all that is kept of a Task's output, or its end.",
    ),
    Binding(
        "p",
        "payload",
        "payload",
        id="entry.payload",
        tooltip="All of the payload: as a tree, table, picture, text or bytes.",
    ),
    Binding("r", "refresh", "refresh", id="app.refresh", show=False, tooltip="Read the row again."),
)
"""What does something on the screen itself; what every screen has is left to that."""
