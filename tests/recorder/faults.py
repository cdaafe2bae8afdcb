"""Faults for the tests of this directory: locks, other users, processes that are killed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

NOBODY = 65534

needs_other_user = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@contextlib.contextmanager
def held_by_another_process(path: Path) -> Iterator[None]:
    """Hold the write lock of a database from another process."""
    code = """if True:
        import sqlite3, sys
        connection = sqlite3.connect(sys.argv[1], isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        print("held", flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        if holder.stdout is None or holder.stdout.readline() != "held\n":
            raise AssertionError(f"the lock of {path} could not be taken")
        try:
            yield
        finally:
            holder.communicate()


def entries(path: Path, task: str = "FindPeaks") -> list[tuple[Any, ...]]:
    """Return id and parameter ``x`` of every entry of a Task, by id."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT id, x FROM {task} ORDER BY id").fetchall()


def in_a_fork(work: Callable[[], int]) -> int:
    """Run something in a forked child; return 0 if it went well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = work()
        except BaseException as error:  # noqa: BLE001 - the child must end here, whatever happened
            sys.stderr.write(f"in the child: {error!r}\n")
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def as_nobody(work: Callable[[], int]) -> int:
    """Run something in a child without rights; return 0 if it went well."""

    def without_rights() -> int:
        os.setuid(NOBODY)
        return work()

    return in_a_fork(without_rights)


def let_everybody_in(directory: Path) -> None:
    """Open the directories above, which belong to the tests, so that another user comes as far as this one."""
    for above in [directory, *directory.parents]:
        if above == Path(tempfile.gettempdir()):
            break
        above.chmod(0o755)


def refuse(path: Path, task: str) -> None:
    """Have the database refuse further entries of a Task."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TRIGGER no BEFORE INSERT ON {task} BEGIN SELECT RAISE(ABORT, 'not this'); END")


def allow_again(path: Path) -> None:
    """Have the database refuse nothing any more."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER no")
