"""Entries that wait beside the file are counted at the top of every screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.source.entries import waiting
from dbview.source.entries.waiting import waiting_entries
from tests.dbview.database import Database

from .conftest import Look


def spool(database: Path, *names: str) -> Path:
    """Make the spool of a database, with files of these names."""
    place = Path(f"{database}.spool")
    place.mkdir(exist_ok=True)
    for name in names:
        (place / name).write_text("{}")
    return place


async def test_entries_that_wait_are_counted_while_they_do(database: Database, look: Look) -> None:
    database.task("Find", {}, [])
    place = spool(database.path, "a.json", "b.json", "c.partial", "database")
    async with look(database.path, size=(120, 20)) as viewer:
        await viewer.until_shown("live · read-only · 2 waiting · written")
        (place / "a.json").unlink()
        await viewer.until_shown("1 waiting")
        (place / "b.json").unlink()
        await viewer.until(lambda: "waiting" not in viewer.text)
    async with look(database.path, View("Find"), size=(80, 24)) as viewer:
        spool(database.path, "d.json")
        await viewer.until_shown("live · read-only · 1 waiting")


def test_more_than_can_be_counted_soon_are_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_COUNTED", 3)
    spool(tmp_path / "lute.db", *(f"{number}.json" for number in range(5)))
    assert waiting_entries(tmp_path / "lute.db") == 3


def test_a_spool_that_cannot_be_listed_holds_nothing(tmp_path: Path) -> None:
    assert waiting_entries(tmp_path / "none.db") == 0
    Path(f"{tmp_path}/file.db.spool").write_text("no directory")
    assert waiting_entries(tmp_path / "file.db") == 0
