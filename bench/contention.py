"""Measure many processes that record into one file at once, beside plain sqlite3 that writes the same rows."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from bench.measuring import Ratio
from bench.recording import ANALYSIS, Statement, copy, noted, one_by_one
from recorder import Recorder

SLOW = 0.02
"""Seconds that a slow disk takes for an fsync."""

PATIENCE = 60
"""Seconds of SQLite's own busy timeout; who is not served by then tries once more."""

_FAR = 1_000_000_000
"""Ids of the Task's entries begin here, so that they cannot be taken for anything else among noted values."""

_SLOW_DISK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
static void wait_for_disk(void) { usleep((useconds_t)(1e6 * atof(getenv("BENCH_FSYNC")))); }
int fsync(int file) { wait_for_disk(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file); }
int fdatasync(int file) { wait_for_disk(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file); }
"""


def against_busy_handler(
    processes: int, entries: int, rounds: int, fsync: float = 0.0, at_most: float = 1.11
) -> Iterator[Ratio]:
    """Compare throughput and the longest wait when so many processes record so many entries each.

    The other side executes the very same statements, waits as SQLite does, and tries again when that gives up.

    Args:
        processes: How many there are; they begin at one moment.
        entries: How many each records, without a break.
        rounds: How often each side is measured, in turn.
        fsync: Seconds that are added to each fsync. Nothing is measured where that takes a compiler and there is none.
        at_most: What the ratio of the times until all have finished should not exceed.
    """
    with tempfile.TemporaryDirectory() as name:
        environment = dict(os.environ)
        if fsync:
            if shutil.which("cc") is None:
                print("No C compiler (cc) here: a slow disk cannot be imitated.")
                return
            environment |= {"LD_PRELOAD": slow_disk(Path(name)), "BENCH_FSYNC": str(fsync)}
        command = [sys.executable, "-m", "bench.contention", str(processes), str(entries)]
        measured: dict[str, list[dict[str, Any]]] = {"recorder": [], "plain": []}
        for _ in range(rounds):
            for side, results in measured.items():
                ended = subprocess.run([*command, side], env=environment, check=True, stdout=subprocess.PIPE)
                results.append(json.loads(ended.stdout))
    ours, plain = measured.values()
    what = f"{processes} processes at once, fsync " + (f"+{fsync * 1000:.0f} ms" if fsync else "as it is")
    yield Ratio(f"{what}: time", at_most, figures(ours, "seconds"), figures(plain, "seconds"), "s")
    yield Ratio(f"{what}: longest wait", 0.33, figures(ours, "longest"), figures(plain, "longest"), "s")


def figures(results: list[dict[str, Any]], name: str) -> list[float]:
    """Return one figure of each result."""
    return [result[name] for result in results]


def slow_disk(directory: Path) -> str:
    """Return a library to preload that makes every fsync slower."""
    source, library = directory / "slow_disk.c", directory / "slow_disk.so"
    source.write_text(_SLOW_DISK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return str(library)


def measure(side: str, processes: int, entries: int) -> dict[str, Any]:
    """Return the seconds from the barrier until all are done, those of every entry, and the longest of these."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        beginning = directory / "beginning.db"
        with Recorder(beginning) as recorder:
            recorder.record(ANALYSIS)
        with closing(sqlite3.connect(beginning)) as connection, connection:
            connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'FindPeaks'", (_FAR,))
        statements = noted(beginning, directory, one_by_one, entries)
        database = copy(beginning, directory)
        # Forked, so that none of them spends its time with imports.
        forked = multiprocessing.get_context("fork")
        barrier = forked.Barrier(processes + 1)
        waits = forked.SimpleQueue()
        work = {"recorder": recording, "plain": executing}[side]
        workers = [
            forked.Process(target=work, args=(database, statements, entries, barrier, waits.put))
            for _ in range(processes)
        ]
        for worker in workers:
            worker.start()
        barrier.wait()
        began = time.perf_counter()
        all_waits = [wait for _ in workers for wait in waits.get()]
        seconds = time.perf_counter() - began
        for worker in workers:
            worker.join()
        with closing(sqlite3.connect(database)) as connection:
            (stored,) = connection.execute("SELECT count(*) FROM FindPeaks").fetchone()
        if stored != 1 + processes * entries:
            raise RuntimeError(f"{side}: {stored - 1} of {processes * entries} entries were stored")
    return {"seconds": seconds, "longest": max(all_waits), "waits": all_waits}


def recording(
    database: Path, statements: Any, entries: int, barrier: Barrier, report: Callable[[list[float]], None]
) -> None:
    """Record entries, and report the seconds that each took."""
    waits = []
    with Recorder(database, timeout=PATIENCE) as recorder:
        barrier.wait()
        for _ in range(entries):
            began = time.perf_counter()
            recorder.record(ANALYSIS)
            waits.append(time.perf_counter() - began)
    report(waits)


def executing(
    database: Path,
    statements: tuple[list[Statement], list[Statement]],
    entries: int,
    barrier: Barrier,
    report: Callable[[list[float]], None],
) -> None:
    """Execute what was noted of so many entries, with keys and ids of its own, and report the seconds of each."""
    waits = []
    with closing(sqlite3.connect(database, isolation_level=None, timeout=PATIENCE)) as connection:
        barrier.wait()
        connection.execute("PRAGMA synchronous = EXTRA")
        for entry in per_entry(statements[1]):
            began = time.perf_counter()
            while not begun(connection):
                pass
            write(connection, entry)
            waits.append(time.perf_counter() - began)
    report(waits)


def per_entry(statements: list[Statement]) -> Iterator[list[Statement]]:
    """Give what belongs to each entry: the statements after the one that begins its transaction."""
    entry: list[Statement] = []
    for sql, bindings in statements:
        if sql == "BEGIN IMMEDIATE":
            entry = []
        else:
            entry.append((sql, bindings))
            if sql == "COMMIT":
                yield entry


def begun(connection: sqlite3.Connection) -> bool:
    """Begin a transaction as people do; return False if SQLite gave up waiting."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def write(connection: sqlite3.Connection, entry: list[Statement]) -> None:
    """Execute what was noted of one entry, with a key that is not used yet and the id that it really gets."""
    key, row_id = uuid.uuid4().hex, 0

    def own(value: Any) -> Any:
        if isinstance(value, int) and value > _FAR:
            return row_id
        return key if isinstance(value, str) and re.fullmatch("[0-9a-f]{32}", value) else value

    for sql, bindings in entry:
        cursor = connection.execute(sql, tuple(map(own, bindings)))
        cursor.fetchall()
        if sql.startswith('INSERT INTO "FindPeaks"'):
            row_id = cursor.lastrowid or 0


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[3], int(sys.argv[1]), int(sys.argv[2]))))
