"""Open what tells of the values of one column."""

from __future__ import annotations

from dbview.query.relation import Column
from dbview.query.view import View
from dbview.screens.base import ViewerScreen


def numbers_of_column(what: str, screen: ViewerScreen, view: View, column: Column) -> ViewerScreen:
    """Return the screen that tells of a column's values in the rows of a View.

    Args:
        what: ``group`` counts rows by value, ``statistics`` says what the values are like, ``plot`` draws numbers.
        screen: Where it is asked for.
        view: Which rows.
        column: Whose values.
    """
    # Each only here: a table is opened without them.
    match what:
        case "group":
            from dbview.screens.numbers.groups import GroupScreen

            return GroupScreen(screen.source, screen.scheduler, view, (column,))
        case "statistics":
            from dbview.screens.numbers.statistics import StatisticsScreen

            return StatisticsScreen(screen.source, screen.scheduler, view, column)
        case _:
            from dbview.screens.numbers.plot import PlotScreen

            return PlotScreen(screen.source, screen.scheduler, view, column)
