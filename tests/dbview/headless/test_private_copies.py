"""A file that cannot be read in place is read from a private copy: bounded, asked for, and gone afterwards."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.source.file.scratch import Scratch
from tests.dbview.disk import COMMITTED, MID_COMMIT, Place, contents
from tests.terminal import ENTER, Terminal

from .conftest import DBVIEW, ENVIRONMENT, answer, run_dbview


@pytest.fixture
def interrupted(place: Place) -> Path:
    """A database of some megabytes whose writer was killed in the middle of a commit."""
    grown = 'connection.execute("BEGIN"); insert(2000); connection.execute("COMMIT")'
    place.leave("DELETE", f'{grown}; connection.execute("DELETE FROM t WHERE id > {COMMITTED}"); {MID_COMMIT}')
    return place.file


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where copies go."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


def test_a_command_says_that_it_read_a_copy_and_leaves_nothing(interrupted: Path, scratch: Path) -> None:
    before = contents(interrupted.parent)
    done = run_dbview("query", interrupted, "t", "--columns", "id", "--format", "csv", "--scratch", scratch)
    assert done.returncode == 0
    assert len(done.stdout.split()) == COMMITTED + 1
    assert re.search(r"Read from a private copy of .*x\.db: its last write was interrupted", done.stderr)
    assert list(scratch.iterdir()) == []
    assert contents(interrupted.parent) == before


def test_too_much_is_refused_with_its_size_and_the_option(interrupted: Path, scratch: Path) -> None:
    done = run_dbview("tables", interrupted, "--scratch", scratch, "--copy-limit", "100K")
    assert (done.returncode, done.stdout) == (7, "")
    assert re.search(r"copy of \d\.\d MiB.* 100 KiB .*--copy-limit", done.stderr)
    assert list(scratch.iterdir()) == []
    assert run_dbview("tables", interrupted, "--scratch", scratch, "--copy-limit", "1g").returncode == 0


@pytest.mark.parametrize("size", ["much", "-1", "1.5G", "1X"])
def test_a_size_that_is_none_is_told(interrupted: Path, size: str) -> None:
    assert run_dbview("tables", interrupted, f"--copy-limit={size}").returncode == 2


def test_a_place_for_copies_that_is_none_is_told(interrupted: Path, scratch: Path) -> None:
    done = run_dbview("tables", interrupted, "--scratch", scratch / "missing")
    assert done.returncode == 7
    assert re.search(r"no private directory can be made in .*missing.*--scratch", done.stderr)


def test_the_databases_own_directory_is_no_place_for_copies(interrupted: Path) -> None:
    before = contents(interrupted.parent)
    done = run_dbview("tables", interrupted, "--scratch", interrupted.parent)
    assert done.returncode == 7
    assert "nothing is ever written into its own directory" in done.stderr
    assert contents(interrupted.parent) == before


def test_a_place_with_too_little_room_is_told(
    interrupted: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scratch, "free", lambda _: 2**20)
    code, _, words = answer("tables", interrupted, "--scratch", scratch)
    assert code == 7
    assert re.search(r"takes \d+ MiB.*only 1\.0 MiB are free.*--scratch", words)
    assert list(scratch.iterdir()) == []


def look_at(interrupted: Path, scratch: Path, *options: str) -> Terminal:
    """Open the interface in a terminal."""
    return Terminal([*DBVIEW, interrupted, "--scratch", scratch, *options], environment={"TZ": "UTC"})


def test_the_head_says_that_a_snapshot_is_shown_and_the_copy_is_private(interrupted: Path, scratch: Path) -> None:
    with look_at(interrupted, scratch) as terminal:
        terminal.wait_for(re.compile(r"snapshot of \d\d:\d\d UTC · written \d{4}-\d\d-\d\d \d\d:\d\d UTC").search)
        (made,) = scratch.iterdir()
        assert stat.S_IMODE(made.stat().st_mode) == 0o700
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
    assert list(scratch.iterdir()) == []


def test_the_interface_asks_before_much_is_copied(interrupted: Path, scratch: Path) -> None:
    with look_at(interrupted, scratch, "--copy-limit", "100K") as terminal:
        terminal.wait_for("now? [y/N]")
        assert "MiB" in terminal.text
        assert list(scratch.iterdir()) == []
        terminal.send(f"y{ENTER}")
        terminal.wait_for("snapshot of")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
    with look_at(interrupted, scratch, "--copy-limit", "100K") as terminal:
        terminal.wait_for("now? [y/N]")
        terminal.send(ENTER)
        assert terminal.wait_for_exit() == 7
    assert list(scratch.iterdir()) == []


def test_a_copy_left_by_a_killed_viewer_goes_with_the_next_and_that_of_a_living_one_stays(
    interrupted: Path, scratch: Path
) -> None:
    with look_at(interrupted, scratch) as living:
        living.wait_for("snapshot of")
        (kept,) = scratch.iterdir()
        with look_at(interrupted, scratch) as killed:
            killed.wait_for("snapshot of")
            killed.kill()
        assert len(list(scratch.iterdir())) == 2
        assert run_dbview("tables", interrupted, "--scratch", scratch).returncode == 0
        assert list(scratch.iterdir()) == [kept]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_the_copy_with_it(interrupted: Path, scratch: Path, number: signal.Signals) -> None:
    command = [*DBVIEW, "query", interrupted, "t", "--format", "csv", "--scratch", scratch]
    # More than a pipe holds, and nobody reads it: it stays at writing.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        assert len(list(scratch.iterdir())) == 1
        process.send_signal(number)
        assert process.wait() == -number
    assert list(scratch.iterdir()) == []


def test_who_is_to_outlive_a_hang_up_does_so(interrupted: Path, scratch: Path) -> None:
    command = ["nohup", *DBVIEW, "query", interrupted, "t", "--format", "csv", "--scratch", scratch]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        beginning = process.stdout.read(1)
        process.send_signal(signal.SIGHUP)
        written = beginning + process.stdout.read()
        assert process.wait() == 0
    assert written.count(b"\n") == COMMITTED + 1
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_takes_the_copy_of_the_interface_with_it(
    interrupted: Path, scratch: Path, number: signal.Signals
) -> None:
    with look_at(interrupted, scratch) as terminal:
        terminal.wait_for("snapshot of")
        terminal.process.send_signal(number)
        assert terminal.wait_for_exit() == 128 + number
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch])
def test_what_is_not_ours_is_left_where_copies_go(
    interrupted: Path, scratch: Path, make: Callable[[Path], None]
) -> None:
    others = scratch / "dbview-demo-x"
    make(others)
    outside = scratch.parent / "outside"
    outside.mkdir()
    (scratch / "dbview-copy-link").symlink_to(outside)
    assert run_dbview("tables", interrupted, "--scratch", scratch).returncode == 0
    assert others.exists()
    assert outside.exists()
    assert os.path.lexists(scratch / "dbview-copy-link")
