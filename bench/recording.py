"""Measure what recording an entry costs beside the bare statements it comes down to."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from pydantic import create_model

from bench.measuring import Ratio, in_turn
from recorder import AnalysisHeader, DescribedAnalysis, Recorder, TaskParameters, TaskResult, TaskStatus
from recorder.layout.tables import DATABASE_FILE

Statement = tuple[str, Any]

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


def against_plain_sqlite(rounds: int, entries: int) -> list[Ratio]:
    """Compare recording entries with executing the very same statements through the standard library.

    Both keep their connection, and begin with a file that holds one entry already.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        beginning = directory / "beginning.db"
        with Recorder(beginning) as recorder:
            recorder.record(ANALYSIS)
        statements = noted(beginning, directory, entries)
        recording, plain = in_turn(
            lambda: record(beginning, directory, entries) / entries * 1000,
            lambda: execute(beginning, directory, statements) / entries * 1000,
            rounds,
        )
    return [Ratio("recording / the same statements in plain sqlite3", 2.5, recording, plain, "ms")]


def record(beginning: Path, directory: Path, entries: int) -> float:
    """Return the seconds it takes to record so many entries."""
    with Recorder(copy(beginning, directory)) as recorder:
        recorder.record(ANALYSIS)
        began = time.perf_counter()
        for _ in range(entries):
            recorder.record(ANALYSIS)
        return time.perf_counter() - began


def execute(beginning: Path, directory: Path, statements: tuple[list[Statement], list[Statement]]) -> float:
    """Return the seconds it takes to execute the noted statements; those of the first entry are not counted."""
    first, others = statements
    with closing(sqlite3.connect(copy(beginning, directory), isolation_level=None)) as connection:
        for sql, bindings in first:
            connection.execute(sql, bindings).fetchall()
        began = time.perf_counter()
        for sql, bindings in others:
            connection.execute(sql, bindings).fetchall()
        return time.perf_counter() - began


def noted(beginning: Path, directory: Path, entries: int) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that opening and a first entry come down to, and those of the entries after it."""
    statements: list[Statement] = []

    class Noting(sqlite3.Connection):
        def execute(self, sql: str, bindings: Any = (), /) -> sqlite3.Cursor:
            statements.append((sql, bindings))
            return super().execute(sql, bindings)

    with (
        patch("sqlite3.connect", partial(sqlite3.connect, factory=Noting)),
        Recorder(copy(beginning, directory)) as recorder,
    ):
        recorder.record(ANALYSIS)
        first = len(statements)
        for _ in range(entries):
            recorder.record(ANALYSIS)
        return statements[:first], statements[first:]


def copy(beginning: Path, directory: Path) -> Path:
    """Return a new copy of the file that all begin with."""
    path = directory / DATABASE_FILE
    shutil.copyfile(beginning, path)
    return path
