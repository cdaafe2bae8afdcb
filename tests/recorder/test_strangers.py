"""Objects of every make are read by name, and what cannot be read is said in its place instead of costing the entry."""

from __future__ import annotations

import collections
import dataclasses
import logging
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from recorder import Entry, TaskStatus
from recorder.accept import accept, work_directory
from tests.recorder.analyses import analysis

HEADER = {"experiment": "mfx1", "run": 7, "work_dir": "/work_dir"}

Result = collections.namedtuple("Result", "task_name task_status summary payload impl_schemas")
Described = collections.namedtuple("Described", "task_result task_parameters task_env")
Parameters = collections.namedtuple("Parameters", "n_events lute_config")


class ResultOfClassAttributes:
    task_name = "FindPeaks"
    task_status = TaskStatus.FAILED
    summary = "too dark"
    payload = None
    impl_schemas = "peaks"


class ResultOfProperties:
    @property
    def task_name(self) -> str:
        return "FindPeaks"

    @property
    def task_status(self) -> TaskStatus:
        return TaskStatus.FAILED

    @property
    def summary(self) -> str:
        return "too dark"

    @property
    def impl_schemas(self) -> str:
        return "peaks"

    def payload(self) -> str:
        return "a method is no field"


class Proxy:
    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


class Slots:
    __slots__ = ("n_events",)

    def __init__(self) -> None:
        self.n_events = 3


class ParametersOfClassAttributes:
    n_events = 3
    lute_config = HEADER

    def method(self) -> None:
        pass


NAMED = Result("FindPeaks", TaskStatus.FAILED, "too dark", None, "peaks")
DESCRIBED = {
    "named tuple": Described(NAMED, Parameters(3, HEADER), {"LUTE_X": "1"}),
    "class attributes": SimpleNamespace(
        task_result=ResultOfClassAttributes, task_parameters=ParametersOfClassAttributes(), task_env={"LUTE_X": "1"}
    ),
    "properties": SimpleNamespace(
        task_result=ResultOfProperties(),
        task_parameters=type("P", (Slots,), {"lute_config": property(lambda self: HEADER)})(),
        task_env={"LUTE_X": "1"},
    ),
    "proxy": Proxy(
        SimpleNamespace(
            task_result=Proxy(NAMED),
            task_parameters=SimpleNamespace(n_events=3, lute_config=Proxy(SimpleNamespace(**HEADER))),
            task_env={"LUTE_X": "1"},
        )
    ),
}


@pytest.mark.parametrize("kind", DESCRIBED)
def test_fields_are_read_by_name_wherever_they_come_from(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    entry = accept(DESCRIBED[kind])
    assert (entry.task, entry.status, entry.valid) == ("FindPeaks", "FAILED", False)
    assert (entry.summary, entry.payload, entry.schemas) == ("too dark", None, "peaks")
    assert (entry.header["experiment"], entry.header["run"]) == ("mfx1", 7)
    assert entry.parameters == {"n_events": 3}
    assert entry.executor["env"] == "LUTE_X=1"
    assert work_directory(DESCRIBED[kind]) == "/work_dir"
    assert not caplog.records


@pytest.mark.parametrize("cfg", [None, 5, "words", [1], {}, object(), SimpleNamespace(task_result=3), Slots, NAMED])
def test_what_names_no_task_is_an_entry_and_a_warning(cfg: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "recorder"):
        entry = accept(cfg)
    assert entry.task == "unnamed"
    assert "names no Task" in caplog.text
    assert Entry.from_json(entry.to_json()) == entry


# Objects that raise


class Raising:
    """Raise on whatever is asked."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __str__(self) -> str:
        raise RuntimeError("no text")


class NoTruth:
    def __bool__(self) -> bool:
        raise RuntimeError("neither")

    def __str__(self) -> str:
        return "an executor"


class NoItems(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no items")


class NoKeys(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return {"n_events": 3, "lute_config": HEADER}[key]

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[str]:
        raise RuntimeError("no keys")


class Unhashable(type):
    __hash__ = None  # type: ignore[assignment]


class RaisingClass(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError(name)

    def __eq__(cls, other: object) -> bool:
        raise RuntimeError("incomparable")

    __hash__ = None  # type: ignore[assignment]


class OfUnhashableClass(metaclass=Unhashable):
    def __init__(self) -> None:
        self.n_events = 3
        self.lute_config = HEADER


class OfRaisingClass(metaclass=RaisingClass):
    def __init__(self) -> None:
        self.n_events = 3
        self.lute_config = HEADER


@dataclasses.dataclass
class OneFieldRaises:
    n_events: int
    lute_config: Any

    def __getattribute__(self, name: str) -> Any:
        if name == "bad":
            raise RuntimeError(name)
        return super().__getattribute__(name)

    bad: int = 0


class PropertyRaises:
    n_events = 3
    lute_config = HEADER

    @property
    def bad(self) -> int:
        raise RuntimeError("bad")


# By name: what raises on everything cannot be shown in a test's id either.
HOSTILE_PARAMETERS = {
    "unhashable class": OfUnhashableClass,
    "raising class": OfRaisingClass,
    "a field raises": lambda: OneFieldRaises(3, HEADER),
    "a property raises": PropertyRaises,
    "no items": lambda: NoItems(n_events=3, lute_config=HEADER),
}


@pytest.mark.parametrize("kind", HOSTILE_PARAMETERS)
def test_one_field_that_raises_costs_no_other(kind: str) -> None:
    cfg = analysis()
    cfg.task_parameters = HOSTILE_PARAMETERS[kind]()
    entry = accept(cfg)
    assert entry.header["experiment"] == "mfx1"
    assert entry.parameters["n_events"] == 3
    assert set(entry.parameters) <= {"n_events", "bad"}
    if "bad" in entry.parameters:
        assert "<bad: unreadable (builtins.RuntimeError)>" in str(entry.parameters["bad"])
    assert Entry.from_json(entry.to_json()) == entry


def test_parameters_that_cannot_be_listed_say_so_and_keep_their_header() -> None:
    cfg = analysis()
    cfg.task_parameters = NoKeys()
    entry = accept(cfg)
    assert entry.header["experiment"] == "mfx1"
    assert entry.result_cells()["result.task_status"] == "COMPLETED"
    assert "unreadable" in str(entry.parameters["task_parameters"])


@pytest.mark.parametrize("field", ["task_result", "task_parameters", "task_env", "communicator_desc", "executor_name"])
@pytest.mark.parametrize("kind", ["Raising", "NoTruth", "OfRaisingClass"])
def test_a_field_that_raises_costs_no_entry(field: str, kind: str) -> None:
    cfg = analysis(parameters={"x": 1})
    setattr(cfg, field, globals()[kind]())
    entry = accept(cfg)
    assert Entry.from_json(entry.to_json()) == entry
    if field != "task_result":
        assert (entry.task, entry.status) == ("FindPeaks", "COMPLETED")
    if field != "task_parameters":
        assert entry.parameters == {"x": 1}


def test_a_field_whose_reading_raises_says_so() -> None:
    class Failing(SimpleNamespace):
        @property
        def task_result(self) -> Any:
            raise RuntimeError("gone")

    cfg = Failing(task_parameters={"x": 1})
    entry = accept(cfg)
    assert entry.task == "unnamed"
    assert entry.status == "<task_result: unreadable (builtins.RuntimeError)>"
    assert entry.parameters == {"x": 1}
    everything = accept(Raising())
    assert everything.status == entry.status
    assert Entry.from_json(everything.to_json()) == everything


def test_a_status_whose_name_raises_is_known_by_its_value() -> None:
    class Status:
        name = property(lambda self: 1 / 0)

        def __str__(self) -> str:
            return "TaskStatus.TIMEDOUT"

    cfg = analysis()
    cfg.task_result.task_status = Status()
    assert accept(cfg).status == "TIMEDOUT"


def test_keys_and_numbers_that_have_no_text_are_stored() -> None:
    entry = accept(analysis(parameters={10**5000: 1, "nested": {10**5000: {Raising(): 2}}}))
    assert sorted(leaf for leaf, _ in entry.parameter_leaves().values()) == [1, 2]


# Forms that are not the usual ones


@pytest.mark.parametrize(
    ("parameters", "kept"),
    [([1, {"a": 2}], [1, {"a": 2}]), ("--min 3", "--min 3"), (3, 3), ((1, 2), [1, 2]), (b"\xff", {"$bytes": "/w=="})],
)
def test_parameters_without_names_are_one_parameter(parameters: Any, kept: Any) -> None:
    cfg = analysis()
    cfg.task_parameters = parameters
    assert accept(cfg).parameters == {"task_parameters": kept}


@pytest.mark.parametrize(
    "environment",
    [
        {"LUTE_A": "1", "SLURM_B": "x;y", "HOME": "/h", "LUTE_KEY": "hush"},
        ["LUTE_A=1", "SLURM_B=x;y", "HOME=/h", "LUTE_KEY=hush"],
        ("LUTE_A=1", "SLURM_B=x;y", "HOME=/h", "LUTE_KEY=hush"),
        "LUTE_A=1;SLURM_B=x;y;HOME=/h;LUTE_KEY=hush",
        NoItems({"LUTE_A": 1, "SLURM_B": "x;y", "HOME": "/h", "LUTE_KEY": "hush"}),
    ],
)
def test_an_environment_is_kept_in_every_form(environment: Any) -> None:
    assert accept(analysis(environment=environment)).executor["env"] == "LUTE_A=1;SLURM_B=x;y;LUTE_KEY=***"


def test_an_environment_that_cannot_be_read_says_so() -> None:
    for environment in (4, Raising(), NoKeys()):
        assert accept(analysis(environment=environment)).executor["env"] == "<task_env: unreadable>"


def test_one_variable_that_cannot_be_read_costs_no_other() -> None:
    for hostile in (Raising(), OfUnhashableClass(), OfRaisingClass()):
        entry = accept(analysis(environment={"LUTE_A": hostile, "LUTE_B": "2"}, parameters={"a": hostile, "b": 3}))
        assert entry.executor["env"].startswith("LUTE_A=<")
        assert entry.executor["env"].endswith(";LUTE_B=2")
        assert entry.parameters["b"] == 3
