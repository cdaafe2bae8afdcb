"""Make databases of any size quickly, in the layout of the recorder."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from recorder.layout import tables

TASK = "FindPeaks"
PARAMETERS = {
    **{f"search.threshold_{index}": "REAL" for index in range(8)},
    **{f"regions[{index}]": "INTEGER" for index in range(8)},
    "tag": "TEXT",
    "mask_file": "TEXT",
    "threads": "INTEGER",
    "multi": "INTEGER",
}
"""Twenty parameters of the four types."""

_FORM = 1
"""Counted up when what is written below changes, so that files made earlier are not taken for new ones."""


def database(entries: int) -> Path:
    """Return a database whose one Task has so many entries; it is made once and kept among the temporary files."""
    return kept(f"entries-{entries}-{_FORM}.db", lambda connection: write(connection, entries))


def kept(name: str, write: Callable[[sqlite3.Connection], None]) -> Path:
    """Return a database of this name among the temporary files; it is written if it is not there yet."""
    directory = Path(tempfile.gettempdir()) / f"recorder-bench-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / name
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(unfinished)) as connection, connection:
            write(connection)
        unfinished.rename(path)
    return path


def write(connection: sqlite3.Connection, entries: int) -> None:
    """Write the tables and all entries in one statement each: a run for every ten entries, each tenth one failed."""
    for name, columns in tables.SHARED_TABLES.items():
        connection.execute(create(name, {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", **columns}))
    connection.execute(create(TASK, {**tables.LEADING_COLUMNS, **PARAMETERS, **tables.TRAILING_COLUMNS}))
    connection.execute(
        "INSERT INTO gen_cfg (title, experiment, run, lute_version, task_timeout) "
        f"{numbers(max(1, entries // 10))} SELECT 'Lysozyme', 'mfxx00125', CAST(i AS TEXT), 0.1, 600 FROM numbers"
    )
    connection.execute("INSERT INTO exec_cfg (env, poll_interval) VALUES ('SLURM_JOB_ID=48210418', 0.05)")
    values = {
        "timestamp": "datetime(1700000000 + 30 * i, 'unixepoch')",
        "gen_cfg_id": "1 + (i - 1) / 10",
        "exec_cfg_id": "1",
        **{
            name: {"REAL": "i / 7.0", "INTEGER": "i % 352", "TEXT": "'sample_' || (i % 12)"}[kind]
            for name, kind in PARAMETERS.items()
        },
        "result.task_status": "iif(i % 10, 'COMPLETED', 'FAILED')",
        "result.summary": "'Number of hits found: ' || (i % 2000)",
        "result.payload": "'/results/r' || i || '.list'",
        "valid_flag": "iif(i % 10, 1, 0)",
    }
    names = ", ".join(map(tables.quote, values))
    connection.execute(
        f"INSERT INTO {TASK} ({names}) {numbers(entries)} SELECT {', '.join(values.values())} FROM numbers"
    )


def create(name: str, columns: dict[str, str]) -> str:
    """Return the statement that creates a table."""
    return f"CREATE TABLE {name} ({', '.join(f'{tables.quote(column)} {kind}' for column, kind in columns.items())})"


def numbers(count: int) -> str:
    """Return SQL for a table ``numbers`` of the integers ``i`` from 1 to a count."""
    return f"WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers LIMIT {count})"
