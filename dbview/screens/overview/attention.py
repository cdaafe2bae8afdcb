"""List the Tasks of an experiment that somebody should look at, the newest run first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.overview.run_cells import is_open, marks_text, marks_tone
from dbview.source.entries.runs import Place, Run, RunCell
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.text import cell_text, visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Listing
from dbview.widgets.symbols import validity_word

_WIDEST_NAME = 40
_MARKS_WIDTH = 8


class AttentionScreen(ViewerScreen):
    """The cells of the overview that need somebody; the one that is chosen opens its newest entry.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        experiment: What the experiment is called.
        cells: Run, Task and cell of each.
        current: The run and the Task that the cursor begins at; if they are not listed, it begins at the run's first
            cell that is not valid, else at its first.
        redone: How many other entries are not valid: newer ones have taken their places.
        is_partial: True if there may be more entries than were looked at.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="move.down", show=False, tooltip="One line down."),
        Binding("k,up", "move(-1)", "up", id="move.up", show=False, tooltip="One line up."),
    ]

    def __init__(
        self,
        source: Source,
        scheduler: Scheduler,
        experiment: str,
        cells: Sequence[tuple[Run, str, RunCell]],
        current: Place | None,
        redone: int,
        is_partial: bool,
    ) -> None:
        super().__init__(source, scheduler, experiment, "attention")
        self._cells = cells
        self._current = current
        self._is_partial = is_partial
        self._above = [Line(((f"   {_redone_words(redone, is_partial)}", "dim"),)), Line()] if redone else []
        # Of a reason every word is wanted.
        self._list = Listing(has_cursor=True, wraps=True)

    def compose_body(self) -> ComposeResult:
        """Lay out the list."""
        yield self._list

    def on_mount(self) -> None:
        """Write the list."""
        self.set_focus(self._list)
        if not self._cells:
            words = "Nothing needs attention: every Task's newest entry is valid, and nothing about it is odd."
            if self._is_partial:
                words = "Nothing needs attention among the entries read so far."
            self._list.show_lines([*self._above, Line(), Line(((f"  {words}", "dim"),), indent=2)])
            return
        name_width = min(max(len(visible(task)) for _run, task, _cell in self._cells), _WIDEST_NAME)
        run_width = min(max(len(cell_text(run.run)) for run, _task, _cell in self._cells), _WIDEST_NAME)
        marks_width = max(cell_len(marks_text(cell, _MARKS_WIDTH)) for _run, _task, cell in self._cells)
        widths = name_width, run_width, marks_width
        lines = [self._line(place, widths, *cell) for place, cell in enumerate(self._cells)]
        self._list.show_lines([*self._above, *lines])
        # Not before it is known which lines are in sight.
        self.call_after_refresh(self._list.move_to, len(self._above) + self._first())

    def _first(self) -> int:
        """Return the number of the cell that the cursor begins at."""

        def nearness(number: int) -> tuple[bool, ...]:
            run, task, cell = self._cells[number]
            here = self._current is not None and run == self._current.run
            return here, (run, task) == self._current, here and is_open(cell)

        # Of several that are as near, max returns the first.
        return max(range(len(self._cells)), key=nearness)

    def _line(self, place: int, widths: tuple[int, int, int], run: Run, task: str, cell: RunCell) -> Line:
        name_width, run_width, marks_width = widths
        spans = (
            (f"   run {pad(cell_text(run.run), run_width, right=True)}  ", ""),
            (f"{pad(visible(task), name_width)}  ", ""),
            (f"{pad(marks_text(cell, _MARKS_WIDTH), marks_width)}  ", marks_tone(cell)),
        )
        indent = sum(cell_len(text) for text, _tone in spans)
        return Line((*spans, (_reason(cell), "dim")), key=str(place), indent=indent)

    @on(Listing.Selected)
    def _choose(self, message: Listing.Selected) -> None:
        from dbview.screens.entry.screen import EntryScreen

        _run, task, cell = self._cells[int(message.key)]
        with errors_in_words(self.app):
            relation = self.source.relation(task)
            key = cell.newest.key
            self.app.push_screen(EntryScreen(self.source, self.scheduler, relation, key))

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self._list.action_move(lines)


def _redone_words(redone: int, is_partial: bool) -> str:
    """Return how many entries are not valid and not listed."""
    which = f"{redone:,} more{' of those counted so far' if is_partial else ''}"
    return f"{which} {'is' if redone == 1 else 'are'} not valid, but {'was' if redone == 1 else 'were'} redone since"


def _reason(cell: RunCell) -> str:
    """Return why somebody should look at a cell."""
    newest = cell.newest
    if cell.attention:
        return " ".join(cell.attention)
    earlier = " · an earlier entry is valid" if cell.valid else ""
    return f"{cell_text(newest.status)} · {validity_word(newest.valid)}{earlier}"
