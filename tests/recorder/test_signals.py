"""Signals that come while somebody waits for a database."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder import DatabaseLocked, Recorder
from recorder.accept import accept
from recorder.patience import Interrupted, Patience
from recorder.signals import held_back
from recorder.storage.sqlite import SqliteStorage
from tests.recorder.analyses import analysis
from tests.recorder.faults import entries
from tests.recorder.waiting import A_WHILE, held, until, waiting


@contextlib.contextmanager
def sent(*numbers: int) -> Iterator[None]:
    """Send this process signals that come while they are held back, and take them away again at the end."""
    received = []
    handlers = {number: signal.signal(number, lambda got, _: received.append(got)) for number in numbers}
    try:
        for number in numbers:
            signal.pthread_kill(threading.get_ident(), number)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if sorted(received) != sorted(numbers):
        raise AssertionError(f"received {received}")


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_signal_ends_the_waiting(database: Path, lock: str) -> None:
    storage = SqliteStorage(database)
    with (
        contextlib.closing(storage),
        held(database, lock),
        held_back(),
        sent(signal.SIGUSR1),
        pytest.raises(Interrupted),
    ):
        storage.store([accept(analysis())], Patience(A_WHILE))
    assert entries(database) == [(1, 0)]
    assert waiting(database) == 0


def test_a_signal_that_another_thread_is_given_takes_effect_when_the_entry_is_safe(database: Path) -> None:
    code = """if True:
        import signal, sys, threading, time
        from recorder import Recorder
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()  # as numeric libraries do
        recorder = Recorder(sys.argv[1], timeout=600)
        recorder.record({"task_result": {"task_name": "FindPeaks"}})
    """
    with held(database), subprocess.Popen([sys.executable, "-c", code, database]) as process:
        try:
            until(lambda: waiting(database) == 1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(A_WHILE) == -signal.SIGTERM
        finally:
            process.kill()
    assert len(list(database.parent.glob("lute.db.spool/*.json"))) == 1


def test_a_thread_leaves_alone_what_the_main_thread_holds_back(tmp_path: Path) -> None:
    done, stored = threading.Event(), threading.Event()
    beside = threading.Thread(target=done.wait)  # with another thread, signals are held back by handlers as well
    before = signal.getsignal(signal.SIGTERM)

    def record() -> None:
        with Recorder(tmp_path) as recorder:
            recorder.record(analysis())
        stored.set()

    beside.start()
    try:
        with held_back():
            threading.Thread(target=record, daemon=True).start()
            assert stored.wait(A_WHILE)
            assert signal.getsignal(signal.SIGTERM) != before
    finally:
        done.set()
        beside.join()
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_signal_that_the_program_has_blocked_itself_is_its_own_business(database: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        with sent(signal.SIGUSR1), held(database), held_back(), pytest.raises(DatabaseLocked):
            SqliteStorage(database).store([accept(analysis())], Patience(0.3))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_a_signal_that_is_ignored_ends_no_waiting(database: Path) -> None:
    handler = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as under nohup
    try:
        with held(database), held_back():
            signal.pthread_kill(threading.get_ident(), signal.SIGHUP)
            with pytest.raises(DatabaseLocked):
                SqliteStorage(database).store([accept(analysis())], Patience(0.3))
    finally:
        signal.signal(signal.SIGHUP, handler)
