"""What waits counts in an answer as if it were stored."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from recorder import FileMissing, Recorded, Recorder, UnknownParameter
from recorder.accept import accept
from recorder.entry import END, START
from tests.recorder.analyses import NOON, SECOND, analysis, entry
from tests.recorder.faults import (
    entries,
)


@pytest.mark.parametrize("is_stored", [True, False])
def test_what_waits_counts_in_the_latest(tmp_path: Path, is_stored: bool) -> None:
    with Recorder(tmp_path) as recorder:
        if is_stored:
            recorder.store(entry("stored"))
        recorder.spool.keep(entry("same second", header={"run": 7}))
        recorder.spool.keep(entry("12", after=1))
        recorder.spool.keep(entry("failed", after=2, status="FAILED"))
        recorder.spool.keep(entry("other", after=3, header={"run": 13, "experiment": "mfxl9"}))
        recorder.spool.keep(entry("later", after=4, task="Index"))
        recorder.spool.keep(entry("earlier", after=-1))
        assert recorder.latest("FindPeaks", "x") == "other"
        assert recorder.latest("FindPeaks", "x", run=12) == "12"
        assert recorder.latest("FindPeaks", "x", run="7") == "same second"
        assert recorder.latest("FindPeaks", "x", experiment="mfxl9") == "other"
        assert recorder.latest("FindPeaks", "x", run=12, valid_only=False) == "failed"
        assert recorder.latest("FindPeaks", "result.task_status", run=12, valid_only=False) == "FAILED"
        assert recorder.latest("FindPeaks", "x", run=99) is None
        assert recorder.latest("Index", "x") == "later"
        with pytest.raises(UnknownParameter, match="y"):
            recorder.latest("FindPeaks", "y")
        if not is_stored:
            with pytest.raises(FileMissing):
                recorder.latest("Merge", "x")
            assert not recorder.path.exists()
            return
        recorder.store(entry("newest", after=9))
        assert recorder.spool.pending() == []  # storing took along what waited


def test_what_is_stored_already_does_not_count_again(tmp_path: Path) -> None:
    """A file may come back with a power loss, and the validity of its entry has changed since."""
    with Recorder(tmp_path) as recorder:
        recorder.store(entry("old"))
        bad = entry("bad", after=1)
        recorder.store(bad)
        recorder.invalidate("FindPeaks", [2])
        recorder.spool.keep(bad)
        assert recorder.latest("FindPeaks", "x") == "old"


def test_a_value_that_waits_is_as_its_column_will_hold_it(tmp_path: Path) -> None:
    values = {"text": "007", "flag": True, "number": 1.5, "many": [1, 2], "nothing": None, "far": 2**70}
    with Recorder(tmp_path) as recorder:
        recorder.spool.keep(accept(analysis(parameters=values)))
        names = ["text", "flag", "number", "many[1]", "nothing", "far", "timestamp", "valid_flag"]
        waiting = [recorder.latest("FindPeaks", name) for name in names]
        list(recorder.replay())
        assert waiting == [recorder.latest("FindPeaks", name) for name in names]


def test_a_start_that_waits_gives_way_to_its_end(tmp_path: Path) -> None:
    with Recorder(tmp_path / "gone" / "lute.db") as recorder:
        token = recorder.start(analysis(parameters={"x": "begun"}), timestamp=NOON)
        assert recorder.latest("FindPeaks", "x") is None
        assert recorder.latest("FindPeaks", "x", valid_only=False) == "begun"
        recorder.finish(token, analysis(parameters={"x": "ended"}), timestamp=NOON)
        assert recorder.latest("FindPeaks", "x") == "ended"
        assert recorder.latest("FindPeaks", "result.task_status", valid_only=False) == "COMPLETED"


@pytest.mark.parametrize("is_start_stored", [True, False])
def test_an_end_that_waits_counts_with_what_its_start_said(tmp_path: Path, *, is_start_stored: bool) -> None:
    said = analysis(parameters={"x": "begun"})
    with Recorder(tmp_path) as recorder:
        start = accept(said, NOON, stage=START)
        recorder.store(start) if is_start_stored else recorder.spool.keep(start)
        completed = {"task_result": {"task_status": "COMPLETED"}}
        recorder.spool.keep(accept(completed, stage=END, key=start.key))
        assert recorder.latest("FindPeaks", "x", run=12) == "begun"
        list(recorder.replay())
        assert recorder.latest("FindPeaks", "x", run=12) == "begun"
        assert [count.task for count in recorder.status().counts] == ["FindPeaks"]


@pytest.mark.parametrize("stored", [0, 1, 2, 3])
def test_a_task_that_ends_again_is_two_entries_wherever_its_ends_wait(
    tmp_path: Path, stored: int, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(tmp_path) as recorder:
        began = accept(analysis(parameters={"x": 1}), NOON, stage=START)
        ends = [accept(analysis(parameters={"x": x}), NOON + x * SECOND, stage=END, key=began.key) for x in (2, 3)]
        for entry_ in [began, *ends][:stored]:
            recorder.store(entry_)
        for entry_ in [began, *ends]:
            recorder.spool.keep(entry_)
        assert recorder.latest("FindPeaks", "x") == 3
        caplog.clear()
        with caplog.at_level(logging.WARNING, "recorder"):
            assert {outcome for _, outcome in recorder.replay()} == {Recorded("FindPeaks", 1), Recorded("FindPeaks", 2)}
        assert ("Entry 1 of Task 'FindPeaks' had ended already" in caplog.text) == (stored < 3)
        assert entries(recorder.path) == [(1, 2), (2, 3)]


def test_an_answer_does_without_what_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path) as recorder:
        place = recorder.spool.keep(entry("waiting")).parent
        (place / "torn.json").write_text("{")
        assert recorder.latest("FindPeaks", "x") == "waiting"
    assert "recorder replay" in caplog.text
    assert (place / "torn.json").exists()  # nothing is changed by asking
