"""What is large, or never ends: the screen shows what it has, says what it waits for, and is never stuck."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from typing import Any

import pytest

from dbview.query.view import SortKey, View
from dbview.screens import home as home_module
from dbview.screens.table import arrangement as arrangement_module
from dbview.source.view import scan, sorting
from dbview.source.view.arrange import arrange
from dbview.source.view.rows import POSITION_LIMIT
from dbview.source.view.snapshot import Snapshot
from tests.dbview.database import Database

from .conftest import Look
from .test_table import ids

ENDLESS = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) AS n FROM c"


def numbers(database: Database, rows: int) -> None:
    """Make a table of so many rows, whose values are in no order."""
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n INTEGER, text TEXT)")
    database.execute(
        f"WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT {rows}) "
        f"INSERT INTO t SELECT i, i * 7919 % {rows}, printf('%0500d', i) FROM c"
    )


def before_counting(reader: Any, relation: Any, view: View, publish: Any, cancelled: Any) -> Snapshot:
    """Put rows in order as far as that goes before the first step of a scan."""
    return arrange(reader, relation, view, publish, lambda: True)


async def test_any_row_can_be_gone_to_while_the_rows_are_counted(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers(database, 30_000)
    monkeypatch.setattr(arrangement_module, "arrange", before_counting)
    async with look(database.path, View("t", columns=("n",))) as viewer:
        await viewer.until_shown("about 30,000 rows")
        await viewer.press("g")
        await viewer.type("12345")
        await viewer.press("enter")
        await viewer.until(lambda: "12345" in viewer.cursor_line)
        await viewer.press("end")
        await viewer.until(lambda: viewer.cursor_line.split()[1:2] == ["1"])
        await viewer.press("home")
        await viewer.until(lambda: "30000" in viewer.cursor_line)


async def test_the_top_stays_with_words_where_the_rest_cannot_be_sorted(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers(database, 5_000)
    monkeypatch.setattr(sorting, "MEMORY", 0)
    monkeypatch.setattr(sorting, "_SHARE_OF_FREE_SPACE", 0.0)
    async with look(database.path, View("t", sort=(SortKey("n"),), columns=("n",))) as viewer:
        await viewer.until_shown("the first 500 rows, the rest not sorted", "cannot be sorted", "by n ▴")
        await viewer.until(lambda: " 5000 " in viewer.cursor_line)


async def test_all_rows_are_sorted_by_a_value_of_another_table(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "TOP_ROWS", 5)
    monkeypatch.setattr(scan, "_FIRST_STEP_ROWS", 10)
    monkeypatch.setattr(scan, "_LARGEST_STEP_ROWS", 10)
    for run in range(60):
        database.insert("gen_cfg", {"run": str(run * 37 % 60)})
    database.task("Task", {}, [{"gen_cfg_id": number, "result.task_status": "COMPLETED"} for number in range(1, 61)])
    async with look(database.path, View("Task", sort=(SortKey("run"),))) as viewer:
        await viewer.until_shown("60 entries", "by run")
        wanted = sorted(range(1, 61), key=lambda number: (number - 1) * 37 % 60)
        await viewer.until(lambda: ids(viewer)[:10] == wanted[:10])


@pytest.mark.parametrize("view", [View("t", "n>=0"), View("t", sort=(SortKey("text"),))])
async def test_a_damaged_page_in_the_middle_leaves_what_came_before_it(
    database: Database, look: Look, view: View
) -> None:
    numbers(database, 5_000)
    database.connection.close()
    data = bytearray(database.path.read_bytes())
    start = len(data) // 3 // 4096 * 4096
    data[start : start + 8192] = b"\xff" * 8192
    database.path.write_bytes(data)
    async with look(database.path, view) as viewer:
        await viewer.until_shown("is damaged")
        await viewer.until(lambda: "0000" in viewer.cursor_line)
        told = re.search(r"([\d,]+) (found so far|rows) ", viewer.text)
        assert told
        assert 0 < int(told[1].replace(",", "")) < 5_000


async def test_a_table_that_goes_while_it_is_scanned_is_told_in_words(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers(database, 5_000)

    def dropped_meanwhile(reader: Any, relation: Any, view: View, publish: Any, cancelled: Any) -> Snapshot:
        def after_first(snapshot: Snapshot) -> None:
            publish(snapshot)
            with contextlib.closing(sqlite3.connect(database.path)) as writer, writer:
                writer.execute("ALTER TABLE t RENAME TO u" if not gone else "SELECT 1")
            gone.append(True)

        return arrange(reader, relation, view, after_first, cancelled)

    gone: list[bool] = []
    monkeypatch.setattr(arrangement_module, "arrange", dropped_meanwhile)
    async with look(database.path, View("t", "n>=0"), size=(250, 30)) as viewer:
        await viewer.until_shown("no such table: t", "found so far")


async def test_two_thousand_columns(database: Database, look: Look) -> None:
    names = [f"column_{number}" for number in range(2_000)]
    database.execute(f"CREATE TABLE wide({', '.join(names)})")
    database.execute("INSERT INTO wide(column_0, column_1999) VALUES ('first', 'last')")
    async with look(database.path, View("wide", columns=tuple(names))) as viewer:
        await viewer.until_shown("1 row", "first")
        await viewer.press("dollar_sign")
        await viewer.until_shown("column_1999", "last")
        await viewer.filter("last")
        await viewer.until_shown("1 of 1")
        await viewer.filter("-last")
        await viewer.until_shown("0 of 1")


async def test_a_value_of_hundreds_of_megabytes_is_shown_by_its_beginning(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE large(id INTEGER PRIMARY KEY, a, b)")
    database.execute("INSERT INTO large VALUES (1, zeroblob(200000000), 'beside')")
    async with look(database.path, View("large")) as viewer:
        await viewer.until_shown("1 row", "beside", "00 00")


async def test_what_stands_behind_a_view_that_never_ends_is_counted(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(*arguments: Any, **trouble: Any) -> home_module.Activity:
        if trouble:  # the first is given up: a busy machine may need longer than that for the other as well
            monkeypatch.setattr(home_module, "VIEW_SECONDS", 60.0)
        return activity(*arguments, **trouble)

    activity = home_module.Activity
    monkeypatch.setattr(home_module, "Activity", known)
    monkeypatch.setattr(home_module, "VIEW_SECONDS", 0.2)
    database.execute(f"CREATE VIEW endless AS {ENDLESS}")
    database.execute("CREATE VIEW later AS SELECT 1 AS one UNION SELECT 2")
    async with look(database.path) as viewer:
        await viewer.until_shown("not counted: its rows take more than")
        await viewer.until(lambda: re.search(r"later +2\b", viewer.text))


@pytest.mark.parametrize(
    "made_as",
    [
        "CREATE TABLE pairs(a PRIMARY KEY, b) WITHOUT ROWID",
        "CREATE TABLE stored(a, b); CREATE VIEW pairs AS SELECT * FROM stored",
    ],
)
async def test_of_rows_without_ids_the_first_are_shown_and_said_to_be_the_first(
    database: Database, look: Look, made_as: str
) -> None:
    database.connection.executescript(made_as)
    table = "stored" if "stored" in made_as else "pairs"
    with database.connection:
        rows = [(f"{n:06}", n) for n in range(1, POSITION_LIMIT + 2)]
        database.connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", rows)
    async with look(database.path, View("pairs")) as viewer:
        await viewer.until_shown("only the first 10,000 rows", "000001")
        await viewer.press("end")
        await viewer.until(lambda: "10000" in viewer.cursor_line)
        await viewer.filter("b>9990")
        await viewer.until_shown("10 of the first 10,000 rows")
        await viewer.filter("b=10001")
        await viewer.until_shown("None of the first 10,000 rows matches the filter; the others cannot be read.")
