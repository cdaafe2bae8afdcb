"""Very many processes that begin at the same moment, where there is nothing yet."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from pathlib import Path

from recorder import Recorded, Recorder
from tests.faults.processes import held, warm
from tests.faults.soundness import faults_in_the_end, recorded
from tests.recorder.analyses import analysis

PROCESSES, ENTRIES = 64, 20


def record_at_the_signal(directory: Path, name: int, everybody: Barrier) -> None:
    """Record as soon as everybody is there. Raises if an entry is not in the database when its call is over."""
    with Recorder(directory, timeout=600) as recorder:  # each may have to wait for all others, on a slow disk
        everybody.wait()
        for number in range(ENTRIES):
            # Every process has a parameter of its own, so that columns are added by all of them at once.
            parameters = {"x": f"{name}-{number}", f"only_of_{name}": number}
            place = recorder.record(analysis(parameters=parameters, header={"run": number}))
            if not isinstance(place, Recorded):
                raise TypeError(f"spooled: {place}")


def test_sixty_four_processes_lose_nothing_and_leave_nothing_in_the_spool(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    everybody = warm().Barrier(PROCESSES)
    processes = [
        warm().Process(target=record_at_the_signal, args=(directory, name, everybody)) for name in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    assert recorded(directory / "lute.db") == {f"{p}-{n}": 1 for p in range(PROCESSES) for n in range(ENTRIES)}
    assert faults_in_the_end(directory / "lute.db") == []
    with Recorder(directory) as recorder:
        assert recorder.spool.pending() == []
        assert list(recorder.replay()) == []


def record_in_vain(directory: Path, name: str) -> None:
    """Record three entries, with the usual patience for each. Raises if one is stored although nobody may."""
    with Recorder(directory) as recorder:
        for number in range(3):
            place = recorder.record(analysis(parameters={"x": f"{name}-{number}"}))
            if not isinstance(place, Path):
                raise TypeError(f"stored under a lock: {place}")


def test_a_lock_held_for_a_minute_costs_no_entry(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    with Recorder(directory) as recorder:
        recorder.record(analysis(parameters={"x": "before"}))
    with held(recorder.path):
        processes = [warm().Process(target=record_in_vain, args=(directory, f"process{n}")) for n in range(8)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * 8
    assert recorded(recorder.path) == {"before": 1}
    with Recorder(directory) as recorder:
        waiting = recorder.spool.pending()
        assert len(waiting) == 8 * 3
        assert all(isinstance(outcome, Recorded) for _, outcome in recorder.replay())
        assert list(recorder.replay()) == []
    there = {f"process{name}-{number}": 1 for name in range(8) for number in range(3)}
    assert recorded(recorder.path) == {"before": 1} | there
    assert faults_in_the_end(recorder.path) == []
