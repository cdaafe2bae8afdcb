"""Finished Tasks as Executors of all sorts hand them over."""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pydantic
import pydantic.v1

from recorder import AnalysisHeader, DescribedAnalysis, Entry, TaskParameters, TaskResult, TaskStatus
from recorder.accept import accept

ENVIRONMENT = {"SLURM_JOB_ID": "48210687", "LUTE_PATH": "/lute", "HOME": "/home/u", "LUTE_TENV_X": "no"}

NOON = datetime.datetime(2024, 2, 12, 12, 0, 0)
SECOND = datetime.timedelta(seconds=1)


def analysis(
    task: str = "FindPeaks",
    parameters: Mapping[str, Any] | None = None,
    *,
    status: str = "COMPLETED",
    header: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] = ENVIRONMENT,
    **result: Any,
) -> SimpleNamespace:
    """Return a finished Task as a plain object; its parameters are a mapping."""
    shared = {"title": "Lysozyme", "experiment": "mfxl1038923", "run": 12, "date": "2024/02/12", "lute_version": 0.1}
    shared |= {"task_timeout": 600, "work_dir": ""} | dict(header or {})
    return SimpleNamespace(
        task_result=SimpleNamespace(
            task_name=task,
            task_status=TaskStatus[status],
            summary=result.get("summary", "812 hits"),
            payload=result.get("payload", "/data/out.h5"),
            impl_schemas=result.get("impl_schemas"),
        ),
        task_parameters={**(parameters or {}), "lute_config": shared},
        task_env=environment,
        poll_interval=0.05,
        communicator_desc=["PipeCommunicator: pickle.", "SocketCommunicator: sockets."],
    )


class InnerTwo(pydantic.BaseModel):
    low: int | None = None
    bounds: list[float] = [1.0, 2.5]


class ParametersTwo(TaskParameters):
    n_events: int = 10
    mask: str | None = None
    thresholds: InnerTwo = InnerTwo()
    options: dict[str, int] = {"jelly": 4}  # noqa: RUF012
    flag: bool = True


class HeaderOne(pydantic.v1.BaseModel):
    title: str = "Lysozyme"
    experiment: str = "mfxl1038923"
    run: int = 12
    date: str = "2024/02/12"
    lute_version: float = 0.1
    task_timeout: int = 600
    work_dir: str = ""


class InnerOne(pydantic.v1.BaseModel):
    low: int | None = None
    bounds: list[float] = [1.0, 2.5]


class ParametersOne(pydantic.v1.BaseModel):
    lute_config: HeaderOne
    n_events: int = 10
    mask: str | None = None
    thresholds: InnerOne = InnerOne()
    options: dict[str, int] = {"jelly": 4}
    flag: bool = True


@dataclasses.dataclass
class InnerData:
    low: int | None = None
    bounds: list[float] = dataclasses.field(default_factory=lambda: [1.0, 2.5])


@dataclasses.dataclass
class ParametersData:
    lute_config: Any
    n_events: int = 10
    mask: str | None = None
    thresholds: InnerData = dataclasses.field(default_factory=InnerData)
    options: dict[str, int] = dataclasses.field(default_factory=lambda: {"jelly": 4})
    flag: bool = True


class StatusOfOthers(enum.Enum):
    COMPLETED = 2


@dataclasses.dataclass
class ResultOfOthers:
    task_name: str
    task_status: StatusOfOthers
    summary: Any
    payload: Any
    impl_schemas: str | None = None


@dataclasses.dataclass
class AnalysisOfOthers:
    task_result: ResultOfOthers
    task_parameters: Any
    task_env: dict[str, str]
    poll_interval: float
    communicator_desc: list[str]


def all_kinds() -> Iterator[tuple[str, Any]]:
    """Yield the same finished Task as every kind of object that is accepted."""
    header = {"title": "Lysozyme", "experiment": "mfxl1038923", "run": 12, "date": "2024/02/12", "lute_version": 0.1}
    header |= {"task_timeout": 600, "work_dir": ""}
    plain = {"n_events": 10, "mask": None, "thresholds": {"low": None, "bounds": (1.0, 2.5)}, "options": {"jelly": 4}}
    plain["flag"] = True
    result = ResultOfOthers("FindPeaks", StatusOfOthers.COMPLETED, "812 hits", "/data/out.h5")
    rest = (dict(ENVIRONMENT), 0.05, ["PipeCommunicator: pickle."])
    yield (
        "pydantic 2",
        DescribedAnalysis(
            task_result=TaskResult(
                task_name="FindPeaks", task_status=TaskStatus.COMPLETED, summary="812 hits", payload="/data/out.h5"
            ),
            task_parameters=ParametersTwo(lute_config=AnalysisHeader(**header)),
            task_env=rest[0],
            poll_interval=rest[1],
            communicator_desc=rest[2],
        ),
    )
    yield "pydantic 1", AnalysisOfOthers(result, ParametersOne(lute_config=HeaderOne()), *rest)
    yield "dataclass", AnalysisOfOthers(result, ParametersData(SimpleNamespace(**header)), *rest)
    yield "plain object", AnalysisOfOthers(result, SimpleNamespace(lute_config=header, **plain), *rest)
    yield "mapping", dataclasses.asdict(AnalysisOfOthers(result, {**plain, "lute_config": header}, *rest))


def entry(x: Any = 1, *, after: int = 0, task: str = "FindPeaks", **known: Any) -> Entry:
    """Return an entry of some seconds after noon."""
    return accept(analysis(task, parameters={"x": x}, **known), NOON + after * SECOND)
