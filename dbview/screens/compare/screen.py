"""Show how entries, or two runs, differ: only what does, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from dbview.compare.difference import Difference
from dbview.compare.entries import Aspect
from dbview.compare.groups import Comparison, Group, compare_entries, compare_runs
from dbview.query.view import EntryPlace
from dbview.screens.compare.lines import DIFFERENCE, columns_of, comparison_lines, head_lines
from dbview.screens.entry.keys import HISTORY_BINDING
from dbview.screens.headed_list import HeadedListScreen
from dbview.screens.page_search import go_on
from dbview.screens.sections import FOLD, section_bindings
from dbview.source.entries.board import place_of_run
from dbview.source.entries.record import read_record
from dbview.source.entries.runs import Run
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text, visible
from dbview.widgets.listing import Line, Listing


class ComparisonScreen(HeadedListScreen[Comparison]):
    """A comparison in columns.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        places: Names from the file down to what is compared.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_difference(1)", "next", id="compare.next", show=False, tooltip="The next difference."),
        Binding(
            "N", "next_difference(-1)", "previous", id="compare.previous", show=False, tooltip="The difference before."
        ),
        *section_bindings(show=True),
        Binding(
            "left",
            "column(-1)",
            "columns",
            id="compare.left",
            show=False,
            tooltip="Show the columns further to the left.",
        ),
        Binding(
            "right",
            "column(1)",
            "columns",
            id="compare.right",
            show=False,
            tooltip="Show the columns further to the right.",
        ),
        HISTORY_BINDING,
        Binding("r", "refresh", "refresh", id="app.refresh", show=False, tooltip="Read the file and compare again."),
    ]

    def __init__(self, source: Source, scheduler: Scheduler, *places: str) -> None:
        super().__init__(source, scheduler, *places, waiting="comparing …")
        self._first = 0
        self._toggled: frozenset[str] = frozenset()

    def take(self, found: Comparison) -> None:
        """Show what is known now; as soon as there is a difference, the cursor goes to it."""
        is_first = not (self.found and self.found.groups)
        super().take(found)
        if is_first and self._list.index == 0:
            self._go_to_difference(1)

    def show(self, found: Comparison) -> None:
        """Lay the comparison out in as many columns as there is room for."""
        columns = columns_of(found, self.size.width - 1, self._first)
        self._first = columns.first
        self._heads.lines = head_lines(found.heads, columns)
        self._list.show_lines(comparison_lines(found, columns, self._toggled))

    # The current difference

    def _current(self) -> tuple[Group, Aspect, Difference] | None:
        key = self._list.key
        if self.found is None or key is None or not key.startswith(DIFFERENCE):
            return None
        group, aspect, number = map(int, key.removeprefix(DIFFERENCE).split(":"))
        chosen = self.found.groups[group]
        return chosen, chosen.aspects[aspect], chosen.aspects[aspect].differences[number]

    def tell(self) -> None:
        """Say the current difference in full: name, and the values that stand in the columns."""
        current = self._current()
        if current is None or self.found is None:
            self._detail.lines = ()
            return
        _group, aspect, difference = current
        texts = aspect.texts(difference)
        titles = [head.title for head in self.found.heads]
        shown = list(zip(titles, texts, strict=True))[self._first :][:2]
        change = aspect.change_words(difference) if len(texts) == 2 else ""
        self._detail.lines = (
            Line(((visible(difference.name), "name"), (f"  {change}", "dim"))),
            *(Line(((f"{title}  ", "dim"), (text, ""))) for title, text in shown),
        )

    @on(Listing.Selected)
    def _open(self, message: Listing.Selected) -> None:
        if message.key.startswith(FOLD):
            self._toggled ^= {message.key.removeprefix(FOLD)}
            self.redraw()
        else:
            self.open_difference()

    def open_difference(self) -> None:
        """Open what the current difference is about."""
        self.action_history()

    def action_history(self) -> None:
        """Show the values of the parameter under the cursor in all entries of the Task."""
        from dbview.screens.entry.history import open_history

        current = self._current()
        if current is None or current[1].title != "Parameters":
            self.notify("Put the cursor on a parameter: h shows its values in all entries.", markup=False)
            return
        open_history(self, current[0].places[-1].relation, visible(current[2].name))

    def action_next_difference(self, step: int) -> None:
        """Go to the next difference, or the one before; after the last comes the first."""
        if words := self._go_to_difference(step):
            self.notify(words, markup=False)

    def _go_to_difference(self, step: int) -> str:
        lines = enumerate(self._list.lines)
        places = [number for number, line in lines if line.key and line.key.startswith(DIFFERENCE)]
        return go_on(self._list, places, step)

    def action_heading(self, step: int) -> None:
        """Go to the next section or the one before."""
        self._list.go_to_heading(step)

    def action_column(self, step: int) -> None:
        """Show other columns, where there is no room for all."""
        self._first = max(0, self._first + step)
        self.redraw()


class CompareScreen(ComparisonScreen):
    """Two or more entries beside each other.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        places: The entries, of one Task or of several.
    """

    def __init__(self, source: Source, scheduler: Scheduler, places: Sequence[EntryPlace]) -> None:
        tasks = {place.relation for place in places}
        super().__init__(source, scheduler, *(tasks if len(tasks) == 1 else ()), f"{len(places)} entries compared")
        self._places = tuple(places)

    def find(self, reader: Reader, publish: Callable[[Comparison], None], cancelled: Cancelled) -> Comparison:
        """Read the entries and compare them."""
        relations = self.source.relations()
        return compare_entries(
            [read_record(reader, relations, self.source.relation(place.relation), place.key) for place in self._places],
            self.source.path,
        )


class CompareRunsScreen(ComparisonScreen):
    """Two runs beside each other, Task by Task: of each the newest valid entry.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        first: One run.
        second: The other.
    """

    def __init__(self, source: Source, scheduler: Scheduler, first: Run, second: Run) -> None:
        older, newer = sorted((first, second), key=place_of_run)
        super().__init__(source, scheduler, f"runs {cell_text(older.run)} and {cell_text(newer.run)} compared")
        self._runs = (older, newer)

    def find(self, reader: Reader, publish: Callable[[Comparison], None], cancelled: Cancelled) -> Comparison:
        """Find the newest valid entry of each Task in both runs, and compare them."""
        return compare_runs(reader, self.source.relations(), self.source.path, self._runs, publish, cancelled)

    def open_difference(self) -> None:
        """Open the comparison of the two entries that the current difference is of."""
        current = self._current()
        if current is not None:
            self.app.push_screen(CompareScreen(self.source, self.scheduler, current[0].places))
