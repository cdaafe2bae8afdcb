"""A column of numbers as points, on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.source.numbers import points as points_module
from dbview.widgets.plot import Plot
from tests.dbview.database import Database

from .conftest import Look

PEAKS = "FindPeaksPyAlgos"
HITS = 'summary."Number of hits found"'


async def test_a_summary_number_against_time_run_and_id(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS, columns=(HITS,))) as viewer:
        await viewer.until_shown("13 entries")
        await viewer.press("P")
        await viewer.until_shown("against timestamp", "10 of 13 rows · 3 without a number", "02-14 12:00", "1,500")
        await viewer.press("x")
        await viewer.until_shown("against run", "10 of 13 rows", "#13 · 1,599 · run 21")
        await viewer.press("left")
        await viewer.until_shown("#12 · 1,650 · run 20")
        await viewer.press("home")
        await viewer.until_shown("#1 · 812 · run 12")
        await viewer.press("enter")
        await viewer.until_shown(f"{PEAKS} › #1", "COMPLETED")
        await viewer.press("escape")
        await viewer.until_shown("#1 · 812 · run 12")
        await viewer.press("x")
        await viewer.until_shown("against id")
        await viewer.press("escape")
        await viewer.until_shown("13 entries")


async def test_a_narrow_line_reads_the_value_whole_and_leaves_out_the_legend(
    sample: Callable[[str], Path], look: Look
) -> None:
    for width, has_legend in ((80, True), (50, False)):
        async with look(sample("lute-v01.db"), View(PEAKS, columns=(HITS,)), size=(width, 24)) as viewer:
            await viewer.until_shown("13 entries")
            await viewer.press("P")
            await viewer.until_shown("#13 · 1,599 · 2024-02-14 16:28:08 UTC")
            assert ("• valid" in viewer.text) is has_legend


async def test_valid_and_not_valid_are_told_apart_without_colours(database: Database, look: Look) -> None:
    rows = [(1, 1.0, 1), (2, 2.0, 0), (3, 3.0, 1), (3, 3.0, 0)]
    database.task("Find", {"a": "", "b": ""}, [{"a": a, "b": b, "valid_flag": valid} for a, b, valid in rows])
    async with look(database.path, View("Find", columns=("b",))) as viewer:
        await viewer.until_shown("4 entries")
        await viewer.press("P", "a")
        await viewer.type("nothing")
        await viewer.press("enter")
        await viewer.until_shown("has no column nothing")
        await viewer.press("a")
        await viewer.type("a")
        await viewer.press("enter")
        await viewer.until_shown("b against a", "4 of 4 rows", "the newest of 2 rows here, 1 not valid")
        drawn = "".join(line.split("│")[-1].split("┤")[-1] for line in viewer.lines if "│" in line or "┤" in line)
        assert sorted(drawn.replace(" ", "")) == ["&", "x", "•"]
        await viewer.press("down")
        await viewer.until_shown("#2 · 2 · a 2 · not valid")


async def test_where_the_legend_needs_the_room_a_point_is_read_in_few_words(database: Database, look: Look) -> None:
    entries = [{"a_parameter_of_a_long_name": 3, "b": 3.0, "valid_flag": valid} for valid in (1, 0)]
    database.task("Find", {"a_parameter_of_a_long_name": "", "b": ""}, entries)
    async with look(database.path, View("Find", columns=("b",)), size=(80, 24)) as viewer:
        await viewer.until_shown("2 entries")
        await viewer.press("P", "a")
        await viewer.type("a_parameter_of_a_long_name")
        await viewer.press("enter")
        await viewer.until_shown("#2 · 3 · 3 · 2 rows, 1 x", "• valid  x not  & both")
        await viewer.pilot.resize_terminal(140, 24)
        await viewer.until_shown("the newest of 2 rows here, 1 not valid", "• valid  x not  & both")


@pytest.mark.parametrize("values", [(612, 1480), (1, 1.9), (-3, 11), (4990, 5001)])
async def test_an_axis_has_three_numbers_at_least_where_there_is_room(
    database: Database, look: Look, values: tuple[float, float]
) -> None:
    database.task("Find", {"b": ""}, [{"b": value} for value in values])
    async with look(database.path, View("Find", columns=("b",)), size=(80, 24)) as viewer:
        await viewer.until_shown("2 entries")
        await viewer.press("P")
        for height in (24, 17, 13, 30):
            await viewer.pilot.resize_terminal(80, height)
            await viewer.until(lambda height=height: len(viewer.lines) == height)
            await viewer.until(lambda: sum("┤" in line for line in viewer.lines) >= 3)


async def test_many_points_are_drawn_in_braille_and_share_their_places(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points_module, "MOST_SPOTS", 1_000)
    entries = [{"b": number % 97, "valid_flag": int(number % 3 > 0)} for number in range(5_000)]
    database.task("Find", {"b": ""}, entries)
    async with look(database.path, View("Find", columns=("b",))) as viewer:
        await viewer.until_shown("5,000 entries")
        await viewer.press("P", "x", "x")
        await viewer.until_shown("against id", "5,000 of 5,000 rows", "rows here")
        plot = viewer.app.screen.query_one(Plot)
        assert sum(cell.valid + cell.not_valid for cell in plot.cells.values()) == 5_000
        assert any("\u2800" < character <= "\u28ff" for character in viewer.text)


async def test_a_logarithmic_axis_says_what_has_no_place(database: Database, look: Look) -> None:
    database.task("Find", {"b": ""}, [{"b": number} for number in (0, 1, 10, 100, 1000)])
    async with look(database.path, View("Find", columns=("b",))) as viewer:
        await viewer.until_shown("5 entries")
        await viewer.press("P", "x", "x")
        await viewer.until_shown("against id", "5 of 5 rows")
        await viewer.press("L")
        await viewer.until_shown("4 of 5 rows · 1 not above 0 · logarithmic up", "1,000", "100")
        await viewer.press("L", "X")
        await viewer.until_shown("5 of 5 rows · logarithmic across")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], "No row matches."),
        (["a", None], "No row has a number in both b and id."),
        ([7], "1 of 1 rows"),
        ([7, 7, 7], "3 of 3 rows · all 7"),
        ([float("inf"), 1], "1 of 2 rows · 1 without a number"),
        ([1e308, -1e308], "2 of 2 rows"),
    ],
)
async def test_odd_columns_have_words(database: Database, look: Look, values: list[object], words: str) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, b)")
    for value in values:
        database.insert("t", {"b": value})
    database.connection.commit()
    async with look(database.path, View("t", columns=("b",)), size=(60, 20)) as viewer:
        await viewer.until_shown("t", "b")
        await viewer.press("P")
        await viewer.until_shown("b against id", words)
        await viewer.press("left", "up", "home", "end")
        await viewer.until_shown(words)
