"""What waits is stored exactly once, in order, with its own timestamp; and what is no entry is moved aside."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from recorder import DatabaseLocked, Entry, NotADatabase, Recorded, Recorder, UnreadableEntry, UnsupportedLayout
from recorder.errors import PermissionDenied, RecorderError, Refused
from recorder.replay import AT_ONCE
from tests.recorder.analyses import analysis, entry
from tests.recorder.faults import (
    allow_again,
    as_nobody,
    entries,
    held_by_another_process,
    let_everybody_in,
    needs_other_user,
    refuse,
)


def test_a_replay_keeps_key_time_and_order_and_stores_nothing_twice(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        kept = {number: recorder.spool.keep(entry(number, after=number)) for number in (2, 0, 1)}
        kept[0].rename(kept[0].with_name("zzz.json"))  # as somebody named it
        texts = {path: path.read_text() for path in recorder.spool.pending()}
        outcomes = list(recorder.replay())
        assert [outcome for _, outcome in outcomes] == [Recorded("FindPeaks", number) for number in (1, 2, 3)]
        assert [path for path, _ in outcomes] == [kept[0].with_name("zzz.json"), kept[1], kept[2]]
        assert list(recorder.replay()) == []
        for path, text in texts.items():  # as after a power loss between the commit and the removal
            path.write_text(text)
        assert sorted(outcomes) == sorted(recorder.replay())
        stored = recorder.read("FindPeaks", 3)
        assert stored.key == Entry.from_json(texts[kept[2]]).key
        assert stored.result["timestamp"] == "2024-02-12 12:00:02"
    assert entries(tmp_path / "lute.db") == [(1, 0), (2, 1), (3, 2)]


def test_many_are_stored_in_a_few_transactions(tmp_path: Path) -> None:
    count = AT_ONCE + 10
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis())
        for number in range(count):
            recorder.spool.keep(entry(number, after=number))
        with contextlib.closing(sqlite3.connect(recorder.path)) as connection:
            before = connection.execute("PRAGMA data_version").fetchone()[0]
            outcomes = recorder.replay()
            for number in range(count):
                next(outcomes)
                changes = connection.execute("PRAGMA data_version").fetchone()[0] - before
                assert changes == (1 if number < AT_ONCE else 2)
    assert len(entries(tmp_path / "lute.db")) == count + 1


def test_a_start_and_its_end_that_wait_together_are_one_entry(tmp_path: Path) -> None:
    with Recorder(tmp_path / "gone" / "lute.db") as recorder:
        token = recorder.start(analysis(parameters={"x": 1}))
        recorder.finish(token, analysis(parameters={"x": 1}, summary="done"))
    (tmp_path / "gone").mkdir()
    with Recorder(tmp_path / "gone") as recorder:
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("FindPeaks", 1)] * 2
        assert recorder.read("FindPeaks", 1).result["result.task_status"] == "COMPLETED"
        assert recorder.status().counts[0].entries == 1


def test_a_damaged_database_or_a_lock_ends_a_replay_and_leaves_the_rest(tmp_path: Path) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis())
        waiting = [recorder.spool.keep(entry(after=number)) for number in range(2)]
        with held_by_another_process(recorder.path), pytest.raises(DatabaseLocked):
            list(recorder.replay())
        assert recorder.spool.pending() == waiting
        recorder.path.write_bytes(b"no database at all, whatever its name says" * 30)
        with pytest.raises(NotADatabase):
            list(recorder.replay())
        assert recorder.spool.pending() == waiting


def test_what_is_refused_moves_aside_with_the_reason_and_costs_no_other(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis("Bad"))
        refuse(recorder.path, "Bad")
        bad = recorder.record(analysis("Bad"))
        assert isinstance(bad, Path)
        good = [recorder.spool.keep(entry(number, after=number, task="Good")) for number in range(3)]
        outcomes = dict(recorder.replay())
        assert [outcomes[path] for path in good] == [Recorded("Good", number) for number in (1, 2, 3)]
        assert isinstance(outcomes[bad], Refused)
        aside = bad.parent / "refused" / bad.name
        assert str(aside) in str(outcomes[bad])
        assert "not this" in aside.with_suffix(".reason").read_text()
        assert recorder.spool.pending() == []
        assert list(recorder.replay()) == []

        assert [type(outcome) for _, outcome in recorder.replay(refused=True)] == [Refused]
        assert recorder.spool.refused() == [aside]
        allow_again(recorder.path)
        assert list(recorder.replay(refused=True)) == [(aside, Recorded("Bad", 2))]
        assert list(aside.parent.iterdir()) == []


def test_an_entry_that_does_not_fit_costs_no_smaller_one_its_place(tmp_path: Path) -> None:
    """The largest file a process may write is limited: the database has no room for the large entry."""
    code = """if True:
        import pathlib, resource, signal, sys
        from recorder import Recorder, errors
        from tests.recorder.analyses import analysis
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Recorder(sys.argv[1]) as recorder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (950_000, resource.RLIM_INFINITY))
            outcomes = [outcome for _, outcome in recorder.replay()]
            print([getattr(outcome, "id", type(outcome).__name__) for outcome in outcomes])
            with recorder.batch() as batch:
                for size in (1, 900_000, 1):
                    batch.record(analysis("Small", payload="x" * size))
            print([getattr(place, "id", None) for place in batch.recorded])
    """
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis("Small"))
        for number, size in enumerate([1, 900_000, 1]):
            recorder.spool.keep(entry(after=number, task="Small", payload="x" * size))
        large = recorder.spool.pending()[1]
        ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
        assert ended.stdout == "[2, 'StorageFailed', 3]\n[4, None, 5]\n", ended.stderr
        assert recorder.spool.pending()[0] == large
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("Small", 6), Recorded("Small", 7)]


def test_whatever_lies_in_the_spool_it_is_named_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        good = recorder.spool.keep(entry(after=1))
        place = good.parent
        text = good.read_text()
        contents: dict[str, Any] = {
            "empty": "",
            "torn": text[:100],
            "newer": json.dumps(json.loads(text) | {"version": 99}),
            "other": '{"format": "another"}',
            "list": "[]",
            "deep": "[" * 100_000,
            "bytes": "\udcff" * 10,
        }
        for name, content in contents.items():
            (place / f"{name}.json").write_text(content, errors="surrogateescape")
        with (place / "large.json").open("wb") as file:
            file.truncate(2**30)  # a gigabyte of nothing
        (place / "directory.json").mkdir()
        os.mkfifo(place / "pipe.json")
        (place / "loop.json").symlink_to("loop.json")
        (place / "astray.json").symlink_to("nowhere")
        (place / "notes.txt").write_text("not ours")

        outcomes = dict(recorder.replay())
        assert outcomes.pop(good) == Recorded("FindPeaks", 1)
        stay = {"loop", "astray"}  # they may be more elsewhere than what is seen of them
        aside = {*contents, "large", "directory", "pipe"}
        assert {path.stem for path in outcomes} == aside | stay
        for path, outcome in outcomes.items():
            assert isinstance(outcome, RecorderError)
            assert str(path) in str(outcome)
            if path.stem in aside:
                kind = UnsupportedLayout if path.stem == "newer" else UnreadableEntry
                assert type(outcome) is kind
                assert (place / "refused" / f"{path.stem}.reason").read_text().startswith(kind.__name__)
        assert {path.stem for path in recorder.spool.refused()} == aside
        assert {path.name for path in place.iterdir()} == {"refused", "notes.txt", "loop.json", "astray.json"}


def test_what_is_moved_aside_overwrites_nothing(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        place = recorder.spool.keep(entry()).parent
        for content in ("first", "second", "third"):
            (place / "x.json").write_text(content)
            list(recorder.replay())
    assert sorted(path.read_text() for path in (place / "refused").glob("*.json")) == ["first", "second", "third"]


@needs_other_user
def test_a_file_that_may_not_be_read_stays(tmp_path: Path) -> None:
    let_everybody_in(tmp_path)
    with Recorder(tmp_path) as recorder:
        closed, good = recorder.spool.keep(entry(1)), recorder.spool.keep(entry(2, after=1))
    closed.chmod(0o600)
    tmp_path.chmod(0o777)
    good.parent.chmod(0o777)

    def work() -> int:
        with Recorder(tmp_path) as recorder:
            outcomes = dict(recorder.replay())
            assert outcomes[good] == Recorded("FindPeaks", 1)
            assert isinstance(outcomes[closed], PermissionDenied)
        return 0

    assert as_nobody(work) == 0
    assert closed.exists()
    assert not good.exists()


def test_two_replays_at_once_store_everything_once(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for number in range(150):
            recorder.spool.keep(entry(number, after=number))
    command = [sys.executable, "-m", "recorder.cli", "replay", str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    for process in both:
        assert process.communicate()[1] == b""
    assert [process.returncode for process in both] == [0, 0]
    assert [x for _, x in entries(tmp_path / "lute.db")] == list(range(150))


def test_what_a_killed_process_left_half_way(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        place = recorder.spool.keep(entry(0)).parent
        written = recorder.spool.keep(entry(1, after=1))
        whole = written.rename(written.with_suffix(".partial"))
        fresh, torn = place / "fresh.partial", place / "torn.partial"
        fresh.write_text(whole.read_text()[:100])
        torn.write_text(whole.read_text()[:100])
        for path, age in ((whole, 3600), (torn, 100_000)):
            os.utime(path, (time.time() - age,) * 2)
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("FindPeaks", 1), Recorded("FindPeaks", 2)]
        assert [path.name for path in place.iterdir()] == ["fresh.partial"]
