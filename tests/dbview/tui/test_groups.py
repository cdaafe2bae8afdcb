"""The rows of a filter, counted by one column or by two."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from dbview.query.view import View
from dbview.screens.numbers.number_lines import signed_bar
from dbview.source.view.outcomes import Outcome
from dbview.widgets.share_bar import bar_spans, outcome_words
from tests.dbview.database import Database

from .conftest import Look

PEAKS = "FindPeaksPyAlgos"


async def test_rows_are_grouped_by_the_current_column(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS, "run=14..21")) as viewer:
        await viewer.until_shown("11 of 13")
        await viewer.press("b")
        await viewer.until_shown(
            f"{PEAKS} › by run", "8 valid · 3 not: ", "8 groups · run=14..21 · by value", "Enter show rows"
        )
        (line,) = [line for line in viewer.lines if line.removeprefix("▌").split()[:1] == ["17"]]
        assert line.removeprefix("▌").split()[1] == "2"
        assert "1 valid · 1 not: F1" in line
        await viewer.press("s")
        await viewer.until_shown("by count")
        await viewer.press("s")
        await viewer.until_shown("by value")
        await viewer.until(lambda: viewer.cursor_line)
        await viewer.press("home")
        await viewer.until(lambda: viewer.cursor_line.split()[1:2] == ["14"])
        await viewer.press("enter")
        await viewer.until_shown('/ run=14..21 run="14"', "2 of 13")
        await viewer.press("escape")
        await viewer.until_shown("by value")


async def test_runs_of_several_experiments_are_groups_of_their_own(database: Database, look: Look) -> None:
    rows = []
    for experiment, run in [("mfxb", "12"), ("mfxa", "12"), ("mfxa", "9"), ("mfxa", "9")]:
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
        rows.append({"gen_cfg_id": len(rows) + 1, "valid_flag": 1, "hits": len(rows)})
    database.task("Find", {"hits": "INTEGER"}, rows)
    async with look(database.path, View("Find", columns=("run",))) as viewer:
        await viewer.until_shown("4 entries")
        await viewer.press("b")
        await viewer.until_shown("3 groups · by value")
        shown = [line.removeprefix("▌").split()[:3] for line in viewer.lines if "mfx" in line and "valid" in line]
        assert shown == [["mfxa", "9", "2"], ["mfxa", "12", "1"], ["mfxb", "12", "1"]]
        await viewer.until(lambda: viewer.cursor_line)
        await viewer.press("end")
        await viewer.until(lambda: "mfxb" in viewer.cursor_line)
        await viewer.press("enter")
        await viewer.until_shown('/ experiment="mfxb" run="12"', "1 of 4")
        await viewer.press("escape", "v")
        await viewer.type("hits")
        await viewer.press("enter")
        await viewer.until_shown("mean", "mfxa 9 ", "mfxb 12 ")
        await viewer.press("b")
        await viewer.type("status")
        await viewer.press("enter")
        await viewer.until_shown("by run and result.task_status", "mfxb 12", "1/1")
        await viewer.press("escape")
        await viewer.filter("experiment=mfxa")
        await viewer.until_shown("3 of 4")
        await viewer.press("b")
        await viewer.until_shown("2 groups", "by value")
        assert "mfxa 9" not in viewer.text


async def test_numbers_of_a_column_are_told_of_each_group(database: Database, look: Look) -> None:
    rows = [("a", "hits: 10"), ("a", "hits: 30"), ("b", "hits: 5"), ("b", None), ("c", "none")]
    database.task("Task", {"mode": "TEXT"}, [{"mode": mode, "result.summary": text} for mode, text in rows])
    async with look(database.path, View("Task")) as viewer:
        await viewer.until_shown("5 entries", "mode")
        await viewer.press("home")
        await viewer.until(lambda: viewer.cursor_line)
        while "by mode" not in viewer.text:
            await viewer.press("right", "b")
            await viewer.until_shown("Task › by ")
            if "by mode" not in viewer.text:
                await viewer.press("escape")
                await viewer.until_shown("5 entries")
        await viewer.press("v")
        await viewer.type("summary.hits")
        await viewer.press("enter")
        await viewer.until_shown("numbers", "mean", "summary.hits")
        rows_shown = [line.removeprefix("▌").split()[:5] for line in viewer.lines]
        assert ["a", "2", "20", "10", "30"] in rows_shown
        assert ["b", "1", "5", "5", "5"] in rows_shown
        assert not [row for row in rows_shown if row[:1] == ["c"]]
        await viewer.until_shown("2 of 3 groups with numbers")
        await viewer.press("enter")
        await viewer.until_shown('/ mode="a"', "2 of 5")
        await viewer.press("escape", "v")
        await viewer.until(lambda: "mean" not in viewer.text)
        await viewer.press("v")
        await viewer.type("mode")
        await viewer.press("enter")
        await viewer.until_shown("mode holds no numbers here; v asks for others")
        await viewer.press("b")
        await viewer.type("status")
        await viewer.press("enter")
        await viewer.until_shown("by mode and result.task_status")
        assert "numbers of" not in viewer.text


async def test_means_have_the_digits_of_their_numbers_and_bars_the_side_of_their_sign(
    database: Database, look: Look
) -> None:
    jobs = [("a", 48151623)] * 6 + [("b", 48151623), ("b", 48151624), ("c", -20_000_000), ("d", 1234567.25)]
    database.task("Task", {"mode": "TEXT", "job": "NUMERIC"}, [{"mode": mode, "job": job} for mode, job in jobs])
    async with look(database.path, View("Task", columns=("mode",))) as viewer:
        await viewer.until_shown("10 entries")
        await viewer.press("b")
        await viewer.until_shown("4 groups")
        await viewer.press("v")
        await viewer.type("job")
        await viewer.press("enter")
        await viewer.until_shown("numbers", "mean")
        shown = {words[0]: words[1:5] for line in viewer.lines if len(words := line.removeprefix("▌").split()) > 4}
        assert shown["a"] == ["6", "48151623", "48151623", "48151623"]
        assert shown["b"] == ["2", "48151623.5", "48151623", "48151624"]
        assert shown["d"] == ["1", "1234567.25", "1234567.25", "1234567.25"]
        drawn = {line.removeprefix("▌").split()[:1][0]: line for line in viewer.lines if "│" in line and "█" in line}
        assert "█│" in drawn["c"]
        assert "│█" in drawn["a"]
        assert drawn["a"].index("│") == drawn["c"].index("│")


SIZES = st.floats(1e-100, 1e200)
GREATEST = sys.float_info.max
WIDTHS = st.integers(4, 200)


@given(numbers=st.lists(st.one_of(SIZES, SIZES.map(lambda size: -size), st.just(0)), min_size=1), width=WIDTHS)
@example([GREATEST, -GREATEST], 4)
@example([-5e-324, 0], 4)
def test_a_bar_lies_on_the_side_of_its_sign_and_is_seen(numbers: list[float], width: int) -> None:
    for number in numbers:
        drawn = signed_bar(number, min(numbers), max(numbers), width)
        assert cell_len(drawn) <= width
        before, zero, after = drawn.rpartition("│")
        assert bool(zero) == (min(numbers) < 0)
        assert (bool(before.strip()), bool(after)) == (number < 0, number > 0)


async def test_a_second_column_makes_a_matrix_of_fractions(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS)) as viewer:
        await viewer.until_shown("13 entries")
        await viewer.press("b")
        await viewer.until_shown("by run", "10 groups")
        await viewer.press("b")
        await viewer.type("nothing")
        await viewer.press("enter")
        await viewer.until_shown("has no column nothing")
        await viewer.press("b")
        await viewer.type("run")
        await viewer.press("enter")
        await viewer.until_shown("grouped by run already", "10 groups")
        await viewer.press("b")
        await viewer.type("status")
        await viewer.press("enter")
        await viewer.until_shown("› by run and result.task_status", "0/1", "1/1")
        await viewer.press("enter", "right", "enter")
        await viewer.until_shown('run="12" status="COMPLETED"', "1 of 13")
        await viewer.press("escape", "b")
        await viewer.until_shown("10 groups")


async def test_many_numbers_are_put_into_bins_that_filter(database: Database, look: Look) -> None:
    entry = {"result.task_status": "COMPLETED", "valid_flag": 1}
    database.task("Find", {"n": "INTEGER"}, [{**entry, "n": number} for number in range(300)])
    async with look(database.path, View("Find", columns=("n",))) as viewer:
        await viewer.until_shown("300 entries")
        await viewer.press("b")
        await viewer.until_shown("0 to < 10", "300 valid", "30 groups")
        await viewer.press("home", "enter")
        await viewer.until_shown("n>=0 n<10", "10 of 300")


async def test_thousands_of_runs_are_put_into_bins_that_filter(database: Database, look: Look) -> None:
    entries = []
    for run in range(2_500):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": str(run)})
        entries.append({"gen_cfg_id": run + 1, "valid_flag": 1})
    database.task("Find", {}, entries)
    async with look(database.path, View("Find", columns=("run",))) as viewer:
        await viewer.until_shown("2,500 entries")
        await viewer.press("b")
        await viewer.until_shown("0 to < 100", "25 groups · numbers in bins")
        assert "others" not in viewer.text
        await viewer.press("home", "enter")
        await viewer.until_shown("run>=0 run<100", "100 of 2,500")


async def test_no_row_makes_no_group(database: Database, look: Look) -> None:
    database.task("Find", {}, [])
    async with look(database.path, View("Find")) as viewer:
        await viewer.until_shown("There are no entries here yet.")
        await viewer.press("b")
        await viewer.until_shown("No row matches.")
        await viewer.press("enter", "s", "escape")
        await viewer.until_shown("There are no entries here yet.")


async def test_secret_values_stay_masked(database: Database, look: Look) -> None:
    database.task("Find", {"api_token": "TEXT"}, [{"api_token": "hunter2"}])
    async with look(database.path, View("Find", columns=("api_token",))) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("b")
        await viewer.until_shown("1 group")
        await viewer.press("enter")
        await viewer.until_shown("It has a secret, which is masked")
        assert "hunter2" not in viewer.text


OUTCOMES = st.dictionaries(
    st.builds(Outcome, st.sampled_from(["COMPLETED", "FAILED", None, "odd"]), st.sampled_from([0, 1, None])),
    st.integers(1, 10**7),
    min_size=1,
)


@given(outcomes=OUTCOMES, width=st.integers(3, 200))
def test_the_bar_is_as_wide_as_asked_and_shows_whatever_there_is(outcomes: dict[Outcome, int], width: int) -> None:
    spans = bar_spans(outcomes, width)
    assert sum(cell_len(text) for text, _tone in spans) == width
    drawn = "".join(text for text, _tone in spans)
    for mark, flag in (("█", 1), ("▒", 0), ("░", None)):
        assert (mark in drawn) == any(outcome.valid == flag for outcome in outcomes)


def test_words_say_how_many_are_valid_and_what_became_of_the_others() -> None:
    counts = {Outcome("COMPLETED", 1): 8, Outcome("FAILED", 0): 2, Outcome("COMPLETED", 0): 1, Outcome(None, None): 1}
    assert outcome_words(counts) == "8 valid · 3 not: F2 ✓x1 · 1 unknown"
    assert outcome_words({Outcome(None, None): 1}) == "1 row"
    assert bar_spans({}, 10) == []


async def test_the_bar_of_a_table_always_follows_its_filter(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS)) as viewer:
        await viewer.until_shown("13 entries", "10 valid · 3 not: ")
        await viewer.filter("run=14..16")
        await viewer.until_shown("5 of 13", "3 valid · 2 not: ")
        await viewer.filter("status!=COMPLETED")
        await viewer.until_shown("3 of 13", "0 valid · 3 not: ")
        bar = next(line for line in viewer.lines if "3 not" in line)
        assert "▒" in bar
        assert "█" not in bar


async def test_a_table_without_validity_has_no_bar(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE notes(id INTEGER PRIMARY KEY, a)")
    database.insert("notes", {"a": "x"})
    database.connection.commit()
    async with look(database.path, View("notes")) as viewer:
        await viewer.until_shown("1 row", "id", "x")
        assert "█" not in viewer.text


async def test_a_part_of_a_name_means_the_only_column_that_has_it(sample: Callable[[str], Path], look: Look) -> None:
    async with look(sample("lute-v01.db"), View(PEAKS), size=(120, 30)) as viewer:
        await viewer.until_shown("13 entries")
        await viewer.press("b")
        await viewer.until_shown("by run")
        for text, words in (("number of", "have number of in their names:"), ("n*othing", "has no column n*othing")):
            await viewer.press("v")
            await viewer.type(text)
            await viewer.press("enter")
            await viewer.until(lambda words=words: words.replace(" ", "") in viewer.said)
            # It is said once: the line over the groups still begins with what they are.
            (line,) = (line for line in viewer.lines if " groups · " in line)
            assert line.split()[1] == "groups"
        await viewer.press("v")
        await viewer.type("hits")
        await viewer.press("enter")
        await viewer.until_shown("numbers", "mean", "Number of hits found")
