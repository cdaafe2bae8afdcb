"""A relation is counted once while its file stays as it is, and anew once it does not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dbview.query.view import SortKey, View
from dbview.source.source import Source
from dbview.source.view import scan
from dbview.source.view.arrange import arrange
from dbview.source.view.order import MARK_ROWS
from dbview.source.view.snapshot import Snapshot
from tests.dbview.database import Database

ROWS = 2 * MARK_ROWS + 5


@pytest.fixture
def path(database: Database) -> Path:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)")
    with database.connection:
        database.connection.executemany("INSERT INTO t VALUES (?)", [(2 * n,) for n in range(ROWS)])
    leave_alone(database.path, 100)
    return database.path


def leave_alone(path: Path, seconds: float) -> None:
    """Let a file look as if nobody had written it for so long."""
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def counting(source: Source, *sort: SortKey) -> list[Snapshot]:
    """Return all that is told while the rows are put in order."""
    reader = source.reader()
    seen: list[Snapshot] = []
    arrange(reader, source.relation("t"), View("t", sort=sort), seen.append, lambda: False)
    assert seen[-1].total == seen[-1].order.length
    assert [row.key for row in seen[-1].order.rows(reader, [], 0, ROWS)] == [
        row.key for row in reader.newest(source.relation("t"), [], ROWS + 9)
    ][:: -1 if sort else 1][:ROWS]
    reader.close()
    return seen


def test_a_table_that_is_opened_again_is_not_counted_again(path: Path, opened: Callable[[Path], Source]) -> None:
    source = opened(path)
    assert not counting(source)[0].complete
    for sort in ((), (SortKey("id"),)):
        (at_once,) = counting(source, *sort)
        assert (at_once.complete, at_once.order.exact, at_once.order.length) == (True, True, ROWS)


def test_a_file_that_was_written_is_counted_anew(
    path: Path, database: Database, opened: Callable[[Path], Source]
) -> None:
    source = opened(path)
    counting(source)
    database.execute("INSERT INTO t VALUES (1)")
    assert counting(source)[-1].order.length == ROWS + 1
    leave_alone(path, -3600)
    counting(source)
    assert not counting(source)[0].complete, "where a clock is ahead, two writes may look like one"
    leave_alone(path, 100)
    counting(source)
    assert counting(source)[0].complete


@pytest.mark.parametrize("missing", [(), (7,), (7, 8, MARK_ROWS)])
def test_rows_deleted_while_a_counted_table_is_walked_are_all_that_is_missing(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch, missing: tuple[int, ...]
) -> None:
    monkeypatch.setattr(scan, "_LARGEST_STEP_ROWS", 1_000)
    monkeypatch.setattr(scan, "PUBLISH_SECONDS", 0.0)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
    with database.connection:
        rows = ((key, f"a{key}") for key in range(1, ROWS + 1) if key not in missing)
        database.connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
    leave_alone(database.path, 100)
    gone = {1, 5_000, 5_001, MARK_ROWS - 1}

    def delete(snapshot: Snapshot) -> None:
        if not snapshot.complete:
            listed = ",".join(map(str, gone))
            database.execute(f"DELETE FROM t WHERE id IN ({listed})")

    source = opened(database.path)
    relation = source.relation("t")
    with closing(source.reader()) as reader:
        arrange(reader, relation, View("t"), lambda _snapshot: None, lambda: False)
        found = arrange(reader, relation, View("t", "a:a"), delete, lambda: False)
        keys = [row.key for row in found.order.rows(reader, [], 0, ROWS)]
    assert (found.complete, found.changed) == (True, True)
    assert keys == [key for key in range(ROWS, 0, -1) if key not in gone.union(missing)]


def test_who_reads_the_file_again_has_it_counted_again(path: Path, opened: Callable[[Path], Source]) -> None:
    source = opened(path)
    counting(source)
    reader = source.reader()
    source.load(reader)
    reader.close()
    assert not counting(source)[0].complete


def test_a_count_that_was_broken_off_is_not_kept(path: Path, opened: Callable[[Path], Source]) -> None:
    source = opened(path)
    reader = source.reader()
    arrange(reader, source.relation("t"), View("t"), lambda _snapshot: None, lambda: True)
    reader.close()
    assert not counting(source)[0].complete
