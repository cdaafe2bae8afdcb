"""The demo holds what people come to look for, and its live recording ends with whoever started it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

DEMO = [sys.executable, "-m", "recorder.demo"]


def rows(directory: Path, statement: str) -> list[tuple[Any, ...]]:
    database = f"{(directory / 'lute.db').as_uri()}?mode=ro"
    with closing(sqlite3.connect(database, uri=True, timeout=60)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    ended = subprocess.run([*DEMO, directory], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
    return directory


def test_two_experiments_share_run_numbers(demo: Path) -> None:
    shared = rows(
        demo, "SELECT run FROM gen_cfg GROUP BY run HAVING count(DISTINCT experiment) = 2 ORDER BY CAST(run AS INTEGER)"
    )
    assert [run for (run,) in shared] == ["12", "13", "14", "15", "16"]


def test_tasks_failed_were_stopped_and_were_marked_as_not_valid(demo: Path) -> None:
    statuses = {status for (status,) in rows(demo, 'SELECT "result.task_status" FROM FindPeaks')}
    assert statuses == {"COMPLETED", "FAILED", "TIMEDOUT", "CANCELLED"}
    marked = rows(demo, "SELECT count(*) FROM FindPeaks WHERE valid_flag = 0 AND \"result.task_status\" = 'COMPLETED'")
    assert marked == [(2,)]
    assert all(reason for (reason,) in rows(demo, "SELECT reason FROM _rec_validity"))


def test_payloads_are_of_every_kind(demo: Path) -> None:
    assert rows(demo, 'SELECT DISTINCT substr("result.payload", 2, 3) FROM MakePowder') == [(b"PNG",)]
    assert all(payload.startswith('{"') for (payload,) in rows(demo, 'SELECT "result.payload" FROM CompareStatistics'))
    assert rows(demo, "SELECT count(*) FROM SolveStructure WHERE \"result.payload\" LIKE '<!DOCTYPE html>%'") == [(5,)]
    lists = [Path(path) for (path,) in rows(demo, 'SELECT "result.payload" FROM FindPeaks WHERE valid_flag')]
    assert any(path.exists() for path in lists)
    assert any(not path.exists() and path.parent.exists() for path in lists)
    assert any(not path.parent.exists() for path in lists)


def test_a_parameter_was_added_half_way(demo: Path) -> None:
    columns = [name for _, name, *_ in rows(demo, "PRAGMA table_info(IndexPatterns)")]
    assert columns.index("wavelength_estimate") > columns.index("valid_flag")
    values = [value for (value,) in rows(demo, "SELECT wavelength_estimate FROM IndexPatterns")]
    assert None in values
    assert 1.3051 in values


def test_no_secret_is_stored(demo: Path) -> None:
    assert b"a-secret-that-must-not-be-stored" not in (demo / "lute.db").read_bytes()


def test_live_recording_goes_on_until_standard_input_ends(tmp_path: Path) -> None:
    with subprocess.Popen([*DEMO, tmp_path, "--live"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as recording:
        assert recording.stdin is not None
        assert recording.stdout is not None
        assert b"more comes" in recording.stdout.readline()
        assert newest(tmp_path) >= 41, "all of the past is there when it says so"
        until(lambda: newest(tmp_path) >= 42)
        assert recording.poll() is None
        recording.stdin.close()
        assert recording.wait(120) == 0


def newest(directory: Path) -> int:
    """Return the newest run of FindPeaks."""
    joined = "FindPeaks JOIN gen_cfg ON gen_cfg.id = FindPeaks.gen_cfg_id"
    return int(rows(directory, f"SELECT max(CAST(run AS INTEGER)) FROM {joined}")[0][0])


def until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)
