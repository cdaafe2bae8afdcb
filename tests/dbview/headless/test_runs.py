"""``dbview runs`` and ``dbview group``: the overview and the groups as data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.headless.formats import FORMATS

from .conftest import answer, json_rows

PEAKS = "FindPeaksPyAlgos"


def test_every_task_of_every_run_is_a_line(sample: Callable[[str], Path]) -> None:
    rows = json_rows("runs", sample("lute-v01.db"))
    mfx = [row for row in rows if row["experiment"] == "mfxl1038923"]
    assert list(dict.fromkeys(row["run"] for row in mfx)) == [str(run) for run in range(21, 10, -1)]
    (dimple,) = [row for row in mfx if row["task"] == "DimpleSolve" and row["run"] == "15"]
    assert dimple == {
        "experiment": "mfxl1038923",
        "run": "15",
        "task": "DimpleSolve",
        "entries": 1,
        "not_valid": 1,
        "statuses": ["FAILED"],
        "newest": 1,
        "latest_valid": None,
        "attention": False,
    }
    (merged,) = [row for row in mfx if row["task"] == "ConcatenateStreamFiles" and row["run"] == "21"]
    assert merged["attention"] is True
    assert sum(row["entries"] for row in mfx) == 43


@pytest.mark.parametrize("form", FORMATS)
def test_runs_and_groups_are_written_in_every_format(sample: Callable[[str], Path], form: str) -> None:
    path = sample("lute-v01.db")
    for arguments in (("runs", path), ("group", path, PEAKS, "run", "status")):
        got = answer(*arguments, "--format", form)
        assert (got.code, got.err) == (0, "")
        assert "FAILED" in got.out


def test_rows_of_a_filter_are_counted_by_values(sample: Callable[[str], Path]) -> None:
    got = answer("group", sample("lute-v01.db"), PEAKS, "run", "--where", "run=16..18", "--format", "csv")
    rows = list(csv.reader(io.StringIO(got.out)))
    assert rows[0] == ["run", "rows", "valid", "not valid"]
    assert rows[1:] == [["16", "2", "1", "1"], ["17", "2", "1", "1"], ["18", "1", "1", "0"]]


def test_what_makes_no_sense_is_said(sample: Callable[[str], Path]) -> None:
    path = sample("lute-v01.db")
    assert "has no column nothing" in answer("group", path, PEAKS, "nothing").err
    assert answer("group", path, PEAKS, "nothing").code == 8
    assert answer("group", path, PEAKS, "run", "status", "id").code == 2
    assert "cannot be understood" in answer("group", path, PEAKS, "run", "--where", "nothing=1").err
    assert answer("group", path, "Nothing", "run").code == 8


def test_a_file_without_runs_lists_none(sample: Callable[[str], Path]) -> None:
    assert json_rows("runs", sample("lattedb.db")) == []
