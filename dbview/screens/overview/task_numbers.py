"""Open the statistics, or the plot, of the number that stands under a Task of the overview."""

from __future__ import annotations

from dbview.query.filter import quote_literal
from dbview.query.names import PAIR, find_column
from dbview.query.relation import Role
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.cell_filter import cell_condition
from dbview.screens.numbers.plot import PlotScreen
from dbview.screens.numbers.statistics import StatisticsScreen
from dbview.screens.overview.run_table import RunPlace

_SCREENS: dict[str, type[PlotScreen | StatisticsScreen]] = {"plot": PlotScreen, "statistics": StatisticsScreen}


def open_numbers(screen: ViewerScreen, shown_as: str, place: RunPlace, name: str | None) -> None:
    """Show what a number of a Task's summaries is like in all entries of an experiment.

    Args:
        screen: The overview.
        shown_as: ``plot`` or ``statistics``.
        place: The Task, and a run of the experiment.
        name: What the number is called in the summaries; None if none is shown.
    """
    relation, experiment = place.relation, _experiment_condition(place)
    if name is None:
        screen.notify("No number stands below this Task; v shows one, if its summaries have any.")
    elif experiment is None:
        screen.notify("No filter can name this experiment.", severity="warning")
    else:
        column = find_column(relation, f"{PAIR}.{quote_literal(name)}")
        view = View(relation.name, experiment)
        screen.app.push_screen(_SCREENS[shown_as](screen.source, screen.scheduler, view, column))


def _experiment_condition(place: RunPlace) -> str | None:
    column = place.relation.of_role(Role.EXPERIMENT)
    return cell_condition(place.relation, column, place.run.experiment) if column else None
