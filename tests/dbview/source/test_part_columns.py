"""Columns that show a part of what is stored: pairs of the summary, variables, and what the recorder keeps beside."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.errors import FilterError
from dbview.query.filter import quote_literal
from dbview.query.names import find_column
from dbview.query.view import SortKey
from dbview.source.file.guard import LENGTH_LIMIT
from dbview.source.relations import StoredColumn, StoredTable, recognise
from dbview.source.source import Source
from dbview.summary import pair_value, summary_pairs
from dbview.values import Cell, Clipped, Unreadable
from recorder import Recorder
from tests.dbview.conftest import Open
from tests.dbview.database import Database, keys_of

Select = Callable[..., list[int]]

BEGIN = datetime.datetime(2024, 2, 14, 12, 0, 0, tzinfo=datetime.UTC)


def cells(source: Source, relation: str, *names: str) -> list[tuple[Cell, ...]]:
    """Return the values of the columns that names mean, oldest row first."""
    found = source.relation(relation)
    with contextlib.closing(source.reader()) as reader:
        rows = reader.newest(found, [find_column(found, name) for name in names], 1_000)
    return [row.cells for row in reversed(rows)]


def summaries(database: Database, *texts: Any) -> Path:
    database.task("Task", {"run": "TEXT"}, [{"result.summary": text} for text in texts])
    return database.path


# Pairs of the summary


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("summary.hits", ["812", "9", None, None]),
        ("summary.HITS", ["812", "9", None, None]),
        ('summary."hits"', ["812", "9", None, None]),
        ("summary.hit_rate", ["0.05", "1e-3", None, None]),
        ('summary."Hit rate"', ["0.05", "1e-3", None, None]),
        ("summary.no such", [None, None, None, None]),
    ],
)
def test_a_pair_of_the_summary_is_a_column(
    database: Database, opened: Open, name: str, values: list[str | None]
) -> None:
    path = summaries(database, "hits: 812;Hit rate: 0.05", "Hits: 9\nhit_rate: 1e-3", "PENDING", None)
    assert cells(opened(path), "Task", name) == [(value,) for value in values]


def test_of_pairs_that_are_alike_the_one_of_exactly_that_name_counts() -> None:
    summary = "hits: 1;Hits: 2;hit_s: 3;hit s: 4"
    assert [pair_value(summary, name) for name in ("hits", "Hits", "HITS", "hit s", "Hit S")] == list("12244")


NAMES = st.sampled_from(["hits", "Hits", "hi_ts", "hits x", "hi:ts", "hi;ts", "hi\nts", "", "x" * 60, "x" * 61])
SPACES = st.text("; \t\n\r\v\x1c\x1f\x85\u2028\u2003", max_size=2)


@given(
    summary=st.lists(
        st.one_of(st.text(max_size=8), NAMES, SPACES, st.sampled_from([":", ": ", ";", "1", "PENDING"])), max_size=12
    ).map("".join),
    name=st.one_of(NAMES, st.builds("{}{}".format, NAMES, SPACES)),
)
def test_a_pair_is_the_one_among_all_pairs(summary: str, name: str) -> None:
    pairs = summary_pairs(summary)
    wanted = name.casefold().replace("_", " ")
    alike = [value for found, value in pairs.items() if found.casefold().replace("_", " ") == wanted]
    assert pair_value(summary, name) == pairs.get(name, alike[-1] if alike else None)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("summary.hits>=10", [3, 1]),
        ("summary.hits<10", [2]),
        ("summary.hits=9", [2]),
        ("summary.hits=9..900", [2, 1]),
        ('summary.hits="9"', []),
        ("summary.hits!=9", [5, 4, 3, 1]),
        ("summary.hits=null", [5, 4]),
        ("not summary.hits>=10", [5, 4, 2]),
        ("summary.hits:1", [3, 1]),
        ("summary.comment:µ", [4]),
        ('summary."comment"=null', [5, 3, 2, 1]),
        ('"summary.hits">=10', [3, 1]),
        ("summary.h*>=10", [3, 1]),
        ("summary.h?ts=09", [2]),
        ("summary.*=null", [5]),
        ("summary.*!=null", [4, 3, 2, 1]),
        ('summary."h*">=10', []),
    ],
)
def test_pairs_are_compared_as_any_column(database: Database, select: Select, filter: str, found: list[int]) -> None:
    path = summaries(database, "hits: 812", "Hits: 09", "hits: 1e3;x: 1", "comment: 3 µm", b"\xff")
    assert select(path, "Task", filter) == found


def test_pairs_are_sorted_as_numbers(database: Database, select: Select) -> None:
    path = summaries(database, *(f"hits: {number}" for number in (9, 812, 10.5, "many")), None)
    assert select(path, "Task", "", SortKey("summary.hits")) == [1, 3, 2, 4, 5]
    assert select(path, "Task", "summary.hits>0", SortKey("summary.hits", descending=True)) == [2, 3, 1]


def test_a_stored_column_is_not_hidden_by_a_pair_of_its_name(database: Database, opened: Open) -> None:
    database.task("Task", {"summary.hits": "INTEGER"}, [{"summary.hits": 7, "result.summary": "hits: 8;x: 2"}])
    source = opened(database.path)
    assert cells(source, "Task", "summary.hits", "summary.x") == [(7, "2")]
    assert keys_of(source, "Task", "summary.hits=7") == [1]


def test_a_summary_that_is_no_text_or_too_long_has_no_readable_pairs(database: Database, opened: Open) -> None:
    long = "x" * 5_000
    path = summaries(database, 7, f"note: {long}", "note: 1;pad: " + "y" * LENGTH_LIMIT)
    number, clipped, unreadable = cells(opened(path), "Task", "summary.note")
    assert number == (None,)
    assert isinstance(clipped[0], Clipped)
    assert clipped[0].size == 5_000
    assert isinstance(unreadable[0], Unreadable)


def test_a_relation_without_a_summary_has_no_pairs(database: Database, select: Select) -> None:
    database.execute("CREATE TABLE plain(a)")
    with pytest.raises(FilterError, match="plain has no summary"):
        select(database.path, "plain", "summary.hits>3")


@given(st.text(min_size=1), st.text())
def test_every_name_of_a_pair_is_found_again_by_its_columns_name(name: str, other: str) -> None:
    names = ("id", "gen_cfg_id", "exec_cfg_id", "result.task_status", "result.summary", "valid_flag", other)
    columns = tuple(StoredColumn(column, "", column == "id", False) for column in dict.fromkeys(names))
    (task,) = recognise([StoredTable("Task", "table", True, columns, ())])
    if task.find(f"summary.{name}") is None:
        column = find_column(task, f"summary.{quote_literal(name)}")
        assert column.part is not None
        assert column.part.name == name
        assert find_column(task, column.name) == column


# Variables


def test_a_group_of_variables_can_be_named(database: Database, select: Select) -> None:
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=42;SLURM_NODE=n1;LUTE_PATH=/x;SLURM_JWT=tell"})
    database.insert("exec_cfg", {"env": "LUTE_PATH=/y"})
    database.task("Task", {}, [{"exec_cfg_id": 1}, {"exec_cfg_id": 2}, {}])
    assert select(database.path, "Task", "env.SLURM_*:n1") == [1]
    assert select(database.path, "Task", "env.slurm_j*>=42") == [1]
    assert select(database.path, "Task", "env.SLURM_*=null") == [3, 2]
    assert select(database.path, "Task", "env.*=/y,/x") == [2, 1]
    assert select(database.path, "Task", "env.*:tell") == [], "a secret is masked before it is compared"


def test_a_group_is_no_column_to_sort_by(database: Database, opened: Open) -> None:
    database.task("Task", {}, [])
    relation = opened(database.path).relation("Task")
    for name in ("env.SLURM_*", "summary.*", "gen_cfg.*"):
        with pytest.raises(FilterError, match="name one of them"):
            find_column(relation, name)


def test_groups_of_shared_columns_can_be_named(database: Database, select: Select) -> None:
    database.insert("gen_cfg", {"title": "beam", "experiment": "mfx"})
    database.task("Task", {"gen_cfg_x": "TEXT"}, [{"gen_cfg_id": 1}, {"gen_cfg_x": "beam"}])
    assert select(database.path, "Task", "gen_cfg.*:beam") == [1]
    assert select(database.path, "Task", "gen_cfg*:beam") == [2], "columns of the table itself come first"


# What the recorder keeps beside an entry


def record(path: Path) -> None:
    """Record three entries: one that was killed, one that took five minutes, one of which nothing is known."""
    good: Any = {"task_result": {"task_name": "Task", "task_status": "COMPLETED"}, "task_parameters": {"a": 1}}
    bad: Any = {"task_result": {"task_name": "Task", "task_status": "FAILED"}, "task_parameters": {"a": 2}}
    with Recorder(path) as recorder:
        ending: Any = {"return_code": -9, "output": 'out of "memory" [1]', "log": "/logs/7.out", "code_version": "v5"}
        token = recorder.start(bad, timestamp=BEGIN)
        recorder.finish(token, bad, timestamp=BEGIN + datetime.timedelta(seconds=90), **ending)
        token = recorder.start(good, timestamp=BEGIN)
        recorder.finish(token, good, timestamp=BEGIN + datetime.timedelta(minutes=5))
        other: Any = {"task_result": {"task_name": "Other", "task_status": "FAILED"}, "task_parameters": {"a": 2}}
        recorder.record(other, return_code=5)
    with contextlib.closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("INSERT INTO Task(a) VALUES (3)")


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("failure.return_code=-9", [1]),
        ("failure.return_code<0", [1]),
        ("failure.return_code=null", [3, 2]),
        ("failure.signal=sigkill", [1]),
        ('failure.output:"out of ""memory"" [1]"', [1]),
        ("failure.log=*7.out", [1]),
        ("failure.*:7.out", [1]),
        ("FAILURE.Signal:kill", [1]),
        ("origin.code_version=v5", [1]),
        ("origin.user!=null", [2, 1]),
        ("origin.host=null", [3]),
        ("origin.duration>100", [2]),
        ("origin.duration=90", [1]),
        ("origin.duration=null", [3]),
        ("memory", []),
    ],
)
def test_what_is_kept_beside_an_entry_is_a_column(
    tmp_path: Path, select: Select, filter: str, found: list[int]
) -> None:
    record(tmp_path / "lute.db")
    assert select(tmp_path / "lute.db", "Task", filter) == found


def test_what_is_kept_beside_an_entry_is_shown_and_sorted(tmp_path: Path, opened: Open) -> None:
    record(tmp_path / "lute.db")
    source = opened(tmp_path / "lute.db")
    names = ("failure.return_code", "failure.output", "origin.code_version", "origin.duration")
    killed, good, unknown = cells(source, "Task", *names)
    assert killed == (-9, 'out of "memory" [1]', "v5", 90.0)
    assert good[3] == 300.0
    assert unknown == (None, None, None, None)
    assert keys_of(source, "Task", "", SortKey("origin.duration", descending=True)) == [2, 1, 3]
    assert keys_of(source, "Task", "", SortKey("failure.return_code")) == [1, 3, 2]
    assert keys_of(source, "Task", "", SortKey("origin.code_version")) == [1, 3, 2]
    assert cells(source, "Other", "failure.return_code") == [(5,)], "ids of another Task are other entries"


def test_a_file_without_side_tables_has_no_such_columns(database: Database, select: Select) -> None:
    database.task("Task", {"failure.x": "TEXT"}, [{"failure.x": "a"}])
    for filter in ("failure.return_code=1", "origin.user=me"):
        with pytest.raises(FilterError, match="no column"):
            select(database.path, "Task", filter)
    assert select(database.path, "Task", "failure.*=a") == [1]


def test_a_side_table_of_another_shape_is_left_alone(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "lute.db"
    record(path)
    with contextlib.closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("DROP TABLE _rec_failure")
        writer.execute("CREATE TABLE _rec_failure(task TEXT, entry_id INTEGER, signal TEXT)")
        writer.execute("INSERT INTO _rec_failure VALUES ('Task', 2, CAST(x'ff' AS TEXT))")
        writer.execute("ALTER TABLE _rec_origin RENAME COLUMN user TO who")
    source = opened(path)
    names = [column.name for column in source.relation("Task").beside]
    assert "failure.signal" in names
    assert "failure.log" not in names
    assert "origin.user" not in names
    assert keys_of(source, "Task", "failure.signal!=null") == [2]
    assert cells(source, "Task", "failure.signal") == [(None,), ("\\xff",), (None,)]


def test_a_parameter_of_such_a_name_is_the_parameter(tmp_path: Path, opened: Open) -> None:
    path = tmp_path / "lute.db"
    result: Any = {"task_name": "Task", "task_status": "FAILED"}
    with Recorder(path) as recorder:
        recorder.record({"task_result": result, "task_parameters": {"failure": {"signal": "mine"}}}, return_code=-9)
    source = opened(path)
    assert cells(source, "Task", "failure.signal", "failure.return_code") == [("mine", -9)]
