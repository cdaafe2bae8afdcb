"""What the keys y, Y and Ctrl-Y leave on the clipboard."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path

import pytest

from dbview.query.view import SortKey, View
from tests.dbview.database import Database
from tests.terminal import DBVIEW, Terminal

from .conftest import Look


@pytest.fixture
def noted(database: Database) -> Path:
    """Return a file with three entries whose values are hard to copy."""
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "12"})
    database.insert("exec_cfg", {"env": "API_TOKEN=hidden"})
    notes = ["it's $HOME", "two\nlines \x1b[2J" + "x" * 5_000, b"\x00\xff"]
    entries = [
        {"gen_cfg_id": 1, "exec_cfg_id": 1, "note": note, "n": number, "api_token": "hidden", "valid_flag": 1}
        for number, note in enumerate(notes)
    ]
    database.task("Peaks", {"note": "", "n": "INTEGER", "api_token": "TEXT"}, entries)
    return database.path


async def test_a_cell_is_copied_whole_and_as_it_is(noted: Path, look: Look) -> None:
    async with look(noted, View("Peaks", "", (SortKey("id"),), ("note", "n", "api_token"))) as viewer:
        await viewer.until_shown("3 entries", "it's $HOME")
        await viewer.press("y")
        await viewer.until_shown("Copied note as it is: 10 characters.")
        assert viewer.app.clipboard == "it's $HOME"
        await viewer.press("down", "y")
        await viewer.until_shown("5,014 characters, 2 of")
        assert viewer.app.clipboard == "two\nlines \x1b[2J" + "x" * 5_000
        await viewer.press("down", "y")
        await viewer.until_shown("Copied note in base64")
        assert viewer.app.clipboard == "AP8="
        await viewer.press("right", "y")
        await viewer.until(lambda: viewer.app.clipboard == "2")
        await viewer.press("right", "y")
        await viewer.until(lambda: viewer.app.clipboard == "***")


async def test_of_a_plot_the_number_and_the_row_that_the_cursor_reads_are_copied(noted: Path, look: Look) -> None:
    async with look(noted, View("Peaks", "id>1", (), ("note", "n"))) as viewer:
        await viewer.until_shown("2 of 3")
        await viewer.press("right", "right", "P")
        await viewer.until_shown("n against", "#3 · 2")
        await viewer.press("y")
        await viewer.until_shown("Copied n as it is: 1 character.")
        assert viewer.app.clipboard == "2"
        await viewer.press("ctrl+y")
        await viewer.until_shown("Copied #3 as JSON")
        assert json.loads(viewer.app.clipboard)["id"] == 3
        await viewer.press("Y")
        await viewer.until_shown("Copied the link")
        assert "--at=3" in viewer.app.clipboard
        assert "id>1" in viewer.app.clipboard


async def test_null_and_what_is_too_long_leave_the_clipboard_as_it_is(database: Database, look: Look) -> None:
    database.task("Peaks", {"note": "TEXT"}, [{"note": None}, {"note": "x" * 80_000}])
    async with look(database.path, View("Peaks", "", (SortKey("id"),), ("note",))) as viewer:
        await viewer.until_shown("2 entries", "∅")
        await viewer.press("y")
        await viewer.until_shown("Not copied: note is NULL.")
        await viewer.press("down", "y")
        await viewer.until_shown("Not copied: it has 80,000 bytes")
        assert viewer.app.clipboard == ""


async def test_a_row_is_copied_as_json_with_its_secrets_masked(noted: Path, look: Look) -> None:
    async with look(noted, View("Peaks", "id=1")) as viewer:
        await viewer.until_shown("1 of 3", "it's $HOME")
        await viewer.press("ctrl+y")
        await viewer.until_shown("as JSON")
        row = json.loads(viewer.app.clipboard)
        assert (row["id"], row["note"], row["gen_cfg.run"], row["api_token"]) == (1, "it's $HOME", "12", "***")


async def test_the_link_of_a_table_and_of_an_entry_reopens_them(noted: Path, look: Look) -> None:
    view = View("Peaks", "note:it's or n>1", (SortKey("n", descending=True),), ("id", "n"))
    async with look(noted, view) as viewer:
        await viewer.until_shown("2 of 3")
        await viewer.press("down", "Y")
        await viewer.until_shown("Copied the link")
        table = viewer.app.clipboard
        await viewer.press("enter")
        await viewer.until_shown("Parameters")
        await viewer.press("Y")
        await viewer.until(lambda: viewer.app.clipboard != table)
        entry = viewer.app.clipboard
    assert _words(table) == [str(noted), "Peaks", "--sort=-n", "--columns=id,n", "--at=1", "note:it's or n>1"]
    assert _words(entry) == [str(noted), "Peaks", "--sort=-n", "--columns=id,n", "--id=1", "note:it's or n>1"]


def _words(line: str) -> list[str]:
    script = f'dbview() {{ printf "%s\\0" "$@"; }}\n{line}'
    found = subprocess.run(["sh", "-c", script], capture_output=True, check=True, text=True).stdout
    return found.split("\0")[:-1]


async def test_a_parameter_of_an_entry_is_copied_as_it_is(noted: Path, look: Look) -> None:
    async with look(noted, View("Peaks"), key=1) as viewer:
        await viewer.until_shown("Parameters")
        await viewer.press("slash")
        await viewer.type("HOME")
        await viewer.press("enter", "y")
        await viewer.until_shown("Copied note as it is: 10 characters.")
        assert viewer.app.clipboard == "it's $HOME"


def test_the_terminal_is_told_in_tmux_as_well(noted: Path) -> None:
    """Both ways: tmux takes one or passes the other on, whichever it is set to."""
    command = [*DBVIEW, "--no-state", noted, "Peaks", "id=1", "--columns", "note"]
    with Terminal(command, environment={"TMUX": "/tmp/tmux,1,0"}) as terminal:
        terminal.wait_for("it's $HOME")
        terminal.wait_for("#1")
        terminal.send("y")
        terminal.wait_for("Copied note as it is")
        content = base64.b64encode(b"it's $HOME")
        assert b"\x1b]52;c;" + content + b"\a" in terminal.raw
        assert b"\x1bPtmux;\x1b\x1b]52;c;" + content + b"\a\x1b\\" in terminal.raw
        assert not re.search(rb"\x1b\[2J.{0,20}x{100}", bytes(terminal.raw))
