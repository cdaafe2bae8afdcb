"""What the overview says beside its cells: what was redone since, how far it has read, and what that waits for."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from dbview.screens.overview import surveying as surveying_module
from dbview.screens.overview.screen import OverviewScreen
from dbview.source.entries.survey import Surveyed, survey
from tests.dbview.database import Database

from .conftest import Look
from .overview import entry, some_runs


async def test_what_was_redone_is_counted_beside_what_needs_attention(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.insert("gen_cfg", {"experiment": "a", "run": "2"})
    database.insert("gen_cfg", {"experiment": "b", "run": "1"})
    failed = [entry(1, "FAILED") for _try in range(7)]
    database.task("Find", {}, [*failed, entry(1), entry(2, valid_flag=0), entry(2, "FAILED"), entry(3, "FAILED")])
    database.task("Index", {}, [entry(1, "FAILED"), entry(1), entry(1, "FAILED", valid_flag=None)])
    async with look(database.path) as viewer:
        await viewer.until_shown("2 runs")
        if "▌b▐" in viewer.text:
            await viewer.press("left_square_bracket")
        await viewer.until_shown("13 entries · 10 not valid")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("9 more are not valid, but were redone since", "run 2  Find", "run 1  Index")
        await viewer.until(lambda: "run 2  Find" in viewer.cursor_line)
        await viewer.press("escape", "right_square_bracket")
        await viewer.until_shown("1 entry · 1 not valid")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("run 1  Find")
        assert "redone" not in viewer.text


async def test_redone_entries_are_also_told_of_where_nothing_needs_attention(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1, "FAILED"), entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("2 entries · 1 not valid")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("1 more is not valid, but was redone since", "Nothing needs attention")


class HalfASurvey:
    """Stands in for the look at all entries: it tells of them, and goes on asking whether it may until it is let go."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def __call__(self, reader: Any, tasks: Any, publish: Any, cancelled: Any) -> Any:
        def publish_half(surveyed: Surveyed) -> None:
            publish(replace(surveyed, scanned=0.4, complete=False))

        found = survey(reader, tasks, publish_half, lambda: False)
        while not self.goes_on.wait(0.01) and not cancelled():
            pass
        publish(Surveyed({}, 1.0, True, False, False))
        return found


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> HalfASurvey:
    made = HalfASurvey()
    monkeypatch.setattr(surveying_module, "survey", made)
    return made


async def test_it_is_said_that_reading_waits_for_another_scan(
    database: Database, look: Look, half: HalfASurvey
) -> None:
    some_runs(database)
    is_found = threading.Event()
    async with look(database.path) as viewer:
        await viewer.until_shown("··· 40 % read")
        assert "paused" not in viewer.text
        screen = viewer.app.screen
        assert isinstance(screen, OverviewScreen)
        scan = screen.scheduler.scan(lambda _reader, _cancelled: is_found.wait(600))
        await viewer.until_shown("··· 40 % read, paused while something else is looked for")
        is_found.set()
        assert scan.future.result(60)
        await viewer.until(lambda: "40 % read" in viewer.text and "paused" not in viewer.text)
        half.goes_on.set()
        await viewer.until(lambda: "% read" not in viewer.text)


async def test_what_was_redone_is_said_to_be_of_what_was_counted(
    database: Database, look: Look, half: HalfASurvey
) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1, "FAILED"), entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("2 entries so far · 1 not valid")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("1 more of those counted so far is not valid, but was redone since")
        half.goes_on.set()


async def test_what_needs_attention_is_listed_once_something_is_known(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = threading.Event()

    def late(*arguments: Any) -> Any:
        begins.wait(60)
        return survey(*arguments)

    monkeypatch.setattr(surveying_module, "survey", late)
    some_runs(database)
    async with look(database.path) as viewer:
        await viewer.press("exclamation_mark")
        assert isinstance(viewer.app.screen, OverviewScreen)
        begins.set()
        await viewer.until_shown(" › attention", "not valid")
        assert "no experiment" not in viewer.text


async def test_that_nothing_needs_attention_is_said_of_what_was_read(
    database: Database, look: Look, half: HalfASurvey
) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("1 entry so far")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("Nothing needs attention among the entries read so far.")
        half.goes_on.set()
