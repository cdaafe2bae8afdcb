"""Mark two runs and compare them."""

from __future__ import annotations

from dbview.screens.base import ViewerScreen
from dbview.source.entries.runs import Run

_MOST = 2


class RunMarks:
    """The runs that are marked, in the order in which they were.

    Attributes:
        runs: Two at most.
    """

    def __init__(self) -> None:
        self.runs: tuple[Run, ...] = ()

    def toggle(self, run: Run) -> bool:
        """Mark a run, or take its mark away; False if too many are marked already."""
        if run in self.runs:
            self.runs = tuple(other for other in self.runs if other != run)
        elif len(self.runs) < _MOST:
            self.runs = (*self.runs, run)
        else:
            return False
        return True

    def clear(self) -> None:
        """Take all marks away."""
        self.runs = ()

    def pair(self, current: Run | None) -> tuple[Run, Run] | None:
        """Return the two marked runs, or the one that is marked and the current one; None if there are no two."""
        match self.runs:
            case (first, second):
                return first, second
            case (first,) if current is not None and current != first:
                return first, current
            case _:
                return None

    @property
    def words(self) -> str:
        """How many are marked, and what can be done with them; empty if none is."""
        if not self.runs:
            return ""
        return "2 runs marked · c compares them" if len(self.runs) > 1 else "1 run marked · c compares with it"


def toggle_mark(screen: ViewerScreen, marks: RunMarks, run: Run) -> None:
    """Mark a run, or take its mark away."""
    if not marks.toggle(run):
        screen.notify("Two runs are marked; c compares them, Space on one of them takes its mark away.")


def compare_marked(screen: ViewerScreen, marks: RunMarks, current: Run | None) -> None:
    """Compare the two marked runs, or the one that is marked with the current one."""
    runs = marks.pair(current)
    if runs is None:
        screen.notify("Space marks a run; c on another one compares the two.")
        return
    from dbview.screens.compare.screen import CompareRunsScreen

    screen.app.push_screen(CompareRunsScreen(screen.source, screen.scheduler, *runs))
