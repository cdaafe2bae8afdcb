"""What waits is taken along by the next entry that is stored, and never at its cost."""

from __future__ import annotations

import fcntl
import logging
import os
from pathlib import Path

import pytest

from recorder import Recorded, Recorder, aftermath
from recorder.replay import AT_ONCE
from tests.recorder.analyses import analysis, entry
from tests.recorder.faults import (
    entries,
    refuse,
)


def test_the_next_entry_that_is_stored_takes_along_what_waits(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for number in range(3):
            recorder.spool.keep(entry(number, after=number))
        recorder.record(analysis(parameters={"x": 7}))
        assert recorder.spool.pending() == []
        recorder.spool.keep(entry(3))
        recorder.record(analysis(parameters={"x": 8}))  # at once, before the clock of the file system moves
        assert recorder.spool.pending() == []
    assert [x for _, x in entries(tmp_path / "lute.db")] == [7, 0, 1, 2, 8, 3]


def test_where_time_is_up_nothing_that_is_stored_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftermath, "_BRIEFLY", 0.0)
    with Recorder(tmp_path) as recorder:
        for number in range(3):
            recorder.spool.keep(entry(number, after=number))
        recorder.record(analysis())
        assert recorder.spool.pending() == []
        assert recorder.status().counts[0].entries == 4


def test_of_very_many_each_call_takes_a_part(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis())
        for number in range(AT_ONCE + 5):
            recorder.spool.keep(entry(number, after=number))
        for left in (5, 0):
            recorder.record(analysis())
            assert len(recorder.spool.pending()) == left


def test_what_waits_elsewhere_is_taken_along_when_a_recorder_is_opened(tmp_path: Path) -> None:
    with Recorder(tmp_path / "late" / "lute.db") as recorder:
        spooled = recorder.record(analysis(parameters={"x": 1}))
    assert isinstance(spooled, Path)
    (tmp_path / "late").mkdir()
    with Recorder(tmp_path / "late") as recorder:
        recorder.record(analysis(parameters={"x": 2}))
    assert not spooled.exists()
    assert entries(tmp_path / "late" / "lute.db") == [(1, 2), (2, 1)]


def test_what_waits_never_fails_the_entry_it_follows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aftermath, "_BRIEFLY", 600.0)  # on a slow disk the next entry would take along the rest
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis("Bad"))
        refuse(recorder.path, "Bad")
        bad = recorder.spool.keep(entry(task="Bad"))
        good = recorder.spool.keep(entry(task="Good"))
        (bad.parent / "words.json").write_text("words")
        (bad.parent / "loop.json").symlink_to("loop.json")
        assert recorder.record(analysis()) == Recorded("FindPeaks", 1)
        assert not good.exists()
        assert {path.name for path in recorder.spool.refused()} == {bad.name, "words.json"}
        assert [record.levelno for record in caplog.records] == [logging.ERROR] * 3
        caplog.clear()
        recorder.spool.keep(entry(task="Good"))
        assert recorder.record(analysis()) == Recorded("FindPeaks", 2)
        assert not caplog.records  # what stays is named once
        assert [path.name for path in recorder.spool.pending()] == ["loop.json"]


def test_one_process_at_a_time_takes_along_what_waits(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        waiting = recorder.spool.keep(entry())
        descriptor = os.open(waiting.parent, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert recorder.record(analysis()) == Recorded("FindPeaks", 1)
        assert waiting.exists()
        os.close(descriptor)
        recorder.record(analysis())
        assert not waiting.exists()
