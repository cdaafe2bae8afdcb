"""``dbview show --format json`` holds all that the screen of an entry shows."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy
import pytest

from dbview.query.view import View
from dbview.screens.sections import FOLD
from dbview.secrets import LONGEST_MASKED, reveal_secrets
from dbview.widgets.listing import Listing
from recorder import Recorder
from tests.dbview.database import Database
from tests.dbview.tui.conftest import Look, look  # noqa: F401 - a fixture

from .conftest import answer

SECTIONS = {
    "Why it failed": ("failure", "failure_reason", "good"),
    "Result": ("status", "summary", "summary_pairs", "payload"),
    "Files": ("files",),
    "Parameters": ("parameters", "before"),
    "Recorded by": ("recorded_by",),
    "Configuration": ("configuration", "keys"),
    "Executor": ("configuration", "keys"),
    "Environment": ("environment",),
    "Environment of the job": ("environment", "job"),
    "Payload": ("payload",),
    "Row": ("cells", "keys"),
    "Used by": ("used_by",),
}
"""Where the JSON has what a section of the screen shows; a section that is added is added here."""

ENVIRONMENT = {"SLURM_JOB_ID": "7", "SLURM_JWT": "classified", "LUTE_PATH": "/lute"}


def shown(path: Path, table: str, key: int, *options: str) -> dict[str, Any]:
    """Return a row as JSON."""
    got = answer("show", path, table, key, "--format", "json", *options)
    assert got.code == 0, got.err
    found: dict[str, Any] = json.loads(got.out)
    return found


def task(run: int, status: str, **parameters: object) -> dict[str, Any]:
    """Return a Task as an Executor hands it over."""
    summary = "Hits: 8;token: classified"
    return {
        "task_parameters": {"lute_config": {"title": "t", "experiment": "e", "run": run}, **parameters},
        "task_env": ENVIRONMENT,
        "task_result": {"task_name": "Find", "task_status": status, "summary": summary, "payload": "x\n" * 300},
    }


@pytest.fixture
def everything(database: Database) -> Path:
    """Entry 2 has all that an entry can have: it failed, between good ones of its run."""
    database.connection.close()
    database.path.unlink()
    (database.path.parent / "in.h5").write_bytes(b"abc")
    given = str(database.path.parent / "in.h5")
    ending: Any = {"return_code": -9, "output": "no\nmemory", "log": "/logs/7.out", "code_version": "v5"}
    with Recorder(database.path) as recorder:
        recorder.record(task(1, "COMPLETED", level=1.5, in_file=given, conf='{"password": "classified"}'))
        recorder.record(task(1, "FAILED", level=2.5, in_file=given, conf='{"password": "other"}'), **ending)
        recorder.record(task(1, "COMPLETED", level=1.0, in_file=given, conf="{}"))
    return database.path


async def titles(path: Path, table: str, key: int, look: Look, *words: str) -> list[str]:  # noqa: F811
    """Return the titles of the sections on the screen of a row, once words are shown on it."""
    async with look(path, View(table), key=key, size=(140, 160)) as viewer:
        await viewer.until_shown(*words)
        lines = viewer.app.screen.query_one(Listing).lines
        return [line.key.removeprefix(FOLD) for line in lines if line.key and line.key.startswith(FOLD)]


async def test_every_section_of_the_screen_is_in_the_json(everything: Path, look: Look) -> None:  # noqa: F811
    found = await titles(everything, "Find", 2, look, "Why it failed", "here", "differ from #1", "it differs from #3")
    assert len(found) >= 10
    entry = shown(everything, "Find", 2)
    for title in found:
        for name in SECTIONS[title]:
            assert entry[name] not in (None, {}, []), f"{title}: {name}"


async def test_every_section_of_a_row_that_is_no_entry_is_in_the_json(everything: Path, look: Look) -> None:  # noqa: F811
    found = await titles(everything, "gen_cfg", 1, look, "3 entries")
    assert found == ["Row", "Used by"]
    row = shown(everything, "gen_cfg", 1)
    assert row["used_by"] == [{"table": "Find", "column": "gen_cfg_id", "rows": 3, "complete": True}]
    assert row["keys"] == {}


def test_what_is_around_an_entry_is_told(everything: Path) -> None:
    entry = shown(everything, "Find", 2)
    assert entry["in_run"] == {"number": 2, "count": 3, "complete": True}
    assert entry["latest_valid"] == 3
    assert entry["failure_reason"] == "recorded"
    assert entry["failure"]["output"] == "no\nmemory"
    assert entry["job"].startswith("job 7")
    assert (entry["experiment"], entry["run"]) == ("e", "1")
    assert entry["summary_pairs"] == {"Hits": "8", "token": "***"}
    assert entry["keys"] == {"gen_cfg_id": {"table": "gen_cfg", "id": 1}, "exec_cfg_id": {"table": "exec_cfg", "id": 1}}
    (level,) = [one for one in entry["before"]["parameters"] if one["name"] == "level"]
    assert (entry["before"]["id"], level["values"], level["change"]) == (1, [1.5, 2.5], "+1 (+66.7 %)")
    assert entry["good"]["id"] == 3
    (file,) = [one for one in entry["files"] if one["name"] == "in_file"]
    assert (file["presence"], file["size"]) == ("here", 3)
    assert entry["lineage"] == {"made_from": [], "used_by": [], "complete": True}
    assert entry["waiting"] == 0
    assert "classified" not in json.dumps(entry)
    assert "other" not in json.dumps(entry["before"])


def test_why_an_entry_needs_attention_is_told(recorded: Path) -> None:
    assert shown(recorded, "FindPeaks", 5)["attention"] == ["It ended as COMPLETED, but was marked not valid."]
    assert shown(recorded, "FindPeaks", 3)["failure_reason"] == "not recorded"


def test_alone_nothing_else_is_looked_for(everything: Path) -> None:
    entry = shown(everything, "Find", 2, "--alone")
    whole = shown(everything, "Find", 2)
    assert entry.keys() == whole.keys()
    for name in ("files", "parameter_files", "waiting", "in_run", "latest_valid", "attention", "before", "good"):
        assert entry[name] is None
    assert (entry["lineage"], entry["keys"], entry["payload"]["contents"]) == (None, None, None)
    assert (entry["parameters"], entry["failure"]) == (whole["parameters"], whole["failure"])
    assert shown(everything, "gen_cfg", 1, "--alone")["used_by"] is None


# The payload


def contents_of(database: Database, payload: object) -> Any:
    """Return what is told of the contents of a payload."""
    database.task("Find", {}, [{"result.payload": payload}])
    database.connection.close()
    return shown(database.path, "Find", 1)["payload"]["contents"]


def test_an_array_has_its_shape_type_and_statistics(database: Database) -> None:
    file = database.path.parent / "out.npy"
    numpy.save(file, numpy.arange(6, dtype="float64").reshape(2, 3))
    contents = contents_of(database, str(file))
    assert (contents["kind"], contents["form"], contents["size"]) == ("NumPy array (npy)", "array", file.stat().st_size)
    facts = contents["facts"]
    assert (facts["shape"], facts["type"]) == ("2 × 3", "float64")
    assert facts["mean"].startswith("2.5 ")


def test_a_table_has_its_header_and_first_records(database: Database) -> None:
    file = database.path.parent / "out.csv"
    file.write_text("hits,rate\n" + "".join(f"{number},0.5\n" for number in range(1_000)))
    contents = contents_of(database, str(file))
    assert (contents["form"], contents["header"].split()) == ("table", ["hits", "rate"])
    assert (contents["lines"][1].split(), len(contents["lines"]), contents["more"]) == (["1", "0.5"], 200, True)


def test_a_text_has_its_first_lines_without_what_drives_a_terminal(database: Database) -> None:
    contents = contents_of(database, "one\n\x1b]0;x two" + " and more" * 9)
    first, second = (line.strip() for line in contents["lines"])
    assert (first, second[:9]) == ("one", "␛]0;x two")
    assert (contents["kind"], contents["whole"], contents["more"]) == ("text", True, False)


def test_a_file_that_cannot_be_opened_is_an_error_in_its_place(database: Database) -> None:
    pipe = database.path.parent / "pipe"
    os.mkfifo(pipe)
    assert "only regular files are opened" in contents_of(database, str(pipe))["error"]


def test_json_too_long_to_be_masked_is_written_only_where_secrets_are_asked_for(database: Database) -> None:
    file = database.path.parent / "long.json"
    file.write_text('{"token": [\n"classified"],\n"pad": "' + "x" * LONGEST_MASKED + '"}')
    contents = contents_of(database, str(file))
    assert "JSON of more than 32 MiB" in contents["error"]
    assert "only with --reveal" in contents["error"]
    got = answer("show", database.path, "Find", 1, "--format", "json", "--reveal")
    reveal_secrets(False)
    assert '"classified"],' in json.loads(got.out)["payload"]["contents"]["lines"]
