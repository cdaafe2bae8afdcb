"""The number under a Task of the overview: its statistics and its plot, of the experiment that is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbview.database import Database

from .conftest import Look, Viewer


def entry(header: int, summary: str) -> dict[str, object]:
    """Return a good entry; those of later headers are newer."""
    return {
        "timestamp": f"2024-02-14 10:0{header}:00",
        "gen_cfg_id": header,
        "result.task_status": "COMPLETED",
        "result.summary": summary,
        "valid_flag": 1,
    }


@pytest.fixture
def path(database: Database) -> Path:
    """A Task in two experiments, the newest entries in the second, and one without numbers."""
    for experiment, run in (("mfx1", "8"), ("mfx1", "9"), ("xpp2", "1"), ("xpp2", "2"), ("xpp2", "3")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    summaries = ["hits: 5000;rate: 0.5", "hits: 6000;rate: 0.6", "hits: 10;rate: 0.01", "hits: 20;rate: 0.02", ""]
    database.task("FindPeaks", {}, [entry(run, text) for run, text in enumerate(summaries, 1)])
    database.task("Merge", {}, [entry(5, "merged")])
    return database.path


async def at_peaks(viewer: Viewer) -> None:
    await viewer.until_shown("xpp2", "3 runs", "hits")
    await viewer.press("slash")
    await viewer.type("peaks")
    await viewer.press("enter")
    await viewer.until(lambda: viewer.cursor_line.startswith("▌ FindPeaks"))


async def test_the_statistics_are_those_of_the_number_in_the_experiment(path: Path, look: Look) -> None:
    async with look(path) as viewer:
        await at_peaks(viewer)
        await viewer.press("i")
        await viewer.until_shown("FindPeaks › summary.hits: statistics", '3 rows · experiment="xpp2"', "Histogram")
        assert "6,000" not in viewer.text


async def test_another_number_is_plotted_once_it_is_shown(path: Path, look: Look) -> None:
    async with look(path) as viewer:
        await at_peaks(viewer)
        await viewer.press("v")
        await viewer.until_shown("0.02")
        await viewer.press("P")
        await viewer.until_shown("summary.rate against", "2 of 3 rows · 1 without a number")


async def test_where_no_number_stands_it_is_said(path: Path, look: Look) -> None:
    async with look(path) as viewer:
        await at_peaks(viewer)
        await viewer.press("escape", "G", "i")
        await viewer.until(lambda: "NonumberstandsbelowthisTask" in viewer.said)
