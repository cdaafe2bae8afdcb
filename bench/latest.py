"""Measure how long the newest entry of a run takes to be found, beside what SQLite needs for the plain question."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.entries import PARAMETERS, TASK, database
from bench.measuring import Ratio, in_turn
from recorder.storage.base import Wanted
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import entry_of

_PARAMETER = next(iter(PARAMETERS))

# What anybody would ask, and what asks for one row by its id: the least an answer can cost.
_SCAN = (
    f'SELECT t."{_PARAMETER}" FROM {TASK} AS t JOIN gen_cfg AS g ON g.id = t.gen_cfg_id '
    "WHERE (?1 IS NULL OR g.run = ?1) AND t.valid_flag = 1 ORDER BY t.timestamp DESC, t.id DESC LIMIT 1"
)
_GIVEN_HEADERS = (
    f'SELECT t."{_PARAMETER}" FROM {TASK} AS t WHERE t.gen_cfg_id IN (SELECT id FROM gen_cfg WHERE run = ?) '
    "AND t.valid_flag = 1 ORDER BY t.timestamp DESC, t.id DESC LIMIT 1"
)

MOST_MILLISECONDS = 5.0


def foreign_and_own(rounds: int, entries: int) -> list[Ratio]:
    """Compare with 5 ms where an answer must be quick, and with SQLite's own scan where it cannot be."""
    runs = entries // 10
    kinds: dict[str, Any] = {"newest": None, "late": str(runs - 50), "old": "2", "absent": "none"}
    with tempfile.TemporaryDirectory() as name:
        foreign, own = Path(name) / "foreign.db", Path(name) / "own.db"
        shutil.copyfile(database(entries), foreign)
        shutil.copyfile(foreign, own)
        storage = SqliteStorage(own)
        storage.store([entry_of(0, {_PARAMETER: 0.5}, task=TASK, header={"run": runs + 1})])
        storage.close()
        ratios = [
            _within(f"newest entry, foreign file, {kind} run / 5 ms", foreign, kinds[kind], rounds)
            for kind in ("newest", "late", "absent")
        ]
        ratios.append(
            _beside_scan("newest entry, foreign file, old run / plain scan", 1.0, _SCAN, foreign, "2", rounds)
        )
        ratios.append(
            _beside_scan("newest entry, foreign file, old run / scan by ids", 1.1, _GIVEN_HEADERS, foreign, "2", rounds)
        )
        ratios += [
            _within(f"newest entry, own file, {kind} run / 5 ms", own, run, rounds) for kind, run in kinds.items()
        ]
    return ratios


def _within(what: str, path: Path, run: Any, rounds: int) -> Ratio:
    with closing(SqliteStorage(path)) as storage:
        found, _ = in_turn(_looking(storage, run), lambda: 0.0, rounds)
    return Ratio(what, 1.0, found, [MOST_MILLISECONDS], "ms")


def _beside_scan(what: str, at_most: float, sql: str, path: Path, run: Any, rounds: int) -> Ratio:
    with closing(SqliteStorage(path)) as storage, closing(sqlite3.connect(path)) as connection:
        ours, plain = in_turn(
            _looking(storage, run), lambda: _milliseconds(lambda: connection.execute(sql, (run,)).fetchall()), rounds
        )
    return Ratio(what, at_most, ours, plain, "ms")


def _looking(storage: SqliteStorage, run: Any) -> Callable[[], float]:
    return lambda: _milliseconds(lambda: storage.latest(Wanted(TASK, _PARAMETER, run=run)))


def _milliseconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000
