"""A table that is dropped while somebody looks at it: every key says so, and nothing ends the program."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.screens.table.screen import TableScreen
from tests.dbview.database import Database

from .conftest import Look, Viewer


@pytest.fixture
def path(database: Database) -> Path:
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    database.task("Index", {"a": "INTEGER"}, [{"a": 1, "gen_cfg_id": 1}, {"a": 2, "gen_cfg_id": 1}])
    return database.path


def drop(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute('DROP TABLE "Index"')
    connection.commit()
    connection.close()


async def until_told(viewer: Viewer) -> None:
    """Wait until it is said that the table is gone, and take that back."""
    await viewer.until(lambda: "hasnotableIndex" in viewer.said)
    viewer.app.clear_notifications()
    await viewer.until(lambda: "hasnotableIndex" not in viewer.said)


async def test_every_key_of_a_table_that_is_gone_says_so(path: Path, look: Look) -> None:
    async with look(path, View("Index")) as viewer:
        await viewer.until_shown("2 entries")
        table = viewer.app.screen
        drop(path)
        for key in ("r", "P", "i", "b", "F"):
            await viewer.press(key)
            await until_told(viewer)
            assert viewer.app.screen is table
        # So does a command of the palette.
        await viewer.press("ctrl+p")
        await viewer.type("Facets")
        await viewer.until_shown("Facets  F")
        await viewer.press("enter")
        await until_told(viewer)


async def test_the_file_goes_by_its_name_below_the_filter(path: Path, look: Look) -> None:
    directory = path.parent / ("a_directory_with_a_long_name" * 6)
    directory.mkdir()
    async with look(path.rename(directory / path.name), View("Index")) as viewer:
        await viewer.until_shown("2 entries")
        drop(directory / path.name)
        await viewer.press("r")
        await viewer.until_shown("2 entries · lute.db has no table Index.")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (("escape", "t"), ("valid, of those recorded", "1 Task · 2 entries")),
        (("end", "b"), ("#1", "2 groups")),
        (("end", "i"), ("#1", "different values  2")),
    ],
    ids=["list of tables", "groups", "statistics"],
)
async def test_a_table_that_is_gone_is_not_opened_again(
    path: Path, look: Look, keys: Sequence[str], shown: Sequence[str]
) -> None:
    async with look(path, View("Index", columns=("a",))) as viewer:
        await viewer.until_shown("2 entries", "#2")
        for key, screen in zip(keys, shown, strict=True):
            await viewer.press(key)
            await viewer.until_shown(screen)
        start = viewer.app.screen
        await viewer.press("enter")
        await viewer.until(lambda: isinstance(viewer.app.screen, TableScreen) and " ok  id" in viewer.text)
        drop(path)
        await viewer.press("r")
        await until_told(viewer)
        await viewer.press("escape")
        await viewer.until(lambda: viewer.app.screen is start)
        await viewer.press("enter")
        await until_told(viewer)
        assert viewer.app.screen is start


async def test_a_view_whose_table_is_gone_says_so_and_keeps_its_columns(
    path: Path, database: Database, look: Look
) -> None:
    database.execute('CREATE VIEW seen AS SELECT a FROM "Index"')
    database.connection.commit()
    async with look(path, View("seen")) as viewer:
        await viewer.until_shown("2 rows")
        drop(path)
        await viewer.press("r")
        await viewer.until_shown(told := "2 rows · seen has no columns that can be read.")
        # It stands: what is new in the view is looked for again, cannot be read either, and that says less.
        os.utime(path, (1_000_000_000, 1_000_000_000))
        await viewer.until_shown("written 2001-09-09")
        await viewer.until(lambda: not list(viewer.app.workers))
        assert told in viewer.text
        await viewer.press("l", "v")
        await viewer.until_shown("1 of 1 shown")


@pytest.mark.parametrize("key", ["F", "i", "P"])
async def test_what_cannot_be_read_is_not_said_to_be_read(path: Path, database: Database, look: Look, key: str) -> None:
    database.execute('CREATE VIEW seen AS SELECT a FROM "Index"')
    database.connection.commit()
    async with look(path, View("seen")) as viewer:
        await viewer.until_shown("2 rows")
        drop(path)
        await viewer.press(key)
        await viewer.until(lambda: "thequeryfailed" in viewer.said + viewer.text.replace(" ", ""))
        await viewer.until(lambda: "reading …" not in viewer.text)
