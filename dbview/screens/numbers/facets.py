"""Show the columns of few values with these values and their counts; choosing one narrows the filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from textual import on

from dbview.query.relation import Column
from dbview.query.view import View
from dbview.screens.cell_filter import unnamed_words, with_condition
from dbview.screens.numbers.group_lines import group_condition, value_text
from dbview.screens.numbers.scanning import ScanScreen
from dbview.screens.numbers.statistics_lines import bar
from dbview.screens.numbers.value_lists import ChoiceList
from dbview.source.numbers.facets import MOST_VALUES, Facets, find_facets
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from dbview.text import visible
from dbview.values import Cell
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Listing, section

_VALUE_WIDTH = 36
_WIDEST_BAR = 40
_CHOSEN = "●"


class FacetScreen(ScanScreen[Facets]):
    """Columns of few values under the filter; Enter adds a value to the filter, and again takes it out.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        view: Which rows; its filter counts.
        narrow: Is given the filter whenever it is another one.
    """

    def __init__(self, source: Source, scheduler: Scheduler, view: View, narrow: Callable[[str], None]) -> None:
        self._narrow = narrow
        self._list = ChoiceList(has_cursor=True)
        self._choices: dict[str, tuple[Column, Cell]] = {}
        self._chosen: dict[Column, str] = {}
        super().__init__(source, scheduler, view, "facets", self._list)

    def scan(self) -> Callable[[Reader, Callable[[Facets], None], Cancelled], Facets]:
        """Return the scan for the values under the filter."""
        relation, filter_text, kept = self.relation, self.view.filter, tuple(self._chosen)

        def job(reader: Reader, publish: Callable[[Facets], None], cancelled: Cancelled) -> Facets:
            return find_facets(reader, relation, filter_text, kept, publish, cancelled)

        return job

    def show(self, found: Facets) -> None:
        """Draw a section for each column."""
        lines: list[Line] = []
        self._choices = {}
        for facet in found.facets:
            blank, heading = section(visible(facet.column.label))
            lines += [*([blank] if lines else []), heading]
            most = max((count for _value, count in facet.counts), default=1)
            width = len(f"{most:,}")
            room = max(4, min(self.size.width - _VALUE_WIDTH - width - 9, _WIDEST_BAR))
            for value, count in facet.counts:
                key = f"{facet.column.name} {value!r}"
                self._choices[key] = facet.column, value
                is_chosen = self._chosen.get(facet.column) == group_condition(self.relation, facet.column, value)
                mark = _CHOSEN if is_chosen and facet.column in self._chosen else " "
                label = pad(value_text(facet.column, value), _VALUE_WIDTH)
                text = f" {mark} {label}  {count:>{width},}  "
                lines.append(
                    Line(((text, "accent" if mark == _CHOSEN else ""), (bar(count / most, room), "name")), key)
                )
        self._list.show_lines(lines or [Line(((f"   {self._empty_words(found)}", "dim"),))])

    def _empty_words(self, found: Facets) -> str:
        if not found.complete:
            return "" if self.has_failed else "reading …"
        return f"No column has 2 to {MOST_VALUES} different values." if found.rows else "No row matches."

    def words(self, found: Facets) -> list[str]:
        """Return how many rows and facets there are."""
        number = len(found.facets)
        return [
            f"{found.rows:,} row{'s' * (found.rows != 1)}",
            f"{number} facet{'s' * (number != 1)} of {found.looked_at} columns",
        ]

    def on_resize(self) -> None:
        """Draw bars for another width."""
        self.redraw()

    @on(Listing.Selected)
    def _choose(self, message: Listing.Selected) -> None:
        column, value = self._choices[message.key]
        condition = group_condition(self.relation, column, value)
        if condition is None:
            self.notify(unnamed_words(column, value, "these rows"), severity="warning", markup=False)
            return
        text = self.view.filter
        if before := self._chosen.pop(column, None):
            text = without_condition(text, before)
        if before != condition:
            text = with_condition(text, condition)
            self._chosen[column] = condition
        self.view = replace(self.view, filter=text)
        self._narrow(text)
        self.begin()


def without_condition(text: str, condition: str) -> str:
    """Return a filter without a condition that it was narrowed by; as it is, if it does not have it."""
    before, found, after = text.rpartition(condition)
    if not found or not re.search(r"(^|[\s(])$", before) or not re.match(r"$|[\s)]", after):
        return text
    before, after = before.rstrip(), after.lstrip()
    return before + (" " if before and after and not after.startswith(")") else "") + after
