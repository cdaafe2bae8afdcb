"""Measure what recording costs where a million entries and as many Executors' configurations are already there."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

from bench.entries import PARAMETERS, TASK, database, numbers
from bench.measuring import Ratio, in_turn
from recorder.entry import Entry
from recorder.storage import shared_rows
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import entry_of

_FORM = 1
"""Counted up when what is written below changes, so that files made earlier are not taken for new ones."""


def recording(rounds: int, entries: int, small: int = 1_000, recorded: int = 20) -> list[Ratio]:
    """Compare recording into a large file with recording into a small one; every entry has an Executor of its own."""
    with tempfile.TemporaryDirectory() as name:
        large, little = Path(name) / "large.db", Path(name) / "little.db"
        shutil.copyfile(grown(entries), large)
        shutil.copyfile(grown(small), little)
        with closing(SqliteStorage(large)) as first, closing(SqliteStorage(little)) as second:
            ours, least = in_turn(lambda: _record(first, recorded), lambda: _record(second, recorded), 5 * rounds)
        foreign = Path(name) / "foreign.db"
        shutil.copyfile(_foreign(entries), foreign)
        with closing(SqliteStorage(foreign)) as storage:
            longest = [_record(storage, 1)[0], _record(storage, 1)[0]]
    return [
        Ratio(
            f"{what}, recording into {entries:,} entries / into {small:,}",
            1.2,
            [measured[kind] for measured in ours],
            [measured[kind] for measured in least],
            "ms",
        )
        for kind, what in enumerate(("time", "CPU"))
    ] + [
        Ratio(f"first entry into {entries:,} of others / 20 s", 1.0, [max(longest)], [20_000.0], "ms"),
    ]


def grown(entries: int) -> Path:
    """Return a file of so many entries and configurations that is ours: all are hashed and placed."""
    path = _foreign(entries).with_suffix(".grown")
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(_foreign(entries), unfinished)
        with patch.object(shared_rows, "PORTION", 10 * entries), closing(SqliteStorage(unfinished)) as storage:
            storage.store([_entry(0)])
        unfinished.rename(path)
    return path


def _foreign(entries: int) -> Path:
    """Return a file of so many entries, each with an Executor of its own, as another program leaves it."""
    path = database(entries).with_name(f"growth-{entries}-{_FORM}.db")
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        shutil.copyfile(database(entries), unfinished)
        with closing(sqlite3.connect(unfinished)) as connection, connection:
            connection.execute(
                f"INSERT INTO exec_cfg (env, poll_interval, communicator_desc) {numbers(entries)} "
                "SELECT 'SLURM_JOB_ID=' || i || ';SLURM_NTASKS=120;LUTE_PATH=/sdf/lute', 0.05, 'pipes' FROM numbers"
            )
            connection.execute(f"UPDATE {TASK} SET exec_cfg_id = id + 1")
        unfinished.rename(path)
    return path


def _record(storage: SqliteStorage, count: int) -> tuple[float, float]:
    """Return the milliseconds that one entry takes, and those that it computes."""
    made = list(_entries(count))
    began, computed = time.perf_counter(), time.process_time()
    for entry in made:
        storage.store([entry])
    return (time.perf_counter() - began) / count * 1000, (time.process_time() - computed) / count * 1000


def _entries(count: int) -> Iterator[Entry]:
    for _ in range(count):
        yield _entry(time.monotonic_ns())


def _entry(job: int) -> Entry:
    entry = entry_of(0, dict.fromkeys(PARAMETERS, 0.5), task=TASK)
    return Entry(**{**vars(entry), "executor": {**entry.executor, "env": f"SLURM_JOB_ID={job}"}})
