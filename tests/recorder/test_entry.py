"""What an Executor hands over becomes an entry, whatever it is made of; and an entry survives being text."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import json
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from pydantic import BaseModel, ConfigDict, Field

from recorder import Entry, TaskParameters, TaskStatus, UnreadableEntry, UnsupportedLayout
from recorder.accept import accept, work_directory
from tests.recorder.analyses import all_kinds, analysis
from tests.recorder.strategies import parameters, values


def comparable(entry: Entry) -> dict[str, Any]:
    """Return an entry without what differs between any two."""
    return {name: value for name, value in vars(entry).items() if name not in ("key", "timestamp", "extra")}


def test_every_kind_of_object_gives_the_same_entry() -> None:
    entries = {kind: comparable(accept(cfg)) for kind, cfg in all_kinds()}
    expected = entries["pydantic 2"]
    assert expected["types"] == {
        "n_events": "INTEGER",
        "mask": "TEXT",
        "thresholds.low": "INTEGER",
        "thresholds.bounds[0]": "REAL",
        "thresholds.bounds[1]": "REAL",
        "options.jelly": "INTEGER",
        "flag": "INTEGER",
    }
    assert entries["pydantic 1"] == expected
    assert entries["dataclass"] == expected
    # Without annotations the values decide, and a None says nothing.
    untyped = expected | {"types": expected["types"] | {"mask": "BLOB", "thresholds.low": "BLOB"}}
    assert entries["plain object"] == untyped
    assert entries["mapping"] == untyped


@pytest.mark.parametrize("kind", [kind for kind, _ in all_kinds()])
def test_the_callers_objects_are_untouched(kind: str) -> None:
    cfg = dict(all_kinds())[kind]
    before = copy.deepcopy(cfg)
    first = comparable(accept(cfg))
    assert cfg == before
    assert comparable(accept(cfg)) == first


@given(parameters, values, values)
def test_an_entry_comes_back_from_json(tree: dict[str, Any], summary: Any, payload: Any) -> None:
    entry = accept(analysis(parameters=tree, summary=summary, payload=payload))
    text = entry.to_json()
    assert text.isascii()
    assert "\n" not in text
    back = Entry.from_json(text)
    assert back == entry
    assert back.to_json() == text
    assert list(back.parameter_leaves()) == list(entry.parameter_leaves())
    assert back.parameters_hash == entry.parameters_hash


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"format": "else"}, "format"),
        ({"key": "../../x"}, "key"),
        ({"task": 3}, "task"),
        ({"timestamp": "2024-02-12T10:00:00"}, "timestamp"),
        ({"timestamp": 5}, "timestamp"),
        ({"header": []}, "header"),
        ({"parameters": {"$float": "x"}}, "parameters"),
        ({"parameters": {"a": {"$new": 1}}}, "parameters"),
        ({"types": {"a": "INTEGER; DROP TABLE x"}}, "types"),
        ({"valid": 1}, "valid"),
        ({"payload": {"$bytes": "?"}}, "payload"),
    ],
)
def test_json_that_is_no_entry_is_refused_and_the_field_named(change: dict[str, Any], named: str) -> None:
    fields = json.loads(accept(analysis()).to_json()) | change
    with pytest.raises(UnreadableEntry, match=named):
        Entry.from_json(json.dumps(fields))


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"', "[" * 100000])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(UnreadableEntry):
        Entry.from_json(text)


def test_an_entry_of_a_newer_version_is_refused_with_the_remedy() -> None:
    fields = json.loads(accept(analysis()).to_json()) | {"version": 3}
    with pytest.raises(UnsupportedLayout, match="update"):
        Entry.from_json(json.dumps(fields))


class Level(BaseModel):
    model_config = ConfigDict(extra="allow")

    either: int | str | None = None
    small: Annotated[int, Field(gt=0)] | None = None
    choice: Literal["a", "b"] | None = None
    pair: tuple[int, str] | None = None


class Typed(TaskParameters):
    number: float | None = None
    level: Level = Level()
    levels: list[Level] = [Level(), Level(more=1.5)]  # noqa: RUF012
    by_name: dict[str, float | None] = {"x": None}  # noqa: RUF012
    raw: bytes | None = None
    status: TaskStatus | None = None


def test_annotations_decide_where_they_are_definite() -> None:
    cfg = analysis()
    cfg.task_parameters = Typed(lute_config=cfg.task_parameters["lute_config"], level=Level(pair=(1, "b")))
    types = accept(cfg).types
    assert types["number"] == "REAL"
    assert types["level.either"] == "BLOB"
    assert types["level.small"] == "INTEGER"
    assert types["level.choice"] == "TEXT"
    assert (types["level.pair[0]"], types["level.pair[1]"]) == ("INTEGER", "TEXT")
    assert (types["levels[0].small"], types["levels[1].more"]) == ("INTEGER", "REAL")
    assert types["by_name.x"] == "REAL"
    assert types["raw"] == "BLOB"
    assert types["status"] == "INTEGER"


@dataclasses.dataclass
class TemplateParameters:
    params: Any


def test_template_parameters_are_what_they_hold() -> None:
    entry = accept(analysis(parameters={"opts": TemplateParameters({"pressio:abs": 2.0})}))
    assert entry.parameters == {"opts": {"pressio:abs": 2.0}}


@pytest.mark.parametrize(
    ("status", "name", "valid"),
    [
        (TaskStatus.COMPLETED, "COMPLETED", True),
        (TaskStatus.TIMEDOUT, "TIMEDOUT", False),
        ("TaskStatus.COMPLETED", "COMPLETED", True),
        ("weird", "weird", False),
        ("weird.1", "weird.1", False),
        ("v1.2.txt", "v1.2.txt", False),
        ("lute.tasks.TaskStatus.FAILED", "FAILED", False),
        (2, "COMPLETED", True),
        (77, "77", False),
        (None, None, False),
    ],
)
def test_a_status_is_known_by_name(status: Any, name: str | None, valid: bool) -> None:
    cfg = analysis()
    cfg.task_result.task_status = status
    entry = accept(cfg)
    assert (entry.status, entry.valid) == (name, valid)


def test_a_task_that_died_before_it_had_parameters_is_an_entry() -> None:
    cfg = analysis(status="FAILED", environment={"EXPERIMENT": "mfx1", "RUN": "7", "LUTE_WORK_DIR": "/work_dir"})
    cfg.task_parameters = None
    entry = accept(cfg)
    assert entry.parameters == {}
    assert (entry.header["experiment"], entry.header["run"]) == ("mfx1", "7")
    assert work_directory(cfg) == "/work_dir"


@pytest.mark.parametrize("cfg", [None, {}, SimpleNamespace(), SimpleNamespace(task_result=3, task_env=4), object()])
def test_even_an_empty_analysis_is_an_entry(cfg: Any) -> None:
    entry = accept(cfg)
    assert entry.task == "unnamed"
    assert Entry.from_json(entry.to_json()) == entry


def test_what_no_column_holds_is_kept_beside() -> None:
    cfg = analysis(header={"beamline": "MFX"})
    cfg.executor_name = "MPIExecutor"
    entry = accept(cfg)
    # The run was a number, which its column is not; and there is no column for the directory.
    assert entry.extra["header"] == {"run": 12, "work_dir": "", "beamline": "MFX"}
    assert entry.extra["executor_name"] == "MPIExecutor"


def test_timestamps_are_utc() -> None:
    there = datetime.timezone(datetime.timedelta(hours=-8))
    entry = accept(analysis(), datetime.datetime(2024, 2, 12, 14, 0, tzinfo=there))
    assert entry.result_cells()["timestamp"] == "2024-02-12 22:00:00"
    naive = accept(analysis(), datetime.datetime(2024, 2, 12, 14, 0))
    assert naive.result_cells()["timestamp"] == "2024-02-12 14:00:00"


def test_payloads_say_what_they_are() -> None:
    kinds = {"text": "x", "bytes": b"x", "number": 3, "json": {"$a": 1}, None: None}
    for kind, payload in kinds.items():
        assert accept(analysis(payload=payload)).payload_kind == kind
    assert accept(analysis(payload=[1, {"a": 2}])).result_cells()["result.payload"] == '[1,{"a":2}]'
