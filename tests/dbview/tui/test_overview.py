"""The first screen: how each Task went in each run, by keys from a cold start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.screens.overview.screen import OverviewScreen
from dbview.settings import Settings
from dbview.widgets.matrix import Matrix
from tests.dbview.database import Database

from .conftest import Look
from .overview import MFX, entry, in_first_experiment, some_runs, to_the_corner, words


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
        await viewer.press("space", "right", "space")
        await viewer.until_shown("2 runs marked · c compares them")
        await viewer.press("U")
        await viewer.until(lambda: "marked" not in viewer.text and words(viewer, "Task")[2:] == ["3", "2", "1"])


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


async def test_a_table_opened_at_once_leads_back_to_the_overview(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path, View("FindPeaks")) as viewer:
        await viewer.until_shown("5 entries")
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")


async def test_it_is_said_that_nothing_but_the_number_of_the_run_differs(database: Database, look: Look) -> None:
    for run in ("19", "20"):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [{**entry(place), "result.payload": f"/a/r00{place + 18}.h5"} for place in (1, 2)])
    async with look(database.path, size=(120, 40)) as viewer:
        await viewer.until_shown("Find · run 20")
        await viewer.press("space", "right", "c")
        await viewer.until_shown("runs 19 and 20 compared", "1 differs, by the run's number alone")


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
