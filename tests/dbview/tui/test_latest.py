"""The star beside an entry whose values a next Task is given."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.source.entries import latest
from dbview.source.entries.latest import Wanted, find_latest
from dbview.source.source import open_source
from tests.dbview.database import Database

from .conftest import Look, Viewer

RUNS = [("mfx1", "12"), ("mfx1", "0012"), ("mfx2", "12"), ("mfx1", "13"), ("mfx1", None)]


def tries(database: Database) -> None:
    """Two entries of each header, the second of them not valid where the number is odd."""
    for experiment, run in RUNS:
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    entries = [
        {
            "gen_cfg_id": header,
            "timestamp": f"2024-02-12 10:0{header}:{10 * again:02}",
            "note": f"note {header}",
            "result.task_status": "COMPLETED",
            "valid_flag": int(not (again and header % 2)),
        }
        for header in range(1, len(RUNS) + 1)
        for again in (0, 1)
    ]
    database.task("Peaks", {"note": "TEXT"}, entries)


def starred(viewer: Viewer) -> list[int]:
    """Return the ids that have a star, from the top."""
    return [int(line.removeprefix("▌").split()[1]) for line in viewer.lines if "✓★" in line]


def given(path: Path) -> set[int]:
    """Return the entries that a next Task of each run is given, as ``dbview latest`` has it."""
    source = open_source(path)
    try:
        with contextlib.closing(source.reader()) as reader:
            found = [
                find_latest(reader, source.relations(), source.relation("Peaks"), "note", Wanted(run, experiment))
                for experiment, run in RUNS
                if run is not None
            ]
            return {latest.key for latest in found if latest is not None}
    finally:
        source.close()


async def test_one_entry_of_each_run_has_the_star_the_one_that_a_next_task_gets(database: Database, look: Look) -> None:
    tries(database)
    async with look(database.path, View("Peaks", columns=("id", "run"))) as viewer:
        await viewer.until_shown("✓★")
        # 12 and 0012 are one run; entries without a run are known by that.
        assert starred(viewer) == [9, 8, 5, 4]
        assert given(database.path) == {4, 5, 8}
        await viewer.press("down")
        await viewer.until_shown("#9  COMPLETED · ★ latest valid · run ∅")
        await viewer.press("down")
        await viewer.until_shown("#8  COMPLETED · ★ latest valid · run 13")
        await viewer.press("down")
        await viewer.until_shown("#7  COMPLETED · valid · run 13")


async def test_of_more_runs_than_are_kept_the_newest_have_the_star(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latest, "MOST_RUNS", 2)
    tries(database)
    async with look(database.path, View("Peaks", columns=("id", "run"))) as viewer:
        await viewer.until_shown("✓★")
        assert starred(viewer) == [9, 8]
        await viewer.filter("is:latest")
        await viewer.until_shown("4 of 10")


async def test_a_filter_that_leaves_the_entry_out_gives_no_other_the_star(database: Database, look: Look) -> None:
    tries(database)
    async with look(database.path, View("Peaks", "id=3,7", columns=("id", "run"))) as viewer:
        await viewer.until_shown("2 of 10", "2 valid")
        await viewer.filter("id=3..6")
        await viewer.until_shown("4 of 10", "✓★")
        assert starred(viewer) == [5, 4]
        await viewer.filter("id=3,7")
        await viewer.until_shown("2 of 10")
        assert starred(viewer) == []


async def test_the_star_moves_while_the_table_is_followed(database: Database, look: Look) -> None:
    tries(database)
    async with look(database.path, View("Peaks", columns=("id", "run"))) as viewer:
        await viewer.until(lambda: starred(viewer) == [9, 8, 5, 4])
        await viewer.press("f")
        await viewer.until_shown("following · f")
        # The one that was given is marked not valid: the one before is given.
        database.execute("UPDATE Peaks SET valid_flag = 0 WHERE id = 8")
        await viewer.until(lambda: starred(viewer) == [9, 7, 5, 4])
        with database.connection:
            result = {"result.task_status": "COMPLETED", "valid_flag": 1, "timestamp": "2024-02-12 11:00:00"}
            database.insert("Peaks", {"gen_cfg_id": 1, **result})
        await viewer.until(lambda: starred(viewer) == [11, 9, 7, 5])


async def test_a_file_whose_entries_name_no_run_has_no_star_and_nothing_is_amiss(
    database: Database, look: Look
) -> None:
    tries(database)
    database.execute("DROP TABLE gen_cfg")
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("10 entries", "7 valid")
        assert "★" not in viewer.text
