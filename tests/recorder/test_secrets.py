"""What of the environment must never be kept: in no file, no log line and no summary."""

from __future__ import annotations

import datetime
import logging
import pathlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given

from recorder import Entry, Recorder
from recorder.accept import accept
from tests.recorder.analyses import analysis
from tests.recorder.strategies import values

SENTINEL = "sesame-open-6f1a"
ENVIRONMENT = {
    "SLURM_JWT": SENTINEL,
    "MY_LUTE_TOKEN": SENTINEL,
    "LUTE_ELOG_PASSWORD": SENTINEL,
    "LUTE_ELOG_URL": f"https://user:{SENTINEL}@elog",
    "LUTE_KEYFRAME": "every tenth",
}


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
