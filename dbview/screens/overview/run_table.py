"""Lay out Tasks against the runs of an experiment, or runs against Tasks, for a matrix to show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len

from dbview.query.relation import Relation
from dbview.screens.overview.run_cells import NO_ENTRY, marks_text, marks_tone, number_text
from dbview.screens.overview.run_marks import RunMarks
from dbview.screens.overview.run_numbers import RunNumbers
from dbview.settings import Settings
from dbview.source.entries.board import Board, Experiment
from dbview.source.entries.pipeline import PipelineTask
from dbview.source.entries.runs import Place, Run, RunCell, comparable_run
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.drawing import pad
from dbview.widgets.grid_lines import MARK
from dbview.widgets.listing import Span
from dbview.widgets.matrix_lines import Heading, Table

_NARROWEST, _WIDEST = 5, 12
"""Cells of a run's column."""

_NARROWEST_TASK, _WIDEST_TASK = 12, 18
"""Cells of a Task's column, where the runs go down."""

_MARKS_WIDTH = 6
"""Cells of the statuses beside a number."""


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Stands for the line of numbers under a Task."""

    task: PipelineTask


@dataclass(frozen=True, slots=True)
class _Valid:
    """Stands for how many Tasks of a run have a valid entry."""


class RunPlace(NamedTuple):
    """A Task in a run, and how it went; no cell where it has no entry."""

    task: PipelineTask
    run: Run
    cell: RunCell | None

    @property
    def relation(self) -> Relation:
        """The Task's table."""
        return self.task.relation


class RunTable:
    """What is known of the runs, and what of it is shown.

    Args:
        settings: Remembers which number of its summaries is shown of a Task.
        begin: The cell that is the current one at first; None for that of the newest entry.

    Attributes:
        board: How each Task went in each run.
        tasks: The Tasks by name, in the order of their pipeline.
        experiment: The experiment that is shown.
        numbers: The numbers of summaries.
        marks: The runs that are marked.
        is_turned: True if the runs go down and the Tasks across.
        signs: What stands before the statuses of some cells: that they are new, or changed.
    """

    def __init__(self, settings: Settings, begin: Place | None = None) -> None:
        self._begin = begin
        self._is_chosen = False
        self.board = Board()
        self.tasks: dict[str, PipelineTask] = {}
        self.experiment: Cell = None
        self.numbers = RunNumbers(settings)
        self.marks = RunMarks()
        self.is_turned = False
        self.signs: Mapping[Place, str] = {}
        self._runs: list[Run] = []
        self._headings: list[Heading] = []
        self._widest_run = 0
        self._runs_of: tuple[Board, Cell, int] | None = None

    def take(self, board: Board, tasks: dict[str, PipelineTask]) -> None:
        """Show another board, with the Tasks that it is of: those of before may be gone from the file, or others."""
        if board is not self.board:
            self.board, self.tasks = board, tasks
            self.numbers.forget()

    def take_cells(self, cells: Mapping[Place, RunCell]) -> None:
        """Show other cells of the board: their entries changed, or more came."""
        self.board.add(cells)
        for place, cell in cells.items():
            if cell.valid:
                self.numbers.forget_entry(place.task, cell.valid.key)

    def choose(self, experiment: Cell) -> None:
        """Show an experiment that somebody wants to see."""
        self.experiment, self._is_chosen = experiment, True

    def choose_first(self, *, is_complete: bool) -> None:
        """Show the experiment that is the first to be seen, unless one was chosen; again until it is found.

        Args:
            is_complete: True if there are no other experiments than those that are known.
        """
        if self._is_chosen or not self.board.experiments:
            return
        begin = self._begin
        is_known = begin is not None and begin.run.experiment in self.board.experiments
        self.experiment = begin.run.experiment if begin and is_known else self.board.newest
        self._is_chosen = is_known or begin is None or is_complete

    @property
    def known(self) -> Experiment | None:
        """What is known of the experiment that is shown, None if it is not known."""
        return self.board.experiments.get(self.experiment)

    @property
    def runs(self) -> Sequence[Run]:
        """The runs of the experiment."""
        known = self.known
        wanted = (self.board, self.experiment, len(known.runs) if known else 0)
        if wanted != self._runs_of:
            self._runs, self._runs_of = self.board.runs(self.experiment), wanted
            # Only here: there may be tens of thousands, and the table is laid out ten times a second while it fills.
            self._headings = [Heading(cell_text(run.run), run) for run in self._runs]
            self._widest_run = max((cell_len(heading.label) for heading in self._headings), default=0)
        return self._runs

    def _run_headings(self) -> list[Heading]:
        """Return the headings of the runs, those that are marked with their mark."""
        runs, headings = self.runs, self._headings.copy()
        for place in (runs.index(run) for run in self.marks.runs if run in runs):
            headings[place] = Heading(f"{MARK}{headings[place].label}", runs[place])
        return headings

    def table(self, wanted: str) -> Table:
        """Return what the matrix shows: the Tasks that have entries in the experiment and a text in their names."""
        present = self.board.tasks(self.experiment)
        tasks = [task for name, task in self.tasks.items() if name in present and wanted.casefold() in name.casefold()]
        runs = self._run_headings()
        return self._turned(tasks, runs) if self.is_turned else self._upright(tasks, runs)

    def _upright(self, tasks: Iterable[PipelineTask], runs: Sequence[Heading]) -> Table:
        # One cell more than the widest, for its mark: nothing moves when it comes.
        width = max(_NARROWEST, min(self._widest_run + 1, _WIDEST))

        def cell(row: Heading, column: Heading) -> Span:
            match row.key, column.key:
                case str(task), Run() as run:
                    return self._marks(task, run, width)
                case _Numbers(task=task), Run() as run:
                    return (self._number(task, run, width), "dim")
                case _Valid(), Run() as run:
                    return self._valid(run)
                case _:
                    return ("", "")

        foot = (Heading(""), Heading("valid, of those recorded", _Valid(), "dim", is_passed_over=True))
        return Table(("Task", "run"), list(self._rows(tasks)), runs, width, cell, foot, self._home(tasks))

    def _rows(self, tasks: Iterable[PipelineTask]) -> Iterator[Heading]:
        for task in tasks:
            name = task.relation.name
            yield Heading(visible(name), name)
            if (number := self.numbers.wanted(task)) is not None:
                yield Heading(f"  {visible(number)}", _Numbers(task), "dim", is_passed_over=True)

    def _turned(self, tasks: Sequence[PipelineTask], runs: Sequence[Heading]) -> Table:
        columns = [Heading(visible(task.relation.name), task.relation.name) for task in tasks]
        widest = max((cell_len(column.label) for column in columns), default=0)
        width = max(_NARROWEST_TASK, min(widest, _WIDEST_TASK))
        room = width - _MARKS_WIDTH
        # What was laid out may be drawn once more when the Tasks are others already.
        known = {task.relation.name: task for task in tasks}

        def cell(row: Heading, column: Heading) -> Span:
            match row.key, column.key:
                case Run() as run, str(task):
                    if self.numbers.wanted(known[task]) is None:
                        return self._marks(task, run, width)
                    text, tone = self._marks(task, run, _MARKS_WIDTH)
                    number = self._number(known[task], run, room - 1)
                    return (pad(text, _MARKS_WIDTH, right=True) + pad(number, room, right=True), tone)
                case Run() as run, _Valid():
                    return self._valid(run)
                case _:
                    return ("", "")

        shown = [*columns, Heading("valid", _Valid())] if columns else []
        home = self._home(tasks)
        return Table(("run", "Task"), runs if columns else [], shown, width, cell, home=home and (home[1], home[0]))

    def _home(self, tasks: Iterable[PipelineTask]) -> tuple[str, Run] | None:
        """Return where one begins; else the newest entry's place: of Tasks with entries of the same time, the last."""
        begin = self._begin if self._begin and self._begin.run.experiment == self.experiment else None
        run = self.run_called(begin.run.run) if begin else None
        run = run or (self.known.newest if self.known else None)
        if run is None:
            return None
        cells = {name: cell for task in tasks if (cell := self.board.cell(run, name := task.relation.name))}
        if begin and begin.task in cells:
            return (begin.task, run)
        # Of several that are alike, max returns the first.
        task = max(reversed(cells), key=lambda name: cells[name].newest.time, default=None)
        return None if task is None else (task, run)

    def _marks(self, task: str, run: Run, width: int) -> Span:
        cell = self.board.cell(run, task)
        if cell is None:
            return (NO_ENTRY, "dim")
        sign = self.signs.get(Place(run, task), "")
        return (sign + marks_text(cell, width - len(sign)), marks_tone(cell))

    def _number(self, task: PipelineTask, run: Run, width: int) -> str:
        cell = self.board.cell(run, task.relation.name)
        number = self.numbers.number(task, cell.valid.key) if cell and cell.valid else None
        return "" if number is None else number_text(number, width)

    def _valid(self, run: Run) -> Span:
        valid, tasks = self.board.usable(run)
        return (f"{valid}/{tasks}", "dim" if valid == tasks else "late")

    # Cells

    def place(self, row: Heading | None, column: Heading | None) -> RunPlace | None:
        """Return what a row and a column of the matrix stand for."""
        first, second = (column, row) if self.is_turned else (row, column)
        task = self.tasks.get(first.key) if first and isinstance(first.key, str) else None
        if task is None or second is None or not isinstance(second.key, Run):
            return None
        return RunPlace(task, second.key, self.board.cell(second.key, task.relation.name))

    def places(self) -> Iterator[tuple[Run, str, RunCell]]:
        """Yield run, Task and cell of the experiment's cells: down the Tasks, then the next run."""
        for run in self.runs:
            for task in self.tasks:
                if cell := self.board.cell(run, task):
                    yield run, task, cell

    def lacking(self, rows: Sequence[Heading], columns: Sequence[Heading]) -> dict[PipelineTask, list[int]]:
        """Return the keys of the entries, by Task, whose numbers belong among these cells and have not been read."""
        across, down = (rows, columns) if self.is_turned else (columns, rows)
        runs = [heading.key for heading in across if isinstance(heading.key, Run)]
        lacking: dict[PipelineTask, list[int]] = {}
        for name in {heading.key for heading in down if isinstance(heading.key, str)} & self.tasks.keys():
            task, cells = self.tasks[name], (self.board.cell(run, name) for run in runs)
            keys = [cell.valid.key for cell in cells if cell and cell.valid]
            if wanted := [key for key in keys if self.numbers.lacks(task, key)]:
                lacking[task] = wanted
        return lacking

    # Names

    def run_called(self, name: Cell) -> Run | None:
        """Return the run of the experiment that has this name."""
        return next((run for run in self.runs if comparable_run(run.run) == comparable_run(name)), None)

    def runs_elsewhere(self, name: str) -> list[Run]:
        """Return the runs of this name of all other experiments, in the order of the experiments' names."""
        wanted, others = comparable_run(name), [other for other in self.board.names() if other != self.experiment]
        runs = (run for other in others for run in self.board.experiments[other].runs)
        return [run for run in runs if comparable_run(run.run) == wanted]

    def experiments_with_task(self, text: str) -> list[Cell]:
        """Return the experiments with a Task that has a text in its name, by their names."""
        tasks = {task for task in self.tasks if text.casefold() in task.casefold()}
        return [name for name in self.board.names() if tasks & self.board.tasks(name)]

    def experiments_called(self, text: str) -> list[Cell]:
        """Return the experiments of this name, then those with it as a part of theirs."""
        wanted, names = text.casefold(), self.board.names()
        whole = [name for name in names if experiment_name(name).casefold() == wanted]
        return whole + [name for name in names if wanted in experiment_name(name).casefold() and name not in whole]


def experiment_name(experiment: Cell) -> str:
    """Return what an experiment is called on the screen."""
    return "no experiment named" if experiment is None else cell_text(experiment)
