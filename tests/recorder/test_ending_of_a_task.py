"""How a Task began and ended, who recorded it, and what of its environment must never be kept."""

from __future__ import annotations

import datetime
import getpass
import logging
import math
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import Entry, Recorder
from recorder.accept import accept
from recorder.entry import END, START
from recorder.failure import CUT, OUTPUT_LIMIT
from recorder.version import RECORDER_VERSION
from tests.recorder.analyses import analysis
from tests.recorder.strategies import texts, values

SENTINEL = "sesame-open-6f1a"
ENVIRONMENT = {
    "SLURM_JWT": SENTINEL,
    "MY_LUTE_TOKEN": SENTINEL,
    "LUTE_ELOG_PASSWORD": SENTINEL,
    "LUTE_ELOG_URL": f"https://user:{SENTINEL}@elog",
    "LUTE_KEYFRAME": "every tenth",
}


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


# Failures


@pytest.mark.parametrize(
    ("failure", "kept"),
    [
        ({"return_code": 1}, {"return_code": 1}),
        ({"return_code": -9}, {"return_code": -9, "signal": "SIGKILL"}),
        ({"signal": 15}, {"signal": "SIGTERM"}),
        ({"signal": signal.SIGSEGV}, {"signal": "SIGSEGV"}),
        ({"signal": "SIGBUS"}, {"signal": "SIGBUS"}),
        ({"signal": 4711}, {"signal": "4711"}),
        ({"return_code": "3"}, {"return_code": 3}),
        ({"return_code": "-9"}, {"return_code": -9, "signal": "SIGKILL"}),
        ({"return_code": 2.0}, {"return_code": 2}),
        ({"return_code": "?", "signal": None}, {"output": "return code: ?"}),
        ({"return_code": 2.5, "output": "died"}, {"output": "died\nreturn code: 2.5"}),
        ({"return_code": 2**80}, {"output": f"return code: {2**80}"}),
        ({"output": b"a\xffb"}, {"output": "a\\xffb"}),
        (
            {"output": "Traceback ...", "log": pathlib.Path("/logs/1.out")},
            {"output": "Traceback ...", "log": "/logs/1.out"},
        ),
        ("Traceback ...", {"output": "Traceback ..."}),
        ({}, {}),
        (None, {}),
    ],
)
def test_what_is_known_of_a_failure_is_kept(failure: Any, kept: dict[str, Any]) -> None:
    assert accept(analysis(status="FAILED"), failure=failure).failure == kept


def test_what_is_not_kept_of_a_failure_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "recorder"):
        assert accept(analysis(), failure={"exit_code": 3, "\ud800": 4, "output": "x"}).failure == {"output": "x"}
    assert "exit_code" in caplog.text
    assert caplog.text.isascii()


def test_an_output_that_raises_when_it_is_looked_at_is_an_entry() -> None:
    class Lying:
        @property
        def __class__(self) -> Any:
            raise RuntimeError

    released = memoryview(b"x")
    released.release()
    for output in (Lying(), released):
        assert accept(analysis(), failure={"output": output, "return_code": 3}).failure["return_code"] == 3


@given(st.one_of(values, st.dictionaries(st.sampled_from(["return_code", "signal", "output", "log"]), values)))
def test_whatever_is_said_of_a_failure_is_an_entry(failure: Any) -> None:
    entry = accept(analysis(), failure=failure)
    assert Entry.from_json(entry.to_json()) == entry


@given(st.sampled_from(["a", "é", "漢", "\U0001f300", "\udcff"]), st.integers(-4, 4), texts)
def test_the_end_of_an_output_is_kept_whole_characters(character: str, more: int, end: str) -> None:
    size = len(character.encode("utf-8", "surrogatepass"))
    output = character * ((OUTPUT_LIMIT + more) // size) + end
    kept = accept(analysis(), failure={"output": output}).failure["output"]
    if kept == output:
        assert len(output.encode("utf-8", "surrogatepass")) <= OUTPUT_LIMIT
        return
    assert kept.startswith(CUT)
    assert output.endswith(kept[len(CUT) :])
    assert OUTPUT_LIMIT - 4 < len(kept[len(CUT) :].encode("utf-8", "surrogatepass")) <= OUTPUT_LIMIT


# Where an entry comes from


def test_an_entry_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    origin = accept(analysis(environment={"SLURM_JOB_ID": "48210687"}), code_version="v2.1-3-gdeadbee").origin
    assert origin == {
        "user": getpass.getuser(),
        "host": os.uname().nodename,
        "pid": os.getpid(),
        "job": "48210687",
        "recorder_version": RECORDER_VERSION,
        "code_version": "v2.1-3-gdeadbee",
    }


@pytest.mark.parametrize(
    ("environment", "job"),
    [
        ({}, "77"),
        ({"SLURM_JOB_ID": "12"}, "12"),
        ({"SLURM_JOB_ID": "12", "SLURM_ARRAY_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "3"}, "9_3"),
    ],
)
def test_the_job_is_the_tasks_or_else_our_own(
    environment: dict[str, str], job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    assert accept(analysis(environment=environment)).origin["job"] == job


def test_after_a_fork_the_process_is_another_one() -> None:
    code = """
import os
from recorder.accept import accept
accept({"task_result": {"task_name": "T"}})
child = os.fork()
if child:
    os.waitpid(child, 0)
print(os.getpid(), accept({"task_result": {"task_name": "T"}}).origin["pid"])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = [line.split() for line in ended.stdout.splitlines()]
    assert len(said) == 2
    assert said[0][0] != said[1][0]
    assert all(own == recorded for own, recorded in said)


# Secrets


def files_that_hold(directory: pathlib.Path, text: str) -> Iterator[pathlib.Path]:
    for path in directory.rglob("*"):
        if path.is_file() and text.encode() in path.read_bytes():
            yield path


def test_a_secret_is_in_no_file_and_no_log_line(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORDER_SPOOL", str(tmp_path / "spool"))
    cfg = analysis(environment=ENVIRONMENT, summary=f"logged in with {SENTINEL}", payload=b"x" * 2_000_000)
    failure = {"output": f"curl -H 'Authorization: {SENTINEL}'", "log": f"/logs/{SENTINEL}.out"}
    with caplog.at_level(logging.DEBUG), Recorder(tmp_path / "lute.db", timeout=0.1) as recorder:
        recorder.record(cfg, **failure)
        with closing(sqlite3.connect(recorder.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert isinstance(recorder.record(cfg, **failure), pathlib.Path)
            other.execute("CREATE TABLE changed(x)")
            other.execute("DELETE FROM FindPeaks")  # now a journal holds the pages of the first entry
            assert [path for path in tmp_path.rglob("*") if path.suffix == ".json"]
            assert not list(files_that_hold(tmp_path, SENTINEL))
            other.execute("ROLLBACK")
        recorder.record(cfg, **failure)
    assert not list(files_that_hold(tmp_path, SENTINEL))
    assert SENTINEL not in caplog.text
    assert list(files_that_hold(tmp_path, "LUTE_KEYFRAME=every tenth"))


@pytest.mark.parametrize(
    ("summary", "kept"),
    [
        (ValueError(f"login: {SENTINEL}"), {"$object": "login: ***", "type": "builtins.ValueError"}),
        ({"why": [f"a {SENTINEL}", 3]}, {"why": ["a ***", 3]}),
        ({SENTINEL: None}, {"***": None}),
        ({"$path": SENTINEL, "x": 1.5}, {"$dict": {"$path": "***", "x": 1.5}}),
        ({1: SENTINEL}, {"$items": [[1, "***"]]}),
        ({SENTINEL}, {"$set": ["***"]}),
        (b"\xff" + SENTINEL.encode(), {"$bytes": "/yoqKg=="}),
        (pathlib.PurePosixPath(f"/tmp/{SENTINEL}"), {"$path": "/tmp/***"}),
        (datetime.date(2026, 7, 14), "***"),
    ],
)
def test_a_secret_is_masked_in_every_kind_of_summary(summary: Any, kept: Any) -> None:
    environment = {**ENVIRONMENT, "DAY_KEY": "2026-07-14"}
    entry = accept(analysis(environment=environment, summary=summary))
    assert entry.summary == kept
    assert SENTINEL not in entry.to_json()
    assert Entry.from_json(entry.to_json()) == entry


@given(values)
def test_a_summary_with_masks_in_it_is_an_entry(summary: Any) -> None:
    environment = {f"KEY_{number}": text for number, text in enumerate(["000000", "string", "object", "-01-01"])}
    entry = accept(analysis(environment=environment, summary=summary))
    assert Entry.from_json(entry.to_json()) == entry


def test_words_that_mark_a_secret_are_added_to_the_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"LUTE_PIN": "123456", "LUTE_COOKIE": "abcdef", "LUTE_KEY": "ghijkl", "LUTE_PINS": "open"}
    cfg = analysis(environment=environment, summary="123456 abcdef ghijkl")
    monkeypatch.setenv("RECORDER_SECRETS", " Cookie ,word")
    entry = accept(cfg, secrets=["pin"])
    assert entry.executor["env"] == "LUTE_PIN=***;LUTE_COOKIE=***;LUTE_KEY=***;LUTE_PINS=open"
    assert entry.summary == "*** *** ***"
    monkeypatch.delenv("RECORDER_SECRETS")
    assert accept(cfg).summary == "123456 abcdef ***"


def test_a_short_value_is_masked_where_it_stands_and_nowhere_else() -> None:
    entry = accept(analysis(environment={"LUTE_KEY": "1", "LUTE_RUN": "1"}, summary="1 hit"))
    assert (entry.executor["env"], entry.summary) == ("LUTE_KEY=***;LUTE_RUN=1", "1 hit")


def test_a_secret_that_begins_like_another_is_masked_whole() -> None:
    environment = {"A_TOKEN": "sesame", "B_TOKEN": "sesame-open"}
    assert accept(analysis(environment=environment, summary="sesame-open sesame")).summary == "*** ***"
