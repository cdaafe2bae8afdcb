"""What is suggested while a filter is typed, and the filters of earlier times."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from dbview.query.view import View
from dbview.settings import Settings
from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, Terminal

from .conftest import Look, Viewer
from .test_table import ids, peaks


def bar(viewer: Viewer) -> str:
    """Return the text in the filter bar."""
    return viewer.app.screen.query_one(Input).value


async def test_a_filter_is_completed_from_name_over_operator_to_value(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), size=(80, 24)) as viewer:
        await viewer.until_shown("12 entries")
        before = viewer.lines
        await viewer.press("slash", "s", "t", "a")
        await viewer.until_shown("status", "Tab")
        assert viewer.lines[3].split() == before[3].split(), "the line for words and errors stays free"
        await viewer.press("tab")
        await viewer.until(lambda: bar(viewer) == "status")
        await viewer.type("=f")
        await viewer.until_shown("FAILED Tab")
        await viewer.press("tab")
        await viewer.until(lambda: bar(viewer) == "status=FAILED" and "Tab" not in viewer.lines[4])
        await viewer.press("enter")
        await viewer.until(lambda: "3 of 12" in viewer.text and ids(viewer) == [12, 8, 4])


async def test_the_arrows_choose_and_escape_closes_the_list_first(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", filter="run<9"), size=(80, 24)) as viewer:
        await viewer.until_shown("12 of 12")
        await viewer.press("slash", "end", "ctrl+u")
        await viewer.type("compression.compressor=")
        await viewer.until_shown("│ qoz Tab", "│ null")
        await viewer.press("down", "down")
        await viewer.until_shown("▌ null")
        await viewer.press("up")
        await viewer.until_shown("▌ qoz")
        await viewer.press("down", "enter")
        await viewer.until(lambda: bar(viewer) == "compression.compressor=null" and "▌ null" not in viewer.text)
        await viewer.press("backspace")
        await viewer.until_shown("Tab")
        await viewer.press("escape")
        await viewer.until(lambda: "Tab" not in viewer.lines[4])
        assert bar(viewer) == "compression.compressor=nul", "only the list is closed"
        await viewer.press("escape")
        await viewer.until(lambda: bar(viewer) == "run<9")


async def test_tab_in_an_empty_bar_shows_what_can_be_named(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), size=(80, 24)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press("slash", "tab")
        await viewer.until_shown("│ experiment", "│ payload", "Tab")
        await viewer.press("down", "down", "tab")
        await viewer.until(lambda: bar(viewer) == "experiment")
        await viewer.press("ctrl+u")
        await viewer.until(lambda: "Tab" not in "".join(viewer.lines[:-1]))


async def test_hostile_values_are_suggested_in_a_form_that_can_be_shown(database: Database, look: Look) -> None:
    database.task("Task", {"note": "TEXT"}, [{"note": "a\x1b]0;x\x07b [/red]"}, {"note": "\x9bplain"}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        await viewer.until_shown("2 entries")
        await viewer.press("slash")
        await viewer.type("note=")
        await viewer.until_shown("Tab", '[/red]" │')
        assert not any(character in viewer.text for character in "\x1b\x07\x9b")
        await viewer.press("down", "down", "enter", "enter")
        await viewer.until_shown("1 of 2")


async def test_secrets_are_not_suggested(database: Database, look: Look) -> None:
    database.task("Task", {"api_token": "TEXT"}, [{"api_token": "hunter2"}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("slash")
        await viewer.type("api_token=")
        await viewer.until_shown("null", "Tab")
        assert "hunter2" not in viewer.text


async def test_filters_are_remembered_for_their_table(database: Database, look: Look, tmp_path: Path) -> None:
    peaks(database)
    database.task("Other", {}, [{}])
    directory = tmp_path / "config"
    async with look(database.path, View("Peaks"), settings=Settings(directory)) as viewer:
        await viewer.until_shown("12 entries")
        for text in ("run=1", "status=FAILED", "run=1", "run=2"):
            await viewer.filter(text)
            await viewer.until_shown(" of 12")
        await viewer.filter("")
        await viewer.until_shown("12 entries")
    async with look(database.path, View("Peaks"), settings=Settings(directory)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press("slash")
        seen = []
        for _ in range(4):
            await viewer.press("up")
            seen.append(bar(viewer))
        assert seen == ["run=2", "run=1", "status=FAILED", "status=FAILED"]
        await viewer.press("down", "enter")
        await viewer.until_shown("2 of 12")
    async with look(database.path, View("Other"), settings=Settings(directory)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("slash", "up")
        assert bar(viewer) == ""


async def test_a_filter_is_given_a_name_and_had_again_by_it(database: Database, look: Look, tmp_path: Path) -> None:
    peaks(database)
    directory = tmp_path / "config"
    async with look(database.path, View("Peaks"), size=(130, 30), settings=Settings(directory)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.filter("@bad=son_mim>3")
        await viewer.until_shown("no column son_mim")
        assert viewer.lines[3].index("^") == viewer.lines[2].index("son_mim")
        await viewer.filter("@bad=status!=COMPLETED")
        await viewer.until_shown("Kept as @bad", "3 of 12")
        assert bar(viewer) == "status!=COMPLETED"
    async with look(database.path, View("Peaks"), settings=Settings(directory)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press("slash")
        await viewer.type("@")
        await viewer.until_shown("@bad", "Tab")
        await viewer.press("tab", "enter")
        await viewer.until_shown("3 of 12")
        assert bar(viewer) == "status!=COMPLETED"
        await viewer.filter("@bad=")
        await viewer.until_shown("No longer kept: @bad", "3 of 12")
        await viewer.filter("@bad=")
        await viewer.until_shown("no filter has the name @bad")
        await viewer.press("escape")
        await viewer.filter("@bad")
        await viewer.until_shown("0 of 12")


async def test_what_is_remembered_may_be_anything(database: Database, look: Look, tmp_path: Path) -> None:
    peaks(database)
    (tmp_path / "remembered.json").write_text(
        '{"version": 1, "filters": {"Peaks": [1, "run=1", null]}, "named filters": {"Peaks": ["x"]}}'
    )
    async with look(database.path, View("Peaks"), settings=Settings(tmp_path)) as viewer:
        await viewer.until_shown("12 entries")
        await viewer.press("slash", "up")
        assert bar(viewer) == "run=1"
        await viewer.press("escape")
        await viewer.filter("@x=run=2")
        await viewer.until_shown("2 of 12", "Kept as @x")


def test_in_a_real_terminal_a_filter_is_completed_and_there_again_next_time(database: Database, tmp_path: Path) -> None:
    peaks(database)
    environment = {"DBVIEW_CONFIG": str(tmp_path / "config")}
    command = [*DBVIEW, database.path, "Peaks"]
    with Terminal(command, columns=80, rows=24, environment=environment) as terminal:
        terminal.wait_for("12 entries")
        terminal.send("/stat")
        terminal.wait_for("│ status")
        terminal.send("\t=fa")
        terminal.wait_for("│ FAILED")
        terminal.send("\t")
        terminal.wait_for(lambda text: "/ status=FAILED" in text and "│" not in text)
        terminal.send(ENTER)
        terminal.wait_for("3 of 12")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()
    with Terminal(command, columns=80, rows=24, environment=environment) as terminal:
        terminal.wait_for("12 entries")
        terminal.send("/\x1b[A")
        terminal.wait_for("/ status=FAILED")
        terminal.send(ENTER)
        terminal.wait_for("3 of 12")
