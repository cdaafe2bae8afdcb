"""Put together how each Task went in each run, as it is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from dbview.source.entries.runs import Place, Run, RunCell
from dbview.text import cell_text
from dbview.values import Cell, number_of


@dataclass
class Experiment:
    """What is known of an experiment so far.

    Attributes:
        runs: Its runs.
        entries: Entries of all its runs.
        not_valid: Those with a valid_flag of 0.
        newest: The run of its newest entry; of runs with entries of the same time, the greatest.
        time: Timestamp of that entry, empty where it has none.
    """

    runs: set[Run] = field(default_factory=set)
    entries: int = 0
    not_valid: int = 0
    newest: Run | None = None
    time: str = ""

    def note(self, run: Run, time: str) -> None:
        """Take note of an entry of one of the runs, and of its timestamp."""
        before = self.newest
        if before is None or time > self.time or (time == self.time and place_of_run(run) > place_of_run(before)):
            self.newest, self.time = run, time


class Board:
    """All cells by Task and run, as far as they are known; filled by :meth:`add` in one thread.

    Attributes:
        experiments: What is known of each.
    """

    def __init__(self) -> None:
        self._cells: dict[str, dict[Run, RunCell]] = {}
        self.experiments: dict[Cell, Experiment] = {}

    def add(self, cells: Mapping[Place, RunCell]) -> None:
        """Take in cells; each takes the place of what was known of its place."""
        for place, cell in cells.items():
            of_task = self._cells.setdefault(place.task, {})
            experiment = self.experiments.setdefault(place.run.experiment, Experiment())
            before = of_task.get(place.run)
            experiment.runs.add(place.run)
            experiment.entries += cell.entries - (before.entries if before else 0)
            experiment.not_valid += cell.not_valid - (before.not_valid if before else 0)
            experiment.note(place.run, cell.newest.time)
            of_task[place.run] = cell

    def cell(self, run: Run, task: str) -> RunCell | None:
        """Return how a Task went in a run, None where it has no entry."""
        return self._cells.get(task, {}).get(run)

    def cells(self) -> Iterator[tuple[Place, RunCell]]:
        """Yield all cells with their places."""
        for task, of_task in self._cells.items():
            for run, cell in of_task.items():
                yield Place(run, task), cell

    def has(self, task: str) -> bool:
        """Tell whether a Task has entries in any run."""
        return task in self._cells

    @property
    def newest(self) -> Cell:
        """The experiment of the newest entry, None while there is no entry; of several, the first by letter."""
        return max(self.names(), key=lambda name: self.experiments[name].time, default=None)

    def names(self) -> list[Cell]:
        """Return the experiments' names by letter; the one that has none last."""
        return sorted(self.experiments, key=lambda name: (name is None, cell_text(name)))

    def runs(self, experiment: Cell) -> list[Run]:
        """Return the runs of an experiment: the greatest number first, then those that are no numbers, then none."""
        known = self.experiments.get(experiment)
        return sorted(known.runs, key=place_of_run, reverse=True) if known else []

    def tasks(self, experiment: Cell) -> set[str]:
        """Return the Tasks that have entries in an experiment."""
        known = self.experiments.get(experiment)
        runs = known.runs if known else set()
        return {task for task, cells in self._cells.items() if any(run in cells for run in runs)}

    def usable(self, run: Run) -> tuple[int, int]:
        """Return how many Tasks have a valid entry in a run, and how many have any."""
        cells = [of_task[run] for of_task in self._cells.values() if run in of_task]
        return sum(cell.valid is not None for cell in cells), len(cells)


def place_of_run(run: Run) -> tuple[bool, float, str]:
    """Return what sorts runs: those without a number, then the numbers, the smallest first."""
    number = run.run if isinstance(run.run, int | float) else number_of(run.run) if isinstance(run.run, str) else None
    if number is None:
        return (False, -1.0 if run.run is None else 0.0, cell_text(run.run))
    return (True, float(number), cell_text(run.run))
