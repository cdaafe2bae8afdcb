"""The numbers of the newest summaries, each a column in the place of the summary's text."""

from __future__ import annotations

import pytest

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look, Viewer


def peaks(database: Database, *summaries: str | None) -> None:
    """Entries with these summaries, the newest last."""
    entries = [{"n": 1, "result.summary": summary, "valid_flag": 1} for summary in summaries]
    database.task("Peaks", {"n": "INTEGER"}, entries)


def head(viewer: Viewer) -> str:
    """The titles over the grid."""
    return next((line for line in viewer.lines if line.split()[:2] == ["ok", "id"]), "")


async def test_they_stand_where_the_summary_would_and_its_text_can_be_had(database: Database, look: Look) -> None:
    peaks(database, "hits: 812;rate: 0.05;mask: off", "hits: 1599;rate: 0.25", None, "PENDING")
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("4 entries", "1599")
        assert head(viewer).index("hits") < head(viewer).index("rate") < head(viewer).index(" n ")
        assert "summary" not in head(viewer)
        # A word is no number: it is no column of its own.
        assert "mask" not in head(viewer)
        await viewer.press("v")
        await viewer.until_shown("summary.*", "2 of 3 shown")
        await viewer.press("slash")
        await viewer.type("summary")
        await viewer.until_shown("mask")
        await viewer.press("enter", "home", "space", "enter")
        await viewer.until_shown("hits: 812;rate: 0.05;mask: off")
        await viewer.press("v")
        await viewer.press("r", "enter")
        await viewer.until(lambda: "summary" not in head(viewer) and "hits" in head(viewer))


async def test_they_are_sorted_by_as_numbers(database: Database, look: Look) -> None:
    peaks(database, "hits: 90", "hits: 1599", "hits: 812")
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("3 entries", "1599")
        while "hits" not in viewer.app.screen.query_one("Grid").column.title:  # type: ignore[attr-defined]
            await viewer.press("right")
        await viewer.press("s")
        await viewer.until_shown("by summary.hits ▴")
        await viewer.until(lambda: " 90 " in viewer.cursor_line)


async def test_nothing_jumps_when_newer_summaries_say_something_else(database: Database, look: Look) -> None:
    peaks(database, "hits: 1", "hits: 2")
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("2 entries")
        before = head(viewer).split()[:9]
        await viewer.press("f")
        await viewer.until_shown("following · f")
        with database.connection:
            for number in range(20):
                database.insert("Peaks", {"n": number, "result.summary": f"lattices: {number}", "valid_flag": 1})
        await viewer.until_shown("22 entries", "22 valid", "lattices: 19")
        assert head(viewer).split()[:9] == before


@pytest.mark.parametrize("summary", [None, "", "Timed out.", "hits: many", "12"])
async def test_a_summary_without_numbers_stands_as_it_is(database: Database, look: Look, summary: str | None) -> None:
    peaks(database, summary, summary)
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("2 entries")
        assert "summary" in head(viewer)


async def test_one_odd_summary_makes_no_column_and_no_more_than_six_are_made(database: Database, look: Look) -> None:
    many = ";".join(f"number{place}: {place}" for place in range(9))
    peaks(database, many, "odd: 3", many)
    async with look(database.path, View("Peaks"), size=(160, 30)) as viewer:
        await viewer.until_shown("3 entries", "number5")
        assert "number6" not in head(viewer)
        assert "odd" not in head(viewer)


async def test_columns_asked_for_stay_as_they_were_asked_for(database: Database, look: Look) -> None:
    peaks(database, "hits: 1", "hits: 2")
    async with look(database.path, View("Peaks", columns=("id", "result.summary"))) as viewer:
        await viewer.until_shown("2 entries", "hits: 1")
        assert "summary" in head(viewer)


@pytest.mark.parametrize("key", ["r", "f"])
async def test_the_first_rows_of_a_table_that_was_empty_bring_them(database: Database, look: Look, key: str) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("There are no entries here yet.")
        assert "summary" in head(viewer)
        if key == "f":
            await viewer.press("f")
            await viewer.until_shown("following · f")
        database.insert("Peaks", {"n": 1, "result.summary": "hits: 812;rate: 0.05", "valid_flag": 1})
        database.connection.commit()
        if key == "r":
            await viewer.press("r")
        await viewer.until(lambda: "hits" in head(viewer) and "summary" not in head(viewer))
        await viewer.until_shown("1 entry", "812")


async def test_columns_chosen_by_hand_stay_where_the_first_rows_come(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), size=(120, 30)) as viewer:
        await viewer.until_shown("There are no entries here yet.")
        await viewer.press("H")
        await viewer.until(lambda: " run " not in head(viewer))
        database.insert("Peaks", {"n": 1, "result.summary": "hits: 812;rate: 0.05", "valid_flag": 1})
        database.connection.commit()
        await viewer.press("r")
        await viewer.until_shown("1 entry", "hits: 812;rate: 0.05")
        assert " rate " not in head(viewer)
        assert " run " not in head(viewer)
