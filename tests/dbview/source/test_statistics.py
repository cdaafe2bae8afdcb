"""What is said of a column's values, against Python's own statistics of the same values."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.query.names import find_column
from dbview.source.numbers import statistics as statistics_module
from dbview.source.numbers.histogram import MOST_BINS, HistogramCounting
from dbview.source.numbers.moments import Moments
from dbview.source.numbers.statistics import Statistics, column_statistics
from dbview.source.source import Source, open_source
from dbview.source.view import scan
from tests.dbview.database import Database


def described(source: Source, table: str, name: str, filter: str = "") -> Statistics:
    """Return the statistics of a column."""
    relation = source.relation(table)
    reader = source.reader(10**9)
    try:
        return column_statistics(
            reader, relation, filter, find_column(relation, name), lambda _found: None, lambda: False
        )
    finally:
        reader.close()


def database_of(path: Path, values: list[Any]) -> Path:
    """Return a database with a table ``t`` whose column ``n`` has these values."""
    database = Database(path / "lute.db")
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in values:
        database.insert("t", {"n": value})
    database.connection.commit()
    database.connection.close()
    return database.path


WHOLE = st.integers(-(2**63), 2**63 - 1)
FINITE = st.one_of(WHOLE, st.floats(-1e150, 1e150, allow_nan=False), st.integers(0, 20), st.floats(0, 1))
VALUES = st.one_of(
    FINITE, st.none(), st.text(max_size=5), st.binary(max_size=3), st.sampled_from([math.inf, -math.inf])
)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(VALUES, max_size=60))
def test_statistics_are_those_of_the_values_themselves(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    path = database_of(tmp_path_factory.mktemp("statistics"), values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_FIRST_STEP_ROWS", 7)
        source = open_source(path)
        found = described(source, "t", "n")
        source.close()
    texts = [value for value in values if isinstance(value, str)]
    plain = [text for text in texts if _spells(text) is None]
    every = [value if not isinstance(value, str) else _spells(value) for value in values]
    numbers = [value for value in every if isinstance(value, int | float) and math.isfinite(value)]
    assert found.complete
    assert found.rows == len(values)
    assert found.nulls == values.count(None)
    assert found.blobs == sum(isinstance(value, bytes) for value in values)
    assert found.infinite == sum(isinstance(value, float) and math.isinf(value) for value in every)
    assert found.distinct == len(set(values) - {None})
    assert not found.has_more
    counts = Counter(value for value in values if value is not None)
    assert all(counts[value] == count for value, count in found.frequent)  # type: ignore[index]
    assert [count for _value, count in found.frequent] == sorted(counts.values(), reverse=True)[:20]
    if plain:
        assert found.texts is not None
        lengths = [len(text) for text in plain]
        assert (found.texts.count, found.texts.shortest, found.texts.longest) == (
            len(plain),
            min(lengths),
            max(lengths),
        )
    assert (found.numbers is None) == (not numbers)
    if found.numbers is not None:
        assert (found.numbers.low, found.numbers.high) == (min(numbers), max(numbers))
        assert found.numbers.count == len(numbers)
        assert found.numbers.mean == pytest.approx(float(statistics.fmean(numbers)), rel=1e-9, abs=scale(numbers))
        assert found.numbers.median == pytest.approx(statistics.median(numbers), rel=1e-12)
        assert sum(count for _bin, count in found.numbers.histogram.bins) == len(numbers)


def _spells(text: str) -> float | None:
    try:
        number = float(text) if text.isascii() and "_" not in text and "nan" not in text.lower() else None
    except ValueError:
        number = None
    return number


def scale(numbers: list[float]) -> float:
    """Return what may be lost to rounding in a sum of these numbers."""
    return max(abs(float(number)) for number in numbers) * 1e-12


@settings(deadline=None)
@given(parts=st.lists(st.lists(st.tuples(FINITE, st.integers(1, 5)), min_size=1, max_size=20), min_size=1, max_size=5))
def test_mean_and_deviation_of_parts_are_those_of_the_whole(parts: list[list[tuple[float, int]]]) -> None:
    moments = Moments()
    for part in parts:
        moments.add(part)
    numbers = [float(number) for part in parts for number, rows in part for _ in range(rows)]
    assert moments.count == len(numbers)
    assert moments.mean == pytest.approx(statistics.fmean(numbers), rel=1e-9, abs=scale(numbers))
    if len(numbers) > 1:
        assert moments.deviation == pytest.approx(statistics.stdev(numbers), rel=1e-9, abs=scale(numbers))
    else:
        assert moments.deviation is None


def test_numbers_that_cancel_or_are_very_large_lose_nothing() -> None:
    moments = Moments()
    for part in ([(1e16, 1)], [(1.0, 1)], [(-1e16, 1)]):
        moments.add(part)
    assert moments.mean == pytest.approx(1 / 3, rel=1e-15)
    largest = Moments()
    largest.add([(1.7e308, 3)])
    assert largest.mean == 1.7e308
    assert largest.deviation == 0


@settings(max_examples=300, deadline=None)
@given(
    parts=st.lists(
        st.lists(
            st.one_of(
                st.integers(-(2**63), 2**63 - 1),
                st.floats(allow_nan=False, allow_infinity=False),
                st.floats(1e16, 1e16 + 64),
                st.floats(1e-9, 1e9),
                st.integers(0, 1000),
                st.sampled_from([0.1, 0.3, 0.7, 5e-324, 1.7e308]),
            ),
            min_size=1,
            max_size=40,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_each_number_lies_in_the_bin_it_is_counted_in(parts: list[list[float]]) -> None:
    counting = HistogramCounting()
    for part in parts:
        counting.add([(number, 1) for number in part])
    numbers = [number for part in parts for number in part]
    histogram = counting.taken()
    assert sum(count for _bin, count in histogram.bins) == len(numbers)
    assert len(histogram.bins) <= 2 * MOST_BINS
    for found, count in histogram.bins:
        assert count == sum(found.low <= number < found.high for number in numbers)
    assert [found.low for found, _count in histogram.bins] == sorted(found.low for found, _count in histogram.bins)


def test_a_histogram_has_round_bounds_and_is_logarithmic_over_decades() -> None:
    counting = HistogramCounting()
    counting.add([(number / 10, 1) for number in range(100)])
    linear = counting.taken()
    assert not linear.is_logarithmic
    assert [found.low for found, _count in linear.bins][:3] == [0, 1, 2]
    assert [count for _bin, count in linear.bins] == [10] * 10
    over_decades = HistogramCounting()
    over_decades.add([(number, 1) for number in (1, 3, 20, 30, 4000)])
    logarithmic = over_decades.taken()
    assert logarithmic.is_logarithmic
    assert logarithmic.bins[:2] == [((1, 2), 1), ((2, 5), 1)]
    assert logarithmic.bins[-1] == ((2000, 5000), 1)
    whole = HistogramCounting()
    whole.add([(0, 7), (1, 3)])
    assert whole.taken().bins == [((0, 1), 7), ((1, 2), 3)]


def test_columns_of_any_kind_have_statistics(sample: Callable[[str], Path], opened: Callable[[Path], Source]) -> None:
    source = opened(sample("lute-v01.db"))
    hits = described(source, "FindPeaksPyAlgos", 'summary."Number of hits found"').numbers
    assert hits is not None
    assert (hits.count, hits.spelled, hits.low, hits.high) == (10, 10, 90, 1711)
    assert hits.median == pytest.approx(1371.5)
    runs = described(source, "FindPeaksPyAlgos", "run", "run=14..16")
    assert runs.rows == 5
    assert set(runs.frequent) == {("14", 2), ("16", 2), ("15", 1)}
    assert described(source, "FindPeaksPyAlgos", "env.SLURM_JOB_ID").distinct == 13


def test_beyond_the_bound_values_are_not_counted_and_it_says_so(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_module, "MOST_VALUES", 3)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for number in (1, 2, 3, 4, 4, 4):
        database.insert("t", {"n": number})
    database.connection.commit()
    found = described(opened(database.path), "t", "n")
    assert found.has_more
    assert found.distinct == 3
    assert found.numbers is not None
    assert found.numbers.median is None
    assert (found.numbers.mean, found.numbers.count) == (3, 6)


def test_lengths_of_long_and_odd_texts_are_told(database: Database, opened: Callable[[Path], Source]) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in ("", "ab\0cd", "漢" * 5_000, b"\xff" * 9_000):
        database.insert("t", {"n": value})
    database.execute("INSERT INTO t(n) VALUES (CAST(x'ff41' AS TEXT))")
    found = described(opened(database.path), "t", "n")
    assert found.texts is not None
    assert (found.texts.count, found.texts.shortest, found.texts.longest) == (4, 0, 5_000)
    assert found.blobs == 1
    assert found.distinct == 5


def test_a_secret_that_spells_a_number_is_none(database: Database, opened: Callable[[Path], Source]) -> None:
    database.task("Find", {"api_token": "TEXT"}, [{"api_token": "12345"}])
    found = described(opened(database.path), "Find", "api_token")
    assert found.numbers is None
    assert found.texts is not None


def test_a_scan_that_is_no_longer_wanted_says_how_far_it_came(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "_FIRST_STEP_ROWS", 10)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for number in range(100):
        database.insert("t", {"n": number})
    database.connection.commit()
    source = opened(database.path)
    relation = source.relation("t")
    reader = source.reader(10**9)
    seen: list[Statistics] = []
    found = column_statistics(reader, relation, "", find_column(relation, "n"), seen.append, lambda: bool(seen))
    reader.close()
    assert not found.complete
    assert 0 < found.scanned < 1
    assert found.rows == 10
