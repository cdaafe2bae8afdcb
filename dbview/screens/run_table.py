"""Lay out Tasks against the runs of an experiment, with the numbers of their summaries, for a matrix to show."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from dbview.query.relation import Relation
from dbview.screens.run_cells import NO_ENTRY, marks_text, marks_tone, number_text
from dbview.source.board import Board, Experiment
from dbview.source.pipeline import PipelineTask
from dbview.source.runs import Run, RunCell
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.listing import Span
from dbview.widgets.matrix_lines import Heading, Table

_NARROWEST, _WIDEST = 5, 12
"""Cells of a run's column."""

_NUMBERS_KEPT = 5_000
"""Entries whose summary numbers are kept, so that going back does not read them again."""

_USABLE = Heading("usable result, per run", None, "dim", is_passed_over=True)


@dataclass(frozen=True, slots=True)
class _Number:
    """Stands for the line of a summary number under its Task."""

    task: str
    name: str


class RunTable:
    """What is known of the runs, and what of it is shown.

    Attributes:
        board: How each Task went in each run.
        tasks: The Tasks by name, in the order of their pipeline.
        experiment: The experiment that is shown.
    """

    def __init__(self) -> None:
        self.board = Board()
        self.tasks: dict[str, PipelineTask] = {}
        self.experiment: Cell = None
        self._pinned: dict[str, str | None] = {}
        self._numbers: OrderedDict[tuple[str, int], Mapping[str, int | float]] = OrderedDict()
        self._runs: list[Heading] = []
        self._runs_of: tuple[Board, Cell, int] | None = None

    @property
    def known(self) -> Experiment | None:
        """What is known of the experiment that is shown, None if it is not known."""
        return self.board.experiments.get(self.experiment)

    @property
    def runs(self) -> Sequence[Heading]:
        """The runs of the experiment."""
        known = self.known
        wanted = (self.board, self.experiment, len(known.runs) if known else 0)
        if wanted != self._runs_of:
            self._runs = [Heading(cell_text(run.run), run) for run in self.board.runs(self.experiment)]
            self._runs_of = wanted
        return self._runs

    def table(self, wanted: str) -> Table:
        """Return what the matrix shows: the Tasks that have entries in the experiment and a text in their names."""
        widest = max((cell_len(run.label) for run in self.runs), default=0)
        width = max(_NARROWEST, min(widest, _WIDEST))
        rows = list(self._rows(wanted.casefold()))
        return Table(
            ("Task", "run"),
            rows,
            self.runs,
            width,
            lambda row, run: self._span(row, run, width),
            (Heading(""), _USABLE),
        )

    def _rows(self, wanted: str) -> Iterator[Heading]:
        present = self.board.tasks(self.experiment)
        for name in self.tasks:
            if name in present and wanted in name.casefold():
                yield Heading(visible(name), name)
                if (number := self.number_of(name)) is not None:
                    yield Heading(f"  {visible(number)}", _Number(name, number), "dim", is_passed_over=True)

    def _span(self, row: Heading, column: Heading, width: int) -> Span:
        run = column.key
        if not isinstance(run, Run):
            return ("", "")
        match row.key:
            case str(task):
                cell = self.board.cell(run, task)
                return (marks_text(cell, width), marks_tone(cell)) if cell else (NO_ENTRY, "dim")
            case _Number(task=task, name=name):
                cell = self.board.cell(run, task)
                known = self._numbers.get((task, cell.valid.key)) if cell and cell.valid else None
                number = known.get(name) if known else None
                return ("" if number is None else number_text(number, width), "dim")
            case _ if row is _USABLE:
                usable, tasks = self.board.usable(run)
                return (f"{usable}/{tasks}", "dim" if usable == tasks else "late")
            case _:
                return ("", "")

    # Cells

    def place(self, row: Heading | None, column: Heading | None) -> tuple[Relation, Run, RunCell | None] | None:
        """Return the Task, the run and the cell that a row and a column stand for."""
        task = self.tasks.get(row.key) if row and isinstance(row.key, str) else None
        if task is None or column is None or not isinstance(column.key, Run):
            return None
        return task.relation, column.key, self.board.cell(column.key, task.relation.name)

    def places(self) -> Iterator[tuple[Run, str, RunCell]]:
        """Yield run, Task and cell of the experiment's cells: down the Tasks, then the next run."""
        for run in self.runs:
            for task in self.tasks:
                if isinstance(run.key, Run) and (cell := self.board.cell(run.key, task)):
                    yield run.key, task, cell

    # Numbers

    def number_of(self, task: str) -> str | None:
        """Return which number of its summaries is shown under a Task."""
        numbers = self.tasks[task].numbers
        return self._pinned.get(task, numbers[0] if numbers else None)

    def pin_next(self, task: str) -> None:
        """Show the next of a Task's numbers; after the last, none."""
        numbers, shown = self.tasks[task].numbers, self.number_of(task)
        place = numbers.index(shown) + 1 if shown in numbers else 0
        self._pinned[task] = numbers[place] if place < len(numbers) else None

    def lacking(self, rows: Sequence[Heading], columns: Sequence[Heading]) -> dict[str, list[int]]:
        """Return the keys of the entries, by Task, whose numbers belong into these rows and are not known."""
        lacking: dict[str, list[int]] = {}
        for row in rows:
            if not isinstance(row.key, _Number):
                continue
            task = row.key.task
            for column in columns:
                cell = self.board.cell(column.key, task) if isinstance(column.key, Run) else None
                if cell and cell.valid and (task, cell.valid.key) not in self._numbers:
                    lacking.setdefault(task, []).append(cell.valid.key)
        return lacking

    def put_numbers(self, task: str, numbers: Mapping[int, Mapping[str, int | float]]) -> None:
        """Take in the numbers of entries, by their keys."""
        self._numbers.update({(task, key): named for key, named in numbers.items()})
        while len(self._numbers) > _NUMBERS_KEPT:
            self._numbers.popitem(last=False)

    def forget_numbers(self) -> None:
        """Take note that entries may have changed."""
        self._numbers.clear()
