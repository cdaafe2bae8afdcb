"""Open what the overview leads to: the entries behind a cell, the list of what needs attention."""

from __future__ import annotations

from dbview.query.view import View
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.overview.run_cells import is_open
from dbview.screens.overview.run_table import RunPlace, RunTable, experiment_name
from dbview.source.entries.runs import Place


def open_cell(screen: ViewerScreen, place: RunPlace) -> None:
    """Open the entry behind a cell; where there are several, the table with just these."""
    if place.cell is None:
        return
    if place.cell.entries == 1:
        from dbview.screens.entry.screen import EntryScreen

        key = place.cell.newest.key
        entry = EntryScreen(screen.source, screen.scheduler, place.relation, key)
        screen.app.push_screen(entry)
        return
    from dbview.screens.cell_filter import run_condition
    from dbview.screens.table.screen import TableScreen

    condition = run_condition(place.relation, place.run.experiment, place.run.run)
    if condition is None:
        screen.notify("No filter can name this run.", severity="warning")
        return
    with errors_in_words(screen.app):
        screen.app.push_screen(TableScreen(screen.source, screen.scheduler, View(place.relation.name, condition)))


def open_attention(screen: ViewerScreen, shown: RunTable, current: RunPlace | None, *, is_partial: bool) -> None:
    """List the cells of the experiment that somebody should look at.

    Args:
        screen: Opens the list.
        shown: The cells.
        current: Where it begins: at this cell, else at the run's first that is not valid, else at its first.
        is_partial: True if there may be more entries than these cells tell of.
    """
    from dbview.screens.overview.attention import AttentionScreen

    wanted = [place for place in shown.places() if is_open(place[2]) or place[2].attention]
    # In its cell any other entry has a newer one.
    redone = (shown.known.not_valid if shown.known else 0) - sum(cell.newest.valid == 0 for *_place, cell in wanted)
    name, source = experiment_name(shown.experiment), screen.source
    begin = Place(current.run, current.relation.name) if current else None
    screen.app.push_screen(
        AttentionScreen(source, screen.scheduler, name, wanted, begin, redone, is_partial=is_partial)
    )
