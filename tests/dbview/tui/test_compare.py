"""Marked entries beside each other, two runs beside each other, and the history of a parameter."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from dbview.compare.groups import Comparison, Head
from dbview.query.view import EntryPlace, View
from dbview.screens.compare.screen import CompareRunsScreen, CompareScreen
from dbview.source.entries.runs import Run
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from dbview.widgets.listing import Listing
from tests.dbview.database import Database

from .conftest import PATIENCE, Look, Viewer


def whole(viewer: Viewer) -> list[str]:
    return [" ".join(line.text.split()) for line in viewer.app.screen.query_one(Listing).lines]


def index(database: Database, modes: list[Any], valid: list[int] | None = None) -> None:
    """Make a Task whose entries differ in one parameter, each of a run of its own."""
    for number, _mode in enumerate(modes, start=1):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": str(number)})
        environment = f"SLURM_JOB_ID={number};SLURM_JWT=hidden{number};LUTE_PATH=/v{number % 2}"
        database.insert("exec_cfg", {"env": environment, "poll_interval": 0.05})
    entries = [
        {
            "gen_cfg_id": number,
            "exec_cfg_id": number,
            "timestamp": f"2024-02-{number:02} 15:00:00",
            "result.task_status": "COMPLETED" if good else "FAILED",
            "result.summary": f"hits: {number * 100};rate: 0.5",
            "valid_flag": good,
            "mode": mode,
        }
        for number, (mode, good) in enumerate(zip(modes, valid or [1] * len(modes), strict=True), start=1)
    ]
    database.task("Index", {"mode": "TEXT"}, entries)


async def test_marked_entries_are_compared_in_columns(database: Database, look: Look) -> None:
    index(database, ["a", "a", "b"])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("3 entries", " COMPLETED ")
        await viewer.press("down", "space")
        await viewer.until_shown("1 marked · c compares with it")
        assert "▌•" in viewer.cursor_line
        await viewer.press("up", "space")
        await viewer.until_shown("2 marked · c compares them")
        await viewer.press("c")
        await viewer.until_shown("2 entries compared", "#2", "#3", "run 2 · mfx1")
        lines = whole(viewer)
        for line in (
            "hits 200 300 +100 (+50 %)",
            "mode a b",
            "run 2 3",
            "Environment 2 differ · 1 variable of the job left out",
            "SLURM_JWT *** *** differs",
            "LUTE_PATH /v0 /v1",
            "the same: payload, executor",
        ):
            assert line in lines
        assert "hidden" not in "\n".join(lines)
        assert "hits" in viewer.cursor_line
        await viewer.press("escape")
        await viewer.until_shown("2 marked")
        await viewer.press("space")
        await viewer.until_shown("1 marked")
        assert "▌•" not in viewer.cursor_line


async def test_the_older_entry_stands_left_whatever_was_marked_first(database: Database, look: Look) -> None:
    times = ["2024-03-02 10:00:00", "2024-03-01 10:00:00", "2024-03-02 10:00:00", None]
    database.task("Index", {"n": "INTEGER"}, [{"timestamp": time, "n": n} for n, time in enumerate(times, start=1)])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("4 entries", "2024-03-01")
        await viewer.press(*["space", "down"] * 4)
        await viewer.until_shown("4 marked")
        await viewer.press("c")
        await viewer.until_shown("4 entries compared")
        await viewer.until(lambda: "n 4 2 1 3" in whole(viewer))


async def test_marks_outlast_screens_and_tables(database: Database, look: Look) -> None:
    index(database, ["a", "b"])
    database.task("Merge", {"mode": "TEXT"}, [{"mode": "c", "valid_flag": 1, "gen_cfg_id": 1, "exec_cfg_id": 1}])
    async with look(database.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("Index › #2", "COMPLETED")
        await viewer.press("space")
        await viewer.until_shown("this one is marked")
        await viewer.press("escape")
        await viewer.until_shown("1 marked")
    async with look(database.path, View("Merge")) as viewer:
        await viewer.until_shown("1 entry", "run 1")
        assert "marked" not in viewer.text


async def test_all_marks_are_taken_away_at_once(database: Database, look: Look) -> None:
    index(database, ["a", "b", "c"])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.press("space", "down", "space")
        await viewer.until_shown("2 marked · c compares them")
        await viewer.press("U")
        await viewer.until(lambda: "marked" not in viewer.text and "•" not in viewer.text)
        await viewer.press("space", "enter")
        await viewer.until_shown("this one is marked · 1 marked")
        await viewer.press("U")
        await viewer.until(lambda: "marked" not in viewer.text)
        await viewer.press("escape")
        await viewer.until_shown("3 entries")
        assert "•" not in viewer.text


async def test_with_nothing_marked_c_compares_with_the_last_good_one(database: Database, look: Look) -> None:
    index(database, ["a", "b", "c", "d"], [1, 1, 0, 0])
    async with look(database.path, View("Index"), key=4) as viewer:
        await viewer.until_shown("Index › #4", "FAILED")
        await viewer.press("c")
        await viewer.until_shown("2 entries compared", "#2", "#4", "mode")
        assert "mode b d" in whole(viewer)
        await viewer.press("n", "n", "n", "h")
        await viewer.until_shown("changed 3 times")
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("Index › #1", "COMPLETED")
        await viewer.press("c")
        await viewer.until_shown("There is no good entry before this one.")


async def test_equal_entries_are_said_to_be_equal(database: Database, look: Look) -> None:
    row = {"gen_cfg_id": None, "exec_cfg_id": None, "valid_flag": 1, "mode": "a"}
    database.task("Index", {"mode": "TEXT"}, [row, row])
    async with look(database.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("none differs from #1")
        await viewer.press("c")
        await viewer.until_shown("Nothing differs.")


async def test_more_entries_than_fit_are_shown_a_few_columns_at_a_time(database: Database, look: Look) -> None:
    index(database, list("abcdefgh"))
    async with look(database.path, View("Index"), size=(80, 24)) as viewer:
        await viewer.until_shown("8 entries", " COMPLETED ")
        for _ in range(8):
            await viewer.press("space", "down")
        await viewer.until_shown("8 marked")
        await viewer.press("c")
        await viewer.until_shown("8 entries compared", "more ←→", "#1")
        for _ in range(8):
            await viewer.press("right")
        await viewer.until(lambda: "#8" in viewer.lines[2] and "#1 " not in viewer.lines[2])
        await viewer.press("left")
        await viewer.until(lambda: "#7 " in viewer.lines[2] and "#8" not in viewer.lines[2])


async def test_two_entries_stand_beside_each_other_on_a_small_screen(database: Database, look: Look) -> None:
    long = "a_parameter_with_a_name_that_takes_room"
    values = [1234.5, 98765.25]
    database.task("Index", {long: "REAL"}, [{long: value, "valid_flag": 1} for value in values])
    async with look(database.path, View("Index"), size=(80, 24)) as viewer:
        await viewer.until(lambda: viewer.cursor_line.strip("▌ "))
        await viewer.press("space")
        await viewer.until_shown("1 marked")
        await viewer.press("down", "c")
        await viewer.until_shown("2 entries compared", "#1", "#2", "98765.25")
        assert "more" not in viewer.lines[2]
        line = viewer.cursor_line
        assert line.split()[-2:] == ["1234.5", "98765.25"]
        # The change has no room beside the values; it stands where the difference is told in full.
        assert f"{long}  +97530.8 (+7.9e+03 %)" in viewer.text
        await viewer.press("right")
        assert viewer.cursor_line == line


async def test_the_moments_of_two_entries_have_room_on_a_small_screen(database: Database, look: Look) -> None:
    name = "a_parameter_with_a_long_name"
    times = ["2024-02-01 15:00:00", "2024-02-02 15:00:00"]
    rows = [{"timestamp": time, name: n, "valid_flag": 1} for n, time in enumerate(times)]
    database.task("Index", {name: "INTEGER"}, rows)
    for size, zone in (((80, 24), ""), ((140, 30), " UTC")):
        async with look(database.path, View("Index"), key=2, size=size) as viewer:
            await viewer.until_shown("1 differs from #1")
            await viewer.press("c")
            await viewer.until_shown("2 entries compared", "#1", "#2")
            moments = f"2024-02-01 15:00:00{zone} 2024-02-02 15:00:00{zone}"
            assert " ".join(viewer.lines[4].split()) == moments


async def test_beside_numbers_an_empty_summary_has_no_line(database: Database, look: Look) -> None:
    row: dict[str, Any] = {"exec_cfg_id": None, "gen_cfg_id": None, "mode": "a", "valid_flag": 1}
    summaries = ["hits: 3;rate: 0.5", "", None, "it crashed"]
    database.task("Index", {"mode": "TEXT"}, [{**row, "result.summary": summary} for summary in summaries])
    for keys, expected in (
        ((1, 2), ["hits 3 —", "rate 0.5 —"]),
        ((1, 3), ["hits 3 —", "rate 0.5 —"]),
        ((1, 4), ["summary — it crashed", "hits 3 —", "rate 0.5 —"]),
        ((2, 3), ["summary empty ∅"]),
    ):
        async with look(database.path, View("Index"), key=keys[0]) as viewer:
            await viewer.until_shown(f"Index › #{keys[0]}", "Parameters")
            screen = CompareScreen(
                viewer.app.screen.source,  # type: ignore[attr-defined]
                viewer.app.screen.scheduler,  # type: ignore[attr-defined]
                [EntryPlace("Index", key) for key in keys],
            )
            await viewer.app.push_screen(screen)
            await viewer.until_shown("2 entries compared", "Result")
            lines = whole(viewer)
            assert lines[1 : 1 + len(expected)] == expected
            assert "the same: parameters, payload, configuration, executor, environment" in lines
            assert not [line for line in lines[1 + len(expected) :] if line.startswith("summary")]


async def test_an_entry_that_is_gone_is_told_of(database: Database, look: Look) -> None:
    index(database, ["a", "b"])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("2 entries", " COMPLETED ")
        await viewer.press("space", "down", "space")
        await viewer.until_shown("2 marked")
        database.execute("""DELETE FROM "Index" WHERE id = 1""")
        await viewer.press("c")
        await viewer.until_shown("Index has no entry 1.")


async def test_two_runs_are_compared_task_by_task(database: Database, look: Look) -> None:
    index(database, ["a", "b"])
    same = {"mode": "x", "valid_flag": 1, "exec_cfg_id": 1}
    database.task("Merge", {"mode": "TEXT"}, [{**same, "gen_cfg_id": 1}, {**same, "gen_cfg_id": 2}])
    database.task("Dimple", {"mode": "TEXT"}, [{**same, "gen_cfg_id": 2}, {**same, "gen_cfg_id": 1, "valid_flag": 0}])
    database.task("Solve", {"mode": "TEXT"}, [{**same, "gen_cfg_id": 2}])
    failed = {**same, "valid_flag": 0, "result.task_status": "FAILED"}
    tries: list[dict[str, Any]] = [{"gen_cfg_id": 1}, {"gen_cfg_id": 1, "mode": "newest"}, {"gen_cfg_id": 2}]
    database.task("Fail", {"mode": "TEXT"}, [{**failed, **one} for one in tries])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("2 entries", " COMPLETED ")
        table = viewer.app.screen
        screen = CompareRunsScreen(table.source, table.scheduler, Run("mfx1", "2"), Run("mfx1", "1"))  # type: ignore[attr-defined]
        await viewer.app.push_screen(screen)
        await viewer.until_shown("runs 1 and 2 compared", "no entry in run 1, but in run 2: Solve")
        lines = whole(viewer)
        assert "mode a b" in lines
        assert lines.index("Index ✓ #1 ✓ #2 · 4 differ · 1 variable of the job left out") < lines.index("parameters")
        # A failed Task is what one looks for: where no entry is valid it is the newest.
        assert "Dimple ∅ #2 ∅ #1 · 1 differs" in lines
        assert "Fail F #2 F #3 · 1 differs" in lines
        # That the runs are others is no difference of their Tasks: the heads say it.
        assert not [line for line in lines if line.startswith("run ")]
        assert "the same in both: Merge" in lines
        await viewer.press("enter")
        await viewer.until_shown("Index › 2 entries compared", "#1", "#2")


class SlowComparison(CompareRunsScreen):
    """Two runs, of which nothing is known at first."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.go_on = threading.Event()

    def find(self, reader: Reader, publish: Callable[[Comparison], None], cancelled: Cancelled) -> Comparison:
        publish(Comparison((Head("one", ()), Head("other", ())), complete=False))
        assert self.go_on.wait(PATIENCE)
        return super().find(reader, publish, cancelled)


async def test_a_comparison_begins_without_a_word(database: Database, look: Look) -> None:
    index(database, ["a", "b"])
    async with look(database.path, View("Index")) as viewer:
        await viewer.until_shown("2 entries", " COMPLETED ")
        table = viewer.app.screen
        screen = SlowComparison(table.source, table.scheduler, Run("mfx1", "1"), Run("mfx1", "2"))  # type: ignore[attr-defined]
        await viewer.app.push_screen(screen)
        await viewer.until_shown(" one ", " other", "comparing …")
        screen.go_on.set()
        await viewer.until(lambda: "hits" in viewer.cursor_line)
        assert "Thereisnodifference" not in viewer.said


async def test_the_history_of_a_parameter_folds_equal_values(database: Database, look: Look) -> None:
    index(database, ["a", "a", None, "b\x1b[31m", "b\x1b[31m"], [1, 0, 1, 0, 0])
    async with look(database.path, View("Index"), key=5) as viewer:
        await viewer.until_shown("Parameters")
        await viewer.press("h")
        await viewer.until_shown("Put the cursor on a parameter")
        await viewer.press("slash")
        await viewer.type("mode")
        await viewer.press("enter", "h")
        await viewer.until_shown("mode through time", "5 entries · changed twice")
        assert whole(viewer) == [
            "b␛[31m 2 not valid run 4 … 5 2024-02-04 … 2024-02-05",
            "∅ 1 valid run 3 2024-02-03 15:00",
            "a 2, 1 valid run 1 … 2 2024-02-01 … 2024-02-02",
        ]
        await viewer.press("end")
        await viewer.until_shown("#1 to #2 · 1 of 2 valid")
        await viewer.press("enter")
        await viewer.until_shown("Index › #2", "FAILED")
        await viewer.press("escape")
        await viewer.until_shown("changed twice")
