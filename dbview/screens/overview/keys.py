"""Name the keys of the overview."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from dbview.screens.follow import FOLLOW_BINDING

OVERVIEW_BINDINGS: list[BindingType] = [
    Binding(
        "left_square_bracket",
        "experiment(-1)",
        "experiment",
        id="overview.experiment-before",
        show=False,
        tooltip="The experiment to the left.",
    ),
    Binding(
        "right_square_bracket",
        "experiment(1)",
        "experiment",
        id="overview.next-experiment",
        tooltip="The experiment to the right.",
    ),
    Binding(
        "n",
        "next_open(1)",
        "not valid",
        id="overview.next-not-valid",
        tooltip="The next Task whose newest entry in a run is not valid.",
    ),
    Binding(
        "N",
        "next_open(-1)",
        "not valid before",
        id="overview.not-valid-before",
        show=False,
        tooltip="The one before of those.",
    ),
    Binding(
        "exclamation_mark",
        "attention",
        "attention",
        id="overview.attention",
        tooltip="List what is not valid, and what else somebody should look at, with the reasons.",
    ),
    # These take effect before the next key is looked at: people type on before a slow line has answered.
    Binding("slash", "find", "find", id="overview.find", priority=True, tooltip="Find a Task by a part of its name."),
    Binding(
        "g",
        "go_to",
        "go to run",
        id="overview.go-to",
        priority=True,
        tooltip="Go to a run, or to an experiment by its name.",
    ),
    Binding(
        "space",
        "mark",
        "mark run",
        id="overview.mark",
        show=False,
        tooltip="Mark the current run, to compare it with another; again takes the mark away.",
    ),
    Binding(
        "U",
        "unmark",
        "unmark runs",
        id="overview.unmark",
        show=False,
        tooltip="Take the marks of all runs away.",
    ),
    Binding(
        "c",
        "compare",
        "compare runs",
        id="overview.compare",
        tooltip="Compare the two marked runs, Task by Task; a single one with the current run.",
    ),
    FOLLOW_BINDING,
    Binding(
        "v",
        "number",
        "number",
        id="overview.number",
        tooltip="Show another number of the current Task's summaries, or none.",
    ),
    Binding(
        "i",
        "numbers('statistics')",
        "statistics",
        id="overview.statistics",
        show=False,
        tooltip="What the number under the current Task is like in this experiment.",
    ),
    Binding(
        "P",
        "numbers('plot')",
        "plot",
        id="overview.plot",
        show=False,
        tooltip="Plot the number under the current Task in this experiment.",
    ),
    Binding(
        "x", "turn", "turn", id="overview.turn", show=False, tooltip="Runs down and Tasks across, or the other way."
    ),
    Binding("t", "tables", "tables", id="overview.tables", priority=True, tooltip="List the tables of the file."),
    Binding(
        "r",
        "refresh",
        "refresh",
        id="app.refresh",
        tooltip="Read the file again; the cursor stays on its run and Task.",
    ),
    Binding(
        "escape",
        "show_all",
        "show all",
        id="overview.show-all",
        tooltip="Show all Tasks again, not only those found.",
    ),
]
