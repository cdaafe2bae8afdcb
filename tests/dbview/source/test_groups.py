"""Rows counted by the values of columns, against the rows themselves."""

from __future__ import annotations

import contextlib
import math
import statistics
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dbview.query.names import find_column
from dbview.source.numbers import axis as axis_module
from dbview.source.numbers import groups as groups_module
from dbview.source.numbers.axis import Bin, Others
from dbview.source.numbers.groups import Groups, group
from dbview.source.source import Source, open_source
from dbview.source.view import scan
from dbview.source.view.outcomes import Outcome, OutcomeCounting
from dbview.source.view.rows import KeyRange
from dbview.source.view.selection import Selection
from dbview.values import Clipped
from tests.dbview.database import Database, keys_of


def grouped(source: Source, table: str, *names: str, filter: str = "") -> Groups:
    """Return the groups by these columns."""
    relation = source.relation(table)
    reader = source.reader(10**9)
    try:
        columns = [find_column(relation, name) for name in names]
        return group(reader, relation, filter, columns, lambda _found: None, lambda: False)
    finally:
        reader.close()


def totals(found: Groups) -> dict[Any, int]:
    """Return the number of rows of each group."""
    return {values if len(values) != 1 else values[0]: sum(counts.values()) for values, counts in found.counts.items()}


def test_a_filter_is_counted_by_how_its_rows_went(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    found = grouped(source, "FindPeaksPyAlgos", filter="run=14..21")
    assert found.complete
    assert found.outcomes() == {
        Outcome("COMPLETED", 1): 8,
        Outcome("FAILED", 0): 1,
        Outcome("TIMEDOUT", 0): 1,
        Outcome("CANCELLED", 0): 1,
    }


@settings(max_examples=30, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.one_of(st.integers(0, 400), st.sampled_from(["a", None])),
            st.one_of(st.integers(-(2**60), 2**60), st.floats(width=32), st.sampled_from(["7", "x", None, b"1"])),
        ),
        max_size=150,
    )
)
def test_numbers_of_groups_are_those_of_their_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any]]
) -> None:
    database = Database(tmp_path_factory.mktemp("groups") / "lute.db")
    database.task("Task", {"by": "BLOB", "of": "BLOB"}, [{"by": by, "of": of} for by, of in rows])
    database.connection.close()
    with contextlib.closing(open_source(database.path)) as source:
        relation, reader = source.relation("Task"), source.reader(10**9)
        by, of = (find_column(relation, name) for name in ("by", "of"))
        found = group(reader, relation, "", [by], lambda _found: None, lambda: False, of)
        reader.close()
    numbers = [7 if number == "7" else number for _by, number in rows]
    finite = [one for one in numbers if isinstance(one, int | float) and math.isfinite(one)]
    assert sum(one.count for one in found.numbers.values()) == len(finite)
    assert sum(one.total for one in found.numbers.values()) == sum(map(Fraction, finite))
    for (value,), one in found.numbers.items():
        of_group = [
            number
            for (own, _of), number in zip(rows, numbers, strict=True)
            if (value.low <= own < value.high if isinstance(value, Bin) and isinstance(own, int) else own == value)
            and number in finite
        ]
        assert (one.count, one.low, one.high) == (len(of_group), min(of_group), max(of_group))
        assert one.mean == pytest.approx(statistics.fmean(of_group))


def test_rows_are_grouped_by_columns_of_any_kind(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    assert totals(grouped(source, "IndexCrystFEL", "indexing"))["xgandalf,mosflm"] == 1
    by_run = totals(grouped(source, "FindPeaksPyAlgos", "run"))
    assert (by_run["17"], by_run["21"], len(by_run)) == (2, 1, 10)
    assert totals(grouped(source, "Test", "experiment")) == {"EXPX00000": 9}
    assert totals(grouped(source, "FindPeaksPyAlgos", 'summary."Number of hits found"'))["812"] == 1
    assert totals(grouped(source, "FindPeaksPyAlgos", "env.SLURM_JOB_ID"))["48210619"] == 1
    both = totals(grouped(source, "FindPeaksPyAlgos", "run", "status"))
    assert both["16", "TIMEDOUT"] == 1
    assert sum(both.values()) == 13


@settings(max_examples=50, deadline=None)
@given(
    numbers=st.lists(
        st.one_of(
            st.integers(-(2**40), 2**40),
            st.integers(0, 300),
            st.floats(-1e6, 1e6, allow_nan=False),
            st.sampled_from([0.1, 0.15, 0.3, 0.7]),
        ),
        max_size=300,
    ),
    most=st.integers(2, 20),
)
def test_numbers_lie_in_the_bins_that_they_are_counted_in(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[float], most: int
) -> None:
    database = Database(tmp_path_factory.mktemp("groups") / "lute.db")
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for number in numbers:
        database.insert("t", {"n": number})
    database.connection.commit()
    database.connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(axis_module, "BINNED_ABOVE", most)
        patch.setattr(scan, "_FIRST_STEP_ROWS", 7)
        source = open_source(database.path)
        found = totals(grouped(source, "t", "n"))
        source.close()
    assert sum(found.values()) == len(numbers)
    if len(set(numbers)) <= most:
        assert found == Counter(numbers)
    else:
        assert all(isinstance(value, Bin) for value in found)
        assert found == {
            each: count for each in found if (count := sum(each.low <= number < each.high for number in numbers))
        }
        assert len(found) <= 2 * axis_module.BINS


def test_what_a_group_of_numbers_counts_is_what_its_filter_finds(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for number in range(500):
        database.insert("t", {"n": number * 0.01})
    database.connection.commit()
    source = opened(database.path)
    for each, count in totals(grouped(source, "t", "n")).items():
        assert len(keys_of(source, "t", f"n>={each.low} n<{each.high}")) == count


@settings(max_examples=20, deadline=None)
@given(
    runs=st.lists(st.one_of(st.integers(0, 10**6), st.sampled_from([0.25, 1e300])), unique=True, max_size=60),
    most=st.integers(3, 20),
)
def test_texts_that_spell_too_many_numbers_to_tell_apart_are_put_into_bins(
    tmp_path_factory: pytest.TempPathFactory, runs: list[float], most: int
) -> None:
    database = Database(tmp_path_factory.mktemp("groups") / "lute.db")
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, run TEXT)")
    for run in runs:
        database.execute("INSERT INTO t(run) VALUES (?), (?)", (str(run), f"  {run}"))
    database.connection.commit()
    database.connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups_module, "MOST_VALUES", most)
        patch.setattr(scan, "_FIRST_STEP_ROWS", 7)
        with contextlib.closing(open_source(database.path)) as source:
            found = totals(grouped(source, "t", "run"))
    if 2 * len(runs) <= most:
        assert found == {text: 1 for run in runs for text in (str(run), f"  {run}")}
    else:
        assert found == {
            each: 2 * count for each in found if (count := sum(each.low <= run < each.high for run in runs))
        }
        assert sum(found.values()) == 2 * len(runs)


def test_a_word_among_many_runs_is_told_apart_from_their_bins(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups_module, "MOST_VALUES", 20)
    rows = [{"shot": str(run), "api_token": str(run), "name": f"n{run}"} for run in range(100)]
    words = {"shot": "dark", "api_token": "dark", "name": "7"}
    database.task("Find", dict.fromkeys(words, "TEXT"), [*rows, words, {**words, "shot": None}])
    source = opened(database.path)
    by_shot = totals(grouped(source, "Find", "shot"))
    assert (by_shot.pop("dark"), by_shot.pop(None)) == (1, 1)
    for each, count in by_shot.items():
        assert len(keys_of(source, "Find", f"shot>={each.low} shot<{each.high}")) == count
    found = totals(grouped(source, "Find", "name"))
    assert found[Others.OTHERS] > 80
    assert not any(isinstance(value, Bin) for value in found)
    # A bin would tell of numbers that are masked, and so would how many there are.
    assert totals(grouped(source, "Find", "api_token")) == {"***": 102}


def test_more_values_than_are_told_apart_are_counted_together(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups_module, "MOST_VALUES", 3)
    monkeypatch.setattr(scan, "_FIRST_STEP_ROWS", 2)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for letter in "abcdef":
        database.insert("t", {"n": letter})
    database.connection.commit()
    found = totals(grouped(opened(database.path), "t", "n"))
    assert found[Others.OTHERS] == 3
    assert len(found) == 4


def test_values_of_any_kind_are_groups(database: Database, opened: Callable[[Path], Source]) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in (None, None, "", b"", b"\xff", "1", 1, 1.5, float("inf"), "x" * 10_000, "x" * 10_000):
        database.insert("t", {"n": value})
    database.connection.commit()
    database.execute("INSERT INTO t(n) VALUES (CAST(x'ff' AS TEXT))")
    found = totals(grouped(opened(database.path), "t", "n"))
    assert found[None] == 2
    assert found[Clipped("x" * 400, None)] == 2
    assert sum(found.values()) == 12
    assert len(found) == 10


def test_long_texts_are_told_apart_by_whole_characters(database: Database, opened: Callable[[Path], Source]) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for text in ("漢" * 5_000, "漢" * 6_000, "ä" + "漢" * 5_000, "a漢" * 3_000):
        database.insert("t", {"n": text})
    database.connection.commit()
    found = totals(grouped(opened(database.path), "t", "n"))
    assert found == {
        Clipped("漢" * 400, None): 2,
        Clipped("ä" + "漢" * 399, None): 1,
        Clipped("a漢" * 200, None): 1,
    }


ODD = st.sampled_from(["COMPLETED", "completed", "FAILED", "", "x" * 19, "x" * 20, "x" * 30, None, 5, 5.0, b"FAILED"])


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(ODD, st.sampled_from([0, 1, None, 2, 0.5, "1", "yes"])), min_size=1, max_size=40),
    step=st.integers(1, 15),
    declared=st.sampled_from(["TEXT", "", "TEXT COLLATE NOCASE", "INTEGER"]),
)
@example([("COMPLETED", 1), ("completed", 1)], 1, "TEXT COLLATE NOCASE")
@example([("x" * 20, 1), ("x" * 30, 1)], 1, "TEXT")
@example([("5", 1), (5, 1), (5.0, 2)], 1, "")
def test_how_rows_went_is_counted_step_by_step_as_sqlite_groups_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], step: int, declared: str
) -> None:
    database = Database(tmp_path_factory.mktemp("groups") / "lute.db")
    database.execute(
        "CREATE TABLE Find(id INTEGER PRIMARY KEY, gen_cfg_id, exec_cfg_id, "
        f'"result.task_status" {declared}, valid_flag {declared})'
    )
    for status, valid in rows:
        database.insert("Find", {"result.task_status": status, "valid_flag": valid})
    database.connection.commit()
    expected = Counter(
        {
            Outcome(status, valid): count
            for status, valid, count in database.connection.execute(
                'SELECT substr("result.task_status", 1, 20), CASE valid_flag WHEN 1 THEN 1 WHEN 0 THEN 0 END, count(*) '
                "FROM Find GROUP BY 1, 2"
            )
        }
    )
    database.connection.close()
    source = open_source(database.path)
    reader = source.reader(10**9)
    counting = OutcomeCounting(Selection(reader, source.relation("Find"), "", lambda: False))
    found: Counter[Outcome] = Counter()
    for low in range(1, len(rows) + 1, step):
        found.update(counting.counted(KeyRange(low, low + step - 1)))
    reader.close()
    source.close()
    assert found == expected
