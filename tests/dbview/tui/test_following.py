"""Following a table: what arrives or changes is shown where it belongs, and nothing under the cursor moves."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest

from dbview.query.relation import Relation
from dbview.query.view import SortKey, View
from dbview.screens.entry import screen as entry_module
from dbview.screens.table import following as following_module
from dbview.source.entries.arrivals import Arrivals
from dbview.source.entries.record import Record, read_record
from dbview.source.reader import Reader
from tests.dbview.database import Database
from tests.terminal import DBVIEW, Terminal

from .conftest import Look, Viewer


@pytest.fixture
def peaks(database: Database) -> Database:
    """A hundred entries of one Task; the newest is still running."""
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "12"})
    entries = [_entry(number) for number in range(1, 100)]
    database.task("Peaks", {"n": "INTEGER", "note": "TEXT"}, [*entries, _entry(100, status="RUNNING", valid=0)])
    return database


def _entry(number: int, status: str = "COMPLETED", valid: int = 1) -> dict[str, object]:
    result = {"result.task_status": status, "valid_flag": valid, "result.summary": f"hits: {number}"}
    return {"gen_cfg_id": 1, "n": number % 10, "note": f"note {number}", **result}


def _arrive(database: Database, *numbers: int, **outcome: object) -> None:
    with database.connection:
        for number in numbers:
            database.insert("Peaks", {**_entry(number), **outcome})


def _rows(viewer: Viewer) -> list[str]:
    """Return the rows on the screen."""
    return [line for line in viewer.lines[:-5] if re.search(r" note \d", line)]


def _cursor_place(viewer: Viewer) -> int:
    """Return on which line of the screen the cursor is."""
    return next(place for place, line in enumerate(viewer.lines) if line.startswith("▌"))


async def test_new_entries_appear_at_the_top_and_the_cursor_stays_on_the_first(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        _arrive(peaks, 101, 102)
        await viewer.until_shown("102 entries", "note 102")
        assert "note 102" in viewer.cursor_line
        assert viewer.cursor_line.startswith("▌+")
        assert viewer.lines[_cursor_place(viewer) + 1].startswith(" +")
        assert "new" not in viewer.text
        _arrive(peaks, 103)
        await viewer.until(lambda: "note 103" in viewer.cursor_line)


async def test_the_line_under_the_cursor_stays_where_it_is(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        await viewer.press("down", "down", "f")
        await viewer.until_shown("following · f")
        place, seen = _cursor_place(viewer), set[str]()
        assert "note 98" in viewer.cursor_line

        def has_come() -> bool:
            seen.add(viewer.lines[place])
            return "103 entries" in viewer.text

        _arrive(peaks, 101, 102, 103)
        await viewer.until(has_come)
        assert _cursor_place(viewer) == place
        # Whatever was drawn meanwhile: that line never held another row.
        assert {"note 98" in line for line in seen} == {True}
        await viewer.press("home")
        assert "note 103" in viewer.cursor_line


async def test_a_running_entry_that_ends_and_one_that_is_invalidated_change(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "status", "note"))) as viewer:
        await viewer.until_shown("100 entries", "RUNNING")
        await viewer.press("down", "down", "down", "f")
        await viewer.until_shown("following · f")
        with peaks.connection:
            peaks.connection.execute("UPDATE Peaks SET \"result.task_status\" = 'FAILED' WHERE id = 100")
            peaks.connection.execute("UPDATE Peaks SET valid_flag = 0 WHERE id = 99")
        await viewer.until(lambda: "RUNNING" not in viewer.text and "FAILED" in viewer.text)
        first, second = _rows(viewer)[:2]
        assert (first[:2], second[:2]) == (" ~", " ~")
        assert "✓x" in second


async def test_only_what_the_filter_finds_appears(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", "status=FAILED", columns=("id", "note"))) as viewer:
        await viewer.until_shown("0 of 100")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        _arrive(peaks, 101)
        await viewer.until_shown("0 of 101", "following · f · 1 new, not in this filter")
        _arrive(peaks, 102)
        await viewer.until_shown("0 of 102", "2 new, not in this filter")
        with peaks.connection:
            peaks.connection.execute("UPDATE Peaks SET \"result.task_status\" = 'FAILED' WHERE id IN (100, 101)")
        # The table was empty at first: its columns are as wide as the first rows need.
        await viewer.until_shown("2 of 102", "note 100", "note 101", "1 new, not in this filter")
        await viewer.filter("status=COMPLETED")
        await viewer.until_shown("100 of 102")
        await viewer.until(lambda: "not in this filter" not in viewer.text)


async def test_what_the_filter_leaves_out_is_said_of_a_sorted_table_too(peaks: Database, look: Look) -> None:
    view = View("Peaks", "status=FAILED", (SortKey("note"),), ("id", "note"))
    async with look(peaks.path, view) as viewer:
        await viewer.until_shown("0 of 100")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        _arrive(peaks, 101, 102)
        _arrive(peaks, 103, **{"result.task_status": "FAILED"})
        await viewer.until_shown("1 of 103", "note 103", "2 new, not in this filter")


async def test_a_sorted_table_takes_them_in_where_they_belong(peaks: Database, look: Look) -> None:
    view = View("Peaks", "", (SortKey("note", descending=True),), ("id", "note"))
    async with look(peaks.path, view) as viewer:
        await viewer.until_shown("100 entries", "note 99")
        await viewer.press("down", "down", "f")
        await viewer.until_shown("following · f")
        assert "note 97" in viewer.cursor_line
        place = _cursor_place(viewer)
        _arrive(peaks, 98, 2)
        await viewer.until(lambda: any(" 101 " in line for line in _rows(viewer)))
        assert "102 entries" in viewer.text
        assert "note 97" in viewer.cursor_line
        assert _cursor_place(viewer) == place
        await viewer.until(lambda: any(re.match(r" \+.* 101 +note 98", line) for line in _rows(viewer)))


async def test_what_stood_out_does_so_for_a_while_only(
    peaks: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following_module, "HIGHLIGHT_SECONDS", 0.1)
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        await viewer.press("f")
        _arrive(peaks, 101)
        await viewer.until_shown("101 entries", "note 101")
        await viewer.until(lambda: viewer.cursor_line.startswith("▌ "))


async def test_without_following_the_words_say_what_came_and_f_shows_it(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        _arrive(peaks, 101, 102, 103)
        await viewer.until_shown("3 new entries")
        assert "note 103" not in viewer.text
        await viewer.press("f")
        await viewer.until_shown("103 entries", "note 103", "following · f")
        assert "3 new" not in viewer.text
        await viewer.press("f")
        await viewer.until(lambda: "following" not in viewer.text)
        _arrive(peaks, 104)
        await viewer.until_shown("1 new entry")
        assert "note 104" not in viewer.text
        assert "103 entries" in viewer.text


async def test_the_bar_of_how_they_went_follows_too(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "99 valid")
        await viewer.press("f")
        _arrive(peaks, 101)
        await viewer.until_shown("100 valid")


async def test_following_goes_on_under_another_filter(peaks: Database, look: Look) -> None:
    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        await viewer.press("f")
        await viewer.filter("n=3")
        await viewer.until_shown("10 of 100")
        _arrive(peaks, 101, 103)
        await viewer.until_shown("11 of 102", "note 103")
        assert "note 101" not in viewer.text


async def test_a_filter_given_while_arrivals_are_looked_for_is_kept_to(
    peaks: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, goes_on = threading.Event(), threading.Event()
    look_for_arrivals = following_module.look_for_arrivals

    def late(*arguments: Any) -> Arrivals | None:
        looks.set()
        goes_on.wait(60)
        return look_for_arrivals(*arguments)

    async with look(peaks.path, View("Peaks", columns=("id", "note"))) as viewer:
        await viewer.until_shown("100 entries", "note 100")
        monkeypatch.setattr(following_module, "look_for_arrivals", late)
        await viewer.press("f")
        await viewer.until(looks.is_set)
        await viewer.filter("n=3")
        await viewer.until_shown("10 of 100")
        _arrive(peaks, 101, 103)
        goes_on.set()
        await viewer.until_shown("11 of 102", "note 103")
        assert "note 101" not in viewer.text


async def test_an_entry_gives_way_to_the_newest_of_its_run(peaks: Database, look: Look) -> None:
    peaks.insert("gen_cfg", {"experiment": "mfx1", "run": "13"})
    async with look(peaks.path, View("Peaks"), key=100) as viewer:
        await viewer.until_shown("› #100", "RUNNING", "note 100", "written")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        with peaks.connection:
            peaks.connection.execute("UPDATE Peaks SET \"result.task_status\" = 'TIMEDOUT' WHERE id = 100")
        await viewer.until_shown("› #100", "TIMEDOUT")
        _arrive(peaks, 101)
        _arrive(peaks, 102, gen_cfg_id=2)
        await viewer.until_shown("› #101", "note 101", "COMPLETED")
        await viewer.press("f")
        await viewer.until(lambda: "following" not in viewer.text)


async def test_a_newer_entry_is_shown_though_another_write_broke_off_its_reading(
    peaks: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, may_read = threading.Event(), threading.Event()

    def read_slowly(reader: Reader, relations: tuple[Relation, ...], relation: Relation, key: int) -> Record:
        if key == 101 and not may_read.is_set():
            is_reading.set()
            may_read.wait()
        return read_record(reader, relations, relation, key)

    monkeypatch.setattr(entry_module, "read_record", read_slowly)
    async with look(peaks.path, View("Peaks"), key=100) as viewer:
        await viewer.until_shown("› #100", "note 100", "written")
        await viewer.press("f")
        await viewer.until_shown("following · f")
        try:
            _arrive(peaks, 101)
            await viewer.until(is_reading.is_set)
            viewer.app.screen.workers.cancel_group(viewer.app.screen, "follow")
        finally:
            may_read.set()
        peaks.insert("gen_cfg", {"experiment": "mfx1", "run": "13"})
        _arrive(peaks, 102, gen_cfg_id=2)
        await viewer.until_shown("› #101", "note 101", "COMPLETED")


def test_a_writer_of_another_process_is_followed_in_a_terminal(peaks: Database) -> None:
    with Terminal([*DBVIEW, "--no-state", peaks.path, "Peaks", "--columns", "id,note"]) as terminal:
        terminal.wait_for("note 100")
        terminal.wait_for("99 valid")
        terminal.send("f")
        terminal.wait_for("following · f")
        _arrive(peaks, 101)
        terminal.wait_for("note 101")
        text = terminal.wait_for("100 valid")
        assert any(line.startswith("▌") and "note 101" in line for line in text.splitlines())
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
