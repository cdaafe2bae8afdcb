"""What a program has attached to the logger may raise; it costs no entry and no answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recorder import Recorded, Recorder
from tests.recorder.analyses import analysis
from tests.recorder.faults import held_by_another_process


class Raising(logging.Handler):
    """Raise at every message, and remember who said it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.met: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.met.append(f"{record.filename} {record.levelname}")
        raise OSError("no space left for logs")


@pytest.fixture
def raising() -> Iterator[Raising]:
    logger, handler = logging.getLogger("recorder"), Raising()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("module", "cfg", "ending"),
    [
        ("accept.py", {"task_result": {"task_status": "COMPLETED"}}, {}),
        ("accept.py", analysis(), {"valid": "perhaps"}),
        ("failure.py", analysis(), {"return_code": "none of these"}),
        ("moments.py", analysis(), {"timestamp": "yesterday"}),
    ],
)
def test_a_handler_that_raises_costs_no_entry(
    tmp_path: Path, raising: Raising, module: str, cfg: Any, ending: dict[str, Any]
) -> None:
    with Recorder(tmp_path) as recorder:
        stored = recorder.record(cfg, **ending)
    assert isinstance(stored, Recorded)
    assert raising.met == [f"{module} WARNING"]


def test_a_handler_that_raises_costs_nothing_that_is_spooled(tmp_path: Path, raising: Raising) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        with held_by_another_process(recorder.path), Recorder(tmp_path, timeout=0.0) as hindered:
            spooled = hindered.record(analysis(parameters={"x": 2}))
        assert isinstance(spooled, Path)
        assert "delivery.py ERROR" in raising.met
        (spooled.parent / "garbage.json").write_text("{")
        assert recorder.latest("FindPeaks", "x") == 2
        assert "pending.py WARNING" in raising.met
        assert recorder.finish("no token", analysis(parameters={"x": 3})) == Recorded("FindPeaks", 2)
        assert "recorder.py WARNING" in raising.met
