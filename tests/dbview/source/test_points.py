"""The points of a plot, against the rows themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.query.names import find_column
from dbview.source.numbers import points as points_module
from dbview.source.numbers.points import Axis, Points, points
from dbview.source.source import Source, open_source
from dbview.source.view import scan
from tests.dbview.database import Database


def plotted(source: Source, table: str, x: str, y: str, filter: str = "", *, logarithmic: bool = False) -> Points:
    """Return the points of two columns, the second of them perhaps logarithmic."""
    relation = source.relation(table)
    axes = Axis(find_column(relation, x)), Axis(find_column(relation, y), logarithmic)
    reader = source.reader(10**9)
    try:
        return points(reader, relation, filter, *axes, lambda _found: None, lambda: False)
    finally:
        reader.close()


VALUES = st.one_of(
    st.none(), st.integers(-50, 50), st.floats(allow_nan=False), st.text(max_size=3), st.sampled_from(["7", " 2.5 "])
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(VALUES, VALUES, st.sampled_from([0, 1, None])), max_size=60), most=st.integers(4, 20))
def test_every_row_is_at_a_point_or_said_to_have_none(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any, int | None]], most: int
) -> None:
    database = Database(tmp_path_factory.mktemp("points") / "lute.db")
    database.task("Find", {"a": "", "b": ""}, [{"a": a, "b": b, "valid_flag": valid} for a, b, valid in rows])
    database.connection.close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points_module, "MOST_SPOTS", most)
        patch.setattr(scan, "_FIRST_STEP_ROWS", 7)
        source = open_source(database.path)
        found = plotted(source, "Find", "a", "b")
        logarithmic = plotted(source, "Find", "a", "b", logarithmic=True)
        source.close()
    assert found.complete
    assert found.rows == len(rows)
    assert len(found.spots) <= most
    at_points = sum(spot.valid + spot.not_valid for spot in found.spots)
    assert at_points + found.without == len(rows)
    assert found.not_positive == 0
    assert logarithmic.not_positive + logarithmic.without + sum(
        spot.valid + spot.not_valid for spot in logarithmic.spots
    ) == len(rows)
    assert all(spot.y > 0 for spot in logarithmic.spots)
    for spot in found.spots:
        a, b, _valid = rows[spot.key - 1]
        assert (spot.x, spot.y) == (float(a), float(b))
    numbers = [row for row in rows if all(isinstance(value, int) for value in row[:2])]
    if len(numbers) == len(rows):
        assert sum(spot.not_valid for spot in found.spots) == sum(valid == 0 for _a, _b, valid in rows)


def test_columns_of_any_kind_are_plotted(sample: Callable[[str], Path], opened: Callable[[Path], Source]) -> None:
    source = opened(sample("lute-v01.db"))
    by_run = plotted(source, "FindPeaksPyAlgos", "run", 'summary."Number of hits found"')
    assert (by_run.rows, by_run.without, len(by_run.spots)) == (13, 3, 10)
    assert {(spot.x, spot.y, spot.key) for spot in by_run.spots} >= {(21.0, 1599.0, 13), (14.0, 90.0, 4)}
    by_time = plotted(source, "FindPeaksPyAlgos", "time", "id", "run=14..16")
    assert by_time.without == 0
    newest = max(by_time.spots, key=lambda spot: spot.key)
    assert newest.x == max(spot.x for spot in by_time.spots)
    assert sum(spot.not_valid for spot in by_time.spots) == 2
