"""Measure what recording an entry costs beside the bare statements it comes down to."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import create_model

from bench.measuring import Ratio, in_turn
from recorder import AnalysisHeader, DescribedAnalysis, Recorder, TaskParameters, TaskResult, TaskStatus
from recorder.layout.tables import DATABASE_FILE

Statement = tuple[str, Any]

Way = Callable[[Recorder, int], None]
"""Records so many entries."""

_PARAMETERS: dict[str, Any] = {
    **{f"threshold_{index}": (float, index / 7) for index in range(8)},
    **{f"size_{index}": (int, index) for index in range(8)},
    **{f"path_{index}": (str, f"/results/mfxx00125_r{index:04d}.cxi") for index in range(4)},
}
"""Twenty parameters."""

ANALYSIS = DescribedAnalysis(
    task_result=TaskResult(
        task_name="FindPeaks",
        task_status=TaskStatus.COMPLETED,
        summary="Number of hits found: 812;Fractional hit rate: 0.05",
        payload="/results/mfxx00125_r0012.list",
    ),
    task_parameters=create_model("FindPeaks", __base__=TaskParameters, **_PARAMETERS)(
        lute_config=AnalysisHeader(experiment="mfxx00125", run="12")
    ),
    task_env={"SLURM_JOB_ID": "48210418", "SLURM_NTASKS": "120"},
)


@dataclass(frozen=True)
class Spent:
    """What one entry took, in microseconds.

    Attributes:
        processor: Of this process, in the program and in the system.
        wall: On the clock.
    """

    processor: float
    wall: float


def one_by_one(recorder: Recorder, entries: int) -> None:
    """Record entries, each in a transaction of its own."""
    for _ in range(entries):
        recorder.record(ANALYSIS)


def in_a_batch(recorder: Recorder, entries: int) -> None:
    """Record entries in one transaction."""
    with recorder.batch() as batch:
        for _ in range(entries):
            batch.record(ANALYSIS)


def against_plain_sqlite(rounds: int, entries: int) -> list[Ratio]:
    """Compare recording entries with executing the very same statements through the standard library.

    Both keep their connection, and begin with a file that holds one entry already.
    """
    return [
        *_against_plain_sqlite("one by one", one_by_one, 1.5, rounds, entries),
        *_against_plain_sqlite("in a batch", in_a_batch, 3.0, rounds, entries),
    ]


def _against_plain_sqlite(name: str, way: Way, at_most: float, rounds: int, entries: int) -> list[Ratio]:
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        beginning = directory / "beginning.db"
        with Recorder(beginning) as recorder:
            recorder.record(ANALYSIS)
        statements = noted(beginning, directory, way, entries)
        recording, plain = in_turn(
            lambda: record(beginning, directory, way, entries),
            lambda: execute(beginning, directory, statements, entries),
            rounds,
        )
    what = f"{name}: recording / its statements in plain sqlite3"
    return [
        Ratio(
            f"{what}, {kind}",
            at_most,
            [getattr(spent, kind) for spent in recording],
            [getattr(spent, kind) for spent in plain],
            "µs",
        )
        for kind in ("processor", "wall")
    ]


def spent(work: Callable[[], None], entries: int) -> Spent:
    """Return what a piece of work took for each of so many entries."""
    processor, wall = time.process_time(), time.perf_counter()
    work()
    per_entry = 1e6 / entries
    return Spent((time.process_time() - processor) * per_entry, (time.perf_counter() - wall) * per_entry)


def record(beginning: Path, directory: Path, way: Way, entries: int) -> Spent:
    """Return what it takes to record so many entries."""
    with Recorder(copy(beginning, directory)) as recorder:
        recorder.record(ANALYSIS)
        return spent(lambda: way(recorder, entries), entries)


def execute(
    beginning: Path, directory: Path, statements: tuple[list[Statement], list[Statement]], entries: int
) -> Spent:
    """Return what it takes to execute the noted statements; those of the first entry are not counted."""
    first, others = statements
    with closing(sqlite3.connect(copy(beginning, directory), isolation_level=None)) as connection:

        def all_of(statements: list[Statement]) -> None:
            for sql, bindings in statements:
                connection.execute(sql, bindings).fetchall()

        all_of(first)
        return spent(lambda: all_of(others), entries)


def noted(beginning: Path, directory: Path, way: Way, entries: int) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that opening and a first entry come down to, and those of the entries after it."""
    statements: list[Statement] = []

    class Noting(sqlite3.Connection):
        def execute(self, sql: str, bindings: Any = (), /) -> sqlite3.Cursor:
            statements.append((sql, bindings))
            return super().execute(sql, bindings)

        def executemany(self, sql: str, bindings: Any, /) -> sqlite3.Cursor:
            rows = list(bindings)
            statements.extend((sql, row) for row in rows)
            return super().executemany(sql, rows)

    with (
        patch("sqlite3.connect", partial(sqlite3.connect, factory=Noting)),
        Recorder(copy(beginning, directory)) as recorder,
    ):
        recorder.record(ANALYSIS)
        first = len(statements)
        way(recorder, entries)
        return statements[:first], statements[first:]


def copy(beginning: Path, directory: Path) -> Path:
    """Return a new copy of the file that all begin with."""
    path = directory / DATABASE_FILE
    shutil.copyfile(beginning, path)
    return path
