"""Columns of few values on the screen, and narrowing the filter by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.query.view import View
from dbview.screens.cell_filter import with_condition
from dbview.screens.numbers.facets import without_condition
from tests.dbview.database import Database

from .conftest import Look, Viewer

PEAKS = "FindPeaksPyAlgos"


async def go_to(viewer: Viewer, value: str) -> None:
    """Put the cursor on the first line of a value."""
    await viewer.press("home")
    for _ in range(100):
        if value in viewer.cursor_line:
            return
        await viewer.press("down")
    pytest.fail(viewer.text)


async def test_a_value_narrows_the_filter_and_again_widens_it(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS, "run=14..21"), size=(100, 60)) as viewer:
        await viewer.until_shown("11 of 13")
        await viewer.press("F")
        await viewer.until_shown("› facets", "11 rows", "result.task_status", "COMPLETED", "TIMEDOUT", "Enter filter")
        await go_to(viewer, "TIMEDOUT")
        await viewer.press("enter")
        await viewer.until_shown("1 row · ", 'run=14..21 status="TIMEDOUT"', "● TIMEDOUT")
        await viewer.press("escape")
        await viewer.until_shown('/ run=14..21 status="TIMEDOUT"', "1 of 13")
        await viewer.press("F")
        await viewer.until_shown("› facets", "1 row · ")


async def test_choosing_again_takes_the_value_out(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS), size=(100, 60)) as viewer:
        await viewer.until_shown("13 entries")
        await viewer.press("F")
        await viewer.until_shown("13 rows", "TIMEDOUT")
        await go_to(viewer, "TIMEDOUT")
        await viewer.press("enter")
        await viewer.until_shown("1 row · ", "● TIMEDOUT")
        await go_to(viewer, "TIMEDOUT")
        await viewer.press("enter")
        await viewer.until_shown("13 rows", "CANCELLED")
        await viewer.press("escape")
        await viewer.until_shown("13 entries")


async def test_no_facets_have_words(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    database.insert("t", {"n": 1})
    database.connection.commit()
    async with look(database.path, View("t")) as viewer:
        await viewer.until_shown("1 row")
        await viewer.press("F")
        await viewer.until_shown("No column has 2 to 12 different values.")
        await viewer.press("enter", "escape")
        await viewer.until_shown("t")


@given(
    text=st.sampled_from(["", "a=1", "a=1 or b=2", "(a=1 or b=2) c=3", "beam loss"]),
    condition=st.sampled_from(['d="x y"', "a=1", 'status="FAILED"']),
    later=st.sampled_from(["", "e=5"]),
)
def test_a_filter_without_what_it_was_narrowed_by_finds_what_it_did(text: str, condition: str, later: str) -> None:
    narrowed = with_condition(text, condition)
    back = without_condition(with_condition(narrowed, later) if later else narrowed, condition)
    expected = with_condition(text, later) if later else text
    assert back.replace("(", "").replace(")", "") == expected.replace("(", "").replace(")", "")
    assert without_condition(text, 'nothing="1"') == text
