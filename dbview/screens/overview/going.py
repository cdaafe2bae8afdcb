"""Ask which run, or which experiment, somebody wants to go to, and go there."""

from __future__ import annotations

from collections.abc import Callable

from dbview.screens.ask import AskScreen
from dbview.screens.base import ViewerScreen
from dbview.screens.overview.run_cursor import RunCursor
from dbview.screens.overview.run_table import RunTable
from dbview.text import visible
from dbview.values import Cell


def ask_where_to_go(
    screen: ViewerScreen, shown: RunTable, cursor: RunCursor, go_to_experiment: Callable[[Cell], None]
) -> None:
    """Ask for a run of the experiment that is shown, or for an experiment, and go there.

    Args:
        screen: Asks.
        shown: Knows the runs and the experiments.
        cursor: Goes to a run.
        go_to_experiment: Shows another experiment.
    """

    def take(text: str | None) -> None:
        if not text:
            return
        if (run := shown.run_called(text)) is not None:
            cursor.go_to(run, None)
        elif found := shown.experiments_called(text):
            go_to_experiment(found[0])
        else:
            screen.notify(f"There is no run {visible(text)} in this experiment.", severity="warning")

    screen.app.push_screen(AskScreen("go to run"), take)
