"""Show how each Task went in each run of an experiment: the first screen where runs are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from dbview.errors import DbviewError
from dbview.screens.base import ViewerScreen
from dbview.screens.last_scan import PROGRESS_AFTER
from dbview.screens.overview.cell_detail import CellDetail
from dbview.screens.overview.following import RunFollowing
from dbview.screens.overview.keys import OVERVIEW_BINDINGS
from dbview.screens.overview.opening import open_attention, open_cell
from dbview.screens.overview.run_cursor import RunCursor
from dbview.screens.overview.run_marks import compare_marked, toggle_mark
from dbview.screens.overview.run_table import RunTable, experiment_name
from dbview.screens.overview.surveying import Found, Ordered, Surveying
from dbview.screens.trouble import Trouble
from dbview.source.entries.pipeline import PipelineTask
from dbview.source.entries.runs import Place, run_tasks
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.values import Cell
from dbview.widgets.find_bar import FindBar
from dbview.widgets.matrix import Matrix
from dbview.widgets.tab_line import TabLine

_SECONDS_BETWEEN_WORDS = 0.5


class OverviewScreen(ViewerScreen):
    """Tasks in the order of their pipeline, against the runs of one experiment, the newest run first.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        begin: The cell that is the current one at first; None for that of the newest entry.
    """

    BINDINGS: ClassVar[list[BindingType]] = OVERVIEW_BINDINGS

    def __init__(self, source: Source, scheduler: Scheduler, begin: Place | None = None) -> None:
        super().__init__(source, scheduler)
        self._bar = FindBar("find a Task")
        self._tabs = TabLine()
        self._matrix = Matrix("reading …")
        self._detail = CellDetail(self)
        self._shown = RunTable(self.settings, begin)
        self._cursor = RunCursor(self._matrix, self._shown)
        self._surveying = Surveying(scheduler, self)
        self._following = RunFollowing(self, self._surveying, self._shown, self._survey, self._show)
        self._news = ""
        self._wants_attention = False
        self._trouble = Trouble(self)

    def compose_body(self) -> ComposeResult:
        """Lay out the search line, the experiments, the matrix and the detail strip."""
        yield self._bar
        yield self._tabs
        yield self._matrix
        yield self._detail.strip

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_focus(self._matrix)
        self._survey()

    def on_unmount(self) -> None:
        """Let the scan end by itself."""
        self._surveying.end()

    # Reading

    def _survey(self) -> None:
        """Look at all entries; what is shown already stays until all have been looked at once more."""
        self._trouble.clear()
        self._news = ""
        self._surveying.begin(run_tasks(self.source.relations()))
        self.start(self._until_surveyed, "survey")
        self.set_timer(PROGRESS_AFTER, self._say)
        self._say()

    async def _until_surveyed(self) -> None:
        # While it has to wait, nothing is found.
        timer = self.set_interval(_SECONDS_BETWEEN_WORDS, self._say)
        try:
            # What is found comes by messages; here an error comes out.
            await self._surveying.ended()
        finally:
            timer.stop()
            self._say()

    @on(Ordered)
    def _take_order(self, message: Ordered) -> None:
        if message.generation == self._surveying.generation:
            self._surveying.tasks = {task.relation.name: task for task in message.tasks}

    @on(Found)
    def _take_found(self, message: Found) -> None:
        if message.generation != self._surveying.generation:
            return
        shown, board = self._shown, self._surveying.board
        self._surveying.add(message.surveyed)
        if message.surveyed.complete or not shown.board.experiments:
            shown.take(board, self._surveying.tasks)
        if shown.board is board:
            shown.choose_first(is_complete=message.surveyed.complete)
            self._show()
            self._list_attention()

    def show_error(self, error: DbviewError) -> None:
        """Say what went wrong, in full for a moment and below the search line until the next try."""
        self._wants_attention = False
        self._trouble.take(error)
        self._say()

    async def on_written(self) -> None:
        """Say that the file was written, and nothing on the screen moves; while it is followed, show what came."""
        if self._following.is_on:
            self._following.look()
        else:
            self._news = "changed · r"
            self._say()

    def action_follow(self) -> None:
        """Show what comes as it does, or no longer."""
        if self.source.copied_because:
            self.notify("This is a private copy, in which nothing changes; r takes another.", severity="warning")
            return
        self._news = ""
        self._following.turn()
        self._say()

    # What is shown

    def _show(self) -> None:
        names = self._shown.board.names()
        if names and self._shown.experiment not in names:
            self._shown.experiment = names[0]
        self._tabs.names = tuple(map(experiment_name, names))
        self._tabs.current = names.index(self._shown.experiment) if names else 0
        self._matrix.show(self._shown.table(self._bar.text))
        if self._surveying.is_complete:
            self._matrix.stay()
        self.refresh_bindings()
        self._say()

    @on(Matrix.InSight)
    def _read_numbers(self) -> None:
        if lacking := self._shown.lacking(self._matrix.rows_in_sight, self._matrix.columns_in_sight):
            self.start(lambda: self._fetch_numbers(lacking), "numbers")

    async def _fetch_numbers(self, lacking: Mapping[PipelineTask, list[int]]) -> None:
        for task, keys in lacking.items():
            await self._shown.numbers.fetch(task, keys, self.read)
        self._matrix.refresh()

    def _say(self) -> None:
        """Put into words how much there is, and how far it has been read."""
        status, surveying, known = self._bar.status, self._surveying, self._shown.known
        trouble = self._trouble.words
        counts = surveying.count_words(known) if known else "reading …" if surveying.is_reading else ""
        status.left = trouble or counts
        self._matrix.empty_words = trouble or self._empty_words()
        changed = "the file changed meanwhile · r" if surveying.has_changed else ""
        reading = surveying.progress_words or self._news or self._following.words or changed
        status.right = " · ".join(filter(None, [reading, self._shown.marks.words]))

    def _empty_words(self) -> str:
        # It takes a look at all Tasks, and nobody sees it where there are cells.
        if self._bar.text and self._matrix.row is None:
            from dbview.screens.overview.going import no_task_words

            return no_task_words(self._shown, self._bar.text)
        return "No entry names a run yet; t lists the tables." if self._surveying.is_complete else "reading …"

    @on(Matrix.Moved)
    def _tell_of_cell(self) -> None:
        place = self._cursor.place
        self.start(lambda: self._detail.tell(place), "detail")

    # Going somewhere

    @on(Matrix.Selected)
    def _open(self) -> None:
        if (place := self._cursor.place) is not None:
            open_cell(self, place)

    async def action_tables(self) -> None:
        """List the tables of the file; what is typed meanwhile waits for the list."""
        from dbview.screens.home import HomeScreen

        await self.app.push_screen(HomeScreen(self.source, self.scheduler))

    def action_experiment(self, step: int) -> None:
        """Go to the next experiment, or to the one before."""
        names = self._shown.board.names()
        if self._shown.experiment in names:
            place = names.index(self._shown.experiment) + step
            self._go_to_experiment(names[max(0, min(place, len(names) - 1))])

    def _go_to_experiment(self, experiment: Cell) -> None:
        if experiment != self._shown.experiment:
            self._shown.choose(experiment)
            self._matrix.go_home()
            self._show()

    def action_next_open(self, step: int) -> None:
        """Go to the next cell whose newest entry is not valid: down the Tasks, then on to the next run."""
        if words := self._cursor.go_to_next_open(step):
            self.notify(words)

    def action_attention(self) -> None:
        """List the cells of this experiment that somebody should look at, once there is one."""
        self._wants_attention = True
        self._list_attention()

    def _list_attention(self) -> None:
        is_known = self._shown.known is not None or not self._surveying.is_reading
        if self._wants_attention and is_known:
            self._wants_attention = False
            if self.is_current:
                open_attention(self, self._shown, self._cursor.place, is_partial=self._surveying.is_partial)

    def action_go_to(self) -> None:
        """Ask for a run, or an experiment, and go there."""
        from dbview.screens.overview.going import ask_where_to_go

        ask_where_to_go(self, self._shown, self._cursor, self._go_to_experiment)

    def action_mark(self) -> None:
        """Mark the current run, or take its mark away."""
        if (place := self._cursor.place) is not None:
            toggle_mark(self, self._shown.marks, place.run)
            self._show()

    def action_unmark(self) -> None:
        """Take the marks of all runs away."""
        self._shown.marks.clear()
        self._show()

    def action_compare(self) -> None:
        """Compare the two marked runs, or the one that is marked with the current one."""
        place = self._cursor.place
        compare_marked(self, self._shown.marks, place.run if place else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a name is typed, its characters are no commands; what is all there need not be shown again."""
        if action in ("find", "go_to", "tables"):
            return not self._bar.is_edited
        if action == "experiment":
            return len(self._shown.board.experiments) > 1
        if action == "show_all":
            return bool(self._bar.text)
        # From here there is no way back.
        return action != "back"

    def action_number(self) -> None:
        """Show the next of the numbers of the current Task's summaries; after the last, none."""
        if (place := self._cursor.place) is None:
            return
        if not place.task.numbers:
            self.notify("Its summaries hold no numbers.")
            return
        self._shown.numbers.want_next(place.task)
        self._show()

    def action_numbers(self, shown_as: str) -> None:
        """Show the statistics, or the plot, of the number that stands under the current Task."""
        from dbview.screens.overview.task_numbers import open_numbers

        if (place := self._cursor.place) is not None:
            open_numbers(self, shown_as, place, self._shown.numbers.wanted(place.task))

    def action_turn(self) -> None:
        """Let the runs go down and the Tasks across, or the other way round."""
        place = self._cursor.place
        self._shown.is_turned = not self._shown.is_turned
        self._show()
        if place is not None:
            self._cursor.go_to(place.run, place.relation.name)

    def action_refresh(self) -> None:
        """Read the schema and the entries again."""
        self.start(self._refresh, "refresh")

    async def _refresh(self) -> None:
        await self.read(self.source.load)
        self._survey()

    def action_find(self) -> None:
        """Put the cursor into the search line."""
        self._bar.edit()

    def action_show_all(self) -> None:
        """Show all Tasks again."""
        self._bar.clear()

    @on(FindBar.Edited)
    def _find(self) -> None:
        self._show()

    @on(FindBar.Applied)
    @on(FindBar.Left)
    def _leave_bar(self) -> None:
        self.set_focus(self._matrix)
