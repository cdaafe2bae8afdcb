"""Many at once: processes, threads, forks, handlers that record in the middle of an entry."""

from __future__ import annotations

import contextlib
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

from recorder import Recorded, Recorder
from tests.recorder.analyses import analysis
from tests.recorder.faults import entries, in_a_fork


def record_many(directory: Path, writer: int, count: int) -> None:
    with Recorder(directory, timeout=120) as recorder:
        for number in range(count):
            parameters = {"x": writer * count + number, f"only{writer}": 1}
            if not isinstance(recorder.record(analysis(parameters=parameters, header={"run": number})), Recorded):
                sys.exit("an entry was not stored at once")


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
                if not isinstance(recorder.record(cfg(number)), Recorded):
                    os._exit(2)
                recorder.latest("FindPeaks", "x", valid_only=False)
        done = threading.Event()
        recorder = Recorder(sys.argv[1], timeout=600)
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
    ended = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    assert {x for _, x in entries(tmp_path / "lute.db")} >= set(range(100, 180))
    assert list((tmp_path / "lute.db.spool").glob("*")) == []
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
