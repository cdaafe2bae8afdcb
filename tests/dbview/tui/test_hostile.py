"""Whatever cells and names hold, nothing of it drives the terminal and nothing of it stops the viewer."""

from __future__ import annotations

from typing import Any

import pytest

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look, Viewer

HOSTILE: list[Any] = [
    "[/x]",
    "[red]a[/red] [@click=app.quit]b[/]",
    "\x1b[31mred\x1b]52;c;UFdORUQ=\x07",
    "\x9b2J\x90q\x9c",
    "a\u202eb\u2066c\u200fd",
    "nul\x00 del\x7f bell\x07 back\x08 so\x0e",
    "line\nline\r\nline\ttab\x0b\x0c\x85\u2028\u2029",
    b"\xff\xfe\x1b[2J",
    "\ue000\U000e0001\ufeff",
    "日本語 e\u0301\u0301\u0301 👩‍👩‍👧",
    "x" * 50_000,
    float("inf"),
    -(2**63),
    5e-324,
]


async def all_is_printable(viewer: Viewer) -> None:
    await viewer.pilot.pause()
    bad = [character for line in viewer.lines for character in line if not character.isprintable()]
    assert bad == []


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:30])
async def test_hostile_values_are_shown_and_reach_no_terminal(database: Database, look: Look, value: Any) -> None:
    database.insert("gen_cfg", {"title": value, "experiment": value, "run": value})
    database.insert("exec_cfg", {"env": value, "communicator_desc": value})
    entry = {"p": value, "gen_cfg_id": 1, "exec_cfg_id": 1, "timestamp": value, "valid_flag": value}
    entry |= {f"result.{name}": value for name in ("task_status", "summary", "payload", "impl_schemas")}
    database.task("Task", {"p": "TEXT"}, [entry])
    async with look(database.path) as viewer:
        await viewer.until(lambda: "valid, of those recorded" in viewer.text or "1 Task" in viewer.text)
        await all_is_printable(viewer)
        await viewer.press("t")
        await viewer.until_shown("1 Task · 1 entry")
        await all_is_printable(viewer)
        await viewer.press("enter")
        await viewer.until_shown("1 entry", "#1")
        await all_is_printable(viewer)
        await viewer.press("l", "l", "l", "l", "equals_sign")
        await viewer.until_shown("1 ")
        await all_is_printable(viewer)
        await viewer.press("s", "enter")
        await viewer.until_shown("Task › #1", "Result")
        await all_is_printable(viewer)
        await viewer.press("end")
        await all_is_printable(viewer)


async def test_text_that_is_not_utf8_is_shown_escaped(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
    database.execute("INSERT INTO t(a) VALUES (CAST(x'61ff1b62' AS TEXT))")
    async with look(database.path, View("t")) as viewer:
        await viewer.until_shown("a\\xff␛b", "1 row")
        await viewer.press("right", "equals_sign")
        await viewer.until_shown("No filter can name this value.")
        await viewer.press("enter")
        await viewer.until_shown("t › #1", "a\\xff␛b")


async def test_hostile_column_names_are_made_visible(database: Database, look: Look) -> None:
    database.task("Task", {"\x1b]0;x\x07": "TEXT", "[/x]": "TEXT", "a\u202eb": "TEXT"}, [{"[/x]": "here"}])
    async with look(database.path, View("Task"), size=(200, 30)) as viewer:
        await viewer.until_shown("[/x]", "␛]0;x␇", "\\u202e", "here")
        await viewer.press("0", "l", "l", "l", "l", "l", "l", "l", "l", "s")
        await viewer.until_shown("by ")
        await all_is_printable(viewer)
        await viewer.press("enter")
        await viewer.until_shown("[/x]  here")
        await all_is_printable(viewer)


async def test_a_hostile_filter_and_id_are_only_words(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task", filter='"[/x]\x1b[31m')) as viewer:
        await viewer.until_shown("is never closed")
        await all_is_printable(viewer)
        await viewer.press("g")
        await viewer.type("[/x]")
        await viewer.press("enter")
        await viewer.until_shown("There is no id [/x]")
