"""The columns of a table: which are shown, in what order and how wide, and by which several the rows are sorted."""

from __future__ import annotations

from dbview.query.view import SortKey, View
from tests.dbview.database import Database

from .conftest import Look, Viewer


def head(viewer: Viewer) -> list[str]:
    """The titles over the grid."""
    return next((line.split() for line in viewer.lines if line.split()[:2] == ["ok", "id"]), [])


def view(viewer: Viewer) -> View:
    """What the table's screen shows, as a link or an export would have it."""
    shown: View = viewer.app.screen_stack[-1].view  # type: ignore[attr-defined]
    return shown


# Sorting


async def test_rows_are_sorted_by_several_columns(database: Database, look: Look) -> None:
    database.task("T", {"a": "INTEGER", "b": "TEXT"}, [{"a": n % 2, "b": "xyz"[n % 3]} for n in range(6)])
    asked = View("T", columns=("a", "b"))
    async with look(database.path, asked) as viewer:
        await viewer.until_shown("6 entries")
        await viewer.press("s")
        await viewer.until_shown("by a ▴", "a▴")
        await viewer.press("right", "S", "S")
        await viewer.until_shown("by a ▴ · by b ▾", "a1▴ b2▾")
        found = [line.removeprefix("▌").split() for line in viewer.lines]
        rows = [tuple(words[-2:]) for words in found if len(words) == 4 and words[1].isdecimal()]
        assert rows == [("0", "z"), ("0", "y"), ("0", "x"), ("1", "z"), ("1", "y"), ("1", "x")]
        assert view(viewer).sort == (SortKey("a"), SortKey("b", descending=True))
        await viewer.press("S")
        await viewer.until(lambda: "a▴" in viewer.text and "by b" not in viewer.text)
        await viewer.press("s")
        await viewer.until_shown("by b ▴")
        assert view(viewer).sort == (SortKey("b"),)
