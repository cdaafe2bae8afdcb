"""A table of many columns, and what is seen of them."""

from __future__ import annotations

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Viewer


def head(viewer: Viewer) -> list[str]:
    """The titles over the grid."""
    lines = (line.removeprefix("←").split() for line in viewer.lines)
    return next((words for words in lines if words[:2] == ["ok", "id"]), ["", ""])


def view(viewer: Viewer) -> View:
    """What the table's screen shows, as a link or an export would have it."""
    shown: View = viewer.app.screen_stack[-1].view  # type: ignore[attr-defined]
    return shown


def view_below(viewer: Viewer) -> View:
    """What the table's screen below the list shows."""
    shown: View = viewer.app.screen_stack[-2].view  # type: ignore[attr-defined]
    return shown


def wide(database: Database, rows: int = 3) -> None:
    """A Task with 24 parameters, two of which vary; eleven are empty and eleven are constant."""
    parameters = {"a": "INTEGER", "b": "TEXT"}
    parameters |= {f"empty_{n}": "TEXT" for n in range(11)} | {f"geom.c{n}": "TEXT" for n in range(11)}
    entry = {f"geom.c{n}": f"value {n}" for n in range(11)}
    database.task("T", parameters, [{**entry, "a": n, "b": f"text {n}"} for n in range(rows)])
