"""A value that no query comes back from: everything else is there at once, and leaving waits for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.screens.home import HomeScreen
from dbview.screens.table.screen import TableScreen
from tests.dbview.database import Database
from tests.dbview.tui.conftest import Look, look
from tests.dbview.tui.test_large import ENDLESS
from tests.terminal import DBVIEW, ENTER, ESCAPE, Terminal

__all__ = ["look"]

ENDLESS_VALUE = "hex(zeroblob(8000000)) LIKE '%' || hex(zeroblob(24000)) || '1'"
"""Many minutes in one step of SQLite's machine: the pattern nearly fits at each of sixteen million places."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    database = Database(tmp_path / "lute.db")
    database.execute("CREATE TABLE plain(a)")
    database.insert("plain", {"a": "something"})
    database.execute("CREATE TABLE bomb(id INTEGER PRIMARY KEY, n)")
    database.execute("INSERT INTO bomb(n) VALUES (1), (2)")
    # Afterwards: a row that is inserted has its values computed.
    database.execute(f"ALTER TABLE bomb ADD COLUMN never AS ({ENDLESS_VALUE})")
    database.execute(f"CREATE VIEW endless AS SELECT n FROM bomb WHERE {ENDLESS_VALUE}")
    database.connection.close()
    return database.path


@pytest.mark.parametrize(("name", "words"), [("bomb", "waiting for the computed columns"), ("endless", "reading …   ")])
def test_other_tables_are_there_and_leaving_waits_for_nothing(path: Path, name: str, words: str) -> None:
    with Terminal([*DBVIEW, path, name]) as terminal:
        terminal.wait_for(words)
        terminal.send(ESCAPE)
        terminal.wait_for("Other tables")
        terminal.send("/plain")
        terminal.wait_for("/ plain")
        terminal.send(ENTER)
        terminal.wait_for("something")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()


async def test_a_view_that_never_ends_holds_up_nothing_else(tmp_path: Path, look: Look) -> None:
    database = Database(tmp_path / "lute.db")
    database.execute("CREATE TABLE t(a)")
    database.insert("t", {"a": "something"})
    database.execute(f"CREATE VIEW endless AS {ENDLESS}")
    database.connection.close()
    async with look(database.path, View("endless")) as viewer:
        await viewer.until_shown("reading")
        await viewer.press("escape")
        await viewer.until(lambda: isinstance(viewer.app.screen, HomeScreen))
        home = viewer.app.screen
        assert isinstance(home, HomeScreen)
        await viewer.app.push_screen(TableScreen(home.source, home.scheduler, View("t")))
        await viewer.until_shown("1 row", "something")
