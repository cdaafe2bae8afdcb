"""Processes that are killed (``kill -9``) while they record, and while they wait for somebody's lock."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from recorder import Entry, Recorded, Recorder
from tests.faults.processes import held, warm
from tests.faults.soundness import faults, faults_in_the_end, recorded
from tests.recorder.analyses import analysis

PROCESSES, ENTRIES, ROUNDS = 16, 200, 3


def record_numbered(directory: Path, name: str) -> None:
    """Record numbered entries, and note of each that it is tried, and then that it is recorded; go on where one was."""
    begun = len(noted(directory, name, "tried"))
    notes = os.open(notes_of(directory, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with Recorder(directory) as recorder:
        for number in range(begun, ENTRIES):
            x = f"{name}-{number}"
            os.write(notes, f"tried {x}\n".encode())
            recorder.record(analysis(parameters={"x": x}, header={"run": number % 20}))
            os.write(notes, f"recorded {x}\n".encode())


def notes_of(directory: Path, name: str) -> Path:
    return directory.with_name(f"{name}.notes")


def noted(directory: Path, name: str, kind: str) -> list[str]:
    notes = notes_of(directory, name)
    lines = notes.read_text().splitlines() if notes.exists() else []
    return [x for word, x in map(str.split, lines) if word == kind]


def start(work: Callable[..., object], *arguments: object) -> BaseProcess:
    process = warm().Process(target=work, args=arguments)
    process.start()
    return process


def replay(directory: Path) -> None:
    with Recorder(directory) as recorder:
        assert [outcome for _, outcome in recorder.replay() if not isinstance(outcome, Recorded)] == []


def until(happened: Callable[[], object]) -> None:
    end = time.monotonic() + 600
    while not happened():
        if time.monotonic() > end:
            raise AssertionError("it did not happen within ten minutes")
        time.sleep(0.005)


def test_what_sixteen_processes_recorded_is_there_once_although_a_third_of_them_is_killed(
    tmp_path: Path, chance: random.Random
) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    names = [f"round{turn}-process{number}" for turn in range(ROUNDS) for number in range(PROCESSES)]
    for first in range(0, len(names), PROCESSES):
        turn = names[first : first + PROCESSES]
        running = {name: start(record_numbered, directory, name) for name in turn}
        for name, at in when_to_kill(turn, chance):
            until(lambda name=name, at=at: len(noted(directory, name, "tried")) >= at)
            time.sleep(chance.random() * 0.02)
            running[name].kill()
            running[name].join()
            assert running[name].exitcode == -signal.SIGKILL
            running[name] = start(record_numbered, directory, name)
        for process in running.values():
            process.join()
            assert process.exitcode == 0
        assert faults(directory / "lute.db") == []
    replay(directory)
    there = recorded(directory / "lute.db")
    tried = Counter(x for name in names for x in noted(directory, name, "tried"))
    acknowledged = Counter(x for name in names for x in noted(directory, name, "recorded"))
    assert tried.total() == ROUNDS * PROCESSES * ENTRIES
    assert acknowledged.total() >= tried.total() - ROUNDS * (PROCESSES // 3)
    assert acknowledged <= there <= tried
    assert faults_in_the_end(directory / "lute.db") == []


def when_to_kill(names: Sequence[str], chance: random.Random) -> list[tuple[str, int]]:
    """Choose a third of some processes, and at which of its entries each is killed; in that order."""
    chosen = [(name, chance.randrange(1, ENTRIES - 20)) for name in chance.sample(names, PROCESSES // 3)]
    return sorted(chosen, key=lambda one: one[1])


def record_one(directory: Path, x: str) -> None:
    notes_of(directory, x).write_text("")
    with Recorder(directory, timeout=600) as recorder:
        recorder.record(analysis(parameters={"x": x}))


def spooled(directory: Path) -> set[object]:
    """Return what the entries are called that wait in the spool."""
    return {Entry.from_json(path.read_text()).parameters["x"] for path in Recorder(directory).spool.pending()}


def test_whoever_is_killed_while_it_waits_for_a_lock_has_its_entry_stored_once(
    tmp_path: Path, chance: random.Random
) -> None:
    """After about a second an entry is in the spool; one killed before may be there or not, as a whole."""
    directory = tmp_path / "data"
    directory.mkdir()
    with Recorder(directory) as recorder:
        recorder.record(analysis(parameters={"x": "before"}))
    early = {f"killed after {seconds:.3f} s": seconds for seconds in (chance.uniform(0, 2) for _ in range(16))}
    late = [f"killed as number {number} of those in the spool" for number in range(8)]
    with held(directory / "lute.db"):
        waiting = []
        for name in (*early, *late):
            process = start(record_one, directory, name)
            until(notes_of(directory, name).exists)
            waiting.append((time.monotonic() + early.get(name, 0.0), name, process))
        for moment, name, process in sorted(waiting, key=lambda one: (one[1] in late, one[0])):
            if name in late:
                until(lambda name=name: name in spooled(directory))
            time.sleep(max(0.0, moment - time.monotonic()))
            process.kill()
        for _, _, process in waiting:
            process.join()
            assert process.exitcode == -signal.SIGKILL
        must = {"before", *late, *spooled(directory)}
    replay(directory)
    there = recorded(directory / "lute.db")
    assert must <= there.keys() <= {"before", *early, *late}
    assert set(there.values()) == {1}
    replay(directory)
    assert recorded(directory / "lute.db") == there
    assert faults_in_the_end(directory / "lute.db") == []
