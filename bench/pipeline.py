"""Make large databases of a pipeline: several Tasks in many runs, each given what the one before it made.

The layout is that of the facility's own tools.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bench.entries import create, kept, numbers
from recorder.layout import tables

TASKS = ("FindPeaks", "IndexPatterns", "MergeIntensities", "CompareStatistics", "SolveStructure")
"""In the order of the pipeline."""

EXPERIMENTS = ("mfxx00121", "mfxx00122", "cxix00123", "mfxx00124")
"""From the oldest to the newest, with as many runs each."""

TRIES = 2
"""Entries of a Task in a run."""

PARAMETERS = {"in_file": "TEXT", "son_min": "REAL", "threads": "INTEGER", "tag": "TEXT"}

NUMBER = "Number of hits found"
"""What a summary names; entry ``i`` of each Task found ``i % 2000``."""

_JOBS = 1_000
_FORM = 1
"""Counted up when what is written below changes, so that files made earlier are not taken for new ones."""


def database(entries: int) -> Path:
    """Return a database of so many entries; it is made once and kept among the temporary files."""
    return kept(f"pipeline-{entries}-{_FORM}.db", lambda connection: write(connection, entries))


def write(connection: sqlite3.Connection, entries: int, results: Path = Path("/results")) -> None:
    """Write all tables, a statement each.

    Of each Task, entries 999, 1999 ... are first tries that failed and were redone; 4998, 9998 ... failed as well, and
    nobody redid them.

    Args:
        connection: To an empty database.
        entries: How many there are of all Tasks together; a multiple of the tries of all of them.
        results: The directory in which the paths of what was made are; nothing is written there.
    """
    for name, columns in tables.SHARED_TABLES.items():
        connection.execute(create(name, {"id": "INTEGER PRIMARY KEY AUTOINCREMENT", **columns}))
    of_a_task = entries // len(TASKS)
    runs = of_a_task // TRIES
    of_an_experiment = max(1, runs // len(EXPERIMENTS))
    names = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(EXPERIMENTS))
    experiment = f"CASE min((i - 1) / {of_an_experiment}, {len(EXPERIMENTS) - 1}) {names} END"
    connection.execute(
        "INSERT INTO gen_cfg (title, experiment, run, lute_version, task_timeout) "
        f"{numbers(runs)} SELECT 'Lysozyme', {experiment}, "
        f"CAST(1 + (i - 1) % {of_an_experiment} AS TEXT), 0.1, 600 FROM numbers"
    )
    connection.execute(
        f"INSERT INTO exec_cfg (env, poll_interval) {numbers(_JOBS)} SELECT 'SLURM_JOB_ID=' || (48210000 + i) || "
        "';SLURM_NODELIST=milan' || (i % 200), 0.05 FROM numbers"
    )
    for place in range(len(TASKS)):
        _write_task(connection, place, of_a_task, results)


def payload_of(results: Path, task: str, entry: int | str) -> str:
    """Return the path of what an entry made."""
    return f"{results}/{task}_{entry}.list"


def _write_task(connection: sqlite3.Connection, place: int, entries: int, results: Path) -> None:
    task, before = TASKS[place], TASKS[place - 1] if place else "Detector"
    connection.execute(create(task, {**tables.LEADING_COLUMNS, **PARAMETERS, **tables.TRAILING_COLUMNS}))
    # The number of the entry comes from SQL.
    made, taken = ("'" + payload_of(results, name, "' || i || '") + "'" for name in (task, before))
    # A first try is an odd entry, a second an even one.
    failed = "(i % 1000 = 999 OR i % 5000 = 4998)"
    values = {
        "timestamp": f"datetime(1700000000 + 30 * i + {place}, 'unixepoch')",
        "gen_cfg_id": f"1 + (i - 1) / {TRIES}",
        "exec_cfg_id": f"1 + i % {_JOBS}",
        "in_file": taken,
        "son_min": f"7.0 + i % {TRIES}",
        "threads": "1 << (i % 4)",
        "tag": "'sample_' || (i % 12)",
        "result.task_status": f"iif({failed}, 'FAILED', 'COMPLETED')",
        "result.summary": f"iif({failed}, '', '{NUMBER}: ' || (i % 2000) || ';Hit rate: ' || ((i % 2000) / 2000.0))",
        "result.payload": f"iif({failed}, '', {made})",
        "valid_flag": f"iif({failed}, 0, 1)",
    }
    columns = ", ".join(map(tables.quote, values))
    connection.execute(
        f"INSERT INTO {tables.quote(task)} ({columns}) {numbers(entries)} "
        f"SELECT {', '.join(values.values())} FROM numbers"
    )
