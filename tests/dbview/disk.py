"""Databases as real writers leave them on a disk: closed, open, or killed at a chosen moment."""

from __future__ import annotations

import contextlib
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

COMMITTED, LATER = 100, 50
"""Rows of the first transaction, and of one after it."""

WRITER = f"""
import os, sqlite3, sys, time
def insert(count):
    connection.executemany("INSERT INTO t(x) VALUES (?)", [("x" * 1000,)] * count)
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode=" + sys.argv[2])
connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
connection.execute("BEGIN"); insert({COMMITTED}); connection.execute("COMMIT")
exec(sys.argv[3])
print("ready", flush=True)
time.sleep(600)
"""


class Place(NamedTuple):
    """Where a state is made.

    Attributes:
        file: The database.
        write: Run a writer with a journal mode and statements after its first commit; return it while it waits.
    """

    file: Path
    write: Callable[[str, str], subprocess.Popen[str]]

    def leave(self, journal: str, statements: str = "", number: int = signal.SIGKILL) -> None:
        """Run a writer and end it by a signal, so that it closes nothing."""
        writer = self.write(journal, statements)
        writer.send_signal(number)
        writer.wait()

    def beside(self, end: str) -> Path:
        """Return a file beside the database."""
        return self.file.with_name(self.file.name + end)


TWO_COMMITS = f"insert({LATER})"
MID_COMMIT = (
    'connection.execute("PRAGMA cache_size=50"); connection.execute("BEGIN"); '
    'connection.execute("UPDATE t SET x = hex(randomblob(500))"); insert(2000)'
)
"""A transaction whose pages no longer fit in memory, so that some of them are in the file already."""


@contextlib.contextmanager
def new_place() -> Iterator[Place]:
    """Give a database to be made in a directory that others reach; its writers are ended afterwards."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as writers:
        Path(name).chmod(0o755)
        directory = Path(name) / "data"
        directory.mkdir()

        def write(journal: str, statements: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", WRITER, str(directory / "x.db"), journal, statements]
            writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            writers.callback(end, writer)
            if writer.stdout is None or writer.stdout.readline() != "ready\n":
                raise AssertionError(f"the writer of {directory} did not get ready")
            return writer

        yield Place(directory / "x.db", write)
        directory.chmod(0o755)


def end(writer: subprocess.Popen[str]) -> None:
    with writer:
        writer.kill()


Contents = dict[str, tuple[bytes | None, int, int, int]]


def contents(directory: Path) -> Contents:
    """Return bytes, mode, owner and time of writing of all in a directory, and of the directory itself."""
    found: Contents = {}
    for path in [directory, *directory.rglob("*")]:
        status = path.lstat()
        raw = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
        found[str(path)] = (raw, status.st_mode, status.st_uid, status.st_mtime_ns)
    return found


CRASH = f"""
import os, signal, sqlite3, sys
def insert(count):
    connection.executemany("INSERT INTO t(x) VALUES (?)", [("x" * 1000,)] * count)
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
{MID_COMMIT}
os.kill(os.getpid(), signal.SIGKILL)
"""


def crash(file: Path) -> None:
    """Let a writer be killed in the middle of a transaction."""
    subprocess.run([sys.executable, "-c", CRASH, str(file)], check=False)
    if file.with_name(file.name + "-journal").stat().st_size == 0:
        raise RuntimeError("the writer left no journal")
