"""The cursor of the overview: where it begins, what it goes over, and how names are found."""

from __future__ import annotations

from typing import Any

from textual.widgets import Input

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look
from .overview import entry, in_first_experiment, some_runs, words


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
        await viewer.until_shown("No Task of this experiment has that in its name. g goes to a run.")
        await viewer.press("escape")
        await viewer.until_shown("FindPeaks")


async def test_a_run_or_a_task_of_another_experiment_is_gone_to_or_named(database: Database, look: Look) -> None:
    places = [(name, "2") for name in "abcdef"] + [("a", "1"), ("a", "3"), ("b", "0015")]
    for experiment, run in places:
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    database.task("Find", {}, [entry(header) for header in range(1, len(places) + 1)])
    database.task("Index", {}, [entry(2)])
    async with look(database.path) as viewer:
        await viewer.until_shown("valid, of those recorded")
        for wanted, shown in (("a", "▌a▐"), ("15", "Find · run 0015 · 1 entry"), ("3", "Find · run 3 · 1 entry")):
            await viewer.press("g")
            await viewer.type(wanted)
            await viewer.press("enter")
            await viewer.until_shown(shown)
        await viewer.press("g")
        await viewer.type("f")
        await viewer.press("enter")
        await viewer.until_shown("▌f▐")
        await viewer.press("slash")
        await viewer.type("index")
        await viewer.until_shown("No Task of this experiment has that in its name. There is one in b.")
        await viewer.press("escape")
        await viewer.until_shown("▌ Find")


async def test_experiments_are_named_where_several_have_a_run(database: Database, look: Look) -> None:
    for experiment, run in [*((name, "2") for name in "abcde"), ("f", "1"), ("f", "3")]:
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    database.task("Find", {}, [entry(header) for header in range(1, 8)])
    async with look(database.path) as viewer:
        await viewer.until_shown("valid, of those recorded")
        await viewer.press("g")
        await viewer.type("f")
        await viewer.press("enter")
        await viewer.until_shown("▌f▐")
        await viewer.press("g")
        await viewer.type("2")
        await viewer.press("enter")
        told = "There is no run 2 in this experiment. There is one in a, b, c and 2 more."
        await viewer.until(lambda: told.replace(" ", "") in viewer.said)
        assert "▌f▐" in viewer.text


async def test_the_overview_behind_a_table_begins_at_its_current_row(database: Database, look: Look) -> None:
    for experiment, run in (("n", "7"), ("n", "8"), ("n", "0007"), ("m", "1"), ("m", "2")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    database.task("Find", {}, [entry(1), entry(2), entry(3, "FAILED")])
    database.task("Index", {}, [entry(1), entry(4), entry(5)])
    async with look(database.path, View("Find")) as viewer:
        await viewer.until_shown(" #3  FAILED")
        await viewer.press("escape")
        # However the header of the row spells its run.
        await viewer.until_shown("▌n▐", "7 · 2 entries")
        await viewer.until(lambda: "[✓F]" in viewer.cursor_line)
        await viewer.press("left_square_bracket")
        await viewer.until_shown("▌m▐", "Index · run 2 · 1 entry")
        await viewer.press("right_square_bracket")
        await viewer.until_shown("▌n▐", "7 · 2 entries")
    async with look(database.path, View("Find", "run=8")) as viewer:
        await viewer.until_shown(" #2  COMPLETED")
        await viewer.press("escape")
        await viewer.until_shown("▌n▐", "Find · run 8 · 1 entry")
    async with look(database.path, View("Find", "run=99")) as viewer:
        await viewer.until_shown("0 of 3")
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded", "· 1 entry")


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


async def test_while_a_name_is_typed_letters_are_letters(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("slash")
        await viewer.type("ngtrv")
        await viewer.until(lambda: viewer.app.screen.query_one(Input).value == "ngtrv")
