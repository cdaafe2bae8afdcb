"""What is found of arrivals by a few queries is what putting the View in order anew would find."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.query.view import SortKey, View
from dbview.source.entries import arrivals as arrivals_module
from dbview.source.entries.arrivals import Arrivals, Seen, look_for_arrivals, newest_of
from dbview.source.source import Source, open_source
from dbview.source.view.arrange import arrange
from tests.dbview.database import Database

_CHANGES = st.lists(
    st.lists(
        st.one_of(
            st.tuples(st.just("insert"), st.integers(0, 3)),
            st.tuples(st.just("change"), st.integers(1, 4)),
            st.tuples(st.just("remove"), st.integers(1, 4)),
        ),
        max_size=6,
    ),
    max_size=6,
)


def _change(database: Database, kind: str, number: int) -> None:
    """Insert an entry with a value, or change or remove one of the newest."""
    newest = f"(SELECT id FROM Peaks ORDER BY id DESC LIMIT 1 OFFSET {number - 1})"
    if kind == "insert":
        database.insert("Peaks", {"n": number, "valid_flag": number % 2, "result.task_status": "RUNNING"})
    elif kind == "change":
        database.connection.execute(
            f"UPDATE Peaks SET n = n + 1, valid_flag = 1 - valid_flag, \"result.task_status\" = 'FAILED' "
            f"WHERE id = {newest}"
        )
    else:
        database.connection.execute(f"DELETE FROM Peaks WHERE id = {newest}")


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 30),
    _CHANGES,
    st.sampled_from(["", "n=1", "is:valid n<3", "status=FAILED"]),
    st.sampled_from([(), (SortKey("id", True),), (SortKey("id"),)]),
)
def test_following_finds_what_a_new_scan_finds(
    count: int, rounds: list[list[tuple[str, int]]], filter: str, sort: tuple[SortKey, ...]
) -> None:
    """Among the newest rows anything may happen; fewer are looked at here, so that the order below them matters."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrivals_module, "NEWEST", 12)
        database = Database(Path(directory) / "lute.db")
        database.task(
            "Peaks", {"n": "INTEGER"}, [{"n": number % 4, "valid_flag": number % 2} for number in range(count)]
        )
        with contextlib.closing(open_source(database.path)) as source, contextlib.closing(source.reader()) as reader:
            relation = source.relation("Peaks")
            view = View("Peaks", filter, sort if not (filter and sort == (SortKey("id"),)) else ())

            def scanned() -> Any:
                return arrange(reader, relation, view, lambda _snapshot: None, lambda: False).order

            order, seen = scanned(), Seen(count)
            for changes in [[], *rounds]:
                with database.connection:
                    for change in changes:
                        _change(database, *change)
                found = look_for_arrivals(reader, relation, view, order, seen, ())
                if found is None:
                    continue
                seen, fresh = found.seen, scanned()
                order = fresh if found.order is None else found.order
                keys = [row.key for row in fresh.rows(reader, (), 0, fresh.length)]
                assert [row.key for row in order.rows(reader, (), 0, order.length)] == keys
                assert order.length == len(keys)
                assert [order.position_of(reader, key) for key in keys] == list(range(len(keys)))
                assert [row.key for row in order.rows(reader, (), 1, 4)] == keys[1:4]
        database.connection.close()


@pytest.fixture
def peaks(database: Database) -> Database:
    """A Task of ten entries, all valid."""
    database.task("Peaks", {"n": "INTEGER"}, [{"n": number, "valid_flag": 1} for number in range(10)])
    return database


def _look(source: Source, database: Database, filter: str, *changes: str) -> list[Arrivals | None]:
    """Return what each look finds after a change."""
    found: list[Arrivals | None] = []
    with contextlib.closing(source.reader()) as reader:
        relation, view = source.relation("Peaks"), View("Peaks", filter)
        order = arrange(reader, relation, view, lambda _snapshot: None, lambda: False).order
        seen = Seen(10)
        for change in changes:
            if change:
                database.execute(change)
            found.append(one := look_for_arrivals(reader, relation, view, order, seen, ()))
            if one is not None and one.order is not None:
                order, seen = one.order, one.seen
    return found


def test_each_look_tells_what_came_and_what_changed(peaks: Database, opened: Callable[[Path], Source]) -> None:
    insert = "INSERT INTO Peaks(n, valid_flag) VALUES (%d, %d)"
    first, second, third, fourth, fifth = _look(
        opened(peaks.path),
        peaks,
        "is:valid",
        insert % (1, 1),
        insert % (1, 0),
        "UPDATE Peaks SET valid_flag = 1 WHERE id = 12",
        'UPDATE Peaks SET "result.task_status" = "FAILED" WHERE id = 3',
        "",
    )
    assert first is not None
    assert (first.new, first.changed, first.added) == ({11}, set(), 1)
    assert second is not None
    assert (second.new, second.changed, second.added) == (set(), set(), 1)
    assert third is not None
    assert (third.new, third.added) == ({12}, 0)
    assert fourth is not None
    assert (fourth.new, fourth.changed) == (set(), {3})
    assert fifth is None


def test_a_look_costs_a_few_queries_however_large_the_table(
    peaks: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    with contextlib.closing(opened(peaks.path).reader()) as reader:
        relation, view = opened(peaks.path).relation("Peaks"), View("Peaks", "is:valid")
        order = arrange(reader, relation, view, lambda _snapshot: None, lambda: False).order
        asked: list[str] = []
        query = reader.query
        monkeypatch.setattr(reader, "query", lambda sql, bindings=(): asked.append(sql) or query(sql, bindings))
        found = look_for_arrivals(reader, relation, view, order, Seen(10), (1, 2))
        assert found is not None
        assert len(asked) <= 4
        asked.clear()
        assert look_for_arrivals(reader, relation, view, order, found.seen, (1, 2)) is None
        assert asked == ["PRAGMA data_version"]


def test_the_newest_of_a_run_is_looked_for_among_new_rows_only(
    peaks: Database, opened: Callable[[Path], Source]
) -> None:
    with contextlib.closing(opened(peaks.path).reader()) as reader:
        relation = opened(peaks.path).relation("Peaks")
        assert newest_of(reader, relation, "t.n < 5", 0) == (5, 10)
        assert newest_of(reader, relation, "t.n < 5", 5) == (None, 10)
        assert newest_of(reader, relation, "t.n < 5", 10) == (None, 10)
