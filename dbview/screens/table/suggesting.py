"""Find what a filter that is being typed may go on with, and read the values for it beside the interface."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from dbview.query.relation import Column, Form, Relation
from dbview.screens.base import ViewerScreen
from dbview.screens.table.kept_filters import KeptFilters, split_name
from dbview.secrets import masked_cell
from dbview.source.reader import Reader
from dbview.values import Cell
from dbview.widgets.filter_bar import FilterBar

_Read = Callable[[Reader], list[Cell]]


class Suggesting:
    """The suggestions for one visit to a filter bar.

    Names and operators are there at once. Values are read when they are first asked for, in a limited time, and kept
    for the visit; until they are there, there is no list.

    Args:
        screen: Reads, and keeps the bar.
        bar: Is told what to suggest.
        kept: Filters that have names.
    """

    def __init__(self, screen: ViewerScreen, bar: FilterBar, kept: KeptFilters) -> None:
        self._screen = screen
        self._bar = bar
        self._kept = kept
        self._read: dict[Column | Form, list[Cell]] = {}

    def answer(self, relation: Relation, asked: FilterBar.Asked) -> None:
        """Suggest something for what is in the bar, at once or as soon as it is read."""
        # Only here: a table is opened without it.
        from dbview.query.suggest import Kind, suggest

        text = asked.text[: asked.cursor]
        name, offset = split_name(text)
        if text == f"@{name}":
            self._bar.suggest(asked, [kept for kept in self._kept.names if kept.startswith(text)], 0)
            return
        missing: dict[Column | Form, _Read] = {}
        found = suggest(
            relation,
            text[offset:],
            asked.cursor - offset,
            lambda column: self._known(column, partial(_values, relation, column), missing),
            lambda form: map(str, self._known(form, partial(_names, relation, form), missing)),
        )
        is_wanted = asked.by_hand or found.kind is not Kind.NAME or offset + found.start < asked.cursor
        self._bar.suggest(asked, found.texts if is_wanted else (), offset + found.start)
        if missing:
            self._screen.start(lambda: self._answer_later(relation, asked, missing), "suggestions")

    def _known(self, key: Column | Form, read: _Read, missing: dict[Column | Form, _Read]) -> list[Cell]:
        """Return what was read; take note of what was not."""
        if key not in self._read:
            missing[key] = read
        return self._read.get(key, [])

    async def _answer_later(
        self, relation: Relation, asked: FilterBar.Asked, missing: dict[Column | Form, _Read]
    ) -> None:
        for key, read in missing.items():
            self._read[key] = await self._screen.read(read)
        self.answer(relation, asked)


def _values(relation: Relation, column: Column, reader: Reader) -> list[Cell]:
    """Return values that may be shown."""
    from dbview.source.numbers.distinct import distinct_values

    values = distinct_values(reader, relation, column).values
    return [value for value in values if masked_cell(column, value) == value]


def _names(relation: Relation, form: Form, reader: Reader) -> list[Cell]:
    from dbview.source.numbers.distinct import part_names

    return list(part_names(reader, relation, form))
