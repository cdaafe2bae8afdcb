"""``dbview history``: the values of a parameter through the entries of a Task."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from dbview.headless.formats import FORMATS
from dbview.secrets import reveal_secrets
from tests.dbview.database import Database

from .conftest import answer, json_rows

LONG = "x" * 10_000


@pytest.fixture
def changing(database: Database) -> Path:
    """Six entries of three runs; the mode changes twice, the secret once."""
    for experiment, run in (("a", "1"), ("a", "2"), ("b", "2")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    entries: list[tuple[int, Any, int, str, str]] = [
        (1, None, 1, "classified-1", "Hits: 5"),
        (1, "fast\x1b", 1, "classified-1", "Hits: 5"),
        (2, "fast\x1b", 0, "classified-1", "Hits: 7"),
        (2, "fast\x1b", 1, "classified-2", "Hits: 7"),
        (3, LONG, 0, "classified-2", "Hits: 7"),
        (3, LONG, 0, "classified-2", "none"),
    ]
    rows = [
        {
            "gen_cfg_id": header,
            "mode": mode,
            "valid_flag": valid,
            "api_key": secret,
            "result.summary": summary,
            "timestamp": f"2024-02-0{day} 00:00:00",
        }
        for day, (header, mode, valid, secret, summary) in enumerate(entries, start=1)
    ]
    database.task("Find", {"mode": "TEXT", "api_key": "TEXT"}, rows)
    database.connection.close()
    return database.path


def test_equal_values_that_follow_each_other_are_one_row_with_both_ends(changing: Path) -> None:
    rows = json_rows("history", changing, "Find", "mode")
    assert [(row["value"], row["entries"], row["valid"]) for row in rows] == [
        (LONG, 2, 0),
        ("fast\x1b", 3, 2),
        (None, 1, 1),
    ]
    assert rows[1] == {
        "value": "fast\x1b",
        "entries": 3,
        "valid": 2,
        "oldest": 2,
        "newest": 4,
        "oldest_time": "2024-02-02 00:00:00",
        "newest_time": "2024-02-04 00:00:00",
        "oldest_experiment": "a",
        "newest_experiment": "a",
        "oldest_run": "1",
        "newest_run": "2",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_tells_of_every_stretch(changing: Path, form: str) -> None:
    got = answer("history", changing, "Find", "mode", "--format", form)
    assert got.code == 0
    is_for_people = form in ("table", "markdown")
    assert got.err == ("6 entries · changed twice\n" if is_for_people else "")
    assert all(day in got.out for day in ("2024-02-01", "2024-02-04", "2024-02-06"))
    assert ("\x1b" in got.out) is (form in ("csv", "lines"))


def test_a_table_begins_with_what_is_asked_for_first(changing: Path) -> None:
    lines = answer("history", changing, "Find", "api_key").out.splitlines()
    assert lines[0].split() == (
        ["value", "entries", "valid", "runs", "experiments", "oldest", "time", "newest", "time", "oldest", "newest"]
    )
    first = ["***", "3", "1", "2", "a", "…", "b", "2024-02-04", "00:00:00", "2024-02-06", "00:00:00", "4", "6"]
    second = ["***", "3", "2", "1", "…", "2", "a", "2024-02-01", "00:00:00", "2024-02-03", "00:00:00", "1", "3"]
    assert [line.split() for line in lines[2:]] == [first, second]
    assert "experiment" not in answer("history", changing, "Find", "api_key", "experiment=a").out


def test_only_entries_that_a_filter_finds_count(changing: Path) -> None:
    def values(*filter: str) -> list[tuple[Any, int]]:
        return [(row["value"], row["entries"]) for row in json_rows("history", changing, "Find", "mode", *filter)]

    assert values("is:valid") == [("fast\x1b", 2), (None, 1)]
    assert values("mode!=null", "experiment=b") == [(LONG, 2)]
    # What a filter leaves out does not part what stands around it.
    assert [row["entries"] for row in json_rows("history", changing, "Find", "status", "mode=null", "or", "id=6")] == [
        2
    ]


def test_what_is_joined_or_part_of_a_text_has_a_history_as_well(changing: Path) -> None:
    hits = json_rows("history", changing, "Find", "summary.hits")
    assert [(row["value"], row["entries"]) for row in hits] == [(None, 1), ("7", 3), ("5", 2)]
    runs = json_rows("history", changing, "Find", "run")
    assert [(row["value"], row["entries"]) for row in runs] == [("2", 4), ("1", 2)]
    assert "None of the newest rows of Find has summary.hats" in answer("history", changing, "Find", "summary.hats").err


def test_the_value_of_a_secret_is_masked_unless_it_is_asked_for(changing: Path) -> None:
    for form in FORMATS:
        assert "classified" not in answer("history", changing, "Find", "api_key", "--format", form).out
    revealed = [row["value"] for row in json_rows("history", changing, "Find", "api_key", "--reveal")]
    reveal_secrets(False)
    assert revealed == ["classified-2", "classified-1"]


def test_a_list_for_a_shell_holds_the_whole_value(changing: Path) -> None:
    first = answer("history", changing, "Find", "mode", "--format", "lines").out.splitlines()[0]
    assert first.split("\t")[:5] == [LONG, "2", "0", "5", "6"]
    (heads, *_rows) = csv.reader(io.StringIO(answer("history", changing, "Find", "mode", "--format", "csv").out))
    assert heads[:3] == ["value", "entries", "valid"]


def test_nothing_found_is_said_and_is_an_exit_code_where_it_is_asked_for(changing: Path) -> None:
    got = answer("history", changing, "Find", "mode", "id=77")
    assert (got.code, got.out, got.err) == (0, "", "No entry of Find is found.\n")
    assert answer("history", changing, "Find", "mode", "id=77", "--exit-code").code == 1
    assert answer("history", changing, "Find", "mode", "--exit-code").code == 0


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (["Find", "nothing"], 8, "Find has no column nothing. `dbview show` lists what an entry has.\n"),
        (["Find", "mod"], 8, "did you mean mode?\n"),
        (["Nothing", "mode"], 8, "no table"),
        (["gen_cfg", "run"], 2, "gen_cfg is no Task"),
        (["Find", "mode", "run=("], 2, "the filter cannot be understood"),
        (["Find"], 2, "PARAM"),
        (["Find", "*"], 8, "name one of them"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_said(changing: Path, asked: list[str], code: int, words: str) -> None:
    got = answer("history", changing, *asked)
    assert (got.code, got.out) == (code, "")
    assert words in got.err


def test_a_value_that_never_rests_is_told_of_as_far_as_it_fits(changing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbview.headless.history.MOST", 2)
    got = answer("history", changing, "Find", "mode", "--format", "lines")
    assert (got.code, len(got.out.splitlines())) == (7, 2)
    assert "mode changed more than 2 times: these are the last changes. A filter" in got.err
