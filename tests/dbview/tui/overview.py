"""Runs to be looked at in the overview, and what is seen of them."""

from __future__ import annotations

from typing import Any

from tests.dbview.database import Database

from .conftest import Viewer

MFX = "43 entries · 6 not valid · 11 runs"
"""What is said of an experiment of the sample."""


def entry(header: int, status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
    """Return the cells of an entry of the run with this header."""
    valid = int(status == "COMPLETED")
    return {"gen_cfg_id": header, "result.task_status": status, "valid_flag": valid, "result.payload": "x", **more}


def some_runs(database: Database) -> None:
    """Two experiments: of the first three runs, of the second one."""
    for experiment, run in (("mfx1", "8"), ("mfx1", "9"), ("mfx1", "10"), ("xpp2", "1")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    database.task(
        "FindPeaks",
        {},
        [
            entry(4),
            entry(1, "FAILED"),
            entry(1, **{"result.summary": "hits: 812;rate: 0.05"}),
            entry(2, "TIMEDOUT"),
            entry(3, **{"result.summary": "hits: 1711;rate: 0.25"}),
        ],
    )
    database.task("Index", {}, [entry(1), entry(3, **{"result.payload": None, "result.summary": "PENDING"})])


def words(viewer: Viewer, start: str) -> list[str]:
    """Return the words of the line that begins with these, the mark of the cursor left out."""
    (line,) = [line for line in viewer.lines[:-5] if line.removeprefix("▌").strip().startswith(start)]
    return line.removeprefix("▌").split()


async def in_first_experiment(viewer: Viewer) -> None:
    await viewer.until_shown("valid, of those recorded")
    if "3 runs" not in viewer.text:
        await viewer.press("left_square_bracket")
    await viewer.until_shown("3 runs")
    await to_the_corner(viewer)


async def to_the_corner(viewer: Viewer) -> None:
    """Go to the first Task in the newest run: entries of one second leave open where the cursor is at first."""
    await viewer.press("home", "pageup")
