"""`n` and `N` in a table: the next entry that is not valid, in the order of the rows, however far it is."""

from __future__ import annotations

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.query.view import SortKey, View
from dbview.screens.table import seeking as seeking_module
from dbview.screens.table.seeking import NotValid, next_not_valid
from dbview.source.source import open_source
from tests.dbview.database import Database, arranged

from .conftest import Look, Viewer
from .peaks import ids, peaks
from .test_table_scans import Gate, gate

__all__ = ["gate"]


def current(viewer: Viewer) -> str:
    """Return the id of the current row."""
    return [*viewer.cursor_line.split(), "", "", ""][2]


async def until_at(viewer: Viewer, key: int) -> None:
    await viewer.until(lambda: current(viewer) == str(key))


async def test_n_goes_from_one_that_is_not_valid_to_the_next_and_begins_anew(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", " #12 ")
        for key in (8, 4):
            await viewer.press("n")
            await until_at(viewer, key)
        assert "thefirstagain" not in viewer.said
        await viewer.press("n")
        await until_at(viewer, 12)
        await viewer.until(lambda: "Afterthelast:thefirstagain." in viewer.said)
        await viewer.press("N")
        await until_at(viewer, 4)
        await viewer.until(lambda: "Beforethefirst:thelastagain." in viewer.said)
        await viewer.press("N")
        await until_at(viewer, 8)


async def test_keys_typed_at_once_all_count(database: Database, look: Look) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", " #12 ")
        await viewer.press("j", "n", "n", "N", "n")
        await until_at(viewer, 4)


async def test_the_way_is_that_of_the_rows_as_they_are_sorted_and_filtered(database: Database, look: Look) -> None:
    peaks(database)
    # Of the numbers 0 to 11, those that failed have a son_min of 1.5, 9.5 and 7.5.
    async with look(database.path, View("Peaks", "son_min>1", (SortKey("son_min"),))) as viewer:
        await viewer.until_shown("10 of 12")
        await until_at(viewer, 4)
        await viewer.press("n")
        await until_at(viewer, 12)
        await viewer.press("n")
        await until_at(viewer, 8)
        await viewer.filter("son_min<9")
        await viewer.until(lambda: "11 of 12" in viewer.text and len(ids(viewer)) == 11)
        await viewer.press("G")
        await until_at(viewer, 5)
        await viewer.press("N")
        await until_at(viewer, 12)


@pytest.mark.parametrize(
    ("filter", "words"),
    [("is:valid", "Thereisnootherentrythatisnotvalidamongtherowsthatmatch."), ("", "notvalidinthistable.")],
)
async def test_it_is_said_that_there_is_no_other(database: Database, look: Look, filter: str, words: str) -> None:
    database.task("Task", {}, [{"valid_flag": 1}, {"valid_flag": 0}, {"valid_flag": 1}])
    async with look(database.path, View("Task", filter)) as viewer:
        await viewer.until_shown("2 of 3" if filter else "3 entries", " #3 ")
        await viewer.press("n")
        if not filter:
            await until_at(viewer, 2)
            await viewer.press("n")
        await viewer.until(lambda: words in viewer.said)


async def test_it_goes_on_among_what_was_found_while_more_is_looked_for(
    database: Database, look: Look, gate: Gate
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks", "id<12")) as viewer:
        await viewer.until_shown("11 found so far", " #11 ")
        await viewer.press("n")
        await until_at(viewer, 8)
        await viewer.filter("is:valid")
        await viewer.until_shown("9 found so far")
        await viewer.press("n")
        await viewer.until(lambda: "amongtherowsthatmatchsofar." in viewer.said)
        gate.is_open.set()


async def test_rows_that_are_no_entries_have_no_such_key(database: Database, look: Look) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, valid_flag)")
    database.execute("INSERT INTO t(valid_flag) VALUES (0), (0), (1)")
    async with look(database.path, View("t")) as viewer:
        await viewer.until_shown("3 rows", " #3")
        assert "n not valid" not in viewer.text
        await viewer.press("n", "down")
        await viewer.until_shown(" #2")


class Search:
    """Stands in for the search: it takes until it is let go or no longer wanted."""

    def __init__(self) -> None:
        self.has_begun, self.goes_on, self.was_cancelled = threading.Event(), threading.Event(), threading.Event()

    def __call__(self, reader: Any, relation: Any, order: Any, place: int, step: int, tell: Any, cancelled: Any) -> Any:
        tell(0.4)
        self.has_begun.set()
        while not self.goes_on.wait(0.01):
            if cancelled():
                self.was_cancelled.set()
                return None
        return next_not_valid(reader, relation, order, place, step, tell, cancelled)


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Search:
    made = Search()
    monkeypatch.setattr(seeking_module, "next_not_valid", made)
    return made


async def test_a_long_search_says_how_far_it_is_and_esc_stops_it(
    database: Database, look: Look, search: Search
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", " #12 ")
        await viewer.press("n")
        await viewer.until_shown("looking for what is not valid 40 % · Esc stops")
        await viewer.press("escape")
        assert search.was_cancelled.wait(60)
        await viewer.until(lambda: "looking for" not in viewer.text)
        assert "Thereisnoother" not in viewer.said
        assert current(viewer) == "12"
        search.goes_on.set()
        await viewer.press("n")
        await until_at(viewer, 8)


async def test_the_cursor_stays_where_somebody_put_it_during_a_search(
    database: Database, look: Look, search: Search
) -> None:
    peaks(database)
    async with look(database.path, View("Peaks")) as viewer:
        await viewer.until_shown("12 entries", " #12 ")
        await viewer.press("n")
        await viewer.until(search.has_begun.is_set)
        await viewer.press("j", "j")
        await viewer.until_shown("looking for what is not valid")
        search.goes_on.set()
        await viewer.until(lambda: "looking for" not in viewer.text)
        assert current(viewer) == "10"


@given(
    flags=st.lists(st.sampled_from([1, 1, 1, 0, None, 2, "x"]), min_size=1, max_size=30),
    gaps=st.integers(1, 3),
    place=st.integers(0, 29),
    step=st.sampled_from([1, -1]),
    in_one_step=st.integers(1, 7),
    filter=st.sampled_from(["", "id>5"]),
    sort=st.sampled_from([(), (SortKey("id"),), (SortKey("valid"),)]),
)
def test_it_is_the_one_that_a_person_would_come_to_row_by_row(
    flags: list[Any], gaps: int, place: int, step: int, in_one_step: int, filter: str, sort: tuple[SortKey, ...]
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(seeking_module, "ROWS_A_STEP", in_one_step)
        database = Database(Path(directory) / "lute.db")
        entries = [{"id": gaps * number, "valid_flag": flag} for number, flag in enumerate(flags, start=1)]
        database.task("Task", {}, entries)
        database.connection.close()
        with contextlib.closing(open_source(database.path)) as source, contextlib.closing(source.reader()) as reader:
            relation, order = source.relation("Task"), arranged(source, "Task", filter, *sort).order
            keys = [row.key for row in order.rows(reader, [], 0, order.length)]
            place = min(place, max(0, len(keys) - 1))
            rows = list(range(len(keys)))
            way = [*rows[place + 1 :], *rows[:place]] if step > 0 else [*rows[:place][::-1], *rows[place + 1 :][::-1]]
            is_valid = {entry["id"]: entry["valid_flag"] == 1 for entry in entries}
            wanted = next((row for row in way if not is_valid[keys[row]]), None)
            found = next_not_valid(reader, relation, order, place, step, lambda share: None, lambda: False)
    is_beyond = wanted is not None and (wanted - place) * step < 0
    assert found == (None if wanted is None else NotValid(keys[wanted], is_beyond))
