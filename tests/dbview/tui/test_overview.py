"""The first screen: how each Task went in each run, by keys from a cold start."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from dbview.query.view import View
from dbview.screens import base as base_module
from dbview.screens.overview import following as following_module
from dbview.screens.overview.screen import OverviewScreen
from dbview.settings import Settings
from dbview.widgets.matrix import Matrix
from tests.dbview.database import Database
from tests.dbview.disk import crash

from .conftest import Look, Viewer

MFX = "43 entries · 6 not valid · 11 runs"


def entry(header: int, status: str = "COMPLETED", **more: Any) -> dict[str, Any]:
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


async def test_a_file_of_runs_opens_with_tasks_against_runs(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db")) as viewer:
        await viewer.until_shown("▌xppx1003221▐", "valid, of those recorded")
        await viewer.press("left_square_bracket")
        await viewer.until_shown("▌mfxl1038923▐", MFX)
        runs = [str(run) for run in range(21, 10, -1)]
        assert words(viewer, "Task") == ["Task", "run", *runs]
        assert words(viewer, "DimpleSolve")[1:] == ["✓", "·", "·", "·", "·", "·", "F", "·", "·", "·", "·"]
        assert words(viewer, "CompareHKL")[1:2] == ["✓✓✓"]
        assert words(viewer, "ConcatenateStreamFiles")[1:2] == ["✓!"]
        assert words(viewer, "valid, of")[4:] == [
            "8/8",
            "3/3",
            "2/2",
            "2/2",
            "2/2",
            "2/2",
            "6/7",
            "2/2",
            "2/2",
            "2/2",
            "1/1",
        ]
        await viewer.until(lambda: words(viewer, "Number of lattices")[4:6] == ["104", "118"])


async def test_a_failed_task_of_a_run_is_four_keys_away(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db")) as viewer:
        await viewer.until_shown("▌xppx1003221▐", "valid, of those recorded")
        await viewer.press("left_square_bracket")
        await viewer.until_shown(MFX)
        await viewer.press("n")
        await viewer.until_shown("DimpleSolve · run 15 · 1 entry   FAILED · not valid", "why: not recorded")
        assert "[F]" in viewer.cursor_line
        await viewer.until_shown("#1  2024-02-14 12:33:40 UTC  job 48210874 on sdfmilan074")
        await viewer.press("enter")
        await viewer.until_shown("lute-v01.db › DimpleSolve › #1", "run 15 · mfxl1038923", "Why it failed")
        await viewer.press("escape")
        await viewer.until_shown("DimpleSolve · run 15", "valid, of those recorded")


async def test_of_several_entries_of_a_cell_the_table_is_opened(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db")) as viewer:
        await viewer.until_shown("▌xppx1003221▐", "valid, of those recorded")
        await viewer.press("left_square_bracket")
        await viewer.until_shown("FindPeaksPyAlgos · run 21 · 1 entry")
        await viewer.press("slash")
        await viewer.type("hkl")
        await viewer.press("enter")
        await viewer.until_shown("CompareHKL · run 21 · 3 entries")
        await viewer.press("enter")
        await viewer.until_shown('/ experiment="mfxl1038923" run=21', "3 of 6", "lute-v01.db › CompareHKL")
        await viewer.press("escape")
        await viewer.until_shown("CompareHKL · run 21 · 3 entries", "valid, of those recorded")


def entries_at(*times: tuple[int, str]) -> list[dict[str, Any]]:
    """Return an entry of each header at its time of a day."""
    return [entry(header, timestamp=f"2024-05-01 {time}") for header, time in times]


async def test_the_cursor_begins_at_the_newest_entry_of_an_experiment(database: Database, look: Look) -> None:
    for experiment, run in (("a", "1"), ("a", "2"), ("a", "3"), ("b", "7"), ("b", "8")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    database.task("Find", {}, entries_at((3, "08:00:00"), (2, "09:00:00"), (4, "07:00:00"), (5, "06:00:00")))
    database.task("Index", {}, entries_at((1, "07:00:00"), (2, "09:00:01"), (4, "07:00:00")))
    database.task("Merge", {}, entries_at((2, "09:00:00"), (1, "10:00:00")))
    database.execute("UPDATE Merge SET gen_cfg_id = 2 WHERE id = 2")
    database.execute("DELETE FROM Merge WHERE id = 1")
    async with look(database.path) as viewer:
        # Run 3 is greater, but run 2 was worked on after it.
        await viewer.until_shown("▌a▐", "Merge · run 2 · 1 entry")
        assert viewer.cursor_line.startswith("▌ Merge")
        # Of entries of one second, the last of the pipeline.
        await viewer.press("right_square_bracket")
        await viewer.until_shown("▌b▐", "Index · run 7 · 1 entry")
        await viewer.press("left_square_bracket")
        await viewer.until_shown("▌a▐", "Merge · run 2 · 1 entry")
        await viewer.press("x")
        await viewer.until(lambda: viewer.cursor_line.startswith("▌ 2"))


async def test_the_newest_entry_is_in_sight_at_first_wherever_it_stands(database: Database, look: Look) -> None:
    for run in range(1, 121):
        database.insert("gen_cfg", {"experiment": "a", "run": str(run)})
    for task in range(40):
        database.task(f"Task{task:02}", {}, entries_at((1, "07:00:00"), (60, "08:00:00"), (120, "07:00:00")))
    database.execute("UPDATE Task30 SET timestamp = '2024-05-02 00:00:00' WHERE gen_cfg_id = 60")
    async with look(database.path, size=(80, 24)) as viewer:
        await viewer.until_shown("Task30 · run 60 ·")
        await viewer.until(lambda: viewer.cursor_line.startswith("▌ Task30"))
        assert "[✓]" in viewer.cursor_line
        database.execute("UPDATE Task10 SET timestamp = '2024-05-03 00:00:00' WHERE gen_cfg_id = 1")
        await viewer.until_shown("changed · r")
        await viewer.press("r")
        await viewer.until(lambda: "changed · r" not in viewer.text)
        await viewer.until_shown("Task30 · run 60 ·")
        assert viewer.cursor_line.startswith("▌ Task30")


async def test_the_cursor_moves_over_tasks_and_runs_only(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.until_shown("FindPeaks · run 10 · 1 entry   COMPLETED · valid")
        await viewer.press("j", "l")
        await viewer.until_shown("Index · run 9 · no entry")
        await viewer.press("enter", "down", "right", "right", "end", "up")
        await viewer.until_shown("FindPeaks · run 8 · 2 entries   COMPLETED · valid")
        await viewer.press("home", "pagedown", "pageup", "G")
        await viewer.until_shown("Index · run 10 · 1 entry", "! Its summary still says PENDING.")


async def test_another_number_of_the_summary_or_none_is_shown(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.until(lambda: words(viewer, "hits")[1:] == ["1711", "812"])
        await viewer.press("v")
        await viewer.until(lambda: words(viewer, "rate")[1:] == ["0.25", "0.05"])
        assert "hits" not in "\n".join(viewer.lines[:12])
        await viewer.press("v")
        await viewer.until(lambda: "rate" not in "\n".join(viewer.lines[:12]))
        await viewer.press("j", "v")
        await viewer.until_shown("no numbers")


async def test_what_is_not_valid_is_gone_to_and_listed(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("n")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry   TIMEDOUT")
        await viewer.press("n")
        await viewer.until_shown("There is no other")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("run 10  Index", "Its summary still says PENDING.", "run  9  FindPeaks", "TIMEDOUT")
        await viewer.until(lambda: "run  9  FindPeaks" in viewer.cursor_line)
        await viewer.press("home", "enter")
        await viewer.until_shown("› Index › #2", "PENDING")
        await viewer.press("escape")
        await viewer.until_shown("run 10  Index", "run  9  FindPeaks")
        await viewer.press("escape")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry")


async def test_what_is_not_valid_is_listed_from_the_current_run_on(database: Database, look: Look) -> None:
    for run in range(1, 61):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [entry(run, "FAILED") for run in range(1, 61) if run != 30])
    database.task("Index", {}, [entry(30)])
    async with look(database.path) as viewer:
        await viewer.until_shown("60 entries · 59 not valid")
        for wanted, shown in (("4", "run  4"), ("30", "run 60")):
            await viewer.press("g")
            await viewer.type(wanted)
            await viewer.press("enter")
            await viewer.until_shown(f" · run {wanted} · ")
            await viewer.press("exclamation_mark")
            await viewer.until(lambda shown=shown: shown in viewer.cursor_line)
            await viewer.press("escape")
            await viewer.until_shown(f" · run {wanted} · ")


async def test_it_is_said_where_what_is_not_valid_begins_anew(database: Database, look: Look) -> None:
    for run in "1234":
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [entry(1, "FAILED"), entry(2), entry(4, "FAILED")])
    database.task("Index", {}, [entry(3)])
    async with look(database.path) as viewer:
        await viewer.until_shown("4 entries")
        await to_the_corner(viewer)
        await viewer.until_shown("Find · run 4 · 1 entry")
        await viewer.press("n")
        await viewer.until_shown("Find · run 1 · 1 entry")
        assert "again" not in viewer.text
        await viewer.press("n")
        await viewer.until_shown("Find · run 4 · 1 entry", "After the last: the first again.")
        await viewer.press("N")
        await viewer.until_shown("Find · run 1 · 1 entry", "Before the first: the last again.")
        # From where no entry is, too.
        await viewer.press("home", "right")
        await viewer.until_shown("Find · run 3 · no entry")
        await viewer.press("N")
        await viewer.until_shown("Find · run 4 · 1 entry")


async def test_experiments_runs_and_tasks_are_found_by_name(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("g")
        await viewer.type("8")
        await viewer.press("enter")
        await viewer.until_shown("FindPeaks · run 8 · 2 entries")
        assert "[F✓]" in viewer.cursor_line
        await viewer.press("g")
        await viewer.type("XPP")
        await viewer.press("enter")
        await viewer.until_shown("▌xpp2▐", "FindPeaks · run 1 · 1 entry", "1 entry · 1 run")
        await viewer.press("right_square_bracket", "left_square_bracket")
        await in_first_experiment(viewer)
        await viewer.press("g")
        await viewer.type("77")
        await viewer.press("enter")
        await viewer.until_shown("There is no run 77 in this experiment.")
        await viewer.press("slash")
        await viewer.type("index")
        await viewer.until(lambda: "FindPeaks" not in viewer.text)
        await viewer.press("enter")
        await viewer.until_shown("Index · run 10", "Esc show all")
        await viewer.press("slash")
        await viewer.type("zzz")
        await viewer.until_shown("No Task of this experiment has that in its name; g goes to a run.")
        await viewer.press("escape")
        await viewer.until_shown("FindPeaks")


async def test_the_tables_are_one_key_away_and_back(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("t")
        await viewer.until_shown("2 Tasks · 7 entries", "Esc back")
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")
        assert isinstance(viewer.app.screen, OverviewScreen)


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


async def test_what_is_said_of_a_failure_stands_there_and_else_where_its_log_is(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=77;SLURMD_NODENAME=node3"})
    for task, summary in (("Counts", "hits: 11;rate: 0.5"), ("Pending", "PENDING"), ("Says", "error: no mask")):
        database.task(task, {}, [entry(1, "FAILED", exec_cfg_id=1, **{"result.summary": summary})])
    traceback = "Traceback (most recent call last):\n  ...\nOSError: no beam at all\n"
    database.task("Tells", {}, [entry(1, "FAILED", **{"result.payload": traceback})])
    async with look(database.path) as viewer:
        await viewer.until_shown("4 entries")
        await to_the_corner(viewer)
        await viewer.until_shown("Counts · run 1", "why: not recorded; the Task's log is that of job 77 on node3")
        await viewer.until_shown("its summary says hits: 11;rate: 0.5")
        await viewer.press("j")
        await viewer.until_shown("Pending · run 1", "why: not recorded; the Task's log is that of job 77 on node3")
        await viewer.press("j")
        await viewer.until_shown("Says · run 1", "why: error: no mask")
        await viewer.press("j")
        await viewer.until_shown("Tells · run 1", "why: OSError: no beam at all")
        await viewer.press("enter")
        await viewer.until_shown("Why it failed", "its payload says: Traceback", "OSError: no beam at all")
        assert "not recorded why" not in viewer.text


async def test_the_mark_of_a_cell_is_what_the_filter_finds(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Odd", {}, [entry(1, "FAILED", valid_flag=1)])
    database.task("Revoked", {}, [entry(1, valid_flag=0)])
    database.task("Good", {}, [entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("3 entries")
        await to_the_corner(viewer)
        await viewer.until_shown("! It is valid, but did not end as COMPLETED.")
        assert [words(viewer, task)[1:] for task in ("Odd", "Revoked", "Good")] == [["[Fo!]"], ["✓x!"], ["✓"]]
        await viewer.press("exclamation_mark")
        await viewer.until_shown("It is valid, but did not", "It ended as COMPLETED, but was marked not valid.")
        assert "Good" not in viewer.text
        await viewer.press("escape", "j", "enter")
        await viewer.until_shown("› Revoked › #1", "It ended as COMPLETED, but was marked not valid.")
    async with look(database.path, View("Revoked")) as viewer:
        await viewer.filter("is:attention")
        await viewer.until_shown("/ is:attention", "1 of 1")


async def test_many_entries_of_a_task_in_a_run_are_counted(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [*(entry(1) for _ in range(11)), entry(1, "FAILED"), entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("Find · run 1 · 13 entries   COMPLETED")
        assert "[13✓F✓]" in viewer.cursor_line


async def test_headings_stay_in_sight_however_far_one_goes(database: Database, look: Look) -> None:
    for run in range(1, 121):
        database.insert("gen_cfg", {"experiment": "a", "run": str(run)})
    for task in range(40):
        database.task(f"Task{task:02}", {}, [entry(header) for header in (1, 60, 120)])
    async with look(database.path, size=(80, 24)) as viewer:
        await viewer.until_shown("120 entries · 3 runs")
        await viewer.press("end", "G")
        await viewer.until_shown("Task39 · run 1 ·")
        assert viewer.cursor_line.startswith("▌ Task39")
        assert words(viewer, "Task ")[-1] == "1"
        assert words(viewer, "valid, of")[-1] == "40/40"
        await viewer.press("g")
        await viewer.type("60")
        await viewer.press("enter")
        await viewer.until_shown("Task39 · run 60 ·")
        assert "60" in words(viewer, "Task ")


async def test_a_cell_is_chosen_with_the_mouse(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        row = next(y for y, line in enumerate(viewer.lines) if line.strip().startswith("Index"))
        column = next(line for line in viewer.lines if line.strip().startswith("Task")).index(" 8") + 1
        await viewer.pilot.click(offset=(column, row))
        await viewer.until_shown("Index · run 8 · 1 entry")
        await viewer.pilot.click(offset=(column, row), times=2)
        await viewer.until_shown("› Index › #1", "run 8 · mfx1")


async def test_two_runs_are_marked_and_compared(database: Database, look: Look) -> None:
    for run in "123":
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {"mask": "TEXT"}, [{**entry(run), "mask": f"/m{run}"} for run in (1, 2, 3)])
    async with look(database.path) as viewer:
        await viewer.until_shown("Find · run 3")
        await viewer.press("c")
        await viewer.until_shown("Space marks a run")
        await viewer.press("space", "right")
        await viewer.until_shown("1 run marked · c compares with it")
        # Where both have room just so, a gap stands between what there is and what is marked.
        counts = "3 entries · 3 runs"
        for width in (len(f" {counts} 1 run marked · c compares with it "), 46, 100):
            await viewer.pilot.resize_terminal(width, 30)
            await viewer.until_shown("· 1 run marked ·" if width < 100 else counts)
        assert words(viewer, "Task")[2:] == ["•3", "2", "1"]
        await viewer.press("c")
        await viewer.until_shown("runs 2 and 3 compared", "/m2", "/m3")
        await viewer.press("escape", "right", "space", "left")
        await viewer.until_shown("2 runs marked · c compares them")
        await viewer.press("space")
        await viewer.until_shown("Two runs are marked")
        await viewer.press("c")
        await viewer.until_shown("runs 1 and 3 compared", "/m1", "/m3")
        await viewer.press("escape", "right", "space", "home", "space")
        await viewer.until(lambda: words(viewer, "Task")[2:] == ["3", "2", "1"])


async def test_what_differs_from_a_good_entry_is_said_of_one_that_is_not(database: Database, look: Look) -> None:
    for run in "123":
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.insert("gen_cfg", {"experiment": "b", "run": "1"})
    names = {"mask": "TEXT", "n": "INTEGER", "p.q": "INTEGER"}
    database.task("Later", names, [{**entry(1, "FAILED"), "mask": "/no"}, {**entry(4), "mask": "/yes"}])
    database.task("Before", names, [{**entry(2), "n": 1, "p.q": 1}, {**entry(1, "FAILED"), "n": 2, "p.q": 2}])
    database.task("Again", names, [{**entry(1), "mask": "/a"}, {**entry(1, "FAILED"), "mask": "/a"}])
    database.task("Never", names, [entry(1, "FAILED")])
    async with look(database.path) as viewer:
        await viewer.until_shown("experiment")
        if "▌b▐" in viewer.text:
            await viewer.press("left_square_bracket")
        await viewer.until_shown("▌a▐", "valid, of those recorded")
        await viewer.press("end", "pageup")
        await viewer.until_shown("Later · run 1", "differs from run 1 of b (✓): only mask")
        await viewer.press("j")
        await viewer.until_shown("Before · run 1", "differs from run 2 (✓): n, p.q")
        await viewer.press("j")
        await viewer.until_shown("Again · run 1", "no parameter differs from #1 of this run (✓)")
        await viewer.press("j")
        await viewer.until_shown("Never · run 1", "why: not recorded")
        assert "differs" not in viewer.text


async def test_paths_of_the_own_run_tell_nothing_of_a_failure(database: Database, look: Look) -> None:
    for run in ("19", "20"):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    names = {"in_file": "TEXT", "mask": "TEXT"}
    good = {**entry(1), "in_file": "/a/r0019.h5", "mask": "/m1"}
    database.task("Both", names, [good, {**entry(2, "FAILED"), "in_file": "/a/r0020.h5", "mask": "/m2"}])
    database.task("Only", names, [good, {**entry(2, "FAILED"), "in_file": "/a/r0020.h5", "mask": "/m1"}])
    async with look(database.path) as viewer:
        await viewer.until_shown("valid, of those recorded")
        await to_the_corner(viewer)
        await viewer.until_shown("Both · run 20", "differs from run 19 (✓): only mask")
        await viewer.press("j")
        await viewer.until_shown("Only · run 20", "differs from run 19 (✓): only the run's own files")


async def test_runs_go_down_and_tasks_across_by_a_key(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("right")
        await viewer.until_shown("FindPeaks · run 9")
        await viewer.press("x")
        await viewer.until(lambda: words(viewer, "run")[:4] == ["run", "Task", "FindPeaks", "Index"])
        await viewer.until(lambda: viewer.cursor_line.split()[:3] == ["▌", "9", "["] and "T" in viewer.cursor_line)
        await viewer.until(lambda: words(viewer, "8 ")[1:] == ["F✓", "812", "✓", "2/2"])
        await viewer.press("n")
        await viewer.until_shown("There is no other")
        await viewer.press("down", "enter")
        await viewer.until_shown('experiment="mfx1" run=8', "2 of 5")
        await viewer.press("escape", "x")
        await viewer.until_shown("FindPeaks · run 8", "valid, of those recorded")
        assert "[F✓]" in viewer.cursor_line


async def test_the_number_of_each_task_is_remembered(database: Database, look: Look, tmp_path: Path) -> None:
    some_runs(database)
    settings = Settings(tmp_path / "config")
    async with look(database.path, settings=settings) as viewer:
        await in_first_experiment(viewer)
        await viewer.until(lambda: words(viewer, "hits")[1:] == ["1711", "812"])
        await viewer.press("v")
        await viewer.until(lambda: words(viewer, "rate")[1:] == ["0.25", "0.05"])
    settings.close(60)
    async with look(database.path, settings=Settings(tmp_path / "config")) as viewer:
        await in_first_experiment(viewer)
        await viewer.until(lambda: words(viewer, "rate")[1:] == ["0.25", "0.05"])
        await viewer.press("v")
        await viewer.until(lambda: "rate" not in "\n".join(viewer.lines[:12]))
        await viewer.press("v")
        await viewer.until(lambda: words(viewer, "hits")[1:] == ["1711", "812"])


HOSTILE = ["a b", "[/x]", "x\x1b]52;c;eA==\x07", '"', "1 or 2", "", "\u202eabc", "日本"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_runs_and_experiments_of_any_name_open(database: Database, look: Look, name: str) -> None:
    database.insert("gen_cfg", {"experiment": name, "run": name})
    database.insert("gen_cfg", {"experiment": name, "run": "other"})
    database.task("Find", {"n": "INTEGER"}, [{**entry(1), "n": 4711}, entry(1), entry(2)])
    async with look(database.path) as viewer:
        await viewer.until_shown("3 entries · 2 runs")
        await to_the_corner(viewer)
        assert "\x1b" not in viewer.text
        # One of the two columns is that of the other run.
        columns = viewer.app.screen.query_one(Matrix).columns_in_sight
        if columns[0].label == "other":
            await viewer.press("right")
        await viewer.press("enter")
        await viewer.until_shown("2 of 3", "4711")


async def test_entries_without_a_run_stand_in_a_column_of_their_own(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": None})
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1), entry(1), entry(2)])
    async with look(database.path) as viewer:
        await viewer.until_shown("3 entries · 2 runs")
        assert words(viewer, "Task")[2:] == ["1", "∅"]
        await viewer.press("end", "enter")
        await viewer.until_shown('/ experiment="a" run=null', "2 of 3")


async def test_headers_without_entries_are_no_runs(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [])
    async with look(database.path) as viewer:
        await viewer.until_shown("No entry names a run yet; t lists the tables.")
        await viewer.press("enter", "down", "n", "N", "exclamation_mark")
        await viewer.until_shown("Nothing needs attention")


async def test_what_cannot_be_read_is_said_and_the_rest_stays(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        database.connection.close()
        database.path.write_bytes(b"no database any more " * 1000)
        await viewer.press("r")
        await viewer.until_shown("is damaged", "valid, of those recorded")
        assert words(viewer, "FindPeaks")


async def test_while_a_name_is_typed_letters_are_letters(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("slash")
        await viewer.type("ngtrv")
        await viewer.until(lambda: viewer.app.screen.query_one(Input).value == "ngtrv")


async def test_a_table_opened_at_once_leads_back_to_the_overview(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path, View("FindPeaks")) as viewer:
        await viewer.until_shown("5 entries")
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")


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


async def test_what_is_of_the_run_stands_last_between_two_runs(database: Database, look: Look) -> None:
    task = {}
    for place, run in enumerate(("19", "20"), start=1):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
        database.insert("exec_cfg", {"env": f"A_NAME=find_r{run};LEVEL={run};ZONE={'east' if place == 1 else 'west'}"})
        task[place] = {**entry(place), "exec_cfg_id": place, "result.payload": f"/a/r00{run}.h5"}
    database.task("Find", {}, list(task.values()))
    async with look(database.path, size=(120, 40)) as viewer:
        await viewer.until_shown("Find · run 20")
        await viewer.press("space", "right", "c")
        await viewer.until_shown("runs 19 and 20 compared", "4 differ · 2 of them by the run's number alone")
        names = [line.removeprefix("▌").split()[0] for line in viewer.lines if "19" in line and "20" in line]
        assert [name for name in names if name in ("payload", "A_NAME", "LEVEL")] == ["payload", "LEVEL", "A_NAME"]
        assert viewer.text.index("ZONE") < viewer.text.index("A_NAME")
