"""What the values of a column are like, on the screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dbview.query.view import View
from dbview.screens.numbers.statistics_lines import bar
from dbview.source.numbers.statistics_words import number_text
from dbview.source.view import scan
from tests.dbview.database import Database

from .conftest import Look

PEAKS = "FindPeaksPyAlgos"
HITS = 'summary."Number of hits found"'


async def test_a_column_is_described_under_the_filter(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS, "run=14..21", columns=(HITS,)), size=(100, 50)) as viewer:
        await viewer.until_shown("11 of 13")
        await viewer.press("i")
        await viewer.until_shown("statistics", "11 rows · run=14..21", "NULL", "smallest")
        named = {words[0]: words[1] for line in viewer.lines if len(words := line.split()) > 1}
        assert named["count"] == "8"
        assert named["smallest"] == "90"
        assert named["largest"] == "1,711"
        assert named["median"] == "1,455"
        await viewer.until_shown("Histogram   each 100 wide", "Examples")


async def test_a_bar_leads_to_its_rows_and_back(database: Database, look: Look) -> None:
    database.task("Find", {"n": "INTEGER"}, [{"n": number} for number in [*range(100), 7, 7]])
    async with look(database.path, View("Find", columns=("n",)), size=(100, 50)) as viewer:
        await viewer.until_shown("102 entries")
        await viewer.press("i")
        await viewer.until_shown("Histogram   each 10 wide", "0 to < 10", "Most frequent values", "Enter show rows")
        await viewer.press("enter")
        await viewer.until_shown("n>=0 n<10", "12 of 102")
        await viewer.press("escape")
        await viewer.until_shown("Most frequent values")
        await viewer.press(*["down"] * 10, "enter")
        await viewer.until_shown("/ n=7", "3 of 102")


async def test_of_a_path_the_end_is_read_in_statistics_facets_groups_and_below_the_table(
    database: Database, look: Look
) -> None:
    directory = f"/sdf/data/lcls/ds/mfx/mfxl1038923/{'scratch/' * 9}"
    paths = [f"{directory}r{run:04}.cxi" for run in (12, 12, 13)]
    database.task("Find", {"out": "TEXT"}, [{"out": path} for path in paths])
    async with look(database.path, View("Find", columns=("out",)), size=(90, 50)) as viewer:
        await viewer.until_shown("3 entries")
        await viewer.until(lambda: any(line.rstrip().endswith("scratch/r0013.cxi") for line in viewer.lines[-8:]))
        for key, title in (("i", "out: statistics"), ("F", "› facets"), ("b", "by out")):
            await viewer.press(key)
            await viewer.until_shown(title, "scratch/r0012.cxi  ", "scratch/r0013.cxi  ")
            await viewer.press("escape")
            await viewer.until_shown("3 entries")
        await viewer.filter("id>1")
        await viewer.until_shown("2 of 3")
        await viewer.press("i")
        await viewer.until_shown("Examples", "scratch/r0012.cxi", "scratch/r0013.cxi")


async def test_texts_that_read_as_numbers_are_counted_apart_from_numbers(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in (1, 2.5, 3, "4"):
        database.insert("t", {"n": value})
    database.connection.commit()
    async with look(database.path, View("t", columns=("n",))) as viewer:
        await viewer.until_shown("4 rows")
        await viewer.press("i")
        await viewer.until_shown("3 numbers, 1 text that reads as a number", "mean")


async def test_the_numbers_are_plotted_from_their_statistics(database: Database, look: Look) -> None:
    database.task("Find", {"n": "INTEGER"}, [{"n": number} for number in range(9)])
    async with look(database.path, View("Find", "n>4", columns=("n",))) as viewer:
        await viewer.until_shown("4 of 9")
        await viewer.press("i")
        await viewer.until_shown("n: statistics", "4 rows · n>4")
        await viewer.press("P")
        await viewer.until_shown("Find › n against timestamp", "n>4")
        await viewer.press("escape")
        await viewer.until_shown("n: statistics", "4 rows · n>4")


async def test_numbers_over_decades_have_a_logarithmic_histogram(database: Database, look: Look) -> None:
    database.task("Find", {"n": "REAL"}, [{"n": 10.0**power} for power in range(6)])
    async with look(database.path, View("Find", columns=("n",)), size=(100, 50)) as viewer:
        await viewer.until_shown("6 entries")
        await viewer.press("i")
        await viewer.until_shown(
            "Histogram   logarithmic", "1 to < 2", "100,000 to < 200,000", "Examples   no value occurs twice"
        )
        examples = viewer.text.partition("Examples")[2].splitlines()[1:6]
        assert len({line.strip() for line in examples} & {f"{10.0**power}" for power in range(6)}) == 5
        await viewer.press("end", "enter")
        await viewer.until_shown("/ n=", "1 of 6")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([], ["No row matches."]),
        ([None, None], ["2  (100 %)", "different values  0"]),
        ([5, 5, 5], ["1, all the same", "smallest", "5"]),
        ([float("inf"), 1], ["infinite", "count"]),
        (["a", "bcd", b"x"], ["length", "1 to 3 characters, 2 on average", "blobs", "Examples"]),
    ],
)
async def test_odd_columns_have_words(database: Database, look: Look, values: list[object], words: list[str]) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in values:
        database.insert("t", {"n": value})
    database.connection.commit()
    async with look(database.path, View("t", columns=("n",)), size=(80, 40)) as viewer:
        await viewer.until_shown(f"{len(values)} rows" if values else "no rows")
        await viewer.press("i")
        await viewer.until_shown("n: statistics", *words)


async def test_a_secret_is_masked_and_opens_no_rows(database: Database, look: Look) -> None:
    database.task("Find", {"api_token": "TEXT"}, [{"api_token": "12345"}])
    async with look(database.path, View("Find", columns=("api_token",))) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("i")
        await viewer.until_shown("Most frequent values", "***")
        assert "12345" not in viewer.text
        assert "12,345" not in viewer.text
        await viewer.press("enter")
        await viewer.until_shown("It has a secret, which is masked")


async def test_escape_stops_a_scan_that_takes_long(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_FIRST_STEP_ROWS", 1)
    monkeypatch.setattr(scan, "_LARGEST_STEP_ROWS", 1)
    database.task("Find", {"n": "INTEGER"}, [{"n": number} for number in range(30_000)])
    async with look(database.path, View("Find", columns=("n",))) as viewer:
        await viewer.until_shown("entries")
        await viewer.press("i")
        await viewer.until_shown("% scanned · Esc stops")
        await viewer.press("escape")
        await viewer.until_shown("stopped: ", "% scanned · r")
        await viewer.press("escape")
        await viewer.until_shown("entries")


async def test_a_filter_that_makes_no_sense_any_more_is_told(database: Database, look: Look) -> None:
    database.task("Find", {"n": "INTEGER"}, [{"n": 1}])
    async with look(database.path, View("Find", columns=("n",))) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("i")
        await viewer.until_shown("different values")
        database.execute("DROP TABLE Find")
        await viewer.press("r")
        await viewer.until_shown("no such table")


@given(share=st.floats(0, 1), width=st.integers(1, 100))
def test_a_bar_is_no_wider_than_asked_and_shows_whatever_there_is(share: float, width: int) -> None:
    drawn = bar(share, width)
    assert cell_len(drawn) <= width
    assert bool(drawn) == (share > 0)


@given(number=st.one_of(st.integers(), st.floats(allow_nan=False)))
def test_numbers_for_people_are_short_and_right(number: float) -> None:
    text = number_text(number)
    assert len(text) < 25
    if isinstance(number, float) and abs(number) < 1e300:
        assert float(text.replace(",", "")) == pytest.approx(number, rel=1e-5, abs=1e-300)
