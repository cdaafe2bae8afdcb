"""The Tasks of runs in the order of their pipeline, and the numbers that they leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dbview.source.entries.pipeline import pipeline, summary_numbers
from dbview.source.entries.runs import Run, run_tasks
from dbview.source.source import Source
from tests.dbview.database import Database

from .runs import entry, surveyed


def ordered(source: Source) -> list[str]:
    """Return the Tasks in the order of their pipeline."""
    reader = source.reader()
    try:
        return [task.relation.name for task in pipeline(reader, run_tasks(source.relations()))]
    finally:
        reader.close()


def test_the_real_file_goes_as_its_pipeline_does(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    board = surveyed(source)
    known = board.experiments["mfxl1038923"]
    assert (known.entries, known.not_valid, len(known.runs)) == (43, 6, 11)
    assert [run.run for run in board.runs("mfxl1038923")] == [str(run) for run in range(21, 10, -1)]
    assert [board.usable(run) for run in board.runs("mfxl1038923")][:3] == [(8, 8), (3, 3), (2, 2)]
    assert board.usable(Run("mfxl1038923", "15")) == (6, 7)
    assert board.newest == "xppx1003221"
    assert {name: found.newest for name, found in board.experiments.items() if name != "EXPX00000"} == {
        "mfxl1038923": Run("mfxl1038923", "21"),
        "xppx1003221": Run("xppx1003221", "12"),
    }
    order = [task for task in ordered(source) if task in board.tasks("mfxl1038923")]
    places = [
        order.index(task)
        for task in (
            "FindPeaksPyAlgos",
            "IndexCrystFEL",
            "ConcatenateStreamFiles",
            "MergePartialator",
            "CompareHKL",
            "ManipulateHKL",
            "DimpleSolve",
        )
    ]
    assert places == sorted(places)


def test_a_task_stands_behind_those_whose_output_it_takes(database: Database, opened: Callable[[Path], Source]) -> None:
    paths = {"in_file": "TEXT", "out_file": "TEXT"}
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Third", paths, [{**entry(1), "in_file": "/d/2.txt", "out_file": "/d/3.txt"}])
    database.task("Lonely", {}, [entry(1)])
    database.task("First", paths, [{**entry(1), "in_file": "/raw", "out_file": "/d/1.txt"}])
    database.task("Second", paths, [{**entry(1), "in_file": "/d/1.txt", "result.payload": "/d/2.txt"}])
    assert ordered(opened(database.path)) == ["Lonely", "First", "Second", "Third"]


def test_a_circle_of_files_has_an_order_all_the_same(database: Database, opened: Callable[[Path], Source]) -> None:
    paths = {"in_file": "TEXT", "out_file": "TEXT"}
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("One", paths, [{**entry(1), "in_file": "/d/2", "out_file": "/d/1"}])
    database.task("Two", paths, [{**entry(1), "in_file": "/d/1", "out_file": "/d/2"}])
    assert ordered(opened(database.path)) == ["One", "Two"]


@pytest.mark.parametrize(
    ("summary", "numbers"),
    [
        ("Number of hits: 812;Hit rate: 0.05", {"Number of hits": 812, "Hit rate": 0.05}),
        ("Center: (825.1, 830.9);Distance: -1.5e2", {"Distance": -150.0}),
        ("all well", {}),
        (None, {}),
        (b"a: 1", {}),
        (7, {}),
    ],
)
def test_the_numbers_of_a_summary_have_names(summary: Any, numbers: dict[str, float]) -> None:
    assert summary_numbers(summary) == numbers
