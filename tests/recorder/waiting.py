"""Processes and threads that wait for a database, and locks that make them."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from recorder import Recorded, Recorder
from tests.recorder.analyses import analysis

A_WHILE = 120.0
"""Seconds in which anything happens on any machine; nothing here may depend on how long it really takes."""


@contextlib.contextmanager
def held(path: Path, lock: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
    """Hold a lock of a database until the block ends, or until the connection is told to commit."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute(f"BEGIN {lock}")
        yield connection
        if connection.in_transaction:
            connection.execute("COMMIT")


def waiting(path: Path) -> int:
    """Return how many stand in the queue for a database."""
    with contextlib.suppress(FileNotFoundError):
        inode = f":{path.with_name(path.name + '.queue').stat().st_ino} "
        return sum(" WRITE " in line and inode in line for line in Path("/proc/locks").read_text().splitlines())
    return 0


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + A_WHILE
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.002)


@contextlib.contextmanager
def recording(path: Path, x: int, recorder: Recorder | None = None) -> Iterator[None]:
    """Record an entry in a thread, with a Recorder of its own if none is given; the end of the block waits for it."""
    kept = []

    def record() -> None:
        with contextlib.nullcontext(recorder) if recorder else Recorder(path, timeout=A_WHILE) as own:
            kept.append(own.record(analysis(parameters={"x": x})))

    thread = threading.Thread(target=record)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if not isinstance(kept[0], Recorded):
        raise AssertionError(f"entry {x} was not stored")


@contextlib.contextmanager
def recording_process(path: Path, x: int) -> Iterator[subprocess.Popen[str]]:
    """Record an entry in a process; it runs until it has stored it, or is killed."""
    code = """if True:
        import sys
        from recorder import Recorder
        cfg = {"task_result": {"task_name": "FindPeaks"}, "task_parameters": {"x": sys.argv[2]}}
        Recorder(sys.argv[1], timeout=120).record(cfg)
    """
    with subprocess.Popen([sys.executable, "-c", code, path, str(x)], text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def stop_between_attempts(process: subprocess.Popen[str], path: Path) -> None:
    """Stop a process while it holds no lock of a database: stopped in an attempt it would hold up anybody."""
    inode = f":{path.stat().st_ino} "

    def is_stopped_without_locks() -> bool:
        process.send_signal(signal.SIGSTOP)
        until(lambda: Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2].startswith("T"))
        locks = Path("/proc/locks").read_text().splitlines()
        if not any(f" {process.pid} " in line and inode in line for line in locks):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    until(is_stopped_without_locks)
