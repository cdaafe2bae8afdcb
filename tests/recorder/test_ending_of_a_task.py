"""How a Task began and ended, and when."""

from __future__ import annotations

import datetime
import math
import pathlib
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest
from hypothesis import given

from recorder import Entry, Recorder
from recorder.accept import accept
from recorder.entry import END, START
from tests.recorder.analyses import analysis
from tests.recorder.strategies import values

# Beginning and ending


def test_a_task_that_begins_is_running_whatever_is_said_of_it() -> None:
    for cfg in (analysis(status="COMPLETED"), analysis(status="FAILED"), SimpleNamespace(), None):
        entry = accept(cfg, stage=START)
        assert (entry.stage, entry.status, entry.valid) == (START, "RUNNING", False)


def test_an_end_has_the_key_of_its_start() -> None:
    start = accept(analysis(), stage=START)
    end = accept(analysis(), stage=END, key=start.key)
    assert (end.stage, end.key, end.status, end.valid) == (END, start.key, "COMPLETED", True)


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
@pytest.mark.parametrize("valid", [True, False])
def test_the_caller_may_say_whether_an_entry_is_valid(status: str, valid: bool) -> None:
    assert accept(analysis(status=status), valid=valid).valid is valid


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
@pytest.mark.parametrize(("said", "valid"), [(1, True), (0, False), (1.0, True)])
def test_validity_may_be_said_as_a_number(
    status: str, said: Any, valid: bool, caplog: pytest.LogCaptureFixture
) -> None:
    assert accept(analysis(status=status), valid=said).valid is valid
    assert not caplog.text


@pytest.mark.parametrize("said", ["no", "yes", "", 2, [True], object()])
def test_what_says_no_validity_leaves_it_to_the_status(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert [accept(analysis(status=status), valid=said).valid for status in ("COMPLETED", "FAILED")] == [True, False]
    assert "`valid` is to be True or False" in caplog.text


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ({"return_code": 1}, "FAILED"),
        ({"return_code": "-9"}, "FAILED"),
        ({"signal": "SIGTERM"}, "FAILED"),
        ({"return_code": 0}, None),
        ({"output": "bye"}, None),
    ],
)
def test_what_has_no_status_but_ended_badly_has_failed(failure: Any, status: str | None) -> None:
    assert accept(None, stage=END, failure=failure).status == status
    assert accept(analysis(status="TIMEDOUT"), failure=failure).status == "TIMEDOUT"


def test_an_end_needs_no_name_of_its_task(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path) as recorder:
        token = recorder.start(analysis())
        recorder.finish(token, None, return_code=-9)
        (entry,) = recorder.entries("FindPeaks")
    assert (entry.status, entry.valid, entry.failure["signal"]) == ("FAILED", False, "SIGKILL")
    assert not caplog.text


# The moment


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        (datetime.datetime(2024, 1, 1, 12), "2024-01-01T12:00:00+00:00"),
        (
            datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
            "2024-01-01T10:00:00+00:00",
        ),
        (datetime.date(2024, 1, 1), "2024-01-01T00:00:00+00:00"),
        ("2024-01-01", "2024-01-01T00:00:00+00:00"),
        (" 2024-01-01 12:30:00.5 ", "2024-01-01T12:30:00.500000+00:00"),
        ("2024-01-01T12:00:00Z", "2024-01-01T12:00:00+00:00"),
        ("2024-01-01T12:00:00-08:00", "2024-01-01T20:00:00+00:00"),
        (1704110400, "2024-01-01T12:00:00+00:00"),
        (1704110400.25, "2024-01-01T12:00:00.250000+00:00"),
        (Fraction(1, 2), "1970-01-01T00:00:00.500000+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
    ],
)
def test_the_moment_may_be_said_in_many_ways(said: Any, moment: str, caplog: pytest.LogCaptureFixture) -> None:
    assert accept(analysis(), said).timestamp.isoformat() == moment
    assert not caplog.text


@pytest.mark.parametrize(
    "said", ["noon", "", True, [2024], math.nan, 1e300, object(), datetime.time(12), b"2024-01-01"]
)
def test_a_moment_that_is_none_costs_no_entry(said: Any, caplog: pytest.LogCaptureFixture) -> None:
    before = datetime.datetime.now(datetime.UTC)
    assert before <= accept(analysis(), said).timestamp <= datetime.datetime.now(datetime.UTC)
    assert "is not understood" in caplog.text


@given(values)
def test_whatever_is_said_of_the_moment_is_an_entry(said: Any) -> None:
    entry = accept(analysis(), said, valid=said)
    assert Entry.from_json(entry.to_json()) == entry


class Parameters(pydantic.BaseModel):
    min_peaks: int


def test_parameters_that_were_refused_are_kept_as_they_were_handed_over() -> None:
    with pytest.raises(pydantic.ValidationError) as refused:
        Parameters.model_validate({"min_peaks": "many"})
    for parameters, kept in [
        ({"min_peaks": "many"}, {"min_peaks": "many"}),
        (str(refused.value), {"task_parameters": str(refused.value)}),
    ]:
        cfg = analysis(status="FAILED")
        cfg.task_parameters = parameters
        assert accept(cfg).parameters == kept
    cfg.task_parameters = refused.value
    assert accept(cfg).parameters["task_parameters"]["$object"] == str(refused.value)
