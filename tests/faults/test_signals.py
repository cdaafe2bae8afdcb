"""End a recording process with SIGTERM at each of its system calls, as a batch system may: the entry is kept."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder import Entry, Recorded, Recorder
from recorder.accept import accept
from recorder.signals import SIGNALS
from tests.faults.soundness import faults, recorded
from tests.faults.tracing import BLOCK_SIGNALS, SET_HANDLER, Run, run_to_each_call
from tests.recorder.analyses import analysis

GARBAGE = b"no database at all, whatever its name says" * 100


def record(recorder: Recorder, entry: Entry) -> None:
    recorder.store(entry)


def record_and_exit_on_signal(recorder: Recorder, entry: Entry) -> None:
    """As programs do that want to end in order."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    recorder.store(entry)


def record_beside_a_thread(recorder: Recorder, entry: Entry) -> None:
    """As where a numerical library has threads: the kernel gives them the signals that this one blocks."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()
    recorder.store(entry)


def holds_signals_back(work: object, run: Run) -> bool:
    """Tell whether the recorder had come so far before the signal was sent."""
    if work is record_beside_a_thread:
        return run.before_signal.count(SET_HANDLER) >= len(SIGNALS)
    return BLOCK_SIGNALS in run.before_signal


@pytest.mark.parametrize("database", ["missing", "sound", "garbage"])
@pytest.mark.parametrize("work", [record, record_and_exit_on_signal, record_beside_a_thread])
def test_a_signal_at_any_system_call_costs_no_entry(
    work: Callable[[Recorder, Entry], None], database: str, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    earlier = {"earlier": 1} if database == "sound" else {}
    entry = accept(analysis(parameters={"x": "recorded", "text": "some pages " * 10_000}))

    def prepare() -> Callable[[], object]:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        with Recorder(place) as recorder:
            if database == "sound":
                recorder.record(analysis(parameters={"x": "earlier"}))
        if database == "garbage":
            recorder.path.write_bytes(GARBAGE)
        return lambda: work(recorder, entry)

    def check(run: Run) -> None:
        if database == "garbage":
            (place / "lute.db").unlink()
        with Recorder(place) as recorder:
            for path, outcome in recorder.replay():
                assert isinstance(outcome, Recorded), (path, outcome)
        if holds_signals_back(work, run):
            assert recorded(place / "lute.db") == earlier | {"recorded": 1}
            assert faults(place / "lute.db") == []
        else:  # it ended before it came to the recorder
            assert not run.acknowledged

    assert run_to_each_call(prepare, check, by=signal.SIGTERM) >= 40
