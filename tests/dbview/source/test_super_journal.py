"""Journals of transactions over several files name a journal elsewhere, which SQLite may delete; here it never is."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from dbview.source.source import open_source
from tests.dbview.disk import MID_COMMIT, Place, contents

MAGIC = bytes.fromhex("d9d505f920a163d7")


def name_another(journal: Path, other: Path, sum_is_right: bool = True) -> None:
    """Let a journal end with the path of another, as SQLite writes it when it commits to several files."""
    name = os.fsencode(other)
    total = sum(name) + (not sum_is_right)
    page = (0x40000000 // 4096 + 1).to_bytes(4, "big")
    with journal.open("ab") as file:
        file.write(page + name + len(name).to_bytes(4, "big") + total.to_bytes(4, "big") + MAGIC)


def rows_for_a_writer(file: Path, directory: Path) -> list[tuple[int]]:
    """Return what SQLite itself finds in a copy of a database and its journal, opened for writing."""
    for path in file.parent.glob(file.name + "*"):
        shutil.copy(path, directory / path.name)
    with contextlib.closing(sqlite3.connect(directory / file.name)) as connection:
        return connection.execute("SELECT count(*), total(length(x)) FROM t").fetchall()


@pytest.mark.parametrize("sum_is_right", [True, False], ids=["its sum is right", "its sum is wrong"])
@pytest.mark.parametrize("content", [b"no journal, but dear to somebody", b"", None], ids=["there", "empty", "missing"])
def test_it_counts_as_for_a_writer_and_stays(
    place: Place, tmp_path: Path, content: bytes | None, sum_is_right: bool
) -> None:
    place.leave("DELETE", MID_COMMIT)
    other = tmp_path / "named.txt"
    if content is not None:
        other.write_bytes(content)
    name_another(place.beside("-journal"), other, sum_is_right)
    before = contents(place.file.parent)

    with contextlib.closing(open_source(place.file)) as source, contextlib.closing(source.reader()) as reader:
        found = reader.query("SELECT count(*), total(length(x)) FROM t")

    assert contents(place.file.parent) == before
    assert (other.read_bytes() if other.exists() else None) == content
    (tmp_path / "copy").mkdir()
    assert found == rows_for_a_writer(place.file, tmp_path / "copy")
