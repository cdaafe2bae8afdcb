"""Columns that are parts of others, in the grid: named in a View, filtered and sorted by, narrowed to a value."""

from __future__ import annotations

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look


async def test_a_named_value_of_the_summary_is_a_column_of_the_grid(database: Database, look: Look) -> None:
    summaries = [f"Hit rate: {number / 10};note: n{number}" for number in (3, 10, 7)]
    database.task("Peaks", {}, [{"result.summary": summary} for summary in summaries])
    names = ("summary.Hit rate", "summary.note", "summary.gone", "nosuch")
    view = View("Peaks", "summary.hit_rate>=0.5", columns=names)
    async with look(database.path, view) as viewer:
        await viewer.until_shown(" Hit rate", " note", " gone", "2 of 3", "n7", "n10")
        rows = [line.split()[-3:] for line in viewer.lines if line.split()[-1:] == ["∅"]]
        assert rows[:2] == [["0.7", "n7", "∅"], ["1.0", "n10", "∅"]]
        await viewer.press("s", "s")
        await viewer.until(lambda: "n10" in viewer.cursor_line)
        await viewer.press("equals_sign")
        await viewer.until_shown("1 of 3")
        await viewer.until(lambda: "n7" not in viewer.text)


async def test_numbers_of_a_summary_stand_at_the_right_below_the_name_of_their_pair(
    database: Database, look: Look
) -> None:
    rows = [{"note": "n", "result.summary": f"Number of hits found: {hits};note: x"} for hits in (7, 1599)]
    database.task("Peaks", {"note": "TEXT"}, rows)
    names = ("note", "summary.Number of hits found", "summary.note")
    async with look(database.path, View("Peaks", columns=names)) as viewer:
        await viewer.until_shown("  Number of hits found", "summary.note", " 1599  x")
        assert "summary.Number" not in viewer.text
        assert "    7  x" in viewer.text


async def test_a_narrow_key_line_names_what_cannot_be_guessed(database: Database, look: Look) -> None:
    database.task("Peaks", {"a": ""}, [{"a": 1}])
    async with look(database.path, View("Peaks"), size=(80, 24)) as viewer:
        await viewer.until_shown("v columns", "f follow")
