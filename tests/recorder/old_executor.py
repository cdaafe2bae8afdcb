"""An Executor in an old environment: Python 3.8 is enough, and pydantic 1 where there is one.

``python old_executor.py DIRECTORY KIND`` records one finished Task into a directory, with the ``emit.py`` beside it.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import pathlib
import sys
import uuid
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

HEADER = {
    "title": "Lysozyme",
    "experiment": "mfxl1038923",
    "run": 12,
    "date": "2024/02/12",
    "lute_version": 0.1,
    "task_timeout": 600,
    "work_dir": "",
}


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 2


@dataclasses.dataclass
class Inner:
    low: Optional[int] = None
    bounds: List[float] = dataclasses.field(default_factory=lambda: [1.0, 2.5])


@dataclasses.dataclass
class Parameters:
    lute_config: Any
    n_events: int = 10
    mask: Optional[str] = None
    real: float = 1
    either: Union[int, str] = "x"
    colour: Colour = Colour.RED
    level: Level = Level.HIGH
    path: pathlib.Path = pathlib.Path("/data/x")
    when: Optional[datetime.datetime] = None
    pair: Tuple[int, float] = (1, 2.0)
    inner: Inner = dataclasses.field(default_factory=Inner)
    many: List[Inner] = dataclasses.field(default_factory=lambda: [Inner(), Inner(3)])
    options: Dict[str, int] = dataclasses.field(default_factory=lambda: {"jelly": 4})
    flag: bool = True


@dataclasses.dataclass
class Result:
    task_name: str = "FindPeaks"
    task_status: str = "TaskStatus.COMPLETED"
    summary: Any = "812 hits"
    payload: Any = "/data/out.h5"
    impl_schemas: Optional[str] = None


@dataclasses.dataclass
class Analysis:
    task_parameters: Any
    task_result: Result = dataclasses.field(default_factory=Result)
    task_env: Dict[str, str] = dataclasses.field(
        default_factory=lambda: {"SLURM_JOB_ID": "48210687", "SLURM_JWT": "secret", "LUTE_PATH": "/lute"}
    )
    poll_interval: float = 0.05
    communicator_desc: List[str] = dataclasses.field(default_factory=lambda: ["PipeCommunicator: pickle."])


def of_a_dataclass() -> Analysis:
    return Analysis(Parameters(HEADER))


def of_a_mapping() -> Analysis:
    values = {
        "complex": 1 + 2j,
        "decimal": decimal.Decimal("1.10"),
        "uuid": uuid.UUID(int=1),
        "set": {1, 2},
        "bytes": b"\x00\xff",
        "large": 2**70,
        "nan": float("nan"),
        "lone": "\ud800",
        "nul": "a\x00b",
        "date": datetime.date(2024, 2, 12),
        "length": datetime.timedelta(seconds=1.5),
        "odd keys": {1: "a", "1": "b", None: "c"},
        'quo"ted': [[], {}],
    }
    return Analysis({"lute_config": HEADER, **values}, Result(payload={"peaks": [1, 2.5], "mask": b"\x00"}))


def of_a_failure() -> Analysis:
    return Analysis(None, Result(task_status="TaskStatus.FAILED", summary=None, payload=None))


def of_pydantic_1() -> Analysis:
    try:
        from pydantic import v1 as pydantic
    except ImportError:
        import pydantic

    class Header(pydantic.BaseModel):
        title: str = "Lysozyme"
        experiment: str = "mfxl1038923"
        run: Union[int, str] = 12
        date: str = "2024/02/12"
        lute_version: Union[float, str] = 0.1
        task_timeout: pydantic.PositiveInt = 600
        work_dir: str = ""

    class InnerModel(pydantic.BaseModel):
        low: Optional[int] = None
        bounds: List[float] = [1.0, 2.5]

    class Model(pydantic.BaseModel):
        lute_config: Header
        n_events: int = pydantic.Field(10, gt=0, alias="events")
        mask: Optional[str] = None
        real: float = 1
        either: Union[int, str] = "x"
        colour: Colour = Colour.RED
        level: Level = Level.HIGH
        path: pathlib.Path = pathlib.Path("/data/x")
        when: Optional[datetime.datetime] = None
        pair: Tuple[int, float] = (1, 2.0)
        inner: InnerModel = InnerModel()
        many: List[InnerModel] = [InnerModel(), InnerModel(low=3)]
        options: Dict[str, Optional[int]] = {"jelly": 4, "none": None}
        name: pydantic.constr(min_length=1) = "n"  # type: ignore[valid-type]
        flag: bool = True
        _private: int = pydantic.PrivateAttr(5)

        class Config:
            extra = "allow"

    Model.update_forward_refs(**locals())
    return Analysis(Model(lute_config=Header(), unforeseen=[1, None]))


KINDS: Dict[str, Callable[[], Analysis]] = {
    "dataclass": of_a_dataclass,
    "mapping": of_a_mapping,
    "failure": of_a_failure,
    "pydantic 1": of_pydantic_1,
}

if __name__ == "__main__":
    import emit

    directory, kind = sys.argv[1:]
    emit.record_analysis_db(KINDS[kind](), work_dir=directory, return_code=0, output="done")
    emit.read_latest_db_entry(directory, "FindPeaks", "id")
