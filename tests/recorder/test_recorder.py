"""Nothing is lost: locks, forks, threads, full spools, other processes; and what the drop-in functions promise."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recorder import (
    DatabaseLocked,
    Entry,
    EntryNotKept,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    Recorded,
    Recorder,
    StorageFailed,
    UnknownEntry,
    UnknownParameter,
    UnknownTask,
    invalidate_entry,
    read_latest_db_entry,
    record_analysis_db,
)
from recorder.accept import accept
from tests.recorder.analyses import analysis

needs_other_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUN", "EXPERIMENT", "LUTE_WORK_DIR"):
        monkeypatch.delenv(name, raising=False)


@contextlib.contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    """Hold the write lock of a database from another process."""
    code = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("held", flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.communicate()


def entries(path: Path, task: str = "FindPeaks") -> list[tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT id, x FROM {task} ORDER BY id").fetchall()


# The spool


def test_an_entry_that_meets_a_lock_is_spooled_and_stored_once_by_replay(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis(parameters={"x": "first"}))
        with held_by_another_process(recorder.path), caplog.at_level(logging.ERROR, "recorder"):
            spooled = recorder.record(analysis(parameters={"x": "spooled"}, summary="private"))
        assert isinstance(spooled, Path)
        assert spooled.parent == tmp_path / "lute.db.spool"
        assert str(spooled) in caplog.text
        assert "private" not in caplog.text
        recorder.record(analysis(parameters={"x": "newer"}))

        before = Entry.from_json(spooled.read_text())
        caplog.clear()
        assert recorder.latest("FindPeaks", "x") == "newer"
        assert "recorder replay" in caplog.text
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 3))]
        assert not spooled.exists()
        kept = recorder.read("FindPeaks", 3)
        assert kept.key == before.key
        assert kept.result["timestamp"] == before.result_cells()["timestamp"]

        spooled.write_text(before.to_json())  # as after a power loss between the commit and the removal
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 3))]
    assert entries(tmp_path / "lute.db") == [(1, "first"), (2, "newer"), (3, "spooled")]


def test_a_damaged_database_costs_no_entry(tmp_path: Path) -> None:
    (tmp_path / "lute.db").write_bytes(b"no database at all, whatever its name says" * 30)
    with Recorder(tmp_path) as recorder:
        spooled = recorder.record(analysis(parameters={"x": 1}))
        assert isinstance(spooled, Path)
        with pytest.raises(NotADatabase):
            list(recorder.replay())
        assert spooled.exists()
        (tmp_path / "lute.db").unlink()
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 1))]


def test_a_spool_file_that_cannot_be_read_stays_and_is_named(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        good = recorder.spool.keep(accept(analysis(parameters={"x": 1})))
        torn = good.with_name("00000000T000000-torn.json")
        torn.write_text(good.read_text()[:100])
        newer = good.with_name("00000000T000001-newer.json")
        newer.write_text(json.dumps(json.loads(good.read_text()) | {"version": 99}))
        outcomes = dict(recorder.replay())
        assert outcomes[good] == Recorded("FindPeaks", 1)
        assert str(torn) in str(outcomes[torn])
        assert str(newer) in str(outcomes[newer])
        assert recorder.spool.pending() == [torn, newer]


def test_an_entry_that_is_refused_does_not_keep_others_waiting(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for task in ("Bad", "Good"):
            recorder.record(analysis(task))
        with contextlib.closing(sqlite3.connect(recorder.path)) as connection:
            connection.execute("CREATE TRIGGER no BEFORE INSERT ON Bad BEGIN SELECT RAISE(ABORT, 'not this'); END")
        bad = recorder.record(analysis("Bad"))
        assert isinstance(bad, Path)
        good = recorder.spool.keep(accept(analysis("Good")))
        outcomes = dict(recorder.replay())
        assert outcomes[good] == Recorded("Good", 2)
        assert isinstance(outcomes[bad], StorageFailed)
        assert str(bad) in str(outcomes[bad])
        assert "not this" in str(outcomes[bad])
        assert recorder.spool.pending() == [bad]


def test_a_locked_database_ends_a_replay_at_once(tmp_path: Path) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis())
        waiting = sorted(recorder.spool.keep(accept(analysis())) for _ in range(2))
        with held_by_another_process(recorder.path), pytest.raises(DatabaseLocked):
            list(recorder.replay())
        assert recorder.spool.pending() == waiting


def test_whatever_keeps_the_spool_from_being_written_the_entry_is_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "lute.db").write_text("no database")
    entry = dataclasses.replace(accept(analysis()), summary={1, 2})  # not what JSON can hold
    with Recorder(tmp_path) as recorder, pytest.raises(EntryNotKept) as caught:
        recorder.store(entry)
    assert caught.value.entry is entry


def test_damaged_side_text_costs_no_cell_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        recorder.record(analysis("Wide", parameters={f"p{number}": number for number in range(2000)}))
        for damage in ("{", 7, b"\xff", '{"$list":{"1":0}}', "[" * 100_000):
            with contextlib.closing(sqlite3.connect(recorder.path)) as connection, connection:
                connection.execute("UPDATE _rec_entry SET parameters = ?", (damage,))
                connection.execute("UPDATE Wide SET _rec_surplus = ?", (damage,))
            caplog.clear()
            read = recorder.read("FindPeaks", 1)
            assert read.parameters == {"x": 1}
            if damage != 7:  # a number is JSON
                assert read.exact is None
                assert "entry 1 of 'FindPeaks'" in caplog.text
            for look in (lambda: recorder.latest("Wide", "p1999"), lambda: recorder.read("Wide", 1)):
                with pytest.raises(NotADatabase, match=r"lute\.db: entry 1 of 'Wide'"):
                    look()
            assert recorder.latest("Wide", "p0") == 0


@needs_other_user
def test_a_directory_that_may_not_be_entered_is_named(tmp_path: Path) -> None:
    for directory in [tmp_path, *tmp_path.parents]:
        if directory == Path(tempfile.gettempdir()):
            break
        directory.chmod(0o755)
    closed = tmp_path / "closed"
    with Recorder(closed.parent) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    closed.mkdir()
    (tmp_path / "lute.db").rename(closed / "lute.db")
    closed.chmod(0o644)

    def as_nobody() -> int:
        os.setuid(65534)
        for path in (closed, closed / "lute.db", closed / "below"):
            with Recorder(path) as recorder:
                for ask in (
                    lambda: recorder.latest("FindPeaks", "x"),
                    lambda: recorder.read("FindPeaks", 1),
                    lambda: recorder.invalidate("FindPeaks", [1]),
                    recorder.status,
                    lambda: list(recorder.replay()),
                ):
                    with pytest.raises(PermissionDenied, match="closed"):
                        ask()
                with pytest.raises(EntryNotKept):
                    recorder.record(analysis())
        return 0

    try:
        assert in_a_fork(as_nobody) == 0
    finally:
        closed.chmod(0o755)


def test_spool_files_may_be_read_and_removed_by_the_group(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        path = Recorder(tmp_path).spool.keep(accept(analysis()))
        with Recorder(tmp_path) as recorder:
            recorder.record(analysis())
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o775
    assert stat.S_IMODE((tmp_path / "lute.db").stat().st_mode) == 0o664


def test_an_entry_that_can_be_kept_nowhere_is_in_the_error(tmp_path: Path) -> None:
    with Recorder(tmp_path / "missing" / "lute.db") as recorder, pytest.raises(EntryNotKept) as caught:
        recorder.record(analysis(parameters={"x": 1}))
    assert "missing" in str(caught.value)
    assert caught.value.entry.parameters == {"x": 1}
    assert list(tmp_path.iterdir()) == []


@needs_other_user
def test_without_the_right_to_write_nothing_is_changed(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    before = (tmp_path / "lute.db").read_bytes()
    for directory in [tmp_path, *tmp_path.parents]:
        if directory == Path(tempfile.gettempdir()):
            break
        directory.chmod(0o755)

    def as_nobody() -> int:
        os.setuid(65534)
        with Recorder(tmp_path) as recorder:
            assert recorder.latest("FindPeaks", "x") == 1
            with pytest.raises(EntryNotKept, match="readonly"):
                recorder.record(analysis(parameters={"x": 2}))
        return 0

    assert in_a_fork(as_nobody) == 0
    assert (tmp_path / "lute.db").read_bytes() == before


def in_a_fork(work: Any) -> int:
    """Run something in a forked child; return 0 if it went well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = work()
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happened
            sys.stderr.write(f"in the child: {error!r}\n")
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_full_disk_costs_no_entry(tmp_path: Path) -> None:
    """The largest file a process may write is limited: the database does not fit, the small spool file does."""
    code = """if True:
        import resource, signal, sys
        from pathlib import Path
        from recorder import Recorder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Recorder(sys.argv[1]) as recorder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
            print(recorder.record({"task_result": {"task_name": "Full"}}))
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    """
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    (spooled,) = (tmp_path / "lute.db.spool").iterdir()
    assert str(spooled) in ended.stdout
    with Recorder(tmp_path) as recorder:
        assert list(recorder.replay()) == [(spooled, Recorded("Full", 1))]


def test_an_interrupted_recorder_leaves_its_entry_in_the_spool(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis("Full"))
    code = """if True:
        import sys
        from recorder import Recorder
        from recorder.storage.sqlite import SqliteStorage
        store = SqliteStorage.store
        def announced(self, entry):
            print("storing", flush=True)
            return store(self, entry)
        SqliteStorage.store = announced
        Recorder(sys.argv[1], timeout=1).record({"task_result": {"task_name": "Full"}})
    """
    command = [sys.executable, "-c", code, str(tmp_path)]
    with held_by_another_process(tmp_path / "lute.db"):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
            assert waiting.stdout is not None
            assert waiting.stdout.readline() == "storing\n"
            waiting.send_signal(signal.SIGINT)
            waiting.communicate()
        assert waiting.returncode == -signal.SIGINT
    with Recorder(tmp_path) as recorder:
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("Full", 2)]


# Many at once


def record_many(directory: Path, writer: int, count: int) -> None:
    with Recorder(directory) as recorder:
        for number in range(count):
            parameters = {"x": writer * count + number, f"only{writer}": 1}
            assert isinstance(recorder.record(analysis(parameters=parameters, header={"run": number})), Recorded)


def test_processes_record_at_once_from_an_empty_directory(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=record_many, args=(tmp_path, writer, 15)) for writer in range(4)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
    assert [process.exitcode for process in writers] == [0] * 4
    assert sorted(x for _, x in entries(tmp_path / "lute.db")) == list(range(60))
    with contextlib.closing(sqlite3.connect(tmp_path / "lute.db")) as connection:
        assert connection.execute("SELECT count(*) FROM gen_cfg").fetchone() == (15,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_threads_share_a_recorder(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:

        def work(number: int) -> None:
            recorder.record(analysis(parameters={"x": number}))
            recorder.latest("FindPeaks", "x")

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(x for _, x in entries(tmp_path / "lute.db")) == list(range(8))


def test_a_recorder_works_on_both_sides_of_a_fork(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 0}))

        def in_child() -> int:
            return 0 if recorder.record(analysis(parameters={"x": 1})) == Recorded("FindPeaks", 2) else 1

        assert in_a_fork(in_child) == 0
        assert recorder.record(analysis(parameters={"x": 2})) == Recorded("FindPeaks", 3)
    assert [x for _, x in entries(tmp_path / "lute.db")] == [0, 1, 2]


def test_forks_while_threads_record_cost_no_entry(tmp_path: Path) -> None:
    code = """if True:
        import os, sys, threading
        from recorder import Recorded, Recorder
        def cfg(number):
            many = {f"p{i}": i for i in range(300)}  # so that most of the time an entry is being stored
            return {"task_result": {"task_name": "FindPeaks"}, "task_parameters": {"x": number, **many}}
        def work(number):
            while not done.is_set():
                assert isinstance(recorder.record(cfg(number)), Recorded)
                recorder.latest("FindPeaks", "x", valid_only=False)
        done = threading.Event()
        recorder = Recorder(sys.argv[1], timeout=10)
        recorder.record(cfg(0))
        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        codes = []
        for number in range(80):
            child = os.fork()
            if child == 0:
                os._exit(0 if isinstance(recorder.record(cfg(100 + number)), Recorded) else 1)
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        done.set()
        for thread in threads:
            thread.join()
        sys.exit(any(codes))
    """
    ended = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert {x for _, x in entries(tmp_path / "lute.db")} >= set(range(100, 180))
    assert not (tmp_path / "lute.db.spool").exists()
    with contextlib.closing(sqlite3.connect(tmp_path / "lute.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_handler_that_forks_or_records_in_the_middle_of_an_entry_does_not_hang(tmp_path: Path) -> None:
    """As a signal's handler may: it runs in the thread that is just storing."""
    code = """if True:
        import logging, os, sys
        from recorder import Recorded, Recorder
        cfg = {"task_result": {"task_name": "FindPeaks"}}
        class Forking(logging.Handler):
            def emit(self, record):
                if "layout" in record.getMessage():
                    child = os.fork()
                    if child == 0:
                        os._exit(0)
                    os.waitpid(child, 0)
                    recorder.record(cfg)
        recorder = Recorder(sys.argv[1], timeout=1)
        recorder.record(cfg)
        recorder.close()
        import sqlite3
        with sqlite3.connect(recorder.path) as connection:
            connection.execute("UPDATE _rec_meta SET value = '99' WHERE key = 'side_layout'")
        connection.close()
        logging.getLogger("recorder").addHandler(Forking())
        recorder.record(cfg)
    """
    ended = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    with Recorder(tmp_path) as recorder:
        assert all(isinstance(outcome, Recorded) for _, outcome in recorder.replay())
        assert recorder.status().counts[0].entries == 3


def test_a_file_that_is_moved_away_is_not_written_any_more(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": "old"}))
        (tmp_path / "lute.db").rename(tmp_path / "kept.db")
        recorder.record(analysis(parameters={"x": "new"}))
    assert entries(tmp_path / "kept.db") == [(1, "old")]
    assert entries(tmp_path / "lute.db") == [(1, "new")]


def test_tables_that_others_change_meanwhile_are_noticed(tmp_path: Path) -> None:
    with Recorder(tmp_path) as first, Recorder(tmp_path) as second:
        first.record(analysis(parameters={"x": 1}))
        second.record(analysis(parameters={"x": 2, "y": 2}))
        first.record(analysis(parameters={"x": 3, "y": 3}))
        assert second.latest("FindPeaks", "y") == 3


# The drop-in functions


def test_the_drop_in_functions_go_together(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    header = {"work_dir": str(tmp_path)}
    assert record_analysis_db(analysis(parameters={"x": 1}, header=header)) is None
    cfg = analysis(parameters={"x": 2}, header=header)
    assert [record_analysis_db(cfg), record_analysis_db(cfg)] == [None, None]  # the object is not used up
    assert read_latest_db_entry(str(tmp_path), "FindPeaks", "x") == 2
    invalidate_entry(tmp_path, "FindPeaks", [2, 3], reason="beam was off")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == 1
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", valid_only=False) == 2
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", False, 99) is None
    assert not caplog.records
    with contextlib.closing(sqlite3.connect(tmp_path / "lute.db")) as connection:
        changes = connection.execute("SELECT task, entry_id, valid, reason FROM _rec_validity").fetchall()
    assert changes == [("FindPeaks", 2, 0, '"beam was off"'), ("FindPeaks", 3, 0, '"beam was off"')]


def test_the_environment_is_read_at_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run, experiment in ((1, "mfxA"), (2, "mfxA"), (1, "mfxB")):
        header = {"work_dir": tmp_path, "run": run, "experiment": experiment}
        record_analysis_db(analysis(parameters={"x": f"{experiment} {run}"}, header=header))
    monkeypatch.setenv("RUN", "1")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxB 1"
    monkeypatch.setenv("EXPERIMENT", "mfxA")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxA 1"
    monkeypatch.setenv("RUN", "2")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxA 2"
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=None, for_experiment=None) == "mfxB 1"


def test_several_experiments_with_the_run_give_the_newest_and_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for experiment in ("mfxA", "mfxB"):
        record_analysis_db(
            analysis(parameters={"x": experiment}, header={"work_dir": tmp_path, "experiment": experiment})
        )
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=12) == "mfxB"
    assert "mfxB, mfxA" in caplog.text
    caplog.clear()
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=12, for_experiment="mfxA") == "mfxA"
    assert not caplog.records


def test_reading_creates_nothing_and_never_answers_with_a_name(tmp_path: Path) -> None:
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") is None
    assert read_latest_db_entry(tmp_path / "missing", "FindPeaks", "x") is None
    assert list(tmp_path.iterdir()) == []
    record_analysis_db(analysis(parameters={"threshold": 1}, header={"work_dir": tmp_path}))
    assert read_latest_db_entry(tmp_path, "FindPeak", "x") is None
    with pytest.raises(UnknownParameter, match="threshold"):
        read_latest_db_entry(tmp_path, "FindPeaks", "treshold")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "result.payload") == "/data/out.h5"
    with Recorder(tmp_path / "missing.db") as recorder, pytest.raises(FileMissing):
        recorder.latest("FindPeaks", "x")
    with Recorder(tmp_path) as recorder, pytest.raises(UnknownTask, match="FindPeaks"):
        recorder.latest("FindPeak", "threshold")
    with pytest.raises(UnknownEntry, match="7"):
        invalidate_entry(tmp_path, "FindPeaks", 7)


def test_a_task_without_parameters_goes_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg = analysis(status="FAILED")
    cfg.task_parameters = None
    with pytest.raises(EntryNotKept, match="LUTE_WORK_DIR") as caught:
        record_analysis_db(cfg)
    assert caught.value.entry.status == "FAILED"
    monkeypatch.setenv("LUTE_WORK_DIR", str(tmp_path))
    record_analysis_db(cfg)
    record_analysis_db(analysis(header={"work_dir": ""}))
    with Recorder(tmp_path) as recorder:
        assert recorder.read("FindPeaks", 1).result["result.task_status"] == "FAILED"
