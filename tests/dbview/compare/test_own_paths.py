"""Which paths differ by the number of their run alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.compare.own_paths import differ_by_run

PIECES = st.lists(st.text("ab/_.", min_size=1, max_size=5) | st.just("{run}") | st.just("{run:04}"), max_size=6)


@given(PIECES, st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_path_made_from_a_number_is_its_runs_own(pieces: list[str], one: int, other: int) -> None:
    # What stands between keeps two numbers from being read as one.
    form = f"/r{{run}}/{'-'.join(pieces)}"
    paths = [form.format(run=run) for run in (one, other)]
    assert differ_by_run(paths, [str(one), str(other)]) is (one != other)
    assert not differ_by_run([paths[0], f"{paths[1]}x"], [str(one), str(other)])


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
    assert differ_by_run(values, runs) is is_own
