"""``dbview diff``: what differs between entries, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recorder import Recorder
from tests.dbview.database import Database

from .conftest import answer


@pytest.fixture
def differing(database: Database) -> Path:
    """Return a file with three entries of one Task."""
    for number, run in enumerate(("1", "1", "2"), start=1):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": run})
        environment = f"SLURM_JOB_ID=4{number};SLURM_JWT=hidden{number};LUTE_PATH=/v{number}"
        database.insert("exec_cfg", {"env": environment, "poll_interval": 0.05})
    entries: list[dict[str, Any]] = [
        {
            "n": 1,
            "mode": "a",
            "opts[0]": "x",
            "opts[1]": "y",
            "result.payload": '{"cell": {"a": 79.2}, "hits": [1, 2]}',
        },
        {"n": 2, "mode": "a", "opts[0]": "y", "opts[1]": None, "result.payload": '{"cell": {"a": 79.3}, "hits": [2]}'},
        {"n": 2, "mode": "\x1b[2J", "opts[0]": "y", "opts[1]": None, "result.payload": b"\x00\x01"},
    ]
    for number, entry in enumerate(entries, start=1):
        entry |= {"gen_cfg_id": number, "exec_cfg_id": number, "result.task_status": "COMPLETED", "valid_flag": 1}
    columns = {"n": "INTEGER", "mode": "TEXT", "opts[0]": "TEXT", "opts[1]": "TEXT"}
    database.task("Index", columns, entries)
    return database.path


def test_only_what_differs_is_written(differing: Path) -> None:
    got = answer("diff", differing, "Index", 1, 2)
    assert (got.code, got.err) == (0, "")
    assert [" ".join(line.split()) for line in got.out.splitlines()] == [
        "Index #1 #2",
        "",
        "Parameters #1 #2",
        "n 1 2 +1 (+100 %)",
        "opts[0] x ∅",
        "",
        "Payload #1 #2",
        "cell.a 79.2 79.3 +0.1 (+0.126 %)",
        "hits[0] 1 —",
        "",
        "Environment #1 #2 (1 variable of the job left out)",
        "SLURM_JWT *** *** differs",
        "LUTE_PATH /v1 /v2",
        "",
        "the same: result, configuration, executor",
    ]


def test_json_holds_values_as_they_are(differing: Path) -> None:
    got = answer("diff", differing, "index", 1, 2, 3, "--format", "json")
    found = json.loads(got.out)
    assert (found["table"], found["ids"], found["job_variables_left_out"], found["complete"]) == (
        "Index",
        [1, 2, 3],
        1,
        True,
    )
    by_name = {one["name"]: one for one in found["differences"]["parameters"]}
    assert by_name["n"] == {"name": "n", "values": [1, 2, 2], "missing": [], "change": "+1 (+100 %)"}
    assert by_name["mode"]["values"] == ["a", "a", "\x1b[2J"]
    assert by_name["opts[0]"] == {"name": "opts[0]", "values": ["x", None, None], "missing": [1, 2], "change": None}
    (payload,) = found["differences"]["payload"]
    assert payload["values"][2] == {"$bytes": "AAE="}
    assert found["differences"]["configuration"][0]["values"] == ["1", "1", "2"]
    assert "hidden" not in got.out


def test_nothing_drives_the_terminal(differing: Path) -> None:
    got = answer("diff", differing, "Index", 2, 3)
    assert "␛[2J" in got.out
    assert "\x1b" not in got.out


def test_equal_entries_are_the_same(differing: Path) -> None:
    got = answer("diff", differing, "Index", 1, 1)
    assert got.out.splitlines() == [
        "Index #1 #1",
        "",
        "the same: result, parameters, payload, configuration, executor, environment",
    ]


def test_secrets_among_parameters_and_in_payloads_are_masked(tmp_path: Path) -> None:
    with Recorder(tmp_path / "a.db") as recorder:
        for number in range(2):
            secret = {"token": f"hidden{number}", "retries": number}
            result = {"task_name": "Index", "task_status": "COMPLETED", "payload": {"api": secret, "list": [secret]}}
            recorder.record(
                {"task_result": result, "task_parameters": {"api": secret, "mode": secret if number else 1}}
            )
    for form in ("text", "json"):
        got = answer("diff", tmp_path / "a.db", "Index", 1, 2, "--format", form)
        assert got.code == 0
        assert "hidden" not in got.out
        assert "differs" in got.out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("Index", 1, 77), 8, "Index has no entry 77."),
        (("gen_cfg", 1, 2), 2, "gen_cfg is no Task"),
        (("Nothing", 1, 2), 8, "has no table Nothing"),
        (("Index", 1), 2, "the following arguments are required"),
    ],
)
def test_what_cannot_be_compared_is_told_in_words(
    differing: Path, arguments: tuple[object, ...], code: int, words: str
) -> None:
    got = answer("diff", differing, *arguments)
    assert (got.code, got.out) == (code, "")
    assert words in got.err
