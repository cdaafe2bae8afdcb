"""Go where a line of a row's screen leads: to another row, rows that point here, a history, a file."""

from __future__ import annotations

from dbview.query.view import View
from dbview.screens.base import ViewerScreen, errors_in_words
from dbview.screens.entry.contents import Contents
from dbview.screens.entry.file_lines import FILE
from dbview.screens.entry.parameter_lines import CHANGED, PARAMETER
from dbview.screens.entry.payload_lines import PAYLOAD
from dbview.screens.entry.row_lines import ROW, USES, row_of_key, uses_view
from dbview.screens.payload.files import open_file_of
from dbview.screens.row_detail import row_name


def open_lead(screen: ViewerScreen, contents: Contents, key: str) -> None:
    """Open what a line leads to; a line that leads nowhere does nothing.

    Args:
        screen: The row's screen.
        contents: What it shows.
        key: The line's.
    """
    if key.startswith((PARAMETER, CHANGED)):
        open_history_of(screen, contents, key)
    elif key == PAYLOAD:
        open_payload_of(screen, contents)
    elif key.startswith(ROW):
        from dbview.screens.entry.screen import EntryScreen

        place = row_of_key(key)
        with errors_in_words(screen.app):
            relation = screen.source.relation(place.relation)
            entry = EntryScreen(screen.source, screen.scheduler, relation, place.key)
            screen.app.push_screen(entry)
    elif key.startswith(FILE):
        relation, named = contents.record.relation, contents.named[int(key.removeprefix(FILE))]
        state = contents.files.get(named.path)
        open_file_of(screen, state, relation.name, row_name(relation, contents.record.key))
    elif key.startswith(USES) and contents.uses is not None:
        uses = contents.uses[int(key.removeprefix(USES))]
        _open_table(screen, uses_view(uses.reference, contents.record))


def open_history_of(screen: ViewerScreen, contents: Contents, key: str) -> None:
    """Show the values of the parameter of a line in all entries; say so if the line is about none."""
    if not key.startswith((PARAMETER, CHANGED)):
        screen.notify("Put the cursor on a parameter: h shows its values in all entries.", markup=False)
        return
    from dbview.screens.entry.history import open_history

    open_history(screen, contents.record.relation.name, key.partition(":")[2])


def open_payload_of(screen: ViewerScreen, contents: Contents) -> None:
    """Show all of the payload on a screen of its own."""
    from dbview.screens.payload.screen import open_payload

    relation = contents.record.relation
    open_payload(screen, contents.payload, relation.name, row_name(relation, contents.record.key))


def _open_table(screen: ViewerScreen, view: View | None) -> None:
    from dbview.screens.table.screen import TableScreen

    if view is None:
        screen.notify("No filter can name this value.", markup=False)
    else:
        with errors_in_words(screen.app):
            screen.app.push_screen(TableScreen(screen.source, screen.scheduler, view))
