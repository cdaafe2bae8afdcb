"""``dbview lineage``: what an entry was made from, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dbview.database import Database

from .conftest import answer

DONE = {"result.task_status": "COMPLETED", "valid_flag": 1, "gen_cfg_id": 1}


@pytest.fixture
def made(database: Database) -> Path:
    """Return a file in which one entry was made from another, and that from a third."""
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "7"})
    steps = (("Find", "/raw", "/a\x1b.h5"), ("Index", "/a\x1b.h5", "/b.h5"), ("Merge", "/b.h5", "/c.h5"))
    for number, (task, given, result) in enumerate(steps):
        row = {**DONE, "in_file": given, "result.payload": result, "timestamp": f"2024-01-0{number + 1}"}
        database.task(task, {"in_file": "TEXT"}, [row])
    return database.path


def test_people_get_two_levels_both_ways(made: Path) -> None:
    assert answer("lineage", made, "Merge", 1).out.splitlines() == [
        "Merge #1",
        "",
        "made from",
        "  Index #1 · COMPLETED · run 7  /b.h5",
        "    Find #1 · COMPLETED · run 7  /a␛.h5",
        "",
        "used by: nothing recorded",
    ]


def test_programs_get_all_of_it(made: Path) -> None:
    known = json.loads(answer("lineage", made, "Index", 1, "--format", "json").out)
    assert (known["table"], known["id"], known["complete"]) == ("Index", 1, True)
    (before,), (after,) = known["made_from"], known["used_by"]
    assert before == {
        "table": "Find",
        "id": 1,
        "path": "/a\x1b.h5",
        "parameter": "result.payload",
        "status": "COMPLETED",
        "valid": 1,
        "experiment": "mfx1",
        "run": "7",
        "time": "2024-01-01",
        "later": False,
        "made_from": [],
    }
    assert (after["table"], after["parameter"], after["used_by"]) == ("Merge", "in_file", [])


def test_what_is_no_entry_is_refused(made: Path) -> None:
    assert answer("lineage", made, "Merge", 2).code == 8
    assert answer("lineage", made, "Nothing", 1).code == 8
    refused = answer("lineage", made, "gen_cfg", 1)
    assert (refused.code, refused.out) == (2, "")
    assert "is no Task" in refused.err
