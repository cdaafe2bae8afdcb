"""The storage contract, held against every implementation."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from recorder import Entry, UnknownEntry, UnknownParameter, UnknownTask
from recorder.accept import accept
from recorder.layout.tagged import canonical_json, to_json_value
from recorder.layout.values import as_column, to_stored
from recorder.storage.base import Storage, ValidityChange, Wanted
from recorder.storage.memory import MemoryStorage
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import analysis
from tests.recorder.strategies import parameters

START = datetime.datetime(2024, 2, 12, 22, 0, tzinfo=datetime.UTC)


@pytest.fixture(params=["sqlite", "memory"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    kept: Storage = SqliteStorage(tmp_path / "lute.db") if request.param == "sqlite" else MemoryStorage()
    yield kept
    kept.close()


def entry(minute: int = 0, task: str = "FindPeaks", **described: Any) -> Entry:
    """Return an entry made some minutes after the start."""
    return accept(analysis(task, **described), START + datetime.timedelta(minutes=minute))


def change(valid: bool) -> ValidityChange:
    return ValidityChange(valid, "someone@somewhere", START, "beam was off")


def test_an_entry_is_stored_once_however_often_it_is_tried(storage: Storage) -> None:
    first, second = entry(), entry()
    assert storage.store([first])[0].id == 1
    assert storage.store([second])[0].id == 2
    assert storage.store([first])[0].id == 1
    assert storage.status().counts[0].entries == 2
    assert storage.read("FindPeaks", 1).key == first.key


def test_what_is_stored_is_read_back(storage: Storage) -> None:
    storage.store(
        [entry(parameters={"a": {"b": [1, None]}, "path": b"\xff"}, summary="s", payload=b"\x00", header={"run": 9})]
    )
    read = storage.read("FindPeaks", 1)
    assert read.parameters == {"a.b[0]": 1, "a.b[1]": None, "path": b"\xff"}
    assert read.header["run"] == "9"
    assert read.executor["env"] == "SLURM_JOB_ID=48210687;LUTE_PATH=/lute"
    assert read.result == {
        "timestamp": "2024-02-12 22:00:00",
        "result.task_status": "COMPLETED",
        "result.summary": "s",
        "result.payload": b"\x00",
        "result.impl_schemas": None,
        "valid_flag": 1,
    }


@pytest.mark.parametrize("make", [SqliteStorage, lambda path: MemoryStorage()], ids=["sqlite", "memory"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters, parameters)
def test_any_parameters_are_read_back(
    make: Callable[[Path], Storage],
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    kept = make(tmp_path_factory.mktemp("any") / "lute.db")
    columns: dict[str, str] = {}
    for number, tree in enumerate([first, second, first], 1):
        made = entry(parameters=tree)
        for name, (_, declared) in made.parameter_leaves().items():
            columns.setdefault(name, declared)
        assert kept.store([made])[0].id == number
        read = kept.read("FindPeaks", number)
        assert read.exact == made.parameters
        cells = {name: as_column(to_stored(leaf), columns[name]) for name, (leaf, _) in made.parameter_leaves().items()}
        expected = {name: cells.get(name) for name in columns}
        assert canonical_json(to_json_value(read.parameters)) == canonical_json(to_json_value(expected))
    kept.close()


def test_the_newest_is_that_of_the_greatest_timestamp_then_id(storage: Storage) -> None:
    for minute, value in ((5, "late"), (1, "replayed"), (5, "latest"), (3, "early")):
        storage.store([entry(minute, parameters={"x": value})])
    found = storage.latest(Wanted("FindPeaks", "x"))
    assert found is not None
    assert (found.value, found.id) == ("latest", 3)


def test_only_valid_entries_count_unless_all_are_wanted(storage: Storage) -> None:
    storage.store([entry(0, parameters={"x": 1})])
    storage.store([entry(1, parameters={"x": 2}, status="FAILED")])
    assert storage.latest(Wanted("FindPeaks", "x")).value == 1  # type: ignore[union-attr]
    assert storage.latest(Wanted("FindPeaks", "x", valid_only=False)).value == 2  # type: ignore[union-attr]


def test_null_in_the_newest_is_the_answer(storage: Storage) -> None:
    storage.store([entry(0, parameters={"x": 1})])
    storage.store([entry(1, parameters={"x": None})])
    found = storage.latest(Wanted("FindPeaks", "x"))
    assert found is not None
    assert found.value is None


@pytest.mark.parametrize("wanted", [12, "12", "012", 12.0])
def test_a_run_matches_as_number_or_text(storage: Storage, wanted: Any) -> None:
    storage.store([entry(0, parameters={"x": "right"}, header={"run": 12})])
    storage.store([entry(1, parameters={"x": "wrong"}, header={"run": 112})])
    assert storage.latest(Wanted("FindPeaks", "x", run=wanted)).value == "right"  # type: ignore[union-attr]


def test_a_run_that_is_no_number_matches_as_text(storage: Storage) -> None:
    storage.store([entry(parameters={"x": "right"}, header={"run": "dark"})])
    assert storage.latest(Wanted("FindPeaks", "x", run="dark")).value == "right"  # type: ignore[union-attr]
    assert storage.latest(Wanted("FindPeaks", "x", run=12)) is None


@pytest.mark.parametrize("wanted", [10**400, -(10**400), "1_2", "1e999", [12], b"12", None, "None", "nan"])
def test_an_odd_run_matches_nothing_but_itself(storage: Storage, wanted: Any) -> None:
    storage.store([entry(parameters={"x": "right"}, header={"run": 12})])
    found = storage.latest(Wanted("FindPeaks", "x", run=wanted))
    assert (found is not None) == (wanted is None)
    storage.store([entry(parameters={"x": "odd"}, header={"run": "1_2"})])
    assert storage.latest(Wanted("FindPeaks", "x", run=12)).value == "right"  # type: ignore[union-attr]


def test_an_entry_without_run_and_experiment_is_of_none(storage: Storage) -> None:
    storage.store([entry(parameters={"x": 1}, header={"run": None, "experiment": None})])
    assert storage.latest(Wanted("FindPeaks", "x", run="None")) is None
    assert storage.latest(Wanted("FindPeaks", "x", experiment="None")) is None
    assert storage.latest(Wanted("FindPeaks", "x")) is not None


def test_experiments_that_hold_the_run_are_all_named(storage: Storage) -> None:
    storage.store([entry(0, parameters={"x": "b"}, header={"experiment": "mfxB"})])
    storage.store([entry(1, parameters={"x": "a"}, header={"experiment": "mfxA"})])
    found = storage.latest(Wanted("FindPeaks", "x", run=12))
    assert found is not None
    assert (found.value, found.experiments) == ("a", ("mfxA", "mfxB"))
    only = storage.latest(Wanted("FindPeaks", "x", run=12, experiment="mfxB"))
    assert only is not None
    assert (only.value, only.experiments) == ("b", ("mfxB",))
    assert storage.latest(Wanted("FindPeaks", "x", experiment="mfxb")) is None


def test_what_was_never_recorded_is_named(storage: Storage) -> None:
    with pytest.raises(Exception, match=r"."):
        storage.latest(Wanted("FindPeaks", "x"))
    storage.store([entry(parameters={"x": 1})])
    with pytest.raises(UnknownTask, match="'FindPeak'"):
        storage.latest(Wanted("FindPeak", "x"))
    with pytest.raises(UnknownParameter, match="'y'"):
        storage.latest(Wanted("FindPeaks", "y"))
    with pytest.raises(UnknownEntry, match="2"):
        storage.read("FindPeaks", 2)


def test_validity_changes_all_or_none(storage: Storage) -> None:
    for minute in range(3):
        storage.store([entry(minute, parameters={"x": minute})])
    with pytest.raises(UnknownEntry, match="9"):
        storage.set_validity("FindPeaks", [3, 9], change(False))
    assert storage.latest(Wanted("FindPeaks", "x")).value == 2  # type: ignore[union-attr]
    storage.set_validity("FindPeaks", [3, 2], change(False))
    assert storage.latest(Wanted("FindPeaks", "x")).value == 0  # type: ignore[union-attr]
    storage.set_validity("FindPeaks", [2], change(True))
    assert storage.latest(Wanted("FindPeaks", "x")).value == 1  # type: ignore[union-attr]
    assert storage.status().counts[0].valid == 2


def test_tasks_are_counted_under_their_own_names(storage: Storage) -> None:
    names = ["My-Task", "Order", "gen_cfg", "order", "sqlite_x", "_rec_x", "", 'a"b', "executions"]
    for name in names:
        storage.store([entry(task=name)])
    assert [count.task for count in storage.status().counts] == sorted(name or "unnamed" for name in names)
