"""Describe a finished Task: the models that an Executor may hand over.

Field names are those of the facility's framework, so that its own objects and these are interchangeable.
"""

from __future__ import annotations

import enum
import os
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveInt


class TaskStatus(enum.Enum):
    """How far a Task got."""

    PENDING = 0
    RUNNING = 1
    COMPLETED = 2
    FAILED = 3
    STOPPED = 4
    CANCELLED = 5
    TIMEDOUT = 6


def _status(value: object) -> object:
    return TaskStatus[value] if isinstance(value, str) and value in TaskStatus.__members__ else value


def _run_from_environment() -> int | str:
    # The workflow manager hands over "<run>_<start time>".
    run = os.environ.get("RUN_NUM", "").partition("_")[0]
    return int(run) if run.isdecimal() else run


class AnalysisHeader(BaseModel):
    """Say for which experiment and run a Task worked: what all Tasks of an analysis share.

    Attributes:
        experiment: The experiment's name; from ``EXPERIMENT`` if not given.
        run: The run; from ``RUN_NUM`` if not given.
        date: When the analysis was set up, as text.
        task_timeout: Seconds after which a Task is stopped.
        work_dir: Directory that holds the database. Not stored.
    """

    title: str = "LUTE Task Configuration"
    experiment: str = Field(default_factory=lambda: os.environ.get("EXPERIMENT", "EXPX00000"))
    run: int | str = Field(default_factory=_run_from_environment)
    date: str = "1970/01/01"
    lute_version: float | str = 0.1
    task_timeout: PositiveInt = 600
    work_dir: str = ""


class TaskParameters(BaseModel):
    """Hold the parameters of one Task; subclasses declare them as fields."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    lute_config: AnalysisHeader


class TaskResult(BaseModel):
    """Hold what a Task left behind.

    Attributes:
        summary: A short text, usually.
        payload: The result itself: text, bytes, a path, or any structure.
        impl_schemas: Names of the forms the result has, joined by ``;``.
    """

    task_name: str
    task_status: Annotated[TaskStatus, BeforeValidator(_status)]
    summary: Any = ""
    payload: Any = ""
    impl_schemas: str | None = None


class DescribedAnalysis(BaseModel):
    """Hold everything an Executor knows of one finished Task.

    Attributes:
        task_parameters: A pydantic model (of either version), dataclass, mapping or plain object with the parameters
            and a ``lute_config``; None if the Task ended before it had any.
        task_env: The Task's environment. Only variables of SLURM and LUTE are kept, secrets masked.
        poll_interval: Seconds between two looks of the Executor at its Task.
    """

    task_result: TaskResult
    task_parameters: Any = None
    task_env: dict[str, str] = Field(default_factory=dict)
    executor_name: str = ""
    poll_interval: float = 0.05
    communicator_desc: list[str] = Field(default_factory=list)
