"""The overview of a file that is being written: what comes and changes, at once or when it is asked for."""

from __future__ import annotations

import re
import threading

import pytest

from dbview.screens import base as base_module
from dbview.screens.overview import following as following_module
from dbview.screens.overview.screen import OverviewScreen
from tests.dbview.database import Database
from tests.dbview.disk import crash

from .conftest import Look
from .overview import entry, in_first_experiment, some_runs, words


async def test_a_write_is_announced_and_read_where_the_cursor_stays(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("l")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry")
        database.insert("gen_cfg", {"experiment": "mfx1", "run": "11"})
        database.insert("FindPeaks", entry(2))
        database.insert("FindPeaks", entry(5))
        database.connection.commit()
        await viewer.until_shown("changed · r")
        await viewer.press("r")
        await viewer.until_shown("FindPeaks · run 9 · 2 entries   COMPLETED · valid", "4 runs")
        assert "[T✓]" in viewer.cursor_line
        assert words(viewer, "Task")[2:] == ["11", "10", "9", "8"]


async def test_runs_are_read_while_nothing_else_is_looked_for(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        database.insert("FindPeaks", entry(2))
        database.connection.commit()
        screen, release = viewer.app.screen, threading.Event()
        assert isinstance(screen, OverviewScreen)
        wanted = screen.scheduler.scan(lambda _reader, _cancelled: release.wait())
        await viewer.press("r")
        await viewer.until_shown("0 % read")
        await viewer.press("t")
        await viewer.until_shown("FindPeaks", "gen_cfg")
        await viewer.press("escape")
        await viewer.until_shown("0 % read", "6 entries")
        release.set()
        await viewer.until_shown("7 entries")
        assert wanted.future.done()


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the viewer look at the file's clock more often than a person needs."""
    monkeypatch.setattr(base_module, "LOOK_SECONDS", 0.05)


@pytest.mark.usefixtures("looks_often")
async def test_what_comes_and_changes_appears_by_itself_while_followed(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("l")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        database.insert("gen_cfg", {"experiment": "mfx1", "run": "11"})
        database.insert("FindPeaks", entry(5, "RUNNING"))
        database.insert("FindPeaks", entry(2, **{"result.summary": "hits: 4444"}))
        database.connection.commit()
        await viewer.until_shown("FindPeaks · run 9 · 2 entries   COMPLETED · valid", "4 runs", "following · f", "4444")
        assert words(viewer, "Task")[2:] == ["11", "10", "9", "8"]
        # What came is marked, and what changed.
        await viewer.until(lambda: words(viewer, "FindPeaks")[1:] == ["+R", "✓", "[+T✓]", "F✓"])
        database.execute("UPDATE FindPeaks SET \"result.task_status\" = 'COMPLETED', valid_flag = 1 WHERE id = 6")
        await viewer.until(lambda: words(viewer, "FindPeaks")[1:2] == ["~✓"])
        assert "FindPeaks · run 9 · 2 entries" in viewer.text
        await viewer.press("f")
        await viewer.until(lambda: "following" not in viewer.text)
        database.insert("FindPeaks", entry(2))
        database.connection.commit()
        await viewer.until_shown("changed · r")
        assert "FindPeaks · run 9 · 2 entries" in viewer.text


@pytest.mark.usefixtures("looks_often")
async def test_marks_of_what_came_go_by_themselves(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_runs(database)
    monkeypatch.setattr(following_module, "HIGHLIGHT_SECONDS", 0.1)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("f")
        database.execute("UPDATE FindPeaks SET valid_flag = 0 WHERE id = 5")
        await viewer.until(lambda: words(viewer, "FindPeaks")[1:2] == ["[✓x!]"])


@pytest.mark.usefixtures("looks_often")
async def test_new_tasks_and_cells_that_go_are_followed_too(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("f")
        await viewer.until_shown("following · f")
        database.task("Solve", {}, [entry(3, **{"result.summary": "cells: 77"})])
        await viewer.until(lambda: any("+✓" in line for line in viewer.lines if "Solve" in line))
        await viewer.until_shown("Solve", "77", "7 entries")
        database.execute("DELETE FROM Solve")
        await viewer.until(lambda: "Solve" not in viewer.text)
        database.connection.executemany("INSERT INTO FindPeaks(gen_cfg_id, valid_flag) VALUES (?, 1)", [(2,)] * 6_000)
        database.connection.commit()
        await viewer.until_shown("6,006 entries", "following · f")


async def test_a_long_rest_of_following_is_said(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_runs(database)
    monkeypatch.setattr(following_module, "REST", 100_000.0)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("f")
        await viewer.until(lambda: re.search(r"following · f · looks again from \d\d:\d\d:\d\d UTC on", viewer.text))
        await viewer.press("f")
        await viewer.until(lambda: "following" not in viewer.text)


async def test_a_private_copy_is_not_followed(database: Database, look: Look) -> None:
    some_runs(database)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
    database.connection.executemany("INSERT INTO t(x) VALUES (?)", [("x" * 1_000,)] * 100)
    database.connection.commit()
    database.connection.close()
    crash(database.path)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.until_shown("snapshot of ")
        await viewer.press("f")
        await viewer.until(lambda: "inwhichnothingchanges;rtakesanother." in viewer.said)
        assert "following" not in viewer.text
