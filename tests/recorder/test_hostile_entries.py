"""What the original loses is kept: values, names and amounts that no column, table or header was made for."""

from __future__ import annotations

import collections
import datetime
import enum
import math
import pathlib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from recorder import Recorded, Recorder
from recorder.accept import accept
from tests.recorder.analyses import ENVIRONMENT, analysis
from tests.recorder.other_program import columns, headers, rows


class Colour(enum.Enum):
    RED = "red"


class Inner(BaseModel):
    x: int = 1


class Strange:
    def __str__(self) -> str:
        return "strange"


HOSTILE_VALUES: dict[str, Any] = {
    "dict": {"a": {"b": {}}},
    "list": [[1, 2], [], {"k": [3]}],
    "models": [Inner(), Inner(x=2)],
    "path": pathlib.Path("/a/b"),
    "enum": Colour.RED,
    "set": {3, 1},
    "complex": 1 + 2j,
    "large": 2**70,
    "surrogate": "a\ud800b",
    "nul": "a\x00b",
    "nan": math.nan,
    "infinite": -math.inf,
    "bytes": b"\x00\xff",
    "time": datetime.datetime(2024, 2, 12, tzinfo=datetime.UTC),
    "object": Strange(),
    "function": len,
    "deque": collections.deque([1, 2]),
    "ints as keys": {1: "a", "1": "b"},
    "markup": "[/x] '; DROP TABLE gen_cfg; --",
}


@pytest.mark.parametrize("name", HOSTILE_VALUES)
def test_a_hostile_value_is_stored(new_database: Path, name: str) -> None:
    value = HOSTILE_VALUES[name]
    with Recorder(new_database) as recorder:
        cfg = analysis(parameters={"x": value, "after": 1}, summary=value, payload=value, impl_schemas=value)
        cfg.communicator_desc = [value]
        cfg.task_parameters["lute_config"]["title"] = value
        assert recorder.record(cfg) == Recorded("FindPeaks", 1)
        assert recorder.read("FindPeaks", 1).exact == accept(cfg).parameters
        assert recorder.latest("FindPeaks", "after") == 1


@pytest.mark.parametrize("value", ["it's", "a\ud800\x00", "y" * 50_000, 7, None, "b;LUTE_C=d"])
def test_a_hostile_environment_is_stored(new_database: Path, value: Any) -> None:
    with Recorder(new_database) as recorder:
        assert recorder.record(analysis(environment={"LUTE_X": value, **ENVIRONMENT})) == Recorded("FindPeaks", 1)


HOSTILE_NAMES = ["id", "ID", "timestamp", "valid_flag", "gen_cfg_id", "exec_cfg_id", "result.payload", "_rec_surplus"]


HOSTILE_NAMES += [
    "a",
    "A",
    'say "hi"',
    "",
    "select",
    "a b",
    "x\x00",
    "\ud800",
    "rowid",
    "x[0]",
    "é",
    "É",
    "id~1",
    "$x",
    ";",
]


def test_hostile_parameter_names_are_stored_together_and_again(new_database: Path) -> None:
    for offset in (0, 100):
        with Recorder(new_database) as recorder:
            recorder.record(analysis(parameters={name: offset + i for i, name in enumerate(HOSTILE_NAMES)}))
    with Recorder(new_database) as recorder:
        for i, name in enumerate(HOSTILE_NAMES):
            assert recorder.latest("FindPeaks", name) == 100 + i, name
    assert len(columns(new_database, "FindPeaks")) == 9 + len(HOSTILE_NAMES)


def test_a_name_that_differs_in_case_later_gets_a_column_of_its_own(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"tag": 1}))
        recorder.record(analysis(parameters={"Tag": 2}))
        assert recorder.read("FindPeaks", 2).parameters == {"tag": None, "Tag": 2}


@pytest.mark.parametrize(
    ("task", "table"),
    [
        ("Order", "Order"),
        ("My-Task", "My-Task"),
        ("a b[/x]", "a b[/x]"),
        ("sqlite_x", "~u0073qlite_x"),
        ("gen_cfg", "~u0067en_cfg"),
        ("EXEC_CFG", "~u0045XEC_CFG"),
        ("_rec_x", "~u005frec_x"),
        ("findpeaks", "findpeaks~1"),
        ("taken", "taken~1"),
        ('x"; DROP TABLE gen_cfg; --', 'x"; DROP TABLE gen_cfg; --'),
    ],
)
def test_a_hostile_task_name_is_stored(new_database: Path, task: str, table: str) -> None:
    rows(new_database, "CREATE TABLE other(x)")
    rows(new_database, "CREATE INDEX Taken ON other(x)")
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        for number in (1, 2):
            assert recorder.record(analysis(task, parameters={"x": number})) == Recorded(task, number)
        assert recorder.latest(task, "x") == 2
        assert recorder.latest("FindPeaks", "x") == 1
        recorder.invalidate(task, [2])
        assert recorder.latest(task, "x") == 1
    assert len(rows(new_database, f'SELECT * FROM "{table.replace(chr(34), chr(34) * 2)}"')) == 2
    assert len(headers(new_database)) == 1


def test_parameters_beyond_the_column_limit_are_stored(new_database: Path) -> None:
    many = {f"p{i}": i for i in range(2500)}
    with Recorder(new_database) as recorder:
        assert recorder.record(analysis("Wide", many)) == Recorded("Wide", 1)
        assert recorder.record(analysis("Wide", {"p2499": "y", "late": [1]})) == Recorded("Wide", 2)
        assert recorder.latest("Wide", "p2499") == "y"
        assert recorder.latest("Wide", "late[0]") == 1
        assert recorder.latest("Wide", "p0") is None
        assert recorder.read("Wide", 1).parameters | {"late[0]": None} == {**many, "late[0]": None}
        for i in range(0, 3000, 300):
            recorder.record(analysis("Growing", {f"q{j}": j for j in range(i, i + 300)}))
        assert recorder.latest("Growing", "q2999") == 2999
    assert len(columns(new_database, "Wide")) == len(columns(new_database, "Growing")) == 2000


def test_affinity_changes_a_cell_but_not_what_is_kept_beside(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        recorder.record(analysis(parameters={"x": "007"}))
        read = recorder.read("FindPeaks", 2)
    assert (read.parameters["x"], read.exact) == (7, {"x": "007"})


def test_secrets_never_reach_the_file(new_database: Path) -> None:
    with Recorder(new_database) as recorder:
        recorder.record(analysis(environment={"SLURM_JWT": "hush-1", "MY_LUTE_TOKEN": "hush-2", "LUTE_PATH": "/x"}))
    assert b"hush" not in new_database.read_bytes()
    assert rows(new_database, "SELECT env FROM exec_cfg") == [("SLURM_JWT=***;MY_LUTE_TOKEN=***;LUTE_PATH=/x",)]
