"""What was recorded is given back: equal models, typed entries."""

from __future__ import annotations

import dataclasses
import datetime
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydantic
import pydantic.v1
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recorder import AnalysisHeader, FileMissing, Recorder, TaskParameters, UnknownParameter, UnreadableEntry
from recorder.accept import accept
from recorder.layout.tagged import canonical_json, to_json_value
from recorder.recorded import recorded_entry
from recorder.storage.memory import MemoryStorage
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import ENVIRONMENT, HeaderOne, ParametersOne, ParametersTwo, analysis
from tests.recorder.strategies import values


class Inner(pydantic.BaseModel):
    low: int | None = None
    path: Path = Path("/a/b")


class Rich(TaskParameters):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)

    n: int = 0
    f: float = 0.0
    text: str | int | None = None
    flag: bool | None = None
    raw: bytes = b""
    listed: list[float | None] = pydantic.Field(default_factory=list)
    pair: tuple[int, str] = (1, "a")
    chosen: set[int] = pydantic.Field(default_factory=set)
    nested: dict[str, Inner] = pydantic.Field(default_factory=dict)
    moment: datetime.datetime | None = None
    renamed: int = pydantic.Field(5, alias="re-named")


rich = st.builds(
    Rich,
    lute_config=st.builds(AnalysisHeader, run=st.one_of(st.integers(0, 99), st.sampled_from(["dark", "007", ""]))),
    n=st.integers(),
    f=st.floats(allow_nan=False),
    text=st.one_of(st.none(), st.integers(), st.text()),
    flag=st.one_of(st.none(), st.booleans()),
    raw=st.binary(max_size=9),
    listed=st.lists(st.one_of(st.none(), st.floats(allow_nan=False)), max_size=3),
    pair=st.tuples(st.integers(), st.text()),
    chosen=st.sets(st.integers(), max_size=3),
    nested=st.dictionaries(st.text(), st.builds(Inner, low=st.one_of(st.none(), st.integers())), max_size=2),
    moment=st.one_of(st.none(), st.datetimes(timezones=st.just(datetime.UTC))),
    **{"re-named": st.integers()},
)


def with_parameters(parameters: Any) -> SimpleNamespace:
    cfg = analysis()
    cfg.task_parameters = parameters
    return cfg


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rich)
def test_a_model_is_given_back_equal(tmp_path: Path, model: Rich) -> None:
    with Recorder(tmp_path) as recorder:
        stored = recorder.record(with_parameters(model))
        assert recorder.load("FindPeaks", stored.id, Rich) == model


@dataclasses.dataclass
class Part:
    low: int | None = None
    bounds: list[float] = dataclasses.field(default_factory=lambda: [1.0, 2.5])


@dataclasses.dataclass
class Data:
    lute_config: dict[str, Any]
    part: Part
    path: Path
    n: int = 10


class Plain:
    def __init__(self, lute_config: Any, n: int, options: dict[str, Any]) -> None:
        self.lute_config, self.n, self.options = lute_config, n, options

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other)


HEADER = {"title": "T", "experiment": "mfx", "run": 12, "date": "d", "lute_version": 0.1, "task_timeout": 600}


@dataclasses.dataclass
class Defaults:
    lute_config: Any = None
    n: int = 5


@dataclasses.dataclass
class Deep:
    lute_config: Any
    deep: list[Any]


@pytest.mark.parametrize(
    "model",
    [
        ParametersTwo(lute_config=AnalysisHeader(run=7, work_dir="/somewhere"), mask=None, options={"a.b": 1}),
        ParametersOne(lute_config=HeaderOne(run=7, work_dir="/somewhere"), mask="m"),
        Data(HEADER, Part(3, []), Path("/x")),
        Plain(HEADER, 3, {"a": [1, [2.0, None]], "b": {}}),
    ],
    ids=lambda model: type(model).__name__,
)
def test_any_kind_of_object_is_given_back_equal(tmp_path: Path, model: Any) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(with_parameters(model))
        assert recorder.load("FindPeaks", 1, type(model)) == model


def test_what_a_model_does_not_take_is_named(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"n_events": "many"}))
        for model in (ParametersTwo, ParametersOne, Data, Plain):
            with pytest.raises(UnreadableEntry, match=f"entry 1 of Task 'FindPeaks' is no {model.__name__}"):
                recorder.load("FindPeaks", 1, model)


def test_an_entry_of_another_program_is_loaded_from_its_cells(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(with_parameters(ParametersTwo(lute_config=AnalysisHeader(experiment="mfx", run=3))))
        with closing(sqlite3.connect(tmp_path / "lute.db")) as connection, connection:
            names = 'gen_cfg_id, exec_cfg_id, n_events, "thresholds.bounds[0]", flag, valid_flag'
            connection.execute(f"INSERT INTO FindPeaks({names}) VALUES (1, 1, 77, 0.5, 0, 1)")
        loaded = recorder.load("FindPeaks", 2, ParametersTwo)
        assert (loaded.n_events, loaded.flag, loaded.lute_config.run) == (77, False, "3")
        assert (loaded.thresholds.bounds, loaded.options) == ([0.5], {"jelly": 4})
        (entry,) = recorder.entries("FindPeaks", where={"n_events": 77})
        assert (entry.key, entry.parameters["thresholds"]["bounds"]) == (None, [0.5, None])


def test_entries_have_typed_values(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 2, 12, 22, 0, 30, 123456, tzinfo=datetime.UTC)
    payload = {"peaks": [1, 2.5], "mask": b"\x00"}
    tree = {"a": {"b": [1, None]}, "path": Path("/x"), "chosen": {1, 2}}
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters=tree, payload=payload), timestamp=moment, return_code=0, output="done")
        (entry,) = recorder.entries("FindPeaks")
    assert entry.timestamp == moment
    assert entry.parameters == {"a": {"b": [1, None]}, "path": Path("/x"), "chosen": {1, 2}}
    assert entry.payload == payload
    assert (entry.run, entry.experiment, entry.status, entry.valid) == ("12", "mfxl1038923", "COMPLETED", True)
    assert (entry.title, entry.date) == ("Lysozyme", "2024/02/12")
    assert entry.environment["SLURM_JOB_ID"] == ENVIRONMENT["SLURM_JOB_ID"]
    assert entry.failure == {"return_code": 0, "output": "done"}
    assert entry.origin["recorder_version"]


@given(values.filter(lambda value: "$object" not in canonical_json(to_json_value(value))))
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(float("nan"))
@example({1, 2})
@example(1j)
@example(2**80)
@example(-0.0)
@example(True)
@example("\ud800")
@example(Path("/a/\udcff"))
@example({"a": [1.5, None]})
@example(12)
def test_a_result_is_given_back_as_it_was_handed_over(tmp_path: Path, value: Any) -> None:
    entry = accept(analysis(payload=value, summary=value))
    for storage in (MemoryStorage(), SqliteStorage(tmp_path / "lute.db")):
        (stored,) = storage.store([entry])
        given_back = recorded_entry(storage.read("FindPeaks", stored.id), tmp_path / "lute.db")
        storage.close()
        assert canonical_json(to_json_value(given_back.payload)) == canonical_json(to_json_value(value))
        assert canonical_json(to_json_value(given_back.summary)) == canonical_json(to_json_value(value))


def test_cells_that_somebody_altered_are_what_counts(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(payload={1, 2}, summary=7))
        (before,) = recorder.entries("FindPeaks")
        with closing(sqlite3.connect(tmp_path / "lute.db")) as connection, connection:
            connection.execute("""UPDATE FindPeaks SET "result.payload" = 'p', "result.summary" = 's'""")
        (after,) = recorder.entries("FindPeaks")
    assert (before.payload, before.summary, after.payload, after.summary) == ({1, 2}, 7, "p", "s")


def test_files_deep_in_a_result_or_in_parameters_are_where_they_are(tmp_path: Path) -> None:
    array = np.arange(1001)
    with Recorder(tmp_path, payload_limit=100) as recorder:
        recorder.record(analysis(parameters={"deep": [{"array": array}]}, payload={"text": "x" * 101}))
        (entry,) = recorder.entries("FindPeaks")
        assert np.array_equal(np.load(entry.parameters["deep"][0]["array"]), array)
        assert np.array_equal(np.load(recorder.load("FindPeaks", 1, Deep).deep[0]["array"]), array)
        assert entry.payload["text"].read_text() == "x" * 101


@pytest.mark.parametrize("model", [ParametersTwo, ParametersOne, Defaults])
def test_an_entry_without_parameters_is_no_model_of_defaults(tmp_path: Path, model: Any) -> None:
    cfg = analysis()
    cfg.task_parameters = None
    with Recorder(tmp_path) as recorder:
        recorder.record(cfg)
        with pytest.raises(UnreadableEntry, match="entry 1 of Task 'FindPeaks' has no parameters"):
            recorder.load("FindPeaks", 1, model)
        recorder.record(with_parameters(TaskParameters(lute_config=AnalysisHeader(run=3))))
        assert recorder.load("FindPeaks", 2, TaskParameters).lute_config.run == 3


def test_entries_are_gone_through_while_others_write(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder, recorder.batch() as batch:
        for number in range(450):
            batch.record(analysis(parameters={"n": number}, status="FAILED" if number % 2 else "COMPLETED"))
    with Recorder(tmp_path, timeout=0.5) as recorder, Recorder(tmp_path, timeout=0.5) as other:
        numbers = []
        for entry in recorder.entries("FindPeaks", valid_only=True):
            numbers.append(entry.parameters["n"])
            if len(numbers) == 3:  # nothing is held in between, by either
                assert not isinstance(other.record(analysis(parameters={"n": 450})), Path)
        assert numbers == [*range(0, 450, 2), 450]
        assert [entry.id for entry in recorder.entries("FindPeaks", where={"n": [3, "7"]}, run="012")] == [4, 8]


def test_entries_that_cannot_be_are_named(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        with pytest.raises(FileMissing):
            next(recorder.entries("FindPeaks"))
        recorder.record(analysis(parameters={"n": 1}))
        with pytest.raises(UnknownParameter, match="'m'"):
            next(recorder.entries("FindPeaks", where={"m": 1}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lute.db"]
