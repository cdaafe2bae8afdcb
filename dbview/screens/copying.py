"""Copy what the cursor is on to the terminal's clipboard: a value, a row as JSON, or the link that reopens it."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import Binding

from dbview.clipboard import copied_words, too_long_words
from dbview.query.relation import Column, Relation
from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.row_detail import row_name
from dbview.secrets import masked_cell, without_secrets
from dbview.text import visible
from dbview.values import Cell
from dbview.widgets.listing import Listing
from recorder.layout.flatten import unspell

VALUE, ROW, LINK = "value", "row", "link"
"""What can be copied; the actions' argument."""

COPY_BINDINGS: tuple[Binding, ...] = (
    Binding(
        "y", "copy('value')", "copy", tooltip="Copy the value under the cursor, whole and as it is.", id="copy.value"
    ),
    Binding(
        "Y",
        "copy('link')",
        "copy link",
        show=False,
        tooltip="Copy the command line that reopens what is shown here.",
        id="copy.link",
    ),
    Binding("ctrl+y", "copy('row')", "copy row", show=False, tooltip="Copy the whole row as JSON.", id="copy.row"),
)
"""The keys of every screen whose cursor is on a value."""


def copy_text(screen: ViewerScreen, text: str, what: str) -> None:
    """Copy a text as it is, and say so; or say that it is too long."""
    if words := too_long_words(text):
        screen.notify(words, severity="warning", markup=False)
        return
    screen.app.copy_to_clipboard(text)
    screen.notify(copied_words(what, text), markup=False)


def copy_cell(screen: ViewerScreen, column: Column, cell: Cell) -> None:
    """Copy a whole value: text and numbers as they are, a blob in base64. A secret stays hidden."""
    # Only here: a table should not wait for what writes data.
    from dbview.headless.cells import plain_value

    name = visible(column.label)
    value = plain_value(masked_cell(column, cell))
    if value is None:
        words = "is NULL" if cell is None else "cannot be read, or is longer than can be copied"
        screen.notify(f"Not copied: {name} {words}.", markup=False)
        return
    text = value if isinstance(value, str) else repr(value)
    copy_text(screen, text, f"{name} in base64" if isinstance(cell, bytes) else f"{name} as it is")


async def copy_from_row(
    screen: ViewerScreen, what: str, relation: Relation, view: View, column: Column, key: int
) -> None:
    """Copy a cell of a row, all of the row, or the link to the View with the cursor on it.

    Args:
        screen: Reads the row, and tells of it.
        what: :data:`VALUE`, :data:`ROW` or :data:`LINK`.
        relation: Whose row it is.
        view: What is shown.
        column: Which cell.
        key: The row.
    """
    if what == LINK:
        # Here and below only once it is pressed: tables open without what this needs.
        from dbview.query.link import link

        copy_text(screen, link(screen.source.path, relation, replace(view, position=key)), "the link")
    elif what == ROW:
        await copy_row(screen, relation, key)
    else:
        copy_cell(screen, column, await screen.read(lambda reader: reader.cell(relation, column, key)))


async def copy_from_entry(screen: ViewerScreen, what: str, relation: Relation, key: int, lines: Listing) -> None:
    """Copy a value of an entry, all of its row, or the link that opens it above its table.

    Args:
        screen: Reads the row, and tells of it.
        what: :data:`VALUE`, :data:`ROW` or :data:`LINK`.
        relation: Whose row it is.
        key: The row.
        lines: What is shown; its cursor is on a parameter, whose value it then is, or on another line.
    """
    if what == LINK:
        from dbview.query.link import link

        copy_text(screen, link(screen.source.path, relation, _view_below(screen, relation), entry=key), "the link")
        return
    if what == ROW:
        await copy_row(screen, relation, key)
        return
    from dbview.screens.entry.parameter_lines import CHANGED, PARAMETER

    about = lines.key or ""
    name = about.partition(":")[2] if about.startswith((PARAMETER, CHANGED)) else None
    named = (column for column in relation.parameters if visible(unspell(column.name)) == name)
    if (column := next(named, None)) is not None:
        copy_cell(screen, column, await screen.read(lambda reader: reader.cell(relation, column, key)))
    elif lines.index < len(lines.lines):
        copy_text(screen, lines.lines[lines.index].text.strip(), "the line as it is shown")


def _view_below(screen: ViewerScreen, relation: Relation) -> View:
    """Return what the table shows from which an entry was opened; all rows if it was opened from elsewhere."""
    from dbview.screens.table.screen import TableScreen

    below = screen.app.screen_stack[-2]
    if isinstance(below, TableScreen) and below.relation.name == relation.name:
        return below.view
    return View(relation.name)


async def copy_row(screen: ViewerScreen, relation: Relation, key: int) -> None:
    """Copy a row as one line of JSON, as ``dbview query`` writes it."""
    from dbview.headless.cells import json_text, plain_value
    from dbview.headless.query import default_columns

    columns = default_columns(relation)
    found = await screen.read(lambda reader: reader.rows(relation, columns, [key], clip=False))
    for row in without_secrets(columns, found):
        names = (column.name for column in columns)
        text = json_text(dict(zip(names, map(plain_value, row.cells), strict=True)))
        copy_text(screen, text, f"{row_name(relation, key)} as JSON")
