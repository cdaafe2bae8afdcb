"""What there is among the newest rows: values of a column, names of pairs and variables."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.names import find_column
from dbview.source.numbers.distinct import MOST_VALUES, Distinct, distinct_values, summary_keys, variable_names
from dbview.source.source import Source
from dbview.values import UndecodableText
from tests.dbview.conftest import Open
from tests.dbview.database import Database


def distinct(source: Source, task: str, column: str, seconds: float = 60) -> Distinct:
    relation = source.relation(task)
    with contextlib.closing(source.reader()) as reader:
        return distinct_values(reader, relation, find_column(relation, column), seconds)


def names(read: Callable[..., list[str]], source: Source, task: str) -> list[str]:
    with contextlib.closing(source.reader()) as reader:
        return read(reader, source.relation(task))


def test_values_come_as_they_are_the_newest_first(database: Database, opened: Open) -> None:
    values = ["b", 1, "1", 1.0, None, b"x", "b", "c" * 5_000, "a"]
    database.task("Task", {"any": "BLOB"}, [{"any": value} for value in values])
    database.execute("INSERT INTO Task(any) VALUES (CAST(x'ff' AS TEXT))")
    found = distinct(opened(database.path), "Task", "any")
    assert found == Distinct([UndecodableText(b"\xff"), "a", "b", b"x", 1.0, "1", 1], complete=True)


def test_values_of_joined_and_part_columns(database: Database, opened: Open) -> None:
    for run in ("7", "8", "9"):
        database.insert("gen_cfg", {"run": run})
    entries = [{"gen_cfg_id": n % 2 + 1, "result.summary": f"hits: {n % 3}"} for n in range(1_300)]
    database.task("Task", {}, entries)
    source = opened(database.path)
    assert distinct(source, "Task", "run").values == ["8", "7"], "the run of no entry is not among them"
    assert sorted(map(str, distinct(source, "Task", "summary.hits").values)) == ["0", "1", "2"]


def test_looking_ends_with_enough_values_or_with_the_time(database: Database, opened: Open) -> None:
    database.task("Task", {"n": "INTEGER"}, [{"n": n} for n in range(3_000)])
    source = opened(database.path)
    enough = distinct(source, "Task", "n")
    assert enough == Distinct(list(range(2_999, 2_999 - MOST_VALUES, -1)), complete=False)
    assert distinct(source, "Task", "gen_cfg_id", seconds=0) == Distinct([], complete=False)


def test_relations_of_every_kind_have_values(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE keyless(a TEXT PRIMARY KEY) WITHOUT ROWID")
    database.execute("INSERT INTO keyless VALUES ('x'), ('y')")
    database.execute("CREATE VIEW seen AS SELECT a FROM keyless")
    database.execute("CREATE TABLE empty(a)")
    source = opened(database.path)
    for relation, values in (("keyless", ["x", "y"]), ("seen", ["x", "y"]), ("empty", [])):
        assert sorted(map(str, distinct(source, relation, "a").values)) == values


def test_names_of_pairs_are_told_once_in_the_form_met_first(database: Database, opened: Open) -> None:
    summaries = ["old: 1", "PENDING", None, "Hit rate: 0.1;hits: 3", "hit_rate: 0.2;Hits: 4;path:/x", b"no text"]
    database.task("Task", {}, [{"result.summary": summary} for summary in summaries])
    database.execute("CREATE TABLE plain(a)")
    source = opened(database.path)
    assert names(summary_keys, source, "Task") == ["hit_rate", "Hits", "old"]
    assert names(summary_keys, source, "plain") == []


def test_names_of_variables(database: Database, opened: Open) -> None:
    for env in ("SLURM_JOB_ID=1;LUTE_PATH=/x", "SLURM_JOB_ID=2;SLURM_NODE=n", None):
        database.insert("exec_cfg", {"env": env})
    database.task("Task", {}, [{"exec_cfg_id": key} for key in (1, 2, 2, 3, None)])
    source = opened(database.path)
    assert names(variable_names, source, "Task") == ["SLURM_JOB_ID", "SLURM_NODE", "LUTE_PATH"]
    assert names(variable_names, source, "exec_cfg") == ["SLURM_JOB_ID", "SLURM_NODE", "LUTE_PATH"]


@pytest.mark.parametrize(
    ("task", "keys"),
    [
        ("IndexCrystFEL", ["Number of lattices indexed", "Indexing rate"]),
        ("FindPeaksPyAlgos", ["Number of events processed", "Number of hits found", "Fractional hit rate"]),
        ("DimpleSolve", []),
    ],
)
def test_the_sample_of_the_field(sample: Callable[[str], Path], opened: Open, task: str, keys: list[str]) -> None:
    assert names(summary_keys, opened(sample("lute-v01.db")), task) == keys
