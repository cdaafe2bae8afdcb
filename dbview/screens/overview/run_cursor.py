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

    def go_to_next_open(self, step: int) -> bool:
        """Go to the next cell whose newest entry is not valid, or to the one before; False if there is no other.

        The way is down the Tasks, then on to the next run, and from the last to the first.
        """
        current = self.place
        here = (current.run, current.relation.name) if current else None
        places = [(run, task) for run, task, cell in self._shown.places() if is_open(cell) or (run, task) == here]
        if all(place == here for place in places):
            return False
        place = places.index(here) if here in places else -1
        self.go_to(*places[(place + step) % len(places)])
        return True
