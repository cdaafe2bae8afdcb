"""``dbview runs`` and ``dbview group``: the overview and the groups as data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.headless.formats import FORMATS
from tests.dbview.database import Database

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


def test_numbers_stand_in_their_order_in_a_table_and_the_largest_group_first_for_programs(database: Database) -> None:
    database.task("Task", {"n": "INTEGER", "m": "TEXT"}, [{"n": n, "m": f"m{n}"} for n in (2, 10, 10, None, 3)])
    for column, form, values in (
        ("n", "table", ["2", "3", "10", "∅"]),
        ("n", "csv", ["10", "2", "3", ""]),
        ("m", "table", ["m10", "m2", "m3", "mNone"]),
    ):
        lines = answer("group", database.path, "Task", column, "--format", form).out.splitlines()
        assert [line.replace(",", " ").split(" ")[0] for line in map(str.lstrip, lines)][-4:] == values


def test_values_of_every_kind_are_written_as_query_writes_them(database: Database) -> None:
    database.task("Task", {"m": ""}, [{"m": m} for m in (b"\x00\xff", float("inf"), None, "", 1.5)])
    database.execute("INSERT INTO Task(m) VALUES (CAST(x'61ff' AS TEXT))")
    for form in ("json", "jsonl", "csv", "markdown", "table"):
        got = answer("group", database.path, "Task", "m", "--format", form)
        assert (got.code, got.err) == (0, "")
        assert all(word in got.out for word in ("inf", "1.5", "a\\xff" if form == "csv" else "xff"))
    queried = json_rows("query", database.path, "Task", "--columns", "m")
    grouped = json_rows("group", database.path, "Task", "m")
    assert {row["m"] for row in grouped} == {row["m"] for row in queried} == {"AP8=", "inf", None, "", 1.5, "a\\xff"}


def test_null_and_empty_text_look_different_in_a_table(database: Database) -> None:
    database.task("Task", {"m": "TEXT"}, [{"m": m, "valid_flag": 1} for m in (None, "", "")])
    lines = answer("group", database.path, "Task", "m").out.splitlines()[2:]
    assert [line.split() for line in lines] == [["2", "2", "0"], ["∅", "1", "1", "0"]]


def test_runs_of_any_kind_of_value_are_listed(database: Database) -> None:
    for run in (b"\x00\xff", float("inf"), None):
        database.insert("gen_cfg", {"experiment": b"\x01", "run": run})
    database.task("Task", {}, [{"gen_cfg_id": key} for key in (1, 2, 3)])
    for form in FORMATS:
        got = answer("runs", database.path, "--format", form)
        assert (got.code, got.err) == (0, "")
    assert {row["experiment"] for row in json_rows("runs", database.path)} == {"AQ=="}


def test_a_count_never_takes_the_place_of_a_column(database: Database) -> None:
    database.task(
        "Task", {"rows": "TEXT", "valid count": "TEXT"}, [{"rows": "a", "valid count": "b", "valid_flag": 1}] * 2
    )
    (row,) = json_rows("group", database.path, "Task", "valid")
    assert row == {"valid": 1, "rows": 2, "valid count": 2, "not valid": 0}
    (row,) = json_rows("group", database.path, "Task", "rows", "valid count")
    assert row == {"rows": "a", "valid count": "b", "rows count": 2, "valid": 2, "not valid": 0}
    (row,) = json_rows("group", database.path, "Task", "valid", "valid count")
    assert row == {"valid": 1, "valid count": "b", "rows": 2, "valid count count": 2, "not valid": 0}


def test_the_same_column_twice_is_refused(sample: Callable[[str], Path]) -> None:
    got = answer("group", sample("lute-v01.db"), PEAKS, "run", "gen_cfg.run")
    assert (got.code, got.out) == (2, "")
    assert "run and gen_cfg.run are one column" in got.err


def test_what_makes_no_sense_is_said(sample: Callable[[str], Path]) -> None:
    path = sample("lute-v01.db")
    assert "has no column nothing" in answer("group", path, PEAKS, "nothing").err
    assert answer("group", path, PEAKS, "nothing").code == 8
    assert answer("group", path, PEAKS, "run", "status", "id").code == 2
    assert "cannot be understood" in answer("group", path, PEAKS, "run", "--where", "nothing=1").err
    assert answer("group", path, "Nothing", "run").code == 8


def test_a_file_without_runs_lists_none(sample: Callable[[str], Path]) -> None:
    assert json_rows("runs", sample("lattedb.db")) == []


def test_an_unknown_validity_is_neither_valid_nor_not_wherever_it_is_counted(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    flags = (1, 0, 0, None, 7, "x")
    database.task("Find", {}, [{"gen_cfg_id": 1, "valid_flag": flag} for flag in flags])
    database.connection.close()
    (run,) = json_rows("runs", database.path)
    (group,) = json_rows("group", database.path, "Find", "run")
    (table, *_others) = json_rows("tables", database.path)
    assert (run["entries"], run["not_valid"], run["latest_valid"]) == (6, 2, 1)
    assert (group["rows"], group["valid"], group["not valid"]) == (6, 1, 2)
    assert (table["entries"], table["valid"], table["not_valid"]) == (6, 1, 2)
    assert len(json_rows("query", database.path, "Find", "is:invalid")) == 2


def test_runs_of_several_experiments_are_groups_of_their_own(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    for experiment, run in (("mfx1", "9"), ("mfx1", "12"), ("cxi2", "12"), (None, "12")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    valid, failed = {"valid_flag": 1}, {"valid_flag": 0}
    entries = [(1, valid), (2, valid), (2, failed), (3, valid), (4, failed)]
    database.task("Find", {"n": "INTEGER"}, [{"gen_cfg_id": header, "n": 1, **flag} for header, flag in entries])
    database.connection.close()
    lines = answer("group", database.path, "Find", "run", "--format", "csv").out.splitlines()
    assert lines == [
        "experiment,run,rows,valid,not valid",
        "mfx1,12,2,1,1",
        "cxi2,12,1,1,0",
        "mfx1,9,1,1,0",
        ",12,1,0,1",
    ]
    # Of one experiment there is nothing to tell apart, and who asks for the experiment has it.
    (of_one,) = json_rows("group", database.path, "Find", "run", "--where", "experiment=cxi2")
    assert of_one == {"run": "12", "rows": 1, "valid": 1, "not valid": 0}
    assert json_rows("group", database.path, "Find", "run", "experiment")[0] == {
        "run": "12", "experiment": "mfx1", "rows": 2, "valid": 1, "not valid": 1,
    }  # fmt: skip
    both = json_rows("group", database.path, "Find", "n", "run", "--where", "run=12")
    assert [(row["experiment"], row["n"], row["run"]) for row in both[:1]] == [("mfx1", 1, "12")]
    assert len(both) == 3


def test_a_run_is_one_however_its_number_is_spelled(tmp_path: Path) -> None:
    database = Database(tmp_path / "lute.db")
    for experiment, run in (("a", "0025"), ("a", "25"), ("a", "25x"), ("b", "25")):
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    valid = {"result.task_status": "COMPLETED", "valid_flag": 1}
    failed = {"result.task_status": "FAILED", "valid_flag": 0}
    entries = [(1, valid, 10), (2, valid, 20), (3, valid, 30), (4, valid, 40), (1, failed, 50)]
    rows = [{"gen_cfg_id": header, "n": n, **how} for header, how, n in entries]
    database.task("Find", {"n": "INTEGER"}, rows)
    database.connection.close()
    runs = {(row["experiment"], row["run"]): row for row in json_rows("runs", database.path)}
    assert runs.keys() == {("a", "0025"), ("a", "25x"), ("b", "25")}
    one = runs["a", "0025"]
    assert (one["entries"], one["statuses"], one["latest_valid"]) == (3, ["COMPLETED", "COMPLETED", "FAILED"], 2)
    assert {row["id"] for row in json_rows("query", database.path, "Find", "is:latest")} == {2, 3, 4}
    assert [row["id"] for row in json_rows("query", database.path, "Find", "is:open")] == [5]
    assert len(json_rows("query", database.path, "Find", "experiment=a run=25")) == 3
    for spelled in ("25", "0025"):
        latest = answer("latest", database.path, "Find", "n", "--run", spelled, "--experiment", "a")
        assert (latest.code, latest.out.strip()) == (0, "20")
