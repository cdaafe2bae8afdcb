"""The list of tables: what there is, how much of it, how it went."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.query.view import View
from dbview.screens.home import HomeScreen
from dbview.screens.overview.screen import OverviewScreen
from dbview.source.source import open_source
from tests.dbview.database import Database

from .conftest import LastingApp, Look, Viewer


def two_tasks(database: Database) -> None:
    entry = {"timestamp": "2024-02-14 16:28:08", "result.task_status": "COMPLETED", "valid_flag": 1}
    failed = {"timestamp": "2024-02-13 00:00:00", "result.task_status": "FAILED", "valid_flag": 0}
    database.task("FindPeaks", {}, [entry, entry, failed, {**entry, "valid_flag": 0}])
    database.task("Index", {}, [])
    database.execute("CREATE TABLE notes(a)")
    database.execute("CREATE TABLE _rec_meta(key, value)")


async def test_tables_stand_in_sections_with_counts_statuses_and_last_activity(database: Database, look: Look) -> None:
    two_tasks(database)
    async with look(database.path) as viewer:
        await viewer.until_shown("2 Tasks · 4 entries", "notes")
        text = viewer.text
        assert text.index("Tasks") < text.index("FindPeaks") < text.index("Shared configuration")
        assert text.index("Shared configuration") < text.index("gen_cfg") < text.index("Other tables")
        (row,) = [line for line in viewer.lines if "FindPeaks" in line]
        assert row.split()[2:] == ["4", "2024-02-14", "16:28", "✓2", "✓x1", "F1"]
        assert "live · read-only · written 20" in viewer.lines[0]
        # Each number stands under the word for it.
        (heading,) = [line for line in viewer.lines if line.startswith(" Tasks")]
        assert heading.split() == ["Tasks", "entries", "newest,", "UTC", "how", "they", "ended"]
        assert heading.index("entries") + len("entries") == row.index(" 4 ") + 2
        assert heading.index("newest") == row.index("2024")


async def test_names_are_cut_only_where_there_is_no_room(tmp_path: Path, look: Look) -> None:
    path, name = tmp_path / "other.db", "project_formfac_" + "very_" * 10 + "long"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE {name}(x)")
    connection.close()
    async with look(path, size=(80, 24)) as viewer:
        await viewer.until_shown("project_formfac_very")
        assert name not in viewer.text
        await viewer.pilot.resize_terminal(160, 45)
        await viewer.until_shown(name)


async def test_bookkeeping_is_hidden_until_it_is_asked_for(database: Database, look: Look) -> None:
    two_tasks(database)
    async with look(database.path) as viewer:
        await viewer.until_shown("notes")
        assert "_rec_meta" not in viewer.text
        await viewer.press("i")
        await viewer.until_shown("Bookkeeping", "_rec_meta", "sqlite_sequence")
        await viewer.press("i")
        await viewer.until(lambda: "_rec_meta" not in viewer.text)


async def test_a_table_is_found_by_a_part_of_its_name(database: Database, look: Look) -> None:
    two_tasks(database)
    async with look(database.path) as viewer:
        await viewer.until_shown("2 Tasks · 4 entries")
        await viewer.press("slash")
        await viewer.type("peak")
        await viewer.until(lambda: "FindPeaks" in viewer.text and "Index" not in viewer.text)
        await viewer.until_shown("1 of 5 tables")
        await viewer.press("enter")
        await viewer.until_shown("lute.db › FindPeaks")
        await viewer.press("escape")
        await viewer.until_shown("/ peak")
        await viewer.press("slash")
        await viewer.type("zzz")
        # What was typed before is replaced.
        await viewer.until_shown(" / zzz\n", "0 of 5 tables", "No table has that in its name.", "Esc show all")
        await viewer.press("enter")
        await viewer.until_shown("^ There is nothing to open.", "Enter open")
        assert viewer.text.count("No table has that in its name.") == 1
        await viewer.press("escape")
        await viewer.until_shown("FindPeaks", "Index", "find a table")


async def test_the_first_table_found_is_opened_unless_another_is_gone_to(database: Database, look: Look) -> None:
    two_tasks(database)
    async with look(database.path) as viewer:
        await viewer.until_shown("gen_cfg", "exec_cfg")
        await viewer.press("end", "slash")
        await viewer.type("cfg")
        await viewer.until(lambda: "FindPeaks" not in viewer.text and "gen_cfg" in viewer.cursor_line)
        await viewer.press("down")
        await viewer.until(lambda: "exec_cfg" in viewer.cursor_line)
        await viewer.press("enter")
        await viewer.until_shown("lute.db › exec_cfg")
        await viewer.press("escape")
        await viewer.until(lambda: "exec_cfg" in viewer.cursor_line and "Esc show all" in viewer.lines[-1])
        await viewer.press("escape")
        await viewer.until(lambda: "FindPeaks" in viewer.text and "Esc" not in viewer.lines[-1])


async def test_a_database_without_tables_says_so(tmp_path: Path, look: Look) -> None:
    path = tmp_path / "empty.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA user_version=1")
    connection.close()
    async with look(path) as viewer:
        await viewer.until_shown("This database holds no tables: nothing has been recorded in it yet.")
        await viewer.press("enter", "down", "slash", "enter")
        assert viewer.app.is_running


async def test_a_database_of_something_else_says_that_it_has_no_tasks(tmp_path: Path, look: Look) -> None:
    path = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE a(x)")
        connection.execute("CREATE TABLE b(x)")
    connection.close()
    async with look(path) as viewer:
        await viewer.until_shown("2 tables, none of them written by a recorder of Tasks")


async def test_a_write_is_announced_and_refresh_counts_again(database: Database, look: Look) -> None:
    two_tasks(database)
    async with look(database.path) as viewer:
        await viewer.until_shown("2 Tasks · 4 entries", "written 20")
        database.execute('INSERT INTO "Index"(valid_flag) VALUES (1)')
        await viewer.until_shown("changed · r")
        await viewer.press("r")
        await viewer.until_shown("2 Tasks · 5 entries")


async def test_what_is_written_between_opening_and_the_first_look_is_announced(database: Database) -> None:
    two_tasks(database)
    with contextlib.closing(open_source(database.path)) as source:
        database.execute("CREATE TABLE later(a)")
        app = LastingApp(source)
        async with app.run_test(size=(100, 30)) as pilot:
            viewer = Viewer(app, pilot)
            await viewer.until_shown("2 Tasks · 4 entries", "changed · r")
            await viewer.press("r")
            await viewer.until_shown("later")


STRANGE_NAMES = [
    "a b",
    "a.b",
    '"; drop table t --',
    "[/x]",
    "[bold]x",
    "sel\x1b]52;c;eA==\x07",
    "\u202eabc",
    "naïve µ",
    "",
]


@pytest.mark.parametrize("name", STRANGE_NAMES)
async def test_a_table_of_any_name_opens(database: Database, look: Look, name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    database.execute(f"CREATE TABLE {quoted}(a)")
    database.execute(f"INSERT INTO {quoted} VALUES ('here it is')")
    async with look(database.path) as viewer:
        await viewer.until_shown("Other tables")
        await viewer.press("end", "enter")
        await viewer.until_shown("here it is", "1 row")
        await viewer.press("enter")
        await viewer.until_shown("#1", "here it is")
        assert all(character.isprintable() for line in viewer.lines for character in line)


@pytest.mark.parametrize("name", ["lute-v01.db", "lute-v02.db", "lattedb.db"])
async def test_every_table_of_a_real_file_opens_to_its_last_entry(
    sample: Callable[[str], Path], look: Look, name: str
) -> None:
    path = sample(name)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        counts = {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        }
    connection.close()
    async with look(path) as viewer:
        if isinstance(viewer.app.screen, OverviewScreen):
            await viewer.press("t")
        home = viewer.app.screen
        assert isinstance(home, HomeScreen)
        for table, count in list(counts.items())[:12]:
            home.open_table(View(table))
            await viewer.until_shown(f" › {table}", f" {count:,} ")
            if count:
                await viewer.press("end", "enter")
                await viewer.until(lambda: "› #" in viewer.lines[0] and "reading …" not in viewer.text)
                await viewer.press("escape")
            await viewer.press("escape")
            await viewer.until_shown("find a table")
