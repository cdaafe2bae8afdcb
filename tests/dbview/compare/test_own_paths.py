"""Which paths and names differ by the number of their run alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.compare.own_paths import are_own_names, are_own_paths

PIECES = st.lists(st.text("ab/_.", min_size=1, max_size=5) | st.just("{run}") | st.just("{run:04}"), max_size=6)


@given(PIECES, st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_path_made_from_a_number_is_its_runs_own(pieces: list[str], one: int, other: int) -> None:
    # What stands between keeps two numbers from being read as one.
    form = f"/r{{run}}/{'-'.join(pieces)}"
    paths = [form.format(run=run) for run in (one, other)]
    assert are_own_paths(paths, [str(one), str(other)]) is (one != other)
    assert not are_own_paths([paths[0], f"{paths[1]}x"], [str(one), str(other)])


@pytest.mark.parametrize(
    ("values", "runs", "is_own"),
    [
        (("/a/r0019.h5", "/a/r0020.h5"), ("19", "20"), True),
        (({"$path": "/a/r9"}, {"$path": "/a/r10"}), ("9", "10"), True),
        (("/run1/m1", "/run2/m1"), ("1", "2"), True),
        (("/a/r19/1", "/a/r20/2"), ("19", "20"), False),
        (("/a/r20", "/a/r19"), ("19", "20"), False),
        (("/a/r19", "/a/r21"), ("19", "20"), False),
        (("/a/r19", "/a/r020"), ("19", "19"), False),
        (("19", "20"), ("19", "20"), False),
        ((19, 20), ("19", "20"), False),
        (("/a/r19", None), ("19", "20"), False),
        (("/a/b", "/a/c"), ("b", "c"), False),
        (("/1", f"/{'9' * 5_000}"), ("1", "9" * 5_000), True),
    ],
)
def test_only_the_own_number_may_differ(values: tuple[Any, ...], runs: tuple[str, ...], is_own: bool) -> None:
    assert are_own_paths(values, runs) is is_own


@pytest.mark.parametrize(
    ("values", "runs", "is_own"),
    [
        (("find_r0019", "find_r0020"), ("19", "20"), True),
        (("find 9", "find 10"), ("9", "10"), True),
        (("find_19", "index_20"), ("19", "20"), False),
        (("find_19", "find_21"), ("19", "20"), False),
        (("19", "20"), ("19", "20"), False),
        (("19.5", "20.5"), ("19", "20"), False),
        (("find_19", None), ("19", "20"), False),
        (("find_19", "find_20"), ("19", "19"), False),
    ],
)
def test_of_a_name_only_the_own_number_may_differ(values: tuple[Any, ...], runs: tuple[str, ...], is_own: bool) -> None:
    assert are_own_names(values, runs) is is_own
