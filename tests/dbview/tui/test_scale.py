"""Where numbers stand along an axis, and which are written beside it."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from hypothesis import assume, example, given
from hypothesis import strategies as st

from dbview.widgets.scale import Scale

NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False), st.floats(-1000, 1000), st.integers(0, 100).map(float)
)
POSITIVE = st.one_of(st.floats(5e-324, 1.7e308), st.floats(0.1, 1e4))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=UTC).timestamp()
)
MOST = st.integers(1, 20)


def check(scale: Scale, most: int) -> None:
    """Check what holds for the ticks of any scale."""
    ticks = scale.ticks(most)
    values = [tick.value for tick in ticks]
    assert len(ticks) <= most
    assert values == sorted(set(values))
    assert all(scale.low <= value <= scale.high for value in values)
    assert len({tick.label for tick in ticks}) == len(ticks)
    assert all(0 <= scale.place(value) <= 1 for value in values)
    assert all(len(tick.label) < 26 for tick in ticks)


@given(low=NUMBERS, high=NUMBERS, most=MOST)
@example(low=-1.7e308, high=1.7e308, most=6)
@example(low=0.0, high=5e-324, most=6)
def test_ticks_are_round_numbers_within_the_scale(low: float, high: float, most: int) -> None:
    low, high = sorted((low, high))
    check(Scale(low, high), most)


@given(low=POSITIVE, high=POSITIVE, most=MOST)
def test_ticks_of_a_logarithmic_scale(low: float, high: float, most: int) -> None:
    low, high = sorted((low, high))
    check(Scale(low, high, is_logarithmic=True), most)


@given(low=MOMENTS, high=MOMENTS, most=MOST)
def test_ticks_of_time(low: float, high: float, most: int) -> None:
    low, high = sorted((low, high))
    assume(math.floor(high) > math.floor(low) or low == high)
    check(Scale(low, high, is_time=True), most)


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-2, 1e6), most=st.integers(5, 20))
def test_an_axis_has_enough_ticks_and_they_read_as_their_numbers(low: float, span: float, most: int) -> None:
    scale = Scale(low, low + span)
    ticks = scale.ticks(most)
    assert len(ticks) >= most // 5
    for tick in ticks:
        assert math.isclose(float(tick.label.replace(",", "")), tick.value, rel_tol=1e-9, abs_tol=span * 1e-9)


def test_ticks_as_people_write_them() -> None:
    assert [tick.label for tick in Scale(0, 10).ticks(6)] == ["0", "2", "4", "6", "8", "10"]
    assert [tick.label for tick in Scale(0.1, 0.32).ticks(6)] == ["0.10", "0.15", "0.20", "0.25", "0.30"]
    assert [tick.label for tick in Scale(1, 1e4, is_logarithmic=True).ticks(6)] == ["1", "10", "100", "1,000", "10,000"]
    assert [tick.label for tick in Scale(5, 5).ticks(6)] == ["5"]
    day = datetime(2024, 2, 14, tzinfo=UTC).timestamp()
    assert [tick.label for tick in Scale(day, day + 7200, is_time=True).ticks(3)] == [
        "02-14 00:00",
        "02-14 01:00",
        "02-14 02:00",
    ]
    assert [tick.label for tick in Scale(day, day + 365 * 86400, is_time=True).ticks(3)] == ["2024-07", "2025-01"]


@given(low=NUMBERS, high=NUMBERS, share=st.floats(0, 1))
def test_numbers_in_order_stand_in_order(low: float, high: float, share: float) -> None:
    low, high = sorted((low, high))
    scale = Scale(low, high)
    between = low * (1 - share) + high * share
    assume(low <= between <= high)
    assert 0 <= scale.place(low) <= scale.place(between) <= scale.place(high) <= 1
