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
        await viewer.until_shown("summary.Hit rate", "summary.note", "summary.gone", "2 of 3", "n7", "n10")
        rows = [line.split()[-3:] for line in viewer.lines if line.split()[-1:] == ["∅"]]
        assert rows[:2] == [["0.7", "n7", "∅"], ["1.0", "n10", "∅"]]
        await viewer.press("s", "s")
        await viewer.until(lambda: "n10" in viewer.cursor_line)
        await viewer.press("equals_sign")
        await viewer.until_shown("1 of 3")
        await viewer.until(lambda: "n7" not in viewer.text)
