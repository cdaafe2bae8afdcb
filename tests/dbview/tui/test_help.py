"""The help: every key of the screen below it, and a filter language that is the real one."""

from __future__ import annotations

import re

import pytest
from textual.binding import Binding

from dbview.query.filter import parse
from dbview.query.view import View
from dbview.screens.help import FILTERS
from dbview.screens.table.screen import TableScreen
from dbview.widgets.grid import Grid
from dbview.widgets.key_line import key_name
from tests.dbview.database import Database

from .conftest import Look
from .test_entry import whole


async def test_the_help_shows_every_key_of_the_table(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task")) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("question_mark")
        await viewer.until_shown("Keys, symbols and filters")
        text = whole(viewer)
        for binding in [*TableScreen.BINDINGS, *Grid.BINDINGS]:
            assert isinstance(binding, Binding)
            assert binding.tooltip in text
            assert all(key_name(key) in text for key in binding.key.split(","))
        await viewer.press("escape")
        await viewer.until_shown("1 entry")


async def test_the_lines_of_the_help_are_broken_between_words(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task"), size=(60, 60)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("question_mark")
        await viewer.until_shown("Keys, symbols and filters")
        words = set(whole(viewer).split())
        for line in viewer.lines[2:-1]:
            assert set(line[:-1].split()) <= words, "the last cell is the scrollbar's"


def test_the_examples_of_the_filter_language_are_filters() -> None:
    for forms, _meaning in FILTERS:
        for form in re.split(r"\s{2,}", forms):
            assert parse(form) is not None, form


async def test_the_key_line_follows_the_focus(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        await viewer.until_shown("1 entry")
        assert "s sort" in viewer.lines[-1]
        assert viewer.lines[-1].rstrip().endswith("Esc back  q quit")
        await viewer.press("slash")
        await viewer.until(lambda: "Enter apply" in viewer.lines[-1])
        assert "Ctrl-U clear" in viewer.lines[-1]
        assert "q quit" not in viewer.lines[-1]
        assert "g go to id" not in viewer.lines[-1]


async def test_the_key_line_shows_more_where_there_is_room(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    for width, has_room in ((80, False), (160, True)):
        async with look(database.path, View("Task"), size=(width, 24)) as viewer:
            await viewer.until_shown("1 entry")
            assert ("= only this  - not this" in viewer.lines[-1]) is has_room
            assert viewer.lines[-1].rstrip().endswith("? keys  Esc back  q quit")


async def test_screens_are_usable_without_colours_and_on_a_light_ground(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    database.task("Task", {}, [{"result.task_status": "FAILED", "valid_flag": 0}, {}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        await viewer.until_shown("2 entries", " F ", "▌")
        viewer.app.theme = "textual-light"
        await viewer.press("enter", "escape", "q")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_head_and_key_line_cut_no_word(database: Database, look: Look, width: int) -> None:
    database.task("FindPeaks", {}, [{}])
    async with look(database.path, View("FindPeaks"), size=(width, 24)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.until(lambda: viewer.lines[-1].rstrip().endswith("q quit"))
        entries = viewer.app.screen.active_bindings.values()
        known = {f"{key_name(entry.binding.key)} {entry.binding.description}" for entry in entries}
        assert set(re.split(r"\s{2,}", viewer.lines[-1].strip())) <= known
        head = re.split(r"\s{2,}| live", viewer.lines[0].strip())[0]
        assert head.rstrip() in ("lute.db › FindPeaks", "… › FindPeaks")
