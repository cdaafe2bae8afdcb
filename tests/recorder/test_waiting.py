"""Many who wait for one database: the order they are served in, and whom that order never holds up."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from recorder import DatabaseLocked, Recorded, Recorder
from recorder.accept import accept
from recorder.patience import WAIT, Patience
from recorder.storage import queue
from recorder.storage.sqlite import SqliteStorage
from recorder.turns import Turns
from tests.recorder.analyses import analysis
from tests.recorder.faults import as_nobody, entries, let_everybody_in, needs_other_user
from tests.recorder.waiting import A_WHILE, held, recording, recording_process, stop_between_attempts, until, waiting


def test_who_waits_is_served_in_the_order_of_coming(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "STALLED", A_WHILE)  # a slow machine is no reason to leave the order
    place = database.with_name("lute.db.spool")
    with contextlib.ExitStack() as waiters, held(database):
        for x in range(1, 13):
            waiters.enter_context(recording(database, x))
            # Whoever is served takes along what is spooled: all must be, not only those whose disk was quick.
            until(lambda x=x: waiting(database) == len(list(place.glob("*.json"))) == x)
    assert [x for _, x in entries(database)] == list(range(13))
    assert waiting(database) == 0


def test_a_queue_file_is_made_when_somebody_waits_and_is_empty_and_everybodys(database: Path) -> None:
    file = database.with_name("lute.db.queue")
    assert not file.exists()
    umask = os.umask(0o077)
    try:
        with contextlib.ExitStack() as waiters, held(database):
            waiters.enter_context(recording(database, 1))
            until(lambda: waiting(database) == 1)
    finally:
        os.umask(umask)
    assert file.stat().st_size == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o664


def test_who_is_killed_while_waiting_holds_nobody_up(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "STALLED", A_WHILE)
    with recording_process(database, 1) as first, held(database) as connection:
        until(lambda: waiting(database) == 1)
        with recording(database, 2):
            until(lambda: waiting(database) == 2)
            first.kill()
            first.wait()
            until(lambda: waiting(database) == 1)
            connection.execute("COMMIT")
    # What the first had in the spool already, if it waited for so long, was taken along.
    assert entries(database)[:2] == [(1, 0), (2, 2)]


def test_who_is_stopped_while_waiting_holds_nobody_up_for_long(database: Path) -> None:
    with recording_process(database, 1) as first:
        with held(database) as connection:
            until(lambda: waiting(database) == 1)
            stop_between_attempts(first, database)
            with recording(database, 2), recording(database, 3):
                connection.execute("COMMIT")
        # They are stored, and the first has not moved; what it had in the spool they took along.
        assert {2, 3} <= {x for _, x in entries(database)}
        first.send_signal(signal.SIGCONT)
        assert first.wait(A_WHILE) == 0
    assert sorted(x for _, x in entries(database)) == [0, 1, 2, 3]


def test_a_child_keeps_no_place_for_a_parent_that_is_killed(database: Path) -> None:
    code = """if True:
        import os, sys, time
        from recorder import Recorder
        recorder = Recorder(sys.argv[1], timeout=600)
        recorder.record({"task_result": {"task_name": "FindPeaks"}})
        if os.fork() == 0:
            time.sleep(600)
        sys.stdin.readline()
        recorder.record({"task_result": {"task_name": "FindPeaks"}})
    """
    database.with_name("lute.db.queue").touch()
    command = [sys.executable, "-c", code, database]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True) as parent:
        try:
            until(lambda: len(entries(database)) == 2)
            with held(database):
                print(file=parent.stdin, flush=True)
                until(lambda: waiting(database) == 1)
                parent.kill()
                until(lambda: waiting(database) == 0)
        finally:
            os.killpg(parent.pid, signal.SIGKILL)


@pytest.mark.parametrize("fault", ["directory", "link", "no such locks", "no more locks"])
def test_without_a_queue_everybody_waits_alone(database: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    file = database.with_name("lute.db.queue")
    elsewhere = database.with_name("elsewhere")
    if fault == "directory":
        file.mkdir()
    elif fault == "link":
        file.symlink_to(elsewhere)
    elif fault == "no such locks":
        monkeypatch.setattr(queue, "_THERE_ARE_SUCH_LOCKS", False)
    else:

        def refuse(*_: Any) -> None:
            raise OSError(37, "No locks available")

        monkeypatch.setattr("recorder.storage.queue.fcntl.fcntl", refuse)
    with contextlib.ExitStack() as waiters, held(database, "EXCLUSIVE"):
        for x in range(1, 4):
            waiters.enter_context(recording(database, x))
    assert sorted(x for _, x in entries(database)) == [0, 1, 2, 3]
    assert not elsewhere.exists()


@needs_other_user
def test_without_a_right_to_the_queue_one_waits_alone(database: Path) -> None:
    let_everybody_in(database.parent)
    database.parent.chmod(0o777)
    database.chmod(0o666)
    file = database.with_name("lute.db.queue")
    file.touch(0o600)

    def work() -> int:
        with contextlib.closing(SqliteStorage(database)) as storage:
            with held(database), pytest.raises(DatabaseLocked):
                storage.store([accept(analysis())], Patience(0.2))
            return 0 if storage.store([accept(analysis())]) == [Recorded("FindPeaks", 2)] else 1

    assert as_nobody(work) == 0


def test_a_queue_that_somebody_removed_is_made_anew(database: Path) -> None:
    file = database.with_name("lute.db.queue")
    with Recorder(database) as recorder:
        for x in (1, 2):
            with contextlib.ExitStack() as waiters, held(database):
                waiters.enter_context(recording(database, x, recorder))
                until(lambda: waiting(database) == 1)
            file.unlink()
    assert entries(database) == [(1, 0), (2, 1), (3, 2)]


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_waiting_ends_with_the_timeout(database: Path, lock: str) -> None:
    with contextlib.closing(SqliteStorage(database, timeout=0.3)) as storage:
        with held(database, lock):
            for ask in (
                lambda: storage.store([accept(analysis())], Patience(0.3)),
                lambda: storage.store([accept(analysis())]),
                *([storage.status, lambda: storage.read("FindPeaks", 1)] if lock == "EXCLUSIVE" else []),
            ):
                began = time.monotonic()
                with pytest.raises(DatabaseLocked, match=r"lute\.db: .*locked; another process holds it"):
                    ask()
                assert 0.3 <= time.monotonic() - began < WAIT - 1  # not as long as without a setting
        assert storage.store([accept(analysis(parameters={"x": 1}))]) == [Recorded("FindPeaks", 2)]


def test_a_commit_waits_for_readers_and_lets_no_new_one_in(database: Path) -> None:
    with held(database, "DEFERRED") as reader:
        reader.execute("SELECT count(*) FROM FindPeaks").fetchall()
        with recording(database, 1):
            with contextlib.closing(sqlite3.connect(database, timeout=0)) as other:

                def is_kept_out() -> bool:
                    try:
                        other.execute("SELECT count(*) FROM FindPeaks").fetchall()
                    except sqlite3.OperationalError:
                        return True
                    return False

                until(is_kept_out)
            reader.execute("COMMIT")
    assert entries(database) == [(1, 0), (2, 1)]


def test_a_commit_that_readers_never_let_through_leaves_nothing(database: Path) -> None:
    storage = SqliteStorage(database)
    with contextlib.closing(storage), held(database, "DEFERRED") as reader:
        reader.execute("SELECT count(*) FROM FindPeaks").fetchall()
        with pytest.raises(DatabaseLocked):
            storage.store([accept(analysis(parameters={"x": 1}))], Patience(0.2))
        assert reader.execute("SELECT count(*) FROM FindPeaks").fetchone() == (1,)
    assert entries(database) == [(1, 0)]


def test_a_thread_waits_for_another_as_patiently_as_for_a_process(tmp_path: Path) -> None:
    turns = Turns(lambda: SqliteStorage(tmp_path / "lute.db"))
    early = []
    with contextlib.ExitStack() as first:
        first.enter_context(turns.turn())

        def second() -> None:
            patience = Patience(0.4, soon=0.1, meanwhile=lambda: early.append("spooled"))
            with pytest.raises(DatabaseLocked, match="another thread"), turns.turn(patience):
                pass
            early.append("given up")

        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert early == ["spooled", "given up"]
    with turns.turn(Patience(0.0)):
        pass


def test_who_oversleeps_the_end_of_waiting_has_done_what_was_to_be_done_meanwhile() -> None:
    done = []
    patience = Patience(0.0, soon=0.0, meanwhile=lambda: done.append("spooled"))
    assert not patience.pause(1.0)
    assert done == ["spooled"]


def create(path: Path, barrier: Any, x: int) -> None:
    os.umask(0o077)
    barrier.wait()
    with Recorder(path, timeout=A_WHILE) as recorder:
        for task in ("FindPeaks", f"Own{x}", "FindPeaks"):
            parameters = {"x": x, f"only{x}": task}
            if not isinstance(recorder.record(analysis(task, parameters)), Recorded):
                sys.exit("an entry was not stored at once")


def test_processes_that_create_everything_at_once_are_in_nobodys_way(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    count = 8
    barrier = context.Barrier(count)
    path = tmp_path / "lute.db"
    processes = [context.Process(target=create, args=(path, barrier, x)) for x in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * count
    assert sorted(x for _, x in entries(path)) == sorted([*range(count), *range(count)])
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM gen_cfg").fetchone() == (1,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_file_whose_maker_died_before_setting_its_mode_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "lute.db"
    path.touch(0o600)
    with Recorder(path) as recorder:
        recorder.record(analysis())
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    path.chmod(0o640)
    with Recorder(path) as recorder:
        recorder.record(analysis())
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_writers_of_a_wal_file_wait_and_leave_it_in_its_mode(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    with contextlib.ExitStack() as waiters, held(database):
        for x in range(1, 4):
            waiters.enter_context(recording(database, x))
            until(lambda x=x: waiting(database) == x)
        assert database.with_name("lute.db-wal").exists()
    assert sorted(x for _, x in entries(database)) == [0, 1, 2, 3]
    with contextlib.closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("timeout", [math.nan, math.inf, -1, -0.1, "soon", None, 10**400])
def test_a_timeout_that_is_none_is_refused_by_name(tmp_path: Path, timeout: Any) -> None:
    with pytest.raises(ValueError, match="a timeout is seconds to wait"):
        Recorder(tmp_path, timeout=timeout)
    assert list(tmp_path.iterdir()) == []
