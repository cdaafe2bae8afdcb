"""A filter over the rows of a table: what it finds, what is wrong with it, and where the cursor stays."""

from __future__ import annotations

from textual.widgets import Input

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look
from .peaks import ids, peaks


async def test_a_filter_narrows_and_its_end_widens_again(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.filter("status!=COMPLETED")
        await viewer.until(lambda: "3 of 12" in viewer.text and ids(viewer) == [12, 8, 4])
        await viewer.filter("run=2..3 son_min>3")
        await viewer.until_shown("3 of 12")
        await viewer.filter("")
        await viewer.until_shown("12 entries")


async def test_a_bad_filter_is_explained_and_the_last_good_result_stays(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.filter("status=FAILED")
        await viewer.until(lambda: "3 of 12" in viewer.text and ids(viewer) == [12, 8, 4])
        await viewer.filter("son_mim>3")
        await viewer.until_shown("no column son_mim", "son_min")
        assert viewer.lines[3].index("^") == viewer.lines[2].index("son_mim")
        assert ids(viewer) == [12, 8, 4]
        await viewer.press("escape")
        await viewer.until_shown("/ status=FAILED", "3 of 12")
        await viewer.press("slash", "up")
        assert viewer.app.screen.query_one(Input).value == "status=FAILED"
        await viewer.press("left", "ctrl+u", "enter")
        await viewer.until_shown("12 entries")


async def test_a_filter_that_nothing_matches_says_so(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", filter="run=99")) as viewer:
        await viewer.until_shown("No entry matches the filter.", "0 of 12")
        await viewer.press("end", "enter", "s", "down", "equals_sign")
        assert viewer.app.is_running


async def test_the_cursor_stays_on_its_entry_when_a_filter_comes_and_goes(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press(*["down"] * 4)
        await viewer.until_shown(" #8 ")
        await viewer.filter("status=FAILED")
        on_its_entry = ["▌", "F", "8"]
        await viewer.until(lambda: "3 of 12" in viewer.text and viewer.cursor_line.split()[:3] == on_its_entry)
        await viewer.filter("")
        await viewer.until(lambda: "12 entries" in viewer.text and viewer.cursor_line.split()[:3] == on_its_entry)
        await viewer.until_shown(" #8 ")


async def test_a_name_in_the_filter_that_no_entry_has_is_said_below_it(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), size=(160, 30)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.filter("summary.hitz>3")
        await viewer.until_shown("0 of 12 · no recent entry has summary.hitz, near: hits")
        # It is no error: the opposite finds all of them, and says so all the same.
        await viewer.filter("summary.hitz=null")
        await viewer.until_shown("12 of 12 · no recent entry has summary.hitz")
        await viewer.filter("summary.hits>3")
        await viewer.until(lambda: "8 of 12" in viewer.text and "no recent" not in viewer.text)


async def test_a_name_that_only_older_entries_have_is_not_called_unknown(database: Database, look: Look) -> None:
    old = [{"n": 0, "result.summary": "lattices: 5"}]
    database.task("Peaks", {"n": "INTEGER"}, [*old, *({"n": n, "result.summary": f"hits: {n}"} for n in range(2_000))])
    async with look(database.path, View("Peaks"), size=(160, 30)) as viewer:
        await viewer.until_shown("2,001 entries")
        await viewer.filter("summary.lattices>3")
        await viewer.until_shown("1 of 2,001", "1 row")
        assert "no recent" not in viewer.text


async def test_the_current_value_becomes_a_condition(database: Database, look: Look) -> None:
    peaks(database)
    view = View("Peaks", columns=("compression.compressor", "note"))
    async with look(database.path, view) as viewer:
        await viewer.until_shown("12 entries", "note 11", "#12")
        await viewer.press("equals_sign")
        await viewer.until_shown('/ compression.compressor="qoz"', "8 of 12", "note 11")
        await viewer.press("right", "minus")
        await viewer.until_shown('compression.compressor="qoz" note!="note 11"', "7 of 12")
        await viewer.filter("run=0 or run=5")
        await viewer.until_shown("4 of 12", "note 0")
        await viewer.press("left", "down", "equals_sign")
        await viewer.until_shown("(run=0 or run=5) compression.compressor=", "of 12")
