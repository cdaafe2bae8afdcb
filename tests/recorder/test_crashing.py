"""A process that crashes while it records: nothing half done is there, and whoever tries again stores it."""

from __future__ import annotations

import ctypes
import faulthandler
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder import Entry, Recorded, Recorder
from recorder.accept import accept
from recorder.patience import Patience
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import analysis
from tests.recorder.faults import entries, held_by_another_process, in_a_fork


def crash() -> None:
    """Read where nothing is, as a library in C does when it goes wrong."""
    faulthandler.disable()  # the tests have it on
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


def entry(x: int) -> Entry:
    return accept(analysis(parameters={"x": x}))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        return recorder.path


def test_a_crash_inside_a_transaction_leaves_nothing_of_it(path: Path) -> None:
    several = [entry(2), entry(3)]

    def work() -> int:
        def handed_over() -> Iterator[Entry]:
            yield several[0]
            crash()

        SqliteStorage(path).store(handed_over())
        return 0

    assert in_a_fork(work) == -signal.SIGSEGV
    assert entries(path) == [(1, 1)]
    with Recorder(path) as recorder:
        assert [recorder.store(one) for one in several] == [Recorded("FindPeaks", 2), Recorded("FindPeaks", 3)]
        assert list(recorder.check()) == []


def test_a_crash_while_it_waits_leaves_the_entry_in_the_spool(path: Path) -> None:
    waiting = entry(2)

    def work() -> int:
        recorder = Recorder(path)
        recorder.spool.keep(waiting)
        SqliteStorage(path).store([waiting], Patience(soon=0.0, meanwhile=crash))
        return 0

    with held_by_another_process(path):
        assert in_a_fork(work) == -signal.SIGSEGV
    with Recorder(path) as recorder:
        assert [place for _, place in recorder.replay()] == [Recorded("FindPeaks", 2)]
        assert recorder.store(waiting) == Recorded("FindPeaks", 2)
        assert list(recorder.check()) == []
    assert entries(path) == [(1, 1), (2, 2)]
