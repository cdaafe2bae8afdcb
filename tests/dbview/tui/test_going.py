"""Going to a row by its id or by its number."""

from __future__ import annotations

import pytest

from dbview.query.view import SortKey, View
from tests.dbview.database import Database

from .conftest import Look, Viewer

GREATEST, SMALLEST = 2**63 - 1, -(2**63)


async def go_to(viewer: Viewer, text: str) -> None:
    """Press ``g`` and answer."""
    await viewer.press("g")
    await viewer.until_shown("go to id, or to row +123:")
    await viewer.type(text)
    await viewer.press("enter")


@pytest.fixture
def table(database: Database) -> Database:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for place, key in enumerate((GREATEST, 1_000, 7, 0, -5, SMALLEST), start=1):
        database.insert("t", {"id": key, "n": f"place {place}"})
    database.connection.commit()
    return database


async def test_an_id_or_the_number_of_a_row_is_gone_to_at_both_ends(table: Database, look: Look) -> None:
    async with look(table.path, View("t")) as viewer:
        await viewer.until_shown("6 rows", "place 1")
        ends = (("+6", 6), ("+1", 1), (str(SMALLEST), 6), (str(GREATEST), 1), ("-5", 5), ("#7", 3), ("0", 4), ("+2", 2))
        for text, place in ends:
            await go_to(viewer, text)
            await viewer.until(lambda place=place: f"place {place}" in viewer.cursor_line)


@pytest.mark.parametrize("text", ["+0", "+7", "8", str(GREATEST + 1), str(SMALLEST - 1), "+", "7.0", "1_000", "\u0663"])
async def test_what_is_no_row_is_told(table: Database, look: Look, text: str) -> None:
    async with look(table.path, View("t")) as viewer:
        await viewer.until_shown("6 rows", "place 1")
        await go_to(viewer, text)
        await viewer.until_shown(f"There is no {'row' if text[0] == '+' else 'id'} {text.removeprefix('+')}")
        assert "place 1" in viewer.cursor_line


async def test_a_row_number_counts_what_matches_in_the_order_shown(table: Database, look: Look) -> None:
    async with look(table.path, View("t", "id>=0", (SortKey("n", descending=True),))) as viewer:
        await viewer.until_shown("4 of 6", "place 4")
        await go_to(viewer, "+4")
        await viewer.until(lambda: "place 1" in viewer.cursor_line)
        await go_to(viewer, "+5")
        await viewer.until_shown("There is no row 5 among the rows that match.")


async def test_rows_without_ids_are_gone_to_by_their_number(table: Database, look: Look) -> None:
    table.execute("CREATE VIEW places AS SELECT n FROM t ORDER BY n")
    async with look(table.path, View("places", sort=(SortKey("n", descending=True),))) as viewer:
        await viewer.until_shown("6 rows", "place 6")
        await go_to(viewer, "2")
        await viewer.until(lambda: "place 2" in viewer.cursor_line)
        await go_to(viewer, "+2")
        await viewer.until(lambda: "place 5" in viewer.cursor_line)
        await go_to(viewer, "7")
        await viewer.until_shown("There is no row 7 in this table.")
