"""Waiting for another process: what is in the spool meanwhile, and what signals and kills do to it."""

from __future__ import annotations

import contextlib
import itertools
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from recorder import DatabaseLocked, Entry, Recorded, Recorder
from recorder.patience import WAIT
from recorder.signals import held_back
from tests.recorder.analyses import analysis
from tests.recorder.faults import held_by_another_process

WAITER = """if True:
    import signal, sys
    from recorder import Recorder
    from recorder.storage.sqlite import SqliteStorage
    store = SqliteStorage.store
    def announced(self, *arguments):
        print("storing", flush=True)
        return store(self, *arguments)
    SqliteStorage.store = announced
    def call(work):
        work()
    exec(sys.argv[2])
    call(lambda: print(Recorder(sys.argv[1], timeout=600).record({"task_result": {"task_name": "Full"}}), flush=True))
    print("went on", flush=True)
"""


@contextlib.contextmanager
def waiter(
    directory: Path, before: str = "", *, lock: contextlib.ExitStack | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Have a process wait for a lock with an entry of Task ``Full``; if it is still there it goes on when this ends."""
    with Recorder(directory) as recorder:
        recorder.record(analysis("Full"))
    command = [sys.executable, "-c", WAITER, str(directory), before]
    with lock or contextlib.ExitStack() as lock:
        lock.enter_context(held_by_another_process(directory / "lute.db"))
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "storing\n"
            yield process
            lock.close()


def replayed(directory: Path) -> list[Any]:
    with Recorder(directory) as recorder:
        return [outcome for _, outcome in recorder.replay()]


def until(condition: Any) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_while_waiting_spools_the_entry_and_then_takes_effect(tmp_path: Path, number: int) -> None:
    with waiter(tmp_path) as process:
        process.send_signal(number)
        process.communicate(timeout=120)  # it would wait for much longer
        assert process.returncode == -number
    assert replayed(tmp_path) == [Recorded("Full", 2)]


def test_a_handler_of_the_program_runs_when_the_entry_is_safe(tmp_path: Path) -> None:
    handler = """
def handle(number, frame):
    import pathlib
    (spooled,) = pathlib.Path(sys.argv[1]).glob("lute.db.spool/*.json")
    print("handled", spooled.name, flush=True)
signal.signal(signal.SIGTERM, handle)
"""
    with waiter(tmp_path, handler) as process:
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0].splitlines()
    (spooled,) = (tmp_path / "lute.db.spool").iterdir()
    assert said == [f"handled {spooled.name}", str(spooled), "went on"]


def test_a_handler_that_raises_costs_no_entry(tmp_path: Path) -> None:
    with waiter(tmp_path, "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))") as process:
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == 7
    assert replayed(tmp_path) == [Recorded("Full", 2)]


def test_a_signal_that_another_thread_is_given_costs_no_entry(tmp_path: Path) -> None:
    """Python runs the handler in the main thread, in the middle of whatever that is at."""
    thread = "import threading; threading.Thread(target=signal.sigwait, args=({signal.SIGUSR2},), daemon=True).start()"
    with waiter(tmp_path, thread) as process:
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode == -signal.SIGINT
    assert replayed(tmp_path) == [Recorded("Full", 2)]


def test_where_nothing_can_hold_a_signal_back_the_entry_is_spooled_before_waiting(tmp_path: Path) -> None:
    """The main thread is given it, and by default that ends the process there and then."""
    in_a_thread = """
import threading
from recorder import delivery
delivery.SOON = 600
def call(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
"""
    with waiter(tmp_path, in_a_thread) as process:
        until(lambda: list((tmp_path / "lute.db.spool").glob("*.json")))
        process.send_signal(signal.SIGTERM)
        process.communicate()
        assert process.returncode == -signal.SIGTERM
    assert replayed(tmp_path) == [Recorded("Full", 2)]


def test_a_signal_in_the_middle_of_an_entry_takes_effect_behind_it(tmp_path: Path) -> None:
    code = """if True:
        import os, signal, sys, threading
        from recorder import Recorder
        from recorder.storage.writing import Writing
        class Striking(dict):
            def get(self, name, default=None):
                if sys.argv[3] == "accepted":
                    os.kill(os.getpid(), signal.SIGTERM)
                return super().get(name, default)
        store = Writing.store
        def struck(self, entry):
            if sys.argv[3] == "stored":
                os.kill(os.getpid(), signal.SIGTERM)
            return store(self, entry)
        Writing.store = struck
        if sys.argv[2] == "threads":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        Recorder(sys.argv[1]).record(Striking(task_result={"task_name": "Full"}))
        print("went on", flush=True)
    """
    for number, how in enumerate(itertools.product(("one", "threads"), ("accepted", "stored")), 1):
        ended = subprocess.run([sys.executable, "-c", code, tmp_path, *how], capture_output=True, text=True)
        assert (ended.returncode, ended.stdout) == (-signal.SIGTERM, ""), ended.stderr
        with Recorder(tmp_path) as recorder:
            assert recorder.status().counts[0].entries == number


def test_a_signal_while_a_batch_is_stored_in_parts_spools_the_rest(tmp_path: Path) -> None:
    arrived: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: arrived.append(number))
    try:
        with Recorder(tmp_path) as recorder:
            recorder.record(analysis("Bad"))
            with closing(sqlite3.connect(recorder.path)) as connection:
                connection.execute("CREATE TRIGGER t BEFORE INSERT ON Bad BEGIN SELECT RAISE(ABORT, 'no'); END")
            with held_back(), recorder.batch() as batch:
                for task in ("Good", "Good", "Bad", "Good"):
                    batch.record(analysis(task))
                signal.raise_signal(signal.SIGUSR1)
            assert all(isinstance(place, Path) for place in batch.recorded)
            assert arrived == [signal.SIGUSR1]
            assert [outcome for _, outcome in recorder.replay() if isinstance(outcome, Recorded)] == [
                Recorded("Good", number) for number in (1, 2, 3)
            ]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_handlers_that_python_does_not_know_stay(tmp_path: Path) -> None:
    """As of faulthandler or MPI; with other threads about, when signals have handlers of ours meanwhile."""
    code = """if True:
        import faulthandler, os, signal, sys, threading
        from recorder import Recorder
        signal.signal(signal.SIGHUP, lambda *_: print("told", flush=True))
        faulthandler.register(signal.SIGUSR1, file=sys.stdout)
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        Recorder(sys.argv[1]).record({"task_result": {"task_name": "Full"}})
        for number in (signal.SIGUSR1, signal.SIGHUP):
            os.kill(os.getpid(), number)
        print("went on", flush=True)
    """
    ended = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "most recent call first" in ended.stdout
    assert ended.stdout.endswith("told\nwent on\n")


def test_threads_and_the_main_thread_hold_signals_back_at_once() -> None:
    before = [signal.getsignal(number) for number in sorted(signal.valid_signals())]
    done = threading.Event()
    faults: list[BaseException] = []

    def hold() -> None:
        try:
            while not done.is_set():
                with held_back():
                    pass
        except BaseException as error:  # noqa: BLE001 - it is what the test is about
            faults.append(error)

    threads = [threading.Thread(target=hold) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(500):
        with held_back():
            pass
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [signal.getsignal(number) for number in sorted(signal.valid_signals())] == before


def test_a_child_that_another_thread_forks_meanwhile_has_its_own_handlers(tmp_path: Path) -> None:
    code = """if True:
        import os, signal, sys, threading, time
        from recorder.signals import held_back
        held, forked = threading.Event(), threading.Event()
        def fork():
            held.wait()
            child = os.fork()
            if child == 0:
                os.kill(os.getpid(), signal.SIGTERM)
                os._exit(0)
            print(os.waitpid(child, 0)[1] == signal.SIGTERM, flush=True)
            forked.set()
        threading.Thread(target=fork).start()
        with held_back():
            held.set()
            forked.wait()
        print(signal.getsignal(signal.SIGTERM) == signal.SIG_DFL)
    """
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "True\nTrue\n"), ended.stderr


def test_a_waiter_that_is_killed_left_its_entry_in_the_spool(tmp_path: Path) -> None:
    with waiter(tmp_path) as process:
        until(lambda: list((tmp_path / "lute.db.spool").glob("*.json")))
        process.kill()
        process.wait()
    assert replayed(tmp_path) == [Recorded("Full", 2)]
    assert replayed(tmp_path) == []


def test_a_waiter_whose_turn_comes_takes_its_entry_out_of_the_spool(tmp_path: Path) -> None:
    place = tmp_path / "lute.db.spool"
    with waiter(tmp_path):
        until(lambda: list(place.glob("*.json")))
    assert list(place.iterdir()) == []
    with Recorder(tmp_path) as recorder:
        assert recorder.status().counts[0].entries == 2


def test_an_entry_that_somebody_else_stored_meanwhile_has_one_place(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder, Recorder(tmp_path) as other:
        recorder.record(analysis(parameters={"x": 0}))
        found: list[Any] = []
        with held_by_another_process(recorder.path):
            owner = threading.Thread(target=lambda: found.append(recorder.record(analysis(parameters={"x": 1}))))
            owner.start()
            until(recorder.spool.pending)
            (kept,) = recorder.spool.pending()
            entry = Entry.from_json(kept.read_text())
        stored = other.store(entry)
        owner.join()
        assert found == [stored] == [Recorded("FindPeaks", 2)]
        assert recorder.spool.pending() == []


def test_the_deadline_is_a_setting(tmp_path: Path) -> None:
    with Recorder(tmp_path, timeout=0.2) as recorder, held_by_another_process(tmp_path / "lute.db"):
        began = time.monotonic()
        assert isinstance(recorder.record(analysis()), Path)
        assert 0.2 <= time.monotonic() - began < WAIT - 1  # not as long as without a setting
        with pytest.raises(DatabaseLocked):
            list(recorder.replay())


def test_who_is_served_stores_what_those_behind_spooled(tmp_path: Path) -> None:
    """Also of one who cannot do so: he finds his entry stored when he goes on."""
    with contextlib.ExitStack() as lock, waiter(tmp_path, lock=lock) as process:
        until(lambda: list((tmp_path / "lute.db.spool").glob("*.json")))
        process.send_signal(signal.SIGSTOP)
        until(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].startswith("T"))
        lock.close()
        with Recorder(tmp_path) as recorder:
            assert recorder.record(analysis("Full")) == Recorded("Full", 2)
            assert recorder.spool.pending() == []
            assert recorder.status().counts[0].entries == 3
        process.send_signal(signal.SIGCONT)
        assert process.communicate()[0].splitlines() == [str(Recorded("Full", 3)), "went on"]
    with Recorder(tmp_path) as recorder:
        assert recorder.status().counts[0].entries == 3
