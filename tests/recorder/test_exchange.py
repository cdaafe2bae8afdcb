"""Other programs hand entries over and ask for values, a line of JSON each."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recorder import Entry, Recorder
from recorder.accept import accept
from recorder.errors import ExitCode
from recorder.layout.tagged import from_json_value
from tests.recorder.analyses import analysis
from tests.recorder.faults import held_by_another_process
from tests.recorder.old_environments import COMMAND, rows

DOCS = Path(__file__).parents[2] / "docs"


def ask(*arguments: str | Path, handed_over: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
    """Run the command; return how it ended, its answers and its words."""
    command = [sys.executable, "-m", "recorder.cli", *map(str, arguments)]
    ended = subprocess.run(command, input=handed_over, capture_output=True)
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr.decode()


def line(task: str = "FindPeaks", **parameters: Any) -> bytes:
    """Return an entry as a program hands it over."""
    return accept(analysis(task, parameters)).to_json().encode() + b"\n"


def test_each_line_is_stored_and_answered(tmp_path: Path) -> None:
    lines = [line(x=1), line("Index", x=2), b"\n", line(x=3)]
    code, answers, words = ask("record", tmp_path, "-", handed_over=b"".join(lines))
    assert (code, words) == (0, "")
    keys = [json.loads(sent)["key"] for sent in lines if sent.strip()]
    places = [("FindPeaks", 1), ("Index", 1), ("FindPeaks", 2)]
    assert answers == [
        {"key": key, "task": task, "id": number} for key, (task, number) in zip(keys, places, strict=True)
    ]
    assert [row["x"] for row in rows(tmp_path / "lute.db")["FindPeaks"]] == [1, 3]


def test_what_is_handed_over_twice_is_stored_once(tmp_path: Path) -> None:
    sent = line(x=1)
    first, second = (ask("record", tmp_path, "-", handed_over=sent) for _ in range(2))
    assert first == second
    (tmp_path / "entry.json").write_bytes(sent)
    assert ask("record", tmp_path, tmp_path / "entry.json") == first
    assert len(rows(tmp_path / "lute.db")["FindPeaks"]) == 1


@pytest.mark.parametrize(
    ("bad", "error", "code"),
    [
        (b"{\n", "UnreadableEntry", ExitCode.NOT_A_DATABASE),
        (line()[:-20] + b"\n", "UnreadableEntry", ExitCode.NOT_A_DATABASE),
        (b"\xff\xfe\n", "UnreadableEntry", ExitCode.NOT_A_DATABASE),
        (b"[" * 100_000 + b"\n", "UnreadableEntry", ExitCode.NOT_A_DATABASE),
        (line().replace(b'"version": 2', b'"version": 99'), "UnsupportedLayout", ExitCode.UNSUPPORTED),
    ],
)
def test_a_line_that_is_no_entry_is_named_and_costs_no_other(
    tmp_path: Path, bad: bytes, error: str, code: ExitCode
) -> None:
    ended, answers, words = ask("record", tmp_path, "-", handed_over=line(x=1) + bad + line(x=2))
    assert ended == code
    assert answers[1]["error"] == error
    assert answers[1]["message"].startswith("line 2: ")
    assert words.count("\n") == 1
    assert [row["x"] for row in rows(tmp_path / "lute.db")["FindPeaks"]] == [1, 2]


def test_a_sender_that_says_nothing_is_told_so(tmp_path: Path) -> None:
    for nothing in (b"", b"\n \n"):
        code, answers, words = ask("record", tmp_path, "-", handed_over=nothing)
        assert code == ExitCode.NOT_A_DATABASE
        assert answers == [{"error": "UnreadableEntry", "message": "-: no entry was handed over"}]
        assert "no entry was handed over" in words
    assert list(tmp_path.iterdir()) == []
    assert ask("record", tmp_path, tmp_path / "missing.json")[0] == ExitCode.FILE_MISSING


def test_an_entry_that_cannot_be_stored_waits(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 0}))
    with held_by_another_process(tmp_path / "lute.db"):
        code, (answer,), words = ask("record", tmp_path, "-", "--timeout", "0.1", handed_over=line(x=1))
    assert code == 0
    assert set(answer) == {"key", "task", "spooled"}
    assert json.loads(Path(answer["spooled"]).read_text())["key"] == answer["key"]
    assert answer["spooled"] in words


def test_secrets_that_a_script_left_in_are_masked(tmp_path: Path) -> None:
    entry = json.loads(line(x=1))
    entry["executor"]["env"] = "SLURM_JOB_ID=1;SLURM_JWT=sentinel;LUTE_PATH=/x"
    ask("record", tmp_path, "-", handed_over=json.dumps(entry).encode())
    assert rows(tmp_path / "lute.db")["exec_cfg"][0]["env"] == "SLURM_JOB_ID=1;SLURM_JWT=***;LUTE_PATH=/x"


@pytest.mark.parametrize("value", [1, 1.0, "1", None, b"\x00\xff", float("inf"), "\ud800", "line\nbreak\x1b[1m", 2**62])
def test_a_program_gets_a_value_in_its_type(tmp_path: Path, value: Any) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": value}))
        expected = recorder.latest("FindPeaks", "x")
    code, (answer,), _ = ask("latest", tmp_path, "FindPeaks", "x", "--json")
    found = from_json_value(answer["value"])
    assert (type(found), found) == (type(expected), expected)
    assert code == (ExitCode.NOTHING_FOUND if value is None else ExitCode.OK)


def test_entries_that_are_not_valid_are_found_on_demand(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        recorder.record(analysis(parameters={"x": 2}, status="FAILED"))
    assert ask("latest", tmp_path, "FindPeaks", "x", "--json")[1] == [{"value": 1}]
    assert ask("latest", tmp_path, "FindPeaks", "x", "--json", "--any")[1] == [{"value": 2}]


def test_errors_are_answered_by_name(tmp_path: Path) -> None:
    def error(*arguments: str) -> tuple[int, str]:
        code, (answer,), words = ask(*arguments, "--json")
        assert answer["message"] in words
        return code, answer["error"]

    assert error("latest", str(tmp_path), "FindPeaks", "x") == (ExitCode.FILE_MISSING, "FileMissing")
    ask("record", tmp_path, "-", handed_over=line(x=1))
    assert error("latest", str(tmp_path), "Index", "x") == (ExitCode.NOT_FOUND, "UnknownTask")
    assert error("latest", str(tmp_path), "FindPeaks", "y") == (ExitCode.NOT_FOUND, "UnknownParameter")
    assert error("invalidate", str(tmp_path), "FindPeaks", "7", "--reason", "x")[1] == "UnknownEntry"
    assert ask("invalidate", tmp_path, "FindPeaks", "1", "--reason", "x", "--json")[1] == [{"marked": 1}]


def test_the_documented_script_records(tmp_path: Path) -> None:
    page = (DOCS / "old-environments.md").read_text()
    (script,) = re.findall(r"^```sh\n(#!/bin/sh\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    environment = {**os.environ, "RECORDER_COMMAND": COMMAND, "SLURM_JOB_ID": "7"}
    ended = subprocess.run(["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["id"] == 1
    found = rows(tmp_path / "lute.db")
    (table,) = set(found) - {"gen_cfg", "exec_cfg", "sqlite_sequence"} - {name for name in found if name[0] == "_"}
    assert found[table][0]["valid_flag"] == 1


def test_every_field_of_an_entry_is_documented() -> None:
    page = (DOCS / "layout.md").read_text().partition("## An entry as JSON")[2]
    named = [name for row in re.findall(r"^\| (`\w.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)]
    assert sorted(named) == sorted(field.name for field in dataclasses.fields(Entry))


def test_an_entry_over_several_lines_is_answered_line_by_line_and_said_once(tmp_path: Path) -> None:
    over_several = json.dumps(json.loads(line(x=1)), indent=2).encode()
    code, answers, words = ask("record", tmp_path, "-", handed_over=over_several)
    count = len(over_several.splitlines())
    assert (code, len(answers)) == (ExitCode.NOT_A_DATABASE, count)
    assert answers[0]["message"].startswith("line 1: ")
    assert answers[0]["message"].endswith("one entry must be one line")
    assert words == f"recorder: {count} of {count} not stored; the first: {answers[0]['message']}\n"
    assert "one entry must" not in ask("record", tmp_path, "-", handed_over=b"{}")[1][0]["message"]
