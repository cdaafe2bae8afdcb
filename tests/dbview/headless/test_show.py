"""``dbview show``: one entry in full; and ``dbview tables``."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from recorder import Recorder
from tests.dbview.database import Database

from .conftest import answer, json_rows


def test_an_entry_is_shown_with_all_that_belongs_to_it(recorded: Path) -> None:
    got = answer("show", recorded, "FindPeaks", 5)
    assert (got.code, got.err) == (0, "")
    assert got.out.splitlines() == [
        "FindPeaks #5",
        "COMPLETED · not valid · run 12 · mfx100 · 2024-02-14 13:00:00 UTC",
        "  not valid since 2024-02-15 09:00:00, by opr: attenuator was left in",
        "",
        "Result",
        "  summary",
        "    Number of hits found: 812",
        "    Fractional hit rate: 0.05",
        "  schemas: peaks;",
        "  payload: JSON",
        "    peaks: [1, 2.5]",
        "    ok: true",
        "",
        "Parameters (5, 0 of them ∅)",
        "  son_min: inf",
        "  run: 3",
        "  cell (2 names)",
        "    name: lyso",
        "    axes: [79.0, 38.0]",
        "",
        "Configuration (gen_cfg #1)",
        "  id            1",
        "  title         Lysozyme",
        "  experiment    mfx100",
        "  run           12",
        "  date          ∅",
        "  lute_version  ∅",
        "  task_timeout  600",
        "",
        "Executor (exec_cfg #1)",
        "  id                 1",
        "  poll_interval      0.05",
        "  communicator_desc  Pipe;Socket",
        "",
        "Environment (3 variables)",
        "  SLURM_JOB_ID  48210874",
        "  SLURM_JWT     ***",
        "  LUTE_PATH     /opt/lute",
    ]


def test_the_same_entry_as_json(recorded: Path) -> None:
    entry = json.loads(answer("show", recorded, "FindPeaks", 5, "--format", "json").out)
    assert entry["parameters"] == {
        "son_min": {"$float": "inf"},
        "run": 3,
        "cell": {"name": "lyso", "axes": [79.0, 38.0]},
    }
    assert (entry["id"], entry["status"], entry["valid"], entry["run"]) == (5, "COMPLETED", 0, "12")
    contents = entry["payload"].pop("contents")
    assert entry["payload"] == {"kind": "JSON", "value": '{"peaks": [1, 2.5], "ok": true}', "files": []}
    assert (contents["kind"], contents["form"], contents["size"]) == ("JSON", "tree", 31)
    assert entry["configuration"]["gen_cfg"]["title"] == "Lysozyme"
    assert entry["environment"] == {"SLURM_JOB_ID": "48210874", "SLURM_JWT": "***", "LUTE_PATH": "/opt/lute"}
    assert entry["validity_changes"] == [
        {"valid": 0, "at": "2024-02-15 09:00:00", "by": "opr", "reason": "attenuator was left in"}
    ]


def test_what_an_entry_lacks_is_said(recorded: Path) -> None:
    with contextlib.closing(sqlite3.connect(recorded)) as connection, connection:
        connection.execute('UPDATE FindPeaks SET gen_cfg_id = 77, valid_flag = NULL, "result.task_status" = NULL')
    shown = answer("show", recorded, "FindPeaks", 1).out
    assert "no status · validity unknown" in shown
    assert "there is no row 77" in shown
    assert "payload: none" in shown


def test_payloads_are_shown_by_their_kind(recorded: Path, tmp_path: Path) -> None:
    payloads: dict[str | bytes, str] = {
        f"{recorded};/nowhere/out.h5": f"payload: path\n    {recorded}  (here · file · ",
        b"\x89PNG\r\n\x1a\n" + bytes(300): "payload: PNG image, 308 B\n    00000000  89 50 4e 47 0d 0a 1a 0a",
        "first\x1b\nsecond": "payload: text\n    first␛\n    second\n",
        "x\n" * 300: "    … (--format json has all of it)",
        "": "payload: empty text",
    }
    for payload, wanted in payloads.items():
        with contextlib.closing(sqlite3.connect(recorded)) as connection, connection:
            connection.execute('UPDATE FindPeaks SET "result.payload" = ? WHERE id = 1', (payload,))
        assert wanted in answer("show", recorded, "FindPeaks", 1).out


def test_a_row_of_any_table_is_shown_by_its_cells(recorded: Path) -> None:
    assert "  run           12" in answer("show", recorded, "gen_cfg", 1).out.replace("run  ", "  run  ")
    assert json.loads(answer("show", recorded, "gen_cfg", 1, "--format", "json").out)["cells"]["run"] == "12"


def test_tables_are_listed_with_their_counts(recorded: Path) -> None:
    rows = json_rows("tables", recorded)
    assert rows[0] == {
        "name": "FindPeaks",
        "kind": "task",
        "entries": 5,
        "valid": 1,
        "not_valid": 3,
        "statuses": {"COMPLETED": 3, "FAILED": 1, "TIMEDOUT": 1},
        "last_activity": "2024-02-14 13:00:00",
    }
    assert [row["name"] for row in rows] == ["FindPeaks", "gen_cfg", "exec_cfg"]
    assert {row["name"] for row in json_rows("tables", recorded, "--all")} >= {"_rec_validity", "sqlite_sequence"}


def test_the_list_of_tables_in_every_format(recorded: Path) -> None:
    table = answer("tables", recorded)
    assert table.out.splitlines()[2].split() == [
        *("FindPeaks", "task", "5", "1", "3", "COMPLETED", "3,", "FAILED", "1,", "TIMEDOUT", "1"),
        *("2024-02-14", "13:00:00"),
    ]
    assert table.err == "not listed: bookkeeping tables, 2 (--all lists them)\n"
    assert len(json.loads(answer("tables", recorded, "--format", "json").out)) == 3
    lines = answer("tables", recorded, "--format", "csv").out.splitlines()
    assert next(csv.DictReader(lines))["statuses"] == "COMPLETED 3, FAILED 1, TIMEDOUT 1"
    assert answer("tables", recorded, "--format", "markdown").out.startswith("| name | kind | entries |")


def test_a_table_that_cannot_be_read_does_not_hide_the_others(large: Path) -> None:
    with contextlib.closing(sqlite3.connect(large)) as connection, connection:
        connection.execute("CREATE VIEW broken AS SELECT * FROM numbers")
        connection.execute("ALTER TABLE numbers RENAME TO renamed")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = 'CREATE VIEW broken AS SELECT * FROM gone' WHERE type = 'view'"
        )
    got = answer("tables", large, "--format", "jsonl")
    assert got.code != 0
    assert "broken" in got.err
    assert {json.loads(line)["name"]: json.loads(line)["entries"] for line in got.out.splitlines()} == {
        "renamed": 30_000,
        "broken": None,
    }


def test_an_empty_database_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(a)")
        connection.execute("DROP TABLE t")
    assert answer("tables", path, "--format", "json").out == "[]\n"
    assert answer("tables", path).code == 0


def recorded_task(status: str, payload: object = None) -> dict[str, Any]:
    return {
        "task_result": {"task_name": "Task", "task_status": status, "payload": payload},
        "task_parameters": {"a": 1},
    }


def test_why_a_task_failed_stands_under_its_status(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        output = "".join(f"line {number}\n" for number in range(500)) + "\x1b[31mSegmentation fault\n"
        recorder.record(recorded_task("FAILED"), return_code=-11, output=output, log="/logs/7.out")
        recorder.record(recorded_task("TIMEDOUT"))
        recorder.record(recorded_task("COMPLETED"))
    lines = answer("show", tmp_path, "Task", 1).out.splitlines()
    assert lines[2:8] == [
        "",
        "Why it failed",
        "  return code  -11",
        "  signal       SIGSEGV",
        "  log          /logs/7.out",
        "  output",
    ]
    assert lines[8] == "    … (these are the last 200 lines; --format json has all of it)"
    assert lines[9 : 9 + 200] == [f"    line {number}" for number in range(301, 500)] + ["    ␛[31mSegmentation fault"]
    assert lines[209:211] == ["", "Result"]
    assert answer("show", tmp_path, "Task", 2).out.splitlines()[2] == "  not recorded why"
    assert "why" not in answer("show", tmp_path, "Task", 3).out
    failure = json.loads(answer("show", tmp_path, "Task", 1, "--format", "json").out)["failure"]
    assert failure == {"return_code": -11, "signal": "SIGSEGV", "log": "/logs/7.out", "output": output}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"payload": "no beam\n"}, {"by": "payload", "text": "no beam\n"}),
        ({"summary": "error: no mask", "payload": "no beam"}, {"by": "summary", "text": "error: no mask"}),
        ({"summary": "hits: 3", "payload": "no beam"}, {"by": "payload", "text": "no beam"}),
        ({"summary": "PENDING", "payload": "/data/out.h5"}, None),
        ({"payload": "/a/b.h5 /a/c.h5"}, None),
        ({"payload": "out.h5"}, None),
        ({"payload": "1 2 3"}, None),
        ({"payload": "no beam " * 1000}, None),
        ({"payload": b"no beam"}, None),
        ({"payload": '{"no": "beam at all"}'}, None),
        ({}, None),
    ],
)
def test_a_failed_entry_whose_result_says_why_is_asked(
    database: Database, result: dict[str, Any], told: dict[str, str] | None
) -> None:
    cells = {f"result.{name}": value for name, value in result.items()}
    database.task("Task", {}, [{**cells, "result.task_status": status} for status in ("FAILED", "COMPLETED")])
    shown = answer("show", database.path, "Task", 1).out
    assert (told is None) is ("not recorded why" in shown)
    if told is not None:
        assert f"Why it failed\n  its {told['by']} says: {told['text'].strip()}\n" in shown
    found = [json.loads(answer("show", database.path, "Task", id, "--format", "json").out) for id in (1, 2)]
    assert [one["told_reason"] for one in found] == [told, None]


@pytest.mark.parametrize("status", ["CANCELLED", "STOPPED"])
def test_what_a_stopped_entry_says_of_its_end_is_shown(database: Database, status: str) -> None:
    summaries = ["Stopped by the operator", "hits: 3"]
    database.task("Task", {}, [{"result.task_status": status, "result.summary": summary} for summary in summaries])
    ended = "How it ended\n  its summary says: Stopped by the operator\n"
    assert ended in answer("show", database.path, "Task", 1).out
    shown = answer("show", database.path, "Task", 2).out
    assert "How it ended" not in shown
    assert "not recorded why" not in shown


def test_who_recorded_an_entry_is_shown(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(recorded_task("COMPLETED"), code_version="v5.1")
    shown = answer("show", tmp_path, "Task", 1).out.split("Recorded by\n")[1].split("\n\n")[0]
    assert "  code version      v5.1" in shown.splitlines()
    assert json.loads(answer("show", tmp_path, "Task", 1, "--format", "json").out)["recorded_by"]["code_version"] == (
        "v5.1"
    )


def test_results_kept_as_files_are_shown_with_their_place_and_size(tmp_path: Path) -> None:
    with Recorder(tmp_path, payload_limit=2000) as recorder:
        recorder.record(recorded_task("COMPLETED", {"masks": [b"z" * 4096, 1]}))
        recorder.record(recorded_task("COMPLETED", "q" * 5000))
    (nested,) = tmp_path.glob("lute.db.payloads/*.bin")
    (whole,) = tmp_path.glob("lute.db.payloads/*.txt")
    assert f"[0]: {nested}  (here · file · 4.0 KiB · " in answer("show", tmp_path, "Task", 1).out
    assert f"payload: file\n    {whole}  (here · file · 4.9 KiB" in answer("show", tmp_path, "Task", 2).out
    for key, path in ((1, nested), (2, whole)):
        (file,) = json.loads(answer("show", tmp_path, "Task", key, "--format", "json").out)["payload"]["files"]
        assert (file["path"], file["size"]) == (str(path), path.stat().st_size)
    nested.unlink()
    assert f"[0]: {nested}  (gone)" in answer("show", tmp_path, "Task", 1).out


def test_a_single_variable_is_not_several(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record({**recorded_task("COMPLETED"), "task_env": {"SLURM_JOB_ID": "7"}})
    assert "Environment (1 variable)" in answer("show", tmp_path, "Task", 1).out
    assert answer("query", tmp_path, "Task").err == "1 of 1 entry\n"


def test_statuses_of_any_length_and_number_leave_the_list_of_tables_readable(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    statuses = ["COMPLETED"] * 3 + ["x" * 2_000] * 2 + [f"odd {number}" for number in range(500)]
    database.task("Find", {}, [{"result.task_status": status, "valid_flag": 1} for status in statuses])
    database.connection.close()
    for form in ("table", "markdown"):
        lines = answer("tables", database.path, "--format", form).out.splitlines()
        assert max(map(len, lines)) < 250
        (find,) = [line for line in lines if "Find" in line]
        assert "COMPLETED 3" in find
        assert "… 2, odd" in find
        assert "494 others" in find
    (task, *_others) = json_rows("tables", database.path)
    assert (len(task["statuses"]), task["statuses"]["x" * 2_000]) == (502, 2)
    assert "x" * 2_000 + " 2" in answer("tables", database.path, "--format", "csv").out
