"""What an entry was made from and what was made from it, on a screen of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.widgets.listing import Listing
from tests.dbview.database import Database

from .conftest import Look, Viewer

DONE = {"result.task_status": "COMPLETED", "valid_flag": 1, "gen_cfg_id": 1}


@pytest.fixture
def steps(database: Database) -> Path:
    """Return a file with four entries, each made from the one before; one was written again, and is not valid."""
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "7"})
    steps = (
        ("Find", "/raw", "/a.h5"),
        ("Index", "/a.h5", "/b.h5"),
        ("Merge", "/b.h5", "/c.h5"),
        ("Plot", "/c.h5", "/d"),
    )
    for number, (task, given, result) in enumerate(steps):
        row = {**DONE, "in_file": given, "result.payload": result, "timestamp": f"2024-01-0{number + 1}"}
        again = {**row, "timestamp": "2024-01-09", "valid_flag": 0}
        database.task(task, {"in_file": "TEXT"}, [row, again] if task == "Find" else [row])
    database.connection.close()
    return database.path


def shown(viewer: Viewer) -> list[str]:
    return [" ".join(line.text.split()) for line in viewer.app.screen.query_one(Listing).lines]


async def test_both_levels_are_shown_and_enter_goes_there(steps: Path, look: Look) -> None:
    async with look(steps, View("Index"), key=1) as viewer:
        await viewer.until_shown("✓ COMPLETED")
        await viewer.press("L")
        await viewer.until_shown("Index › #1 › lineage", "Plot #1")
        assert shown(viewer) == [
            "Index #1 entries that name the same files",
            "",
            "Made from",
            "✓ Find #1 run 7 · 2024-01-01 /a.h5",
            "✓ Find #2 · not valid run 7 · 2024-01-09 · recorded later /a.h5",
            "",
            "Used by",
            "✓ Merge #1 run 7 · 2024-01-03 /b.h5",
            "✓ Plot #1 run 7 · 2024-01-04 /c.h5",
        ]
        await viewer.press("end", "enter")
        await viewer.until_shown("Plot › #1", "Files")
        await viewer.press("L")
        await viewer.until_shown("Plot › #1 › lineage", "nothing recorded was given what it made", "Index #1")
        await viewer.press("escape", "escape")
        await viewer.until_shown("Index › #1 › lineage")
        assert "Plot #1" in viewer.cursor_line


async def test_a_circle_is_shown_once_around(database: Database, look: Look) -> None:
    rows = [{"in_file": "/a.h5", "result.payload": "/b.h5"}, {"in_file": "/b.h5", "result.payload": "/a.h5"}]
    database.task("Loop", {"in_file": "TEXT"}, [{**DONE, **row} for row in rows])
    async with look(database.path, View("Loop"), key=1) as viewer:
        await viewer.until_shown("✓ COMPLETED")
        await viewer.press("L")
        await viewer.until(lambda: sum("where this began" in line for line in shown(viewer)) == 2)


async def test_an_entry_that_nothing_is_known_of_says_so(database: Database, look: Look) -> None:
    database.task("Alone", {"n": "INTEGER"}, [{**DONE, "n": 1}])
    async with look(database.path, View("Alone"), key=1) as viewer:
        await viewer.until_shown("✓ COMPLETED")
        await viewer.press("L")
        await viewer.until_shown("nothing recorded made what it was given", "nothing recorded was given what it made")
