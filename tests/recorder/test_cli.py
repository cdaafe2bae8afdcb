"""The commands in a shell: what goes where, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from recorder import Recorder
from recorder import errors as errors_module
from recorder.accept import accept
from recorder.errors import ExitCode, RecorderError
from tests.recorder.analyses import analysis


def run(*arguments: str | Path, program: str = "main") -> subprocess.CompletedProcess[str]:
    """Run a command as its console script does."""
    code = f"import sys; from recorder.cli import {program}; sys.exit({program}())"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    with Recorder(tmp_path) as recorder:
        for run_number in (1, 2):
            recorder.record(analysis(parameters={"x": run_number * 1.5, "none": None}, header={"run": run_number}))
    return tmp_path


def test_latest_prints_the_value_and_nothing_else(recorded: Path) -> None:
    ended = run("latest", recorded, "FindPeaks", "x")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "3.0\n", "")
    assert run("latest", recorded / "lute.db", "FindPeaks", "x", "--run", "1").stdout == "1.5\n"
    ended = run("latest", recorded, "FindPeaks", "x", "--experiment", "other")
    assert (ended.returncode, ended.stdout) == (ExitCode.NOTHING_FOUND, "")
    assert "no value: no valid entry matches" in ended.stderr
    ended = run("latest", recorded, "FindPeaks", "none")
    assert (ended.returncode, ended.stdout) == (ExitCode.NOTHING_FOUND, "")
    assert "no value: entry 2 holds NULL" in ended.stderr
    assert run("latest", recorded, "FindPeaks", "status").stdout == "COMPLETED\n"


def test_latest_counts_what_waits(recorded: Path) -> None:
    with Recorder(recorded) as recorder:
        recorder.spool.keep(accept(analysis(parameters={"x": 9})))
    ended = run("latest", recorded, "FindPeaks", "x")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "9\n", "")


def test_validity_can_be_taken_and_given_back(recorded: Path) -> None:
    ended = run("invalidate", recorded, "FindPeaks", "2", "--reason", "beam was off")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "1 entry of FindPeaks marked not valid\n")
    assert run("latest", recorded, "FindPeaks", "x").stdout == "1.5\n"
    ended = run("revalidate", recorded, "FindPeaks", "2")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "1 entry of FindPeaks marked valid\n")
    assert run("latest", recorded, "FindPeaks", "x").stdout == "3.0\n"
    ended = run(recorded, "FindPeaks", "1", "2", program="invalidate_entry_main")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "2 entries of FindPeaks marked not valid\n")
    assert run("latest", recorded, "FindPeaks", "x").returncode == ExitCode.NOTHING_FOUND
    with contextlib.closing(sqlite3.connect(recorded / "lute.db")) as connection:
        kept = connection.execute("SELECT entry_id, valid, reason, changed_by LIKE '%@%' FROM _rec_validity").fetchall()
    assert kept == [(2, 0, '"beam was off"', 1), (2, 1, None, 1), (1, 0, None, 1), (2, 0, None, 1)]


def test_the_version_is_that_of_the_project() -> None:
    ended = run("--version")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"recorder {version('recorder-dbview')}\n", "")


def test_a_mistaken_name_is_answered_with_those_that_are_there(recorded: Path) -> None:
    with Recorder(recorded) as recorder:
        recorder.record(analysis("IndexPatterns"))
    assert "did you mean FindPeaks?\n" in run("latest", recorded, "findpeeks", "x").stderr
    assert "there is FindPeaks, IndexPatterns\n" in run("latest", recorded, "Merge", "x").stderr
    assert "there is none, x\n" in run("latest", recorded, "FindPeaks", "threshold").stderr
    assert "did you mean IndexPatterns?" in run("latest", recorded, "Index", "x").stderr


def test_a_name_that_others_begin_with_is_answered_with_a_few_of_them(recorded: Path) -> None:
    with Recorder(recorded) as recorder:
        recorder.record(analysis(parameters={"search": {f"p{number}": number for number in range(9)}, "serch": 1}))
    said = run("latest", recorded, "FindPeaks", "search").stderr
    assert said.endswith("; did you mean search.p0, search.p1, search.p2, search.p3 and 6 more?\n")


def test_status_and_replay_go_together(recorded: Path) -> None:
    with Recorder(recorded) as recorder:
        spooled = recorder.spool.keep(accept(analysis("Index", parameters={"x": 9})))
    status = run("status", recorded)
    assert status.returncode == 0
    assert "side layout  2" in status.stdout
    assert f"spool        1 entry waits in {spooled.parent}\n" in status.stdout
    assert "2  FindPeaks (2 valid)" in status.stdout
    assert run("replay", recorded, "--dry-run").stdout == f"{spooled}\n"
    assert spooled.exists()
    replayed = run("replay", recorded)
    assert (replayed.returncode, replayed.stdout) == (0, f"Index 1  from {spooled.name}\n")
    assert "no entries wait" in run("status", recorded).stdout
    spooled.write_text("{")
    ended = run("replay", recorded)
    assert ended.returncode == ExitCode.NOT_A_DATABASE
    assert str(spooled) in ended.stderr
    refused = spooled.parent / "refused" / spooled.name
    assert f"refused      1 entry is set aside in {refused.parent}\n" in run("status", recorded).stdout
    assert run("replay", recorded).stdout == ""
    assert run("replay", recorded, "--refused", "--dry-run").stdout == f"{refused}\n"
    refused.write_text(accept(analysis("Index", parameters={"x": 10})).to_json())
    assert run("replay", recorded, "--refused").stdout == f"Index 2  from {refused.name}\n"
    assert list(refused.parent.iterdir()) == []


def test_the_spool_of_a_database_that_was_moved_can_be_named(recorded: Path, tmp_path: Path) -> None:
    old = tmp_path / "old" / "lute.db"
    old.parent.mkdir()
    with Recorder(old) as recorder:
        spooled = recorder.spool.keep(accept(analysis(parameters={"x": 9})))
    assert run("replay", recorded, "--from", spooled.parent, "--dry-run").stdout == f"{spooled}\n"
    assert run("replay", recorded, "--from", spooled.parent).stdout == f"FindPeaks 3  from {spooled.name}\n"
    assert run("replay", recorded, "--from", tmp_path / "typo").returncode == ExitCode.FILE_MISSING


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], ExitCode.USAGE),
        (["frobnicate"], ExitCode.USAGE),
        (["invalidate", "DIR", "FindPeaks", "1"], ExitCode.USAGE),
        (["invalidate", "DIR", "FindPeaks", "one", "--reason", "x"], ExitCode.USAGE),
        (["latest", "DIR/missing", "FindPeaks", "x"], ExitCode.FILE_MISSING),
        (["status", "DIR/missing"], ExitCode.FILE_MISSING),
        (["invalidate", "DIR/missing", "FindPeaks", "1", "--reason", "x"], ExitCode.FILE_MISSING),
        (["replay", "DIR/missing"], ExitCode.FILE_MISSING),
        (["status", "DIR/words.txt"], ExitCode.NOT_A_DATABASE),
        (["latest", "DIR", "FindPeak", "x"], ExitCode.NOT_FOUND),
        (["latest", "DIR", "FindPeaks", "y"], ExitCode.NOT_FOUND),
        (["invalidate", "DIR", "FindPeaks", "1", "7", "--reason", "x"], ExitCode.NOT_FOUND),
        (["revalidate", "DIR", "FindPeaks", "99999999999999999999"], ExitCode.NOT_FOUND),
    ],
)
def test_a_failure_is_one_line_and_a_documented_code(recorded: Path, arguments: list[str], code: ExitCode) -> None:
    (recorded / "words.txt").write_text("not a database " * 100)
    before = sorted(recorded.iterdir())
    ended = run(*[argument.replace("DIR", str(recorded)) for argument in arguments])
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == ""
    assert ended.stderr.strip()
    if code != ExitCode.USAGE:
        assert ended.stderr.count("\n") == 1
    assert sorted(recorded.iterdir()) == before


def test_a_lock_and_a_newer_layout_have_codes_of_their_own(recorded: Path) -> None:
    with contextlib.closing(sqlite3.connect(recorded / "lute.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        ended = run("invalidate", recorded, "FindPeaks", "1", "--reason", "x", "--timeout", "0.05")
    assert ended.returncode == ExitCode.LOCKED
    assert "another process holds it" in ended.stderr
    newer = recorded / "newer.db"
    with contextlib.closing(sqlite3.connect(newer)) as connection:
        connection.execute("CREATE TABLE executions(id)")
    with Recorder(newer) as recorder:
        recorder.spool.keep(accept(analysis()))
    ended = run("replay", newer)
    assert ended.returncode == ExitCode.UNSUPPORTED
    assert "executions" in ended.stderr


def test_a_reader_that_goes_away_ends_the_command_quietly(recorded: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "recorder.cli", "status", str(recorded)]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (ExitCode.BROKEN_PIPE, "")


def test_an_interrupt_ends_the_command_quietly(recorded: Path) -> None:
    with contextlib.closing(sqlite3.connect(recorded / "lute.db", isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        code = """if True:
            import sys
            from recorder import cli, recorder
            wait = recorder.Recorder.status
            def announced(self):
                print("waiting", flush=True)
                return wait(self)
            recorder.Recorder.status = announced
            sys.exit(cli.main())
        """
        command = [sys.executable, "-c", code, "status", str(recorded), "--timeout", "600"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
            assert waiting.stdout is not None
            assert waiting.stderr is not None
            assert waiting.stdout.readline() == "waiting\n"
            waiting.send_signal(signal.SIGINT)
            words = waiting.stderr.read()
        assert (waiting.returncode, words) == (ExitCode.INTERRUPTED, "")


def test_every_error_has_an_exit_code_and_stands_in_the_tree() -> None:
    drawn = errors_module.__doc__ or ""

    def check(kind: type[RecorderError]) -> None:
        assert kind.__name__ in drawn
        line = next(line for line in drawn.splitlines() if kind.__name__ in line)
        assert kind.__base__ is not None
        inherited = getattr(kind.__base__, "exit_code", None) == kind.exit_code and kind.__base__ is not RecorderError
        assert inherited or f"({int(kind.exit_code)})" in line
        for below in kind.__subclasses__():
            check(below)

    check(RecorderError)


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "soon"])
def test_a_timeout_that_is_none_is_a_fault_of_usage(recorded: Path, timeout: str) -> None:
    ended = run("status", recorded, f"--timeout={timeout}")
    assert (ended.returncode, ended.stdout) == (ExitCode.USAGE, "")
    assert "argument --timeout: " in ended.stderr
