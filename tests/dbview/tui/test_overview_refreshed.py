"""The overview of a file that became another: Tasks that went or came, runs that can no longer be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.widgets.matrix import Matrix
from tests.dbview.database import Database

from .conftest import Look
from .overview import entry, in_first_experiment, some_runs, words


async def test_what_cannot_be_read_is_said_and_the_rest_stays(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        database.connection.close()
        database.path.write_bytes(b"no database any more " * 1000)
        await viewer.press("r")
        await viewer.until_shown("is damaged", "valid, of those recorded")
        assert words(viewer, "FindPeaks")


DROPPED = ("DROP TABLE FindPeaks",)
RENAMED = ("ALTER TABLE FindPeaks RENAME TO Peaks",)
ADDED = ("CREATE TABLE Solve AS SELECT * FROM FindPeaks", "UPDATE Solve SET \"result.summary\" = 'cells: 77'")
ALL_GONE = ("DROP TABLE FindPeaks", 'DROP TABLE "Index"')


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    ("statements", "shown", "tasks"),
    [
        (DROPPED, ("2 entries · 2 runs", "Index · run"), {"Index"}),
        (RENAMED, ("6 entries · 2 not valid", "1711", "Peaks"), {"Peaks", "Index"}),
        (ADDED, ("10 entries", "77"), {"FindPeaks", "Solve", "Index"}),
        (ALL_GONE, ("No entry names a run yet",), set()),
    ],
)
async def test_tasks_that_went_or_came_since_are_told_by_a_refresh(
    database: Database,
    look: Look,
    statements: tuple[str, ...],
    shown: tuple[str, ...],
    tasks: set[str],
    is_turned: bool,
) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.until_shown("1711")
        if is_turned:
            await viewer.press("x")
            await viewer.until_shown("run  Task")
        for statement in statements:
            database.connection.execute(statement)
        database.connection.commit()
        await viewer.press("r", "down", "up")
        await viewer.until_shown(*shown)
        matrix = viewer.app.screen.query_one(Matrix)

        def headings() -> set[str]:
            shown = matrix.columns_in_sight if is_turned else matrix.rows_in_sight
            return {heading.key for heading in shown if isinstance(heading.key, str)}

        await viewer.until(lambda: headings() == tasks)


async def test_another_file_in_its_place_shows_its_own_tasks(database: Database, look: Look, tmp_path: Path) -> None:
    some_runs(database)
    other = Database(tmp_path / "other.db")
    other.insert("gen_cfg", {"experiment": "mfx1", "run": "8"})
    other.task("Solve", {}, [entry(1, **{"result.summary": "cells: 77"})])
    other.connection.close()
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.until_shown("1711")
        database.connection.close()
        other.path.replace(database.path)
        await viewer.press("r")
        await viewer.until_shown("1 entry · 1 run", "Solve · run 8", "77")
        assert "FindPeaks" not in viewer.text
