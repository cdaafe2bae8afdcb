"""A scan of a table that takes long: its progress, what stops it, and what went wrong with it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from dbview.errors import DatabaseLocked
from dbview.query.view import SortKey, View
from dbview.screens.table import arrangement as arrangement_module
from dbview.source.view.arrange import arrange
from dbview.source.view.snapshot import Snapshot
from tests.dbview.database import Database

from .conftest import Look
from .peaks import ids, peaks


class Gate:
    """Stands in for the scan: publishes what there is after one step, and ends when it is let go or cancelled."""

    def __init__(self) -> None:
        self.is_open = threading.Event()
        self.obeys = True
        self.was_cancelled = threading.Event()

    def __call__(self, reader: Any, relation: Any, view: View, publish: Any, cancelled: Any) -> Snapshot:
        whole = arrange(reader, relation, view, lambda snapshot: None, lambda: False)
        if not view.filter:
            publish(whole)
            return whole
        partial = Snapshot(whole.order, 0.4, complete=False, outcomes=whole.outcomes)
        publish(partial)
        while not self.is_open.wait(0.01):
            if cancelled() and self.obeys:
                self.was_cancelled.set()
                break
        publish(partial)
        return partial


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Make every filtered scan wait half way."""
    made = Gate()
    monkeypatch.setattr(arrangement_module, "arrange", made)
    return made


async def test_a_long_scan_shows_its_progress_and_esc_keeps_what_it_found(
    database: Database, look: Look, gate: Gate
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", "status=FAILED")) as viewer:
        await viewer.until_shown("3 found so far", "··· 40 % scanned · Esc stops")
        # The scan that finds them counts how they went, so the bar need not wait for another.
        await viewer.until_shown("0 valid · 3 not: F3  ··· 40 % scanned")
        await viewer.until(lambda: ids(viewer) == [12, 8, 4])
        await viewer.press("escape")
        await viewer.until_shown("3 found so far, stopped: 40 % scanned")
        assert gate.was_cancelled.wait(120)
        assert "Esc stops" not in viewer.text
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")


async def test_the_first_rows_of_a_filter_that_is_sorted_are_there_long_before_all_were_looked_at(
    database: Database, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, looked_at = threading.Event(), []

    def arrange_and_wait(reader: Any, relation: Any, view: View, publish: Any, cancelled: Any) -> Snapshot:
        def publish_and_wait(snapshot: Snapshot) -> None:
            publish(snapshot)
            if snapshot.order.length and not snapshot.complete:
                looked_at.append(snapshot.scanned)
                goes_on.wait(120)

        return arrange(reader, relation, view, publish_and_wait, cancelled)

    monkeypatch.setattr(arrangement_module, "arrange", arrange_and_wait)
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, n)")
    database.execute(
        "WITH RECURSIVE numbers(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM numbers WHERE i < 100000) "
        "INSERT INTO t(id, n) SELECT i, i * 7919 % 100000 FROM numbers"
    )
    database.connection.commit()
    async with look(database.path, View("t", "n>=500 n<90000", (SortKey("n"),))) as viewer:
        await viewer.until_shown("scanned", "Esc stops")
        await viewer.until(lambda: len(ids(viewer)) > 10)
        assert max(looked_at) < 0.2
        goes_on.set()
        await viewer.until_shown("89,500 of 100,000")
        # 39500 * 7919 ends in 00500, and so on.
        await viewer.until_shown(" 39500   500", " 57179   501", " 74858   502")


async def test_a_scan_of_an_earlier_filter_changes_nothing_any_more(database: Database, look: Look, gate: Gate) -> None:
    peaks(database)
    gate.obeys = False
    async with look(database.path, View("Peaks", "status=FAILED")) as viewer:
        await viewer.until_shown("3 found so far")
        await viewer.filter("")
        await viewer.until(lambda: "12 entries" in viewer.text and len(ids(viewer)) == 12)
        gate.is_open.set()
        await viewer.press("down")
        await viewer.until_shown(" #11 ")
        assert len(ids(viewer)) == 12


async def test_leaving_does_not_wait_for_a_scan(database: Database, look: Look, gate: Gate) -> None:
    peaks(database)
    gate.obeys = False
    async with look(database.path, View("Peaks", "status=FAILED")) as viewer:
        await viewer.until_shown("3 found so far")
        await viewer.press("q")
        await viewer.until(lambda: not viewer.app.is_running)
    assert not gate.is_open.is_set()
    gate.is_open.set()


async def test_an_error_of_a_scan_is_shown(database: Database, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    peaks(database)

    def break_off(*_arguments: Any) -> Snapshot:
        raise DatabaseLocked("lute.db is locked: [/x] \x1b[31m.")

    monkeypatch.setattr(arrangement_module, "arrange", break_off)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("lute.db is locked: [/x] ␛[31m.")


@pytest.fixture
def begins(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let no scan begin before this is set."""
    begins = threading.Event()

    def late(*arguments: Any) -> Snapshot:
        begins.wait(60)
        return arrange(*arguments)

    monkeypatch.setattr(arrangement_module, "arrange", late)
    return begins


@pytest.mark.parametrize(("key", "shown"), [("enter", "Peaks › #12"), ("space", "1 marked"), ("Y", "Copied the link")])
async def test_what_is_asked_of_a_row_before_it_is_read_is_done_then(
    database: Database, look: Look, begins: threading.Event, key: str, shown: str
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.press(key)
        begins.set()
        await viewer.until_shown(shown)


async def test_what_was_asked_of_a_row_that_is_not_there_is_never_done(
    database: Database, look: Look, begins: threading.Event
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", "run=99")) as viewer:
        await viewer.press("space")
        begins.set()
        await viewer.until_shown("0 of 12")
        await viewer.press("space")
        await viewer.filter("")
        await viewer.until_shown("12 entries", " #12 ")
        assert "marked" not in viewer.text


@pytest.fixture
def locked_once(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the first scan end with an error once this is set; those after it go on as ever."""
    ends = threading.Event()
    errors = [DatabaseLocked("lute.db is locked.")]

    def break_off_once(*arguments: Any) -> Snapshot:
        ends.wait(60)
        if errors:
            raise errors.pop()
        return arrange(*arguments)

    monkeypatch.setattr(arrangement_module, "arrange", break_off_once)
    return ends


async def test_what_was_asked_of_rows_that_could_not_be_read_is_forgotten(
    database: Database, look: Look, locked_once: threading.Event
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.press("space")
        locked_once.set()
        await viewer.until_shown("lute.db is locked.")
        await viewer.press("r")
        await viewer.until_shown("12 entries", " #12 ")
        assert "marked" not in viewer.text


async def test_an_entry_says_that_the_rows_beside_it_could_not_be_read(
    database: Database, look: Look, locked_once: threading.Event
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks"), key=3) as viewer:
        await viewer.until_shown("Peaks › #3", "Result")
        await viewer.press("j")
        locked_once.set()
        await viewer.until(lambda: "Therowsofthetablecouldnotberead." in viewer.said)
        assert "Peaks › #3" in viewer.text
