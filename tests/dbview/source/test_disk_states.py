"""Every state that writers leave a database in, looked at by one who may write there and by one who may only read."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.dbview.disk import COMMITTED, LATER, MID_COMMIT, TWO_COMMITS, Place, contents

NOBODY = 65534

LOOK = f"""
import contextlib, io, os, sys
from pathlib import Path
from dbview.cli import main
query = lambda path: main(["query", path, "t", "--columns", "id", "--format", "csv"])
if sys.argv[1] == "unprivileged":
    # Who has no rights may not even read the interpreter's own files: all that is needed is loaded before.
    with contextlib.redirect_stdout(io.StringIO()):
        query(sys.argv[3])
    os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
sys.exit(query(sys.argv[2]))
"""


def idle(place: Place) -> None:
    place.leave("DELETE", "connection.close()")


def reserved(place: Place) -> None:
    place.write("DELETE", f'connection.execute("BEGIN IMMEDIATE"); {TWO_COMMITS}')
    assert place.beside("-journal").exists()


def exclusive(place: Place) -> None:
    place.write("DELETE", 'connection.execute("BEGIN EXCLUSIVE")')


def truncated_journal(place: Place) -> None:
    place.leave("TRUNCATE", "connection.close()")
    assert place.beside("-journal").stat().st_size == 0


def zeroed_journal(place: Place) -> None:
    place.leave("PERSIST", "connection.close()")
    assert place.beside("-journal").stat().st_size > 0


def hot_journal(place: Place) -> None:
    place.leave("DELETE", MID_COMMIT)
    assert place.beside("-journal").stat().st_size > 0


def junk_journal(place: Place) -> None:
    idle(place)
    place.beside("-journal").write_bytes(b"no journal at all " * 100)


def live_log(place: Place) -> None:
    place.write("WAL", TWO_COMMITS)


def closed_log(place: Place) -> None:
    place.leave("WAL", "connection.close()")
    assert not place.beside("-wal").exists()


def left_log(place: Place) -> None:
    place.leave("WAL", TWO_COMMITS)
    assert place.beside("-shm").exists()


def log_without_index(place: Place) -> None:
    left_log(place)
    place.beside("-shm").unlink()


def log_of_an_exclusive_writer(place: Place) -> None:
    place.write("WAL", f'connection.execute("PRAGMA locking_mode=EXCLUSIVE"); {TWO_COMMITS}')


def log_beside_an_empty_file(place: Place) -> None:
    left_log(place)
    os.truncate(place.file, 0)


def log_beside_a_rollback_file(place: Place) -> None:
    left_log(place)
    with place.file.open("r+b") as file:
        file.seek(18)
        file.write(b"\x01\x01")


def junk_log_beside_a_rollback_file(place: Place) -> None:
    idle(place)
    place.beside("-wal").write_bytes(b"no log at all " * 100)


def damaged_log_beside_its_index(place: Place) -> None:
    place.leave("WAL", f'connection.execute("PRAGMA wal_checkpoint").close(); {TWO_COMMITS}')
    with place.beside("-wal").open("r+b") as log:
        log.write(b"\xa5" * 4)


def log_of_another_user(place: Place) -> None:
    left_log(place)
    if os.geteuid() == 0:
        os.chown(place.beside("-wal"), 1, 1)
        os.chown(place.beside("-shm"), 1, 1)


def unreadable_index(place: Place) -> None:
    live_log(place)
    place.beside("-shm").chmod(0)


STATES: dict[Callable[[Place], None], int | str] = {
    idle: COMMITTED,
    reserved: COMMITTED,
    exclusive: "locked",
    truncated_journal: COMMITTED,
    zeroed_journal: COMMITTED,
    hot_journal: COMMITTED,
    junk_journal: COMMITTED,
    live_log: COMMITTED + LATER,
    closed_log: COMMITTED,
    left_log: COMMITTED + LATER,
    log_without_index: COMMITTED + LATER,
    log_of_an_exclusive_writer: "locked",
    log_beside_an_empty_file: "empty",
    log_beside_a_rollback_file: COMMITTED + LATER,
    junk_log_beside_a_rollback_file: COMMITTED,
    damaged_log_beside_its_index: COMMITTED,
    log_of_another_user: COMMITTED + LATER,
    unreadable_index: COMMITTED + LATER,
}
"""What is found in each state: so many rows, or a refusal that names the cause."""


@pytest.mark.parametrize("may_write", [True, False], ids=["may write", "may only read"])
@pytest.mark.parametrize("make", STATES, ids=lambda make: make.__name__)
def test_no_state_is_touched_and_each_is_read_exactly_or_refused_with_its_cause(
    place: Place, make: Callable[[Place], None], may_write: bool
) -> None:
    make(place)
    healthy = place.file.parents[1] / "healthy.db"
    with contextlib.closing(sqlite3.connect(healthy)) as connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")
    directory, scratch = place.file.parent, place.file.parents[1] / "scratch"
    scratch.mkdir()
    scratch.chmod(0o777)
    is_root = os.geteuid() == 0
    if not may_write and not is_root:
        for path in directory.iterdir():
            path.chmod(path.stat().st_mode & 0o555)
        directory.chmod(0o555)
    before = contents(directory)
    who = "unprivileged" if is_root and not may_write else "self"
    looked = subprocess.run(
        [sys.executable, "-c", LOOK, who, str(place.file), str(healthy)],
        capture_output=True,
        text=True,
        env={**os.environ, "DBVIEW_SCRATCH": str(scratch)},
        check=False,
    )
    assert contents(directory) == before
    assert list(scratch.iterdir()) == []
    expected = STATES[make]
    if isinstance(expected, int):
        assert looked.returncode == 0, looked.stderr
        assert sorted(map(int, looked.stdout.split()[1:])) == list(range(1, expected + 1))
    else:
        assert looked.returncode != 0
        assert expected in looked.stderr
