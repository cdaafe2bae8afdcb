"""One Recorder, used as programs use it: by forked ranks, by threads that fork, for days."""

from __future__ import annotations

import datetime
import os
import random
import threading
from pathlib import Path

from recorder import Recorded, Recorder
from tests.faults.processes import fork, in_child, without_privileges
from tests.faults.soundness import faults, faults_in_the_end, recorded
from tests.recorder.analyses import analysis


def record(recorder: Recorder, x: str) -> None:
    place = recorder.record(analysis(parameters={"x": x}))
    if not isinstance(place, Recorded):
        raise TypeError(f"{x} was not stored: {place}")


def ended_well(child: int) -> bool:
    return os.waitpid(child, 0)[1] == 0


def test_ranks_that_inherit_an_open_recorder_store_every_entry(tmp_path: Path) -> None:
    ranks, each = 32, 20
    recorder = Recorder(tmp_path, timeout=600)  # each may have to wait for all others, on a slow disk
    record(recorder, "before")

    def rank(name: int) -> None:
        for number in range(each):
            record(recorder, f"{name}-{number}")

    children = [fork(lambda name=name: rank(name)) for name in range(1, ranks)]
    rank(0)
    assert [ended_well(child) for child in children] == [True] * len(children)
    record(recorder, "after")
    recorder.close()
    there = {f"{name}-{number}": 1 for name in range(ranks) for number in range(each)}
    assert recorded(recorder.path) == {"before": 1, "after": 1} | there
    assert faults_in_the_end(recorder.path) == []
    assert recorder.spool.pending() == []


def test_a_storm_of_forks_among_recording_threads_costs_no_entry(tmp_path: Path, chance: random.Random) -> None:
    """Children record with threads of their own; some are killed before they have waited for anything."""
    threads, forks = 4, 300

    def storm() -> None:
        recorder = Recorder(tmp_path, timeout=600)
        done = threading.Event()
        stored: list[str] = []

        def go_on(name: int) -> None:
            number = 0
            while not done.is_set():
                record(recorder, f"thread{name}-{number}")
                stored.append(f"thread{name}-{number}")
                number += 1

        def in_threads(name: int) -> None:
            failed: list[object] = []

            def one(part: int) -> None:
                try:
                    record(recorder, f"child{name}-{part}")
                except BaseException as error:
                    failed.append(error)
                    raise

            working = [threading.Thread(target=one, args=(part,)) for part in range(2)]
            for thread in working:
                thread.start()
            for thread in working:
                thread.join()
            if failed:
                raise RuntimeError(failed)

        working = [threading.Thread(target=go_on, args=(name,)) for name in range(threads)]
        for thread in working:
            thread.start()
        killed = set(chance.sample(range(forks), forks // 10))
        for name in range(forks):
            child = fork(lambda name=name: in_threads(name))
            if name in killed:
                os.kill(child, 9)
            assert ended_well(child) or name in killed, name
        done.set()
        for thread in working:
            thread.join()
        recorder.close()
        there = recorded(recorder.path)
        must = {f"child{name}-{part}" for name in range(forks) if name not in killed for part in range(2)} | set(stored)
        assert must <= there.keys() <= must | {f"child{name}-{part}" for name in killed for part in range(2)}
        assert set(there.values()) == {1}
        assert faults_in_the_end(recorder.path) == []
        assert stored

    in_child(storm)


def test_a_recorder_kept_for_days_survives_what_happens_to_its_directory(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir()
    database = directory / "lute.db"
    away, kept, replaced = tmp_path / "away", tmp_path / "kept.db", tmp_path / "replaced.db"
    recorder = Recorder(directory)
    yesterday = datetime.datetime(2024, 2, 12, tzinfo=datetime.UTC)

    def says(x: str, **options: object) -> type:
        place = recorder.record(analysis(parameters={"x": x}), **options)
        return Path if isinstance(place, Path) else type(place)

    assert says("first") is Recorded
    assert says("while the clock was wrong", timestamp=yesterday) is Recorded

    directory.rename(away)
    assert says("while the directory was away") is Path
    away.rename(directory)
    assert says("when it was back") is Recorded

    directory.chmod(0o555)
    database.chmod(0o444)
    with without_privileges():
        assert says("without the right to write") is Path
    directory.chmod(0o775)
    database.chmod(0o664)
    assert says("with the right to write") is Recorded

    database.rename(kept)
    database.write_bytes(b"no database at all" * 1000)
    assert says("beside garbage") is Path
    kept.replace(database)
    assert says("without the garbage") is Recorded

    database.rename(replaced)
    assert says("into a new file") is Recorded
    recorder.close()

    with Recorder(directory) as another:
        assert all(isinstance(outcome, Recorded) for _, outcome in another.replay())
    there = recorded(replaced) + recorded(database)
    assert there == {
        "first": 1,
        "while the clock was wrong": 1,
        "while the directory was away": 1,
        "when it was back": 1,
        "without the right to write": 1,
        "with the right to write": 1,
        "beside garbage": 1,
        "without the garbage": 1,
        "into a new file": 1,
    }
    assert faults_in_the_end(replaced) == faults(database) == []
