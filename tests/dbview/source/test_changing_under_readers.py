"""What becomes of a file while it is open: it goes from one state into another, is replaced, cut short or deleted."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbview.errors import CopyTooLarge, DbviewError, SourceChanged
from dbview.source.file.copying import Copying
from dbview.source.file.scratch import Scratch
from dbview.source.reader import Reader
from dbview.source.source import Source, open_source
from tests.dbview.disk import COMMITTED, LATER, MID_COMMIT, TWO_COMMITS, Place, contents, crash


@contextlib.contextmanager
def reading(file: Path, copying: Copying | None = None) -> Iterator[tuple[Source, Reader]]:
    """Give an open source and a reader."""
    with contextlib.closing(open_source(file, copying)) as source, contextlib.closing(source.reader()) as reader:
        yield source, reader


def count(reader: Reader) -> int:
    """Return the number of rows."""
    ((rows,),) = reader.query("SELECT count(*) FROM t")
    return int(rows)


def run(file: Path, *statements: str) -> None:
    """Run statements as a writer who comes and goes."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


INSERT = "INSERT INTO t(x) VALUES ('later')"


def test_a_rollback_file_that_goes_into_log_mode_is_read_on_without_a_file_of_ours(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    with reading(place.file) as (source, reader):
        assert source.access == "live · read-only"
        assert count(reader) == COMMITTED
        run(place.file, "PRAGMA journal_mode=WAL", INSERT)
        before = contents(place.file.parent)
        assert count(reader) == COMMITTED + 1
        assert source.access == "static · read-only"
        assert contents(place.file.parent) == before
    assert [path.name for path in place.file.parent.iterdir()] == ["x.db"]


def test_a_log_file_is_followed_through_writers_that_come_and_go(place: Place) -> None:
    place.leave("WAL", "connection.close()")
    with reading(place.file) as (source, reader):
        for written in range(1, 4):
            run(place.file, INSERT)
            assert count(reader) == COMMITTED + written
        with contextlib.closing(sqlite3.connect(place.file, isolation_level=None)) as writer:
            writer.execute(INSERT)
            assert count(reader) == COMMITTED + 4
            assert source.access == "live · read-only"
            writer.execute(INSERT)
            assert count(reader) == COMMITTED + 5
    run(place.file, INSERT)
    assert [path.name for path in place.file.parent.iterdir()] == ["x.db"]


def test_functions_made_for_a_reader_outlive_the_change(place: Place) -> None:
    place.leave("WAL", "connection.close()")
    with reading(place.file) as (_, reader):
        name = reader.register_set(frozenset({1, 2, 3}))
        run(place.file, INSERT)
        assert reader.query(f"SELECT count(*) FROM t WHERE {name}(id)") == [(3,)]


def test_a_writer_killed_in_a_commit_leaves_the_last_committed_state_to_see(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    with reading(place.file) as (source, reader):
        assert count(reader) == COMMITTED
        crash(place.file)
        before = contents(place.file.parent)
        assert count(reader) == COMMITTED
        assert source.access.startswith("snapshot of ")
        assert source.copied_because == "its last write was interrupted"
        assert contents(place.file.parent) == before


def test_a_snapshot_stays_until_it_is_renewed(place: Place) -> None:
    place.leave("DELETE", MID_COMMIT)
    with reading(place.file) as (source, reader):
        taken = source.access
        assert taken.startswith("snapshot of ")
        token = reader.token()
        run(place.file, INSERT)
        assert count(reader) == COMMITTED
        assert reader.token() != token
        source.load(reader)
        assert count(reader) == COMMITTED + 1
        assert source.access == "live · read-only"


def test_renewing_takes_another_snapshot_only_of_a_file_that_was_written(place: Place, tmp_path: Path) -> None:
    place.leave("WAL", TWO_COMMITS)
    place.beside("-shm").unlink()
    with reading(place.file, Copying(Scratch(tmp_path))) as (source, reader):
        (first,) = tmp_path.rglob("*.db")
        source.load(reader)
        assert list(tmp_path.rglob("*.db")) == [first]
        with place.beside("-wal").open("ab") as log:
            log.write(b"no frame")
        source.load(reader)
        assert count(reader) == COMMITTED + LATER
        (second,) = tmp_path.rglob("*.db")
        assert second != first
    assert list(tmp_path.iterdir()) == []


def test_another_file_in_its_place_is_told_and_opened_when_asked_for(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    with reading(place.file) as (source, reader):
        other = place.file.with_name("other.db")
        shutil.copy(place.file, other)
        run(other, INSERT)
        other.replace(place.file)
        with pytest.raises(SourceChanged, match="another file"):
            count(reader)
        source.load(reader)
        assert count(reader) == COMMITTED + 1


def test_another_file_is_not_taken_for_the_state_of_the_first(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    with reading(place.file) as (source, reader):
        other = place.file.with_name("other.db")
        shutil.copy(place.file, other)
        other.replace(place.file)
        crash(place.file)
        with pytest.raises(SourceChanged, match="another file"):
            count(reader)
        source.load(reader)
        assert source.access.startswith("snapshot of ")
        assert count(reader) == COMMITTED


def test_a_deleted_file_is_told_and_can_come_back(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    kept = place.file.read_bytes()
    with reading(place.file) as (source, reader):
        place.file.unlink()
        with pytest.raises(SourceChanged, match="is gone"):
            count(reader)
        with pytest.raises(SourceChanged, match="is gone"):
            reader.token()
        with pytest.raises(DbviewError, match="does not exist"):
            source.load(reader)
        place.file.write_bytes(kept)
        source.load(reader)
        assert count(reader) == COMMITTED


@pytest.mark.parametrize("size", [0, 50, 5_000])
def test_a_file_cut_short_is_told_and_read_again_when_it_is_whole(place: Place, size: int) -> None:
    place.leave("DELETE", "connection.close()")
    kept = place.file.read_bytes()
    with reading(place.file) as (_, reader):
        os.truncate(place.file, size)
        with pytest.raises(DbviewError, match=r"cut short|damaged"):
            count(reader)
        with place.file.open("r+b", buffering=0) as file:
            file.write(kept)
        assert count(reader) == COMMITTED


def test_what_is_too_large_to_copy_is_told_with_its_size_and_the_option(place: Place) -> None:
    place.leave("DELETE", "connection.close()")
    with reading(place.file, Copying(Scratch(), limit=1000)) as (source, reader):
        crash(place.file)
        before = contents(place.file.parent)
        with pytest.raises(CopyTooLarge, match=r"\d MiB.*1000 B may be copied: --copy-limit"):
            count(reader)
        assert contents(place.file.parent) == before
        assert source.access == "live · read-only"
