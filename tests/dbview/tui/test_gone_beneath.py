"""A table that is dropped while what it was opened from is still there: opening it once more says so, and stays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from tests.dbview.database import Database

from .conftest import Look, Viewer
from .test_gone import drop, until_told


def tables_of(viewer: Viewer) -> list[str]:
    """Return the tables that the current screen knows of."""
    screen = viewer.app.screen
    assert isinstance(screen, ViewerScreen)
    return [relation.name for relation in screen.source.relations()]


@pytest.fixture
def linked(database: Database) -> Database:
    """What Make made was given to two entries of Index, one of which failed."""
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    made = {"gen_cfg_id": 1, "result.payload": "/data/made.h5", "result.task_status": "COMPLETED", "valid_flag": 1}
    database.task("Make", {"in_file": "TEXT"}, [made])
    given = {"gen_cfg_id": 1, "in_file": "/data/made.h5", "result.task_status": "FAILED", "valid_flag": 0, "tag": 1}
    database.task("Index", {"in_file": "TEXT", "tag": "INTEGER"}, [given, {**given, "in_file": "/data/other.h5"}])
    return database


@pytest.mark.parametrize(
    ("view", "key", "way"),
    [
        (None, None, [("", "valid, of those recorded"), ("enter", "2 of 2")]),
        (None, None, [("exclamation_mark", "FAILED · not valid"), ("enter", "› Index › #2")]),
        (View("Make"), 1, [("L", "Index #1"), ("enter", "› Index › #1")]),
        (View("Index"), 2, [("h", "› tag"), ("enter", "› Index › #")]),
    ],
    ids=["overview", "attention", "lineage", "history"],
)
async def test_what_was_opened_before_is_told_to_be_gone(
    linked: Database, look: Look, view: View | None, key: int | None, way: Sequence[tuple[str, str]]
) -> None:
    (to_start, start_words), (_enter, words) = way
    async with look(linked.path, view, key, size=(120, 40)) as viewer:
        await viewer.until_shown("Parameters" if view else "valid, of those recorded")
        if to_start == "h":
            await viewer.press("slash")
            await viewer.type("tag")
            await viewer.press("enter")
            await viewer.until(lambda: "tag" in viewer.cursor_line)
        if to_start:
            await viewer.press(to_start)
        await viewer.until_shown(start_words)
        if not view:
            await viewer.until_shown("Index")
            await viewer.press("end", "G")
        await viewer.until(lambda: viewer.cursor_line)
        start = viewer.app.screen
        await viewer.press("enter")
        await viewer.until(lambda: viewer.app.screen is not start)
        await viewer.until_shown(words)
        drop(linked.path)
        await viewer.press("r")
        await viewer.until(lambda: "Index" not in tables_of(viewer))
        await viewer.press("escape")
        await viewer.until(lambda: viewer.app.screen is start)
        await viewer.press("enter")
        if to_start == "h":
            # A history knows its own table: what is opened says that this is gone.
            await viewer.until(lambda: "nosuchtable:Index." in "".join(viewer.text.split()))
            await viewer.press("escape")
            await viewer.until(lambda: viewer.app.screen is start)
        else:
            await until_told(viewer)
            assert viewer.app.screen is start
