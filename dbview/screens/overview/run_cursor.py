"""Move over Tasks and runs, whichever way round they are laid out."""

from __future__ import annotations

from dbview.screens.overview.run_cells import is_open
from dbview.screens.overview.run_table import RunPlace, RunTable
from dbview.source.entries.runs import Run
from dbview.widgets.matrix import Matrix


class RunCursor:
    """The current cell of a matrix, as a Task in a run.

    Args:
        matrix: Has the cursor.
        shown: What the matrix shows.
    """

    def __init__(self, matrix: Matrix, shown: RunTable) -> None:
        self._matrix = matrix
        self._shown = shown

    @property
    def place(self) -> RunPlace | None:
        """Where it is; None where nothing is shown, or what stands there is of no Task."""
        return self._shown.place(self._matrix.row, self._matrix.column)

    def go_to(self, run: Run, task: str | None) -> None:
        """Go to a Task in a run; None keeps to the Task."""
        if self._shown.is_turned:
            self._matrix.go_to(run, task)
        else:
            self._matrix.go_to(task, run)

    def go_to_next_open(self, step: int) -> str:
        """Go to the next cell whose newest entry is not valid, or to the one before.

        The way is down the Tasks, then on to the next run, and from the last to the first.

        Returns:
            What is to be said: that there is no other, or that it begins anew; else nothing.
        """
        # Only here: the overview is on the screen before.
        from dbview.screens.page_search import begins_anew

        current, shown = self.place, self._shown
        here = (current.run, current.relation.name) if current else None
        places = [
            (run, task)
            for run in shown.runs
            for task in shown.tasks
            if (run, task) == here or ((cell := shown.board.cell(run, task)) and is_open(cell))
        ]
        if all(place == here for place in places):
            return "There is no other: the newest entry of every Task in every run is valid."
        number = places.index(here) + step if here in places else min(0, step)
        self.go_to(*places[number % len(places)])
        return begins_anew(step) if here in places and number not in range(len(places)) else ""
