"""What happens to a table while it is looked at: entries come and change, the file is locked or damaged."""

from __future__ import annotations

import os

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look
from .peaks import ids, peaks


async def test_new_entries_are_announced_and_move_nothing(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        # What is written before the file's clock has been looked at once is no news.
        await viewer.until_shown("12 entries", "written 20")
        await viewer.press("down", "down")
        await viewer.until(lambda: " #10 " in viewer.text and ids(viewer) == list(range(12, 0, -1)))
        await viewer.until_shown("✓★   2")
        before = viewer.lines[5:-1]
        for _ in range(3):
            database.execute("INSERT INTO \"Peaks\"(note) VALUES ('new')")
        await viewer.until_shown("3 new entries · r")
        assert viewer.lines[5:-1] == before
        await viewer.press("r")
        await viewer.until_shown("15 entries", " #10 ")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["10"] and ids(viewer)[0] == 15)
        database.execute("INSERT INTO \"Peaks\"(note) VALUES ('newer')")
        await viewer.until_shown("1 new entry · r")


async def test_what_was_read_already_is_not_announced(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", "#12")
        database.execute("INSERT INTO \"Peaks\"(note) VALUES ('new')")
        # A time that the head tells when the file's clock has been looked at.
        os.utime(database.path, (1e9, 1e9))
        await viewer.press("r")
        await viewer.until_shown("13 entries", "written 2001-09-09")
        await viewer.press("home")
        await viewer.until_shown("#13")
        assert " · r" not in viewer.lines[3]


async def test_the_first_entry_of_an_empty_table_is_announced(database: Database, look: Look) -> None:
    database.task("Empty", {}, [])
    async with look(database.path, View("Empty")) as viewer:
        await viewer.until_shown("There are no entries here yet.")
        await viewer.until_shown("written 20")
        database.execute('INSERT INTO "Empty"(valid_flag) VALUES (1)')
        await viewer.until_shown("1 new entry · r")


async def test_an_invalidated_entry_is_announced_as_a_change(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", "hits: 11", "written 20")
        database.execute('UPDATE "Peaks" SET valid_flag = 0 WHERE id = 11')
        await viewer.until_shown("changed · r")
        await viewer.press("r")
        await viewer.until(lambda: viewer.lines[7].split()[:2] == ["✓x", "11"])


async def test_a_parameter_added_meanwhile_is_a_column_after_refresh(database: Database, look: Look) -> None:
    database.task("Task", {"a": "TEXT"}, [{"a": "x"}])
    async with look(database.path, View("Task"), size=(160, 24)) as viewer:
        await viewer.until_shown("1 entry")
        database.execute('ALTER TABLE "Task" ADD COLUMN "later" TEXT')
        await viewer.press("r")
        await viewer.until_shown("later")


async def test_a_locked_file_is_told_in_words_and_read_again_later(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", columns=("note",))) as viewer:
        await viewer.until_shown("12 entries", "note 0", "#12")
        database.connection.execute("BEGIN EXCLUSIVE")
        await viewer.press("r")
        await viewer.until_shown("is locked")
        assert ids(viewer) == list(range(12, 0, -1))
        database.connection.rollback()
        database.execute("INSERT INTO \"Peaks\"(note) VALUES ('new')")
        await viewer.press("r")
        await viewer.until_shown("13 entries")
        await viewer.until(lambda: ids(viewer)[:1] == [13])


async def test_a_damaged_table_keeps_what_could_be_read(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
    with database.connection:
        database.connection.executemany("INSERT INTO t(a) VALUES (?)", [("x" * 500,) for _ in range(3000)])
    database.connection.close()
    data = bytearray(database.path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 8192] = b"\xff" * 8192
    database.path.write_bytes(data)
    async with look(database.path, View("t", filter="x")) as viewer:
        await viewer.until_shown("damaged")
        assert "found so far" in viewer.text or "reading" in viewer.text or "0 " in viewer.text
        assert viewer.app.is_running
