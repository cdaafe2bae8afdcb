"""Enter on every line of a page: it goes where the line leads, and nowhere from a line that leads nowhere."""

from __future__ import annotations

from pathlib import Path

from dbview.query.view import View
from dbview.screens.base import ViewerScreen
from dbview.screens.compare.screen import CompareRunsScreen
from dbview.source.entries.runs import Run
from dbview.widgets.listing import Listing
from tests.dbview.database import Database

from .conftest import Look, Viewer


async def enter_every_line(viewer: Viewer) -> list[str]:
    """Press Enter on one line after the other, and come back; return the lines that led to another screen."""
    page, led = viewer.app.screen, []
    lines = page.query_one(Listing)
    # From the last on: what a heading folds is done with.
    for index, line in reversed([*enumerate(lines.lines)]):
        if line.key is None:
            continue
        lines.move_to(index)
        await viewer.press("enter")
        if viewer.app.screen is not page:
            led.append(" ".join(line.text.split()))
            await viewer.press("escape")
            await viewer.until(lambda: viewer.app.screen is page)
    return led[::-1]


async def test_enter_can_be_pressed_on_every_line_of_a_row(look: Look, demo: Path) -> None:
    async with look(demo, View("gen_cfg"), key=1, size=(120, 40)) as viewer:
        await viewer.until_shown("gen_cfg › #1", "FindPeaks         1 entry")
        assert await enter_every_line(viewer) == [
            "OptimizeGeometry 1 entry",
            "FindPeaks 1 entry",
            "IndexPatterns 1 entry",
        ]


async def test_enter_can_be_pressed_on_every_line_of_an_entry(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    entry = {"a": 1, "out": "/nowhere/out.h5", "gen_cfg_id": 1, "valid_flag": 1, "result.payload": "some text"}
    database.task("Index", {"a": "INTEGER", "out": "TEXT"}, [entry])
    async with look(database.path, View("Index"), key=1, size=(120, 40)) as viewer:
        await viewer.until_shown("Index › #1", "★", "not here")
        led = await enter_every_line(viewer)
        assert [line for line in led if line.startswith(("a ", "out "))] == ["a 1", "out /nowhere/out.h5"]
        assert "run 1 · mfx1" not in led


async def test_enter_can_be_pressed_on_every_line_of_a_comparison(database: Database, look: Look) -> None:
    # A Task may be called what a page tells its lines apart by.
    names = ("Difference", "Fold", "Plain")
    for run in (1, 2):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": str(run)})
    for name in names:
        entries = [{"a": run, "gen_cfg_id": run, "valid_flag": 1, "result.summary": f"b: {run}"} for run in (1, 2)]
        database.task(name, {"a": "INTEGER"}, entries)
    async with look(database.path) as viewer:
        await viewer.until_shown(*names)
        first = viewer.app.screen
        assert isinstance(first, ViewerScreen)
        runs = Run("mfx1", "1"), Run("mfx1", "2")
        await viewer.app.push_screen(CompareRunsScreen(first.source, first.scheduler, *runs))
        await viewer.until(lambda: not viewer.app.screen.query(Listing).first().lines[-1].text.endswith("comparing …"))
        led = await enter_every_line(viewer)
        assert [line for line in led if line.startswith("a ")] == ["a 1 2 +1 (+100 %)"] * len(names)
        assert not [line for line in led if line in ("parameters", "result", "output")]
