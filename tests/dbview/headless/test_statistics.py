"""``dbview stats``: what the values of a column are like, as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.dbview.database import Database

from .conftest import answer

PEAKS = "FindPeaksPyAlgos"
HITS = 'summary."Number of hits found"'


def test_statistics_as_json(sample: Callable[[str], Path]) -> None:
    got = answer("stats", sample("lute-v01.db"), PEAKS, HITS, "run=14..21", "--format", "json")
    assert got.code == 0, got.err
    found = json.loads(got.out)
    numbers = found["numbers"]
    assert (found["rows"], found["null"], found["different_values"]) == (11, 3, 8)
    assert (numbers["count"], numbers["min"], numbers["max"], numbers["median"]) == (8, 90, 1711, 1455.0)
    assert sum(each["rows"] for each in numbers["histogram"]) == 8
    assert found["texts"] is None
    assert {"value": "1711", "rows": 1} in found["most_frequent"]


def test_statistics_as_text(sample: Callable[[str], Path]) -> None:
    got = answer("stats", sample("lute-v01.db"), PEAKS, "status")
    assert got.code == 0, got.err
    lines = [" ".join(line.split()) for line in got.out.splitlines()]
    assert lines[:2] == ["rows 13", "different values 4"]
    assert lines[3:6] == ["Texts", "count 13", "length 6 to 9 characters, 8.7 on average"]
    assert lines[7:9] == ["Most frequent values", "10 COMPLETED"]


def test_statistics_of_numbers_as_text_are_those_of_the_screen(database: Database) -> None:
    database.task("Find", {"n": "INTEGER"}, [{"n": number} for number in (1, 1, 4, None)])
    lines = [" ".join(line.split()) for line in answer("stats", database.path, "Find", "n").out.splitlines()]
    assert lines[:3] == ["rows 4", "NULL 1 (25 %)", "different values 2"]
    assert lines[4:10] == ["Numbers", "count 3", "smallest 1", "largest 4", "mean 2", "standard deviation 1.732051"]
    assert lines[10] == "median 1"
    assert lines[12].startswith("Histogram each ")
    assert lines[-3:] == ["Most frequent values", "2 1", "1 4"]


def test_odd_values_are_written_as_json(database: Database) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    for value in (float("inf"), 1.7e308, -1.7e308, b"\xff", "a\x1bb", None):
        database.insert("t", {"n": value})
    database.connection.commit()
    got = answer("stats", database.path, "t", "n", "--format", "json")
    assert got.code == 0, got.err
    found = json.loads(got.out)
    assert (found["infinite"], found["blobs"], found["texts"]["count"]) == (1, 1, 1)
    assert found["numbers"]["mean"] == 0
    text = answer("stats", database.path, "t", "n")
    assert text.code == 0
    assert "\x1b" not in text.out
    assert "a␛b" in text.out


def test_secrets_are_masked_unless_revealed(database: Database) -> None:
    database.task("Find", {"api_token": "TEXT"}, [{"api_token": "12345"}])
    assert "345" not in answer("stats", database.path, "Find", "api_token").out
    assert "12,345" in answer("stats", database.path, "Find", "api_token", "--reveal").out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["Nothing", "n"], 8, "Nothing"),
        (["Find", "nothing"], 8, "has no column nothing"),
        (["Find", "n", "nothing=1"], 2, "the filter cannot be understood"),
        (["Find"], 2, "COLUMN"),
    ],
)
def test_what_is_not_there_is_said(database: Database, arguments: list[str], code: int, words: str) -> None:
    database.task("Find", {"n": "INTEGER"}, [])
    got = answer("stats", database.path, *arguments)
    assert got.code == code, got.err
    assert words in got.err
