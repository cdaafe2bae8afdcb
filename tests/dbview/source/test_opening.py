"""Opening: what is refused, in which words, and that nothing is ever created or changed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbview.errors import (
    DatabaseLocked,
    DbviewError,
    FileMissing,
    NotADatabase,
    NotFound,
    PermissionDenied,
    SourceChanged,
)
from dbview.source.source import Source, open_source
from tests.dbview.database import Database, keys_of
from tests.dbview.disk import contents


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Path]:
    """A directory; the test fails if :func:`refused` or a reading changed anything in it."""
    directory = tmp_path / "data"
    directory.mkdir()
    return directory


def refused(path: Path, directory: Path, kind: type[DbviewError]) -> str:
    """Return the words with which opening is refused; everything in the directory must stay as it was."""
    before = contents(directory)
    with pytest.raises(kind) as caught:
        open_source(path)
    assert contents(directory) == before
    message = str(caught.value)
    assert "\n" not in message
    assert type(caught.value) is kind
    return message


def test_a_missing_file_and_directory(untouched: Path) -> None:
    assert "does not exist" in refused(untouched / "no.db", untouched, FileMissing)
    assert "does not exist" in refused(untouched / "no" / "no.db", untouched, FileMissing)
    (untouched / "dangling").symlink_to(untouched / "gone.db")
    refused(untouched / "dangling", untouched, FileMissing)
    (untouched / "loop").symlink_to(untouched / "loop")
    refused(untouched / "loop", untouched, FileMissing)


def test_what_is_no_regular_file_is_not_even_opened(untouched: Path) -> None:
    os.mkfifo(untouched / "pipe")
    assert "no regular file" in refused(untouched / "pipe", untouched, NotADatabase)
    assert "directory" in refused(untouched, untouched, NotADatabase)
    refused(Path("/dev/zero"), untouched, NotADatabase)
    refused(Path("/dev/null"), untouched, NotADatabase)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm"])
def test_a_pipe_in_the_place_of_a_journal_holds_nobody_up(untouched: Path, end: str, journal: str) -> None:
    database = Database(untouched / "x.db")
    database.execute(f"PRAGMA journal_mode={journal}")
    database.connection.close()
    (untouched / "x.db-wal").write_bytes(b"content" * (journal == "WAL"))
    (untouched / f"x.db{end}").unlink(missing_ok=True)
    os.mkfifo(untouched / f"x.db{end}")
    if (journal, end) == ("DELETE", "-shm"):
        # Nobody would open it.
        open_source(untouched / "x.db").close()
    else:
        assert f"{end} is no regular file" in refused(untouched / "x.db", untouched, NotADatabase)


@pytest.mark.parametrize(
    "content", [b"", b"just text, no database\n" * 50, b"SQLite format 3\x00", bytes(5_000), os.urandom(4_096)]
)
def test_what_is_no_database(untouched: Path, content: bytes) -> None:
    path = untouched / "x.db"
    path.write_bytes(content)
    refused(path, untouched, NotADatabase)


def test_a_database_cut_short(untouched: Path) -> None:
    database = Database(untouched / "x.db")
    database.task("Task", {"a": "TEXT"}, [{"a": "x" * 500}] * 100)
    database.connection.close()
    path = untouched / "x.db"
    path.write_bytes(path.read_bytes()[:3_000])
    refused(path, untouched, NotADatabase)


OPEN_AS_ANOTHER = """
import os, sys
from pathlib import Path
from dbview.source.source import open_source
# Root may read anything, so it is another user who tries.
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    open_source(Path(sys.argv[1]))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_no_permission(untouched: Path) -> None:
    Database(untouched / "x.db").connection.close()
    (untouched / "x.db").chmod(0)
    for directory in [untouched, *untouched.parents][:4]:
        directory.chmod(0o755)
    command = [sys.executable, "-c", OPEN_AS_ANOTHER, str(untouched / "x.db")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith(f"{PermissionDenied.__name__} "), done.stdout + done.stderr


def test_a_file_that_stays_locked(untouched: Path) -> None:
    database = Database(untouched / "x.db")
    database.connection.isolation_level = None
    database.connection.execute("BEGIN EXCLUSIVE")
    assert "locked" in refused(untouched / "x.db", untouched, DatabaseLocked)
    database.connection.execute("ROLLBACK")
    open_source(untouched / "x.db").close()
    database.connection.close()


@pytest.mark.parametrize("name", ["run#3.db", "a b?mode=rwc.db", "100%.db", "ünïcode-µ.db", "new\nline.db", "-wal"])
def test_any_file_name_opens_that_file_and_no_other(
    untouched: Path, opened: Callable[[Path], Source], name: str
) -> None:
    database = Database(untouched / name)
    database.task("Task", {"a": "TEXT"}, [{"a": "x"}])
    database.connection.close()
    before = contents(untouched)
    assert keys_of(opened(untouched / name), "Task", "a=x") == [1]
    assert contents(untouched) == before


def test_a_file_name_that_is_not_utf8(untouched: Path, opened: Callable[[Path], Source]) -> None:
    path = Path(os.fsdecode(os.fsencode(untouched) + b"/\xff.db"))
    database = Database(untouched / "x.db")
    database.task("Task", {}, [{}])
    database.connection.close()
    (untouched / "x.db").rename(path)
    assert keys_of(opened(path), "Task") == [1]


def test_reading_everything_changes_nothing(untouched: Path, opened: Callable[[Path], Source]) -> None:
    database = Database(untouched / "x.db")
    database.task("Task", {"a": "TEXT"}, [{"a": str(number)} for number in range(500)])
    database.execute("CREATE VIEW both AS SELECT a FROM Task")
    database.connection.close()
    before = contents(untouched)
    source = opened(untouched / "x.db")
    for relation in source.relations():
        keys_of(source, relation.name)
    keys_of(source, "Task", "a:7 or not a=3")
    assert contents(untouched) == before


def test_a_table_that_is_not_there_is_named_with_its_neighbours(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.task("FindPeaks", {}, [])
    source = opened(database.path)
    assert source.relation("findpeaks").name == "FindPeaks"
    with pytest.raises(NotFound, match="Did you mean FindPeaks"):
        source.relation("FindPeak")


def test_sqlite_knows_what_this_relies_on() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37), "PRAGMA table_list"


def test_what_cannot_be_read_does_not_hide_the_rest(database: Database, opened: Callable[[Path], Source]) -> None:
    database.task("Task", {}, [{}])
    database.execute("CREATE VIEW broken AS SELECT * FROM gone")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    database.execute("INSERT INTO words VALUES ('found')")
    source = opened(database.path)
    assert source.relation("broken").columns == ()
    assert keys_of(source, "Task") == [1]
    assert keys_of(source, "words", "text=found") == [1]


def test_a_virtual_table_of_an_unknown_kind_is_named_and_the_rest_read(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.task("Task", {}, [{}])
    database.execute("CREATE VIRTUAL TABLE known USING fts5(text)")
    database.execute("PRAGMA writable_schema=ON")
    database.execute("UPDATE sqlite_master SET sql = replace(sql, 'fts5', 'unheard_of') WHERE name = 'known'")
    source = opened(database.path)
    assert source.relation("known").columns == ()
    assert keys_of(source, "Task") == [1]


def test_a_column_that_comes_and_goes_under_a_query(database: Database, opened: Callable[[Path], Source]) -> None:
    database.task("Task", {"a": "TEXT"}, [{"a": "x"}])
    source = opened(database.path)
    relation = source.relation("Task")
    with contextlib.closing(source.reader()) as reader:
        database.execute("ALTER TABLE Task ADD COLUMN b DEFAULT 'later'")
        assert [row.cells for row in reader.newest(relation, [relation.parameters[0]], 9)] == [("x",)]
        database.execute("ALTER TABLE Task DROP COLUMN a")
        with pytest.raises(SourceChanged, match=r"no such column: t\.a"):
            reader.newest(relation, [relation.parameters[0]], 9)
        source.load(reader)
        relation = source.relation("Task")
        assert [row.cells for row in reader.newest(relation, relation.stored[-1:], 9)] == [("later",)]
