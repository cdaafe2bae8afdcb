"""Take the filter of a table: the bar, what it suggests, the filters of earlier times, and what a text means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbview.errors import FilterError
from dbview.query.relation import Column, Relation, RelationKind
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.table.kept_filters import KeptFilters
from dbview.text import visible
from dbview.values import Cell
from dbview.widgets.filter_bar import FilterBar

if TYPE_CHECKING:
    from dbview.screens.table.suggesting import Suggesting


class Filtering:
    """The filter of one table.

    Args:
        screen: Shows the table.
        relation: The table.

    Attributes:
        bar: Where it is typed.
    """

    def __init__(self, screen: ViewerScreen, relation: Relation) -> None:
        example = "status=FAILED run=14..16" if relation.kind is RelationKind.TASK else "beam  or  name=value"
        self.bar = FilterBar(f"filter, as in {example}")
        self._screen = screen
        self._kept = KeptFilters(screen.settings, relation.name)
        self._suggesting: Suggesting | None = None

    def edit(self) -> None:
        """Put the cursor into the bar."""
        # What is suggested is read anew.
        self._suggesting = None
        self.bar.edit()

    def suggest(self, relation: Relation, asked: FilterBar.Asked) -> None:
        """Suggest how what is typed may go on."""
        if self._suggesting is None:
            from dbview.screens.table.suggesting import Suggesting

            self._suggesting = Suggesting(self._screen, self.bar, self._kept)
        self._suggesting.answer(relation, asked)

    def understood(self, relation: Relation, view: View) -> dict[Column, bool] | None:
        """Return what a View sorts by, each with whether it descends; None, and the bar says why, if it makes no sense.

        Args:
            relation: The View's relation.
            view: What is asked for.
        """
        try:
            return _sort_of(relation, view)
        except FilterError as error:
            # What was typed may hold more: spaces, the name that the filter is to have.
            self.bar.show_error(str(error), error.position + max(0, self.bar.text.find(view.filter)))
            return None

    def show(self, text: str) -> None:
        """Show the filter that is in force, and keep it among those of earlier times."""
        self._kept.note(text)
        self.bar.history = self._kept.history
        self.bar.set_text(text)

    def named(self, text: str, relation: Relation) -> tuple[str, str] | None:
        """Return the filter that a typed text stands for, and the name that it gives to it (else the empty text).

        None, and the bar says why, if no filter has the name that is to be taken away.
        """
        try:
            return self._kept.understood(text.strip(), relation)
        except FilterError as error:
            self.bar.show_error(str(error), error.position)
            return None

    def narrowed(self, text: str, relation: Relation, column: Column, cell: Cell, exclude: bool) -> str | None:
        """Return a filter narrowed to the rows with a value; None, and the screen says why, if no filter can name it.

        Args:
            text: The filter so far.
            relation: The table.
            column: The value's column.
            cell: The value.
            exclude: True for the rows with another value.
        """
        # Only here: a table opened without a filter should not wait for the language.
        from dbview.screens.cell_filter import cell_condition, unnamed_words, with_condition

        condition = cell_condition(relation, column, cell, exclude)
        if condition is None:
            self._screen.notify(unnamed_words(column, cell, "this value"), markup=False)
            return None
        return with_condition(text, condition)

    def give_name(self, name: str, text: str) -> None:
        """Keep a filter under a name, or forget the name if the text is empty; say so."""
        self._kept.give_name(name, text)
        self._screen.notify(f"{'Kept as' if text else 'No longer kept:'} @{visible(name)}", markup=False)


def _sort_of(relation: Relation, view: View) -> dict[Column, bool]:
    """Return what a View sorts by; raise FilterError if it, or its filter, makes no sense."""
    if not view.filter.strip() and not view.sort:
        return {}
    # Only here: a table opened without a filter should not wait for the language.
    from dbview.query.filter import parse
    from dbview.query.names import find_column
    from dbview.query.resolve import resolve

    node = parse(view.filter)
    if node is not None:
        resolve(node, relation)
    return {find_column(relation, key.column): key.descending for key in view.sort}
