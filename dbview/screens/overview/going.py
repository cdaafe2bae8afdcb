"""Ask which run, or which experiment, somebody wants to go to, and go there."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dbview.screens.ask import AskScreen
from dbview.screens.base import ViewerScreen
from dbview.screens.overview.run_cursor import RunCursor
from dbview.screens.overview.run_table import RunTable, experiment_name
from dbview.text import visible
from dbview.values import Cell

_MOST_NAMES = 3
"""Experiments that are named."""


def ask_where_to_go(
    screen: ViewerScreen, shown: RunTable, cursor: RunCursor, go_to_experiment: Callable[[Cell], None]
) -> None:
    """Ask for a run or an experiment, and go there; a run of another experiment is meant where just one has it.

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
        elif len(others := shown.runs_elsewhere(text)) == 1:
            go_to_experiment(others[0].experiment)
            cursor.go_to(others[0], None)
        elif found := shown.experiments_called(text):
            go_to_experiment(found[0])
        else:
            where = _where_words(run.experiment for run in others)
            screen.notify(f"There is no run {visible(text)} in this experiment.{where}", severity="warning")

    screen.app.push_screen(AskScreen("go to run"), take)


def no_task_words(shown: RunTable, text: str) -> str:
    """Return what is said where no Task of the experiment that is shown has a text in its name."""
    where = _where_words(shown.experiments_with_task(text)) or " g goes to a run."
    return f"No Task of this experiment has that in its name.{where}"


def _where_words(experiments: Iterable[Cell]) -> str:
    """Return in which experiments something is instead; nothing where there are none."""
    names = list(map(experiment_name, experiments))
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f" There is one in {', '.join(names[:_MOST_NAMES])}{more}." if names else ""
