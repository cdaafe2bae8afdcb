"""What a call promises: batches, starts and ends, what is said of a failure."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from recorder import (
    DatabaseLocked,
    Entry,
    EntryNotKept,
    Recorded,
    Recorder,
    StorageFailed,
    delivery,
    record_analysis_db,
)
from recorder.accept import accept
from recorder.patience import Patience
from recorder.spool.chain import Spool
from recorder.storage.memory import MemoryStorage
from recorder.turns import Turns
from tests.recorder.analyses import analysis
from tests.recorder.faults import entries, held_by_another_process, refuse
from tests.recorder.other_program import rows

# Batches


def test_a_batch_is_one_transaction_at_its_end(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis())
        with contextlib.closing(sqlite3.connect(recorder.path)) as watching:
            before = watching.execute("PRAGMA data_version").fetchone()[0]
            with recorder.batch() as batch:
                for number in range(20):
                    batch.record(analysis(parameters={"x": number}), return_code=number)
                assert batch.recorded == []
                assert watching.execute("PRAGMA data_version").fetchone()[0] == before
            assert watching.execute("PRAGMA data_version").fetchone()[0] == before + 1
        assert batch.recorded == [Recorded("FindPeaks", number + 2) for number in range(20)]
        with recorder.batch() as batch:
            pass
        assert batch.recorded == []
    assert [x for _, x in entries(tmp_path / "lute.db")][1:] == list(range(20))


def test_an_error_in_the_block_costs_nothing_that_was_recorded_before(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        batch = recorder.batch()
        with pytest.raises(KeyboardInterrupt), batch:  # noqa: PT012 - the block is what is tested
            batch.record(analysis(parameters={"x": 1}))
            raise KeyboardInterrupt
        assert batch.recorded == [Recorded("FindPeaks", 1)]


def test_an_entry_that_is_refused_costs_no_other_of_its_batch(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis("Bad"))
        refuse(recorder.path, "Bad")
        with recorder.batch() as batch:
            for task in ("Good", "Bad", "Good"):
                batch.record(analysis(task))
        first, bad, last = batch.recorded
        assert (first, last) == (Recorded("Good", 1), Recorded("Good", 2))
        assert isinstance(bad, Path)
        assert Entry.from_json(bad.read_text()).task == "Bad"


def test_a_batch_that_meets_a_lock_is_spooled_with_one_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis())
        with held_by_another_process(recorder.path), recorder.batch() as batch:
            for number in range(3):
                batch.record(analysis(parameters={"x": number}))
        assert batch.recorded == recorder.spool.pending()
        assert len(caplog.records) == 1
        assert str(recorder.spool.directory) in caplog.text
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("FindPeaks", number) for number in (2, 3, 4)]
        assert [x for _, x in entries(recorder.path)] == [None, 0, 1, 2]


def test_a_batch_of_a_script_raises_with_what_was_not_stored(tmp_path: Path) -> None:
    with Recorder(tmp_path, on_error="raise") as recorder:
        recorder.record(analysis("Bad"))
        refuse(recorder.path, "Bad")
        batch = recorder.batch()
        for task in ("Good", "Bad", "Bad"):
            batch.record(analysis(task))
        with pytest.raises(StorageFailed, match="not this") as caught, batch:
            pass
        assert [entry.task for entry in caught.value.entries] == ["Bad", "Bad"]
        assert recorder.spool.pending() == []
        assert batch.recorded == []
        assert recorder.status().counts[1].entries == 1


def test_a_batch_that_finds_no_place_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    with Recorder(tmp_path / "missing" / "lute.db") as recorder:
        batch = recorder.batch()
        for number in range(3):
            batch.record(analysis(parameters={"x": number}))
        with pytest.raises(EntryNotKept) as caught, batch:
            pass
    assert [entry.parameters for entry in caught.value.entries] == [{"x": 0}, {"x": 1}, {"x": 2}]


# What others do meanwhile


class StoredByAnother(MemoryStorage):
    """A storage that is locked, while another process stores what waits in the spool."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool = spool
        self.waits_for = 0.0

    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        assert patience is not None
        assert patience.pause(0)
        super().store(entries)
        for path in self._spool.pending():
            path.unlink()
        assert not patience.pause(0)
        raise DatabaseLocked("the other one is at its next entry")

    def find(self, entries: Sequence[Entry], patience: Patience | None = None) -> list[Recorded | None]:
        assert patience is not None
        self.waits_for = patience.left()
        return super().find(entries, patience)


def test_who_finds_his_entry_taken_asks_where_it_is_as_patiently_as_he_would_have_waited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SOON", 0.0)
    spool = Spool(tmp_path / "lute.db")
    storage = StoredByAnother(spool)
    assert delivery.Delivery(Turns(lambda: storage), spool, 3600, "spool").deliver([accept(analysis())]) == [
        Recorded("FindPeaks", 1)
    ]
    assert storage.waits_for > 1800
    assert spool.pending() == []


# What an Executor knows of the end


def test_what_is_known_of_a_failure_is_kept(tmp_path: Path) -> None:
    failed = analysis(status="FAILED", header={"work_dir": str(tmp_path / "other")})
    record_analysis_db(failed, work_dir=tmp_path, return_code=-9, output="killed", log="/logs/1.log", valid=True)
    with Recorder(tmp_path) as recorder, recorder.batch() as batch:
        batch.record(failed, return_code=3, code_version="abc")
    assert not (tmp_path / "other").exists()
    assert rows(tmp_path / "lute.db", "SELECT valid_flag FROM FindPeaks") == [(1,), (0,)]


def test_a_task_can_be_seen_while_it_runs(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        token = recorder.start(analysis(parameters={"x": 1}))
        with Recorder(tmp_path) as other:  # as of another process
            assert other.read("FindPeaks", 1).result["result.task_status"] == "RUNNING"
            assert other.latest("FindPeaks", "x") is None
            done = other.finish(token, analysis(parameters={"x": 1}, summary="done"))
        assert done == Recorded("FindPeaks", 1)
        assert recorder.read("FindPeaks", 1).result["result.task_status"] == "COMPLETED"
        assert recorder.latest("FindPeaks", "x") == 1
        # A job that is run anew ends again under its token.
        assert recorder.finish(token, analysis(parameters={"x": 2})) == Recorded("FindPeaks", 2)
        assert [entry.parameters["x"] for entry in recorder.entries("FindPeaks")] == [1, 2]


def test_a_start_that_waits_and_an_end_that_is_stored_are_one_entry(tmp_path: Path) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis())
        with held_by_another_process(recorder.path):
            token = recorder.start(analysis("Index"))
        assert len(recorder.spool.pending()) == 1
        recorder.finish(token, analysis("Index", summary="done"))
        assert recorder.spool.pending() == []
        assert recorder.status().counts[1].entries == 1
        assert recorder.read("Index", 1).result["result.summary"] == "done"


def test_a_token_that_is_none_costs_no_entry(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path) as recorder:
        for number, token in enumerate([None, "", "x" * 32, 7], 1):
            assert recorder.finish(token, analysis(), return_code=1) == Recorded("FindPeaks", number)  # type: ignore
    assert "no token" in caplog.text


@pytest.mark.parametrize("is_waiting", [False, True])
def test_an_end_that_names_another_task_is_an_entry_there_and_completes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, is_waiting: bool
) -> None:
    with Recorder(tmp_path) as recorder:
        token = recorder.start(analysis("FindPeaks", parameters={"x": 1}))
        if is_waiting:
            with held_by_another_process(recorder.path), Recorder(tmp_path, timeout=0.0) as hindered:
                assert isinstance(hindered.finish(token, analysis("Index", parameters={"y": 2})), Path)
            assert recorder.latest("Index", "y") == 2
            list(recorder.replay())
        else:
            assert recorder.finish(token, analysis("Index", parameters={"y": 2})) == Recorded("Index", 1)
        assert "Entry 1 of Task 'FindPeaks' is another's" in caplog.text
        assert "entry 1 of Task 'Index'" in caplog.text
        assert recorder.latest("Index", "y") == 2
        running = {count.task: count.running for count in recorder.status().counts}
        assert running == {"FindPeaks": 1, "Index": 0}
        assert recorder.finish(token, analysis("FindPeaks", parameters={"x": 1})) == Recorded("FindPeaks", 1)
    assert rows(recorder.path, 'SELECT y FROM "Index"') == [(2,)]
