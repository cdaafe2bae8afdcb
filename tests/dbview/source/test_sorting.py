"""The order of sorted rows: that of an independent sort in Python, its top at once, in bounded memory."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dbview.errors import ScratchUnusable
from dbview.query.view import SortKey, View
from dbview.source.file.copying import Copying
from dbview.source.file.scratch import Scratch
from dbview.source.source import Source, open_source
from dbview.source.view import scan, sorting
from dbview.source.view.arrange import arrange
from dbview.source.view.order import KeyOrder
from dbview.source.view.snapshot import Snapshot
from tests.dbview.conftest import Open
from tests.dbview.database import Database, arranged, keys_of

numbers = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3) | st.floats(allow_nan=False)
number_texts = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", " ", "\t", "\xa0", "\x1f"]),
    numbers,
    st.sampled_from(["", " ", "\n", "\x1f", "\xa0", "x", "-", " 1", "٣"]),
)
texts = (
    st.text("aAbBß İK\x00Zz0", max_size=4)
    | number_texts
    | st.sampled_from(
        ["Infinity", "-inf", "i", "2024-05-04 01:27:00", "    -1e-5", "1e-5", "٣", "1_0", "0x1", "x" * 1200, "1" * 1200]
    )
    | st.builds("2024-{}".format, st.text("0123456789-e.: ", max_size=4))
)
values = st.none() | numbers | texts | st.binary(max_size=3)


def place(value: Any) -> tuple[int, Any]:
    """Return the place of a value, other than NULL, by the rules as they are documented."""
    if isinstance(value, str):
        spelled = value.strip(" \t\n\v\f\r") if len(value) <= 1000 else ""
        form = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?"
        if re.fullmatch(form, spelled, re.IGNORECASE | re.ASCII):
            whole = re.fullmatch(r"[+-]?\d+", spelled)
            exact = int(spelled) if whole else float(spelled)
            return 0, exact if -(2**63) <= exact < 2**63 else float(spelled)
        # What folding would bring into ASCII stays after it.
        folded = (f"\x80{one}" if one > "\x7f" and one.casefold()[0] < "\x80" else one for one in value[:1000])
        return 1, "".join(folded).casefold()
    return (2, value) if isinstance(value, bytes) else (0, value)


def expected(rows: list[tuple[Any, Any]], descending: bool) -> list[int]:
    """Return the ids of rows, whose ids count from 1, sorted by the first value and then by the second, ascending."""
    ids = list(range(len(rows), 0, -1))
    for column, down in ((1, False), (0, descending)):
        present = [number for number in ids if rows[number - 1][column] is not None]
        present.sort(key=lambda number, column=column: place(rows[number - 1][column]), reverse=down)
        ids = present + [number for number in ids if rows[number - 1][column] is None]
    return ids


@given(rows=st.lists(st.tuples(values, values), min_size=1, max_size=15), descending=st.booleans())
@example(rows=[("a", 1), (None, 2), ("A", 0), ("", "")], descending=True)
def test_the_whole_order_and_its_top_are_those_of_a_sort_in_python(
    rows: list[tuple[Any, Any]], descending: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "TOP_ROWS", 3)
        patch.setattr(scan, "_FIRST_STEP_ROWS", 4)
        patch.setattr(scan, "PUBLISH_SECONDS", 0.0)
        database = Database(Path(directory) / "lute.db")
        database.execute("CREATE TABLE t(a, b)")
        database.connection.executemany("INSERT INTO t VALUES (?, ?)", rows)
        database.connection.commit()
        database.connection.close()
        source = open_source(database.path)
        found, seen = sorted_keys(source, SortKey("a", descending), SortKey("b"))
        single, _ = sorted_keys(source, SortKey("a", descending))
        source.close()
    wanted = expected(rows, descending)
    assert found == wanted
    assert single == expected([(a, None) for a, _ in rows], descending)
    tops = [keys for keys, is_top in seen if is_top]
    if len(rows) > 3:
        assert tops, "the top is shown before the whole is known"
        assert wanted[:3] in [keys[:3] for keys in tops]


def sorted_keys(source: Source, *sort: SortKey) -> tuple[list[int], list[tuple[list[int], bool]]]:
    """Return the keys in order, and those of every snapshot with whether it was only the top."""
    seen: list[tuple[list[int], bool]] = []

    def publish(snapshot: Snapshot) -> None:
        if isinstance(snapshot.order, KeyOrder):
            seen.append((list(snapshot.order.keys[: snapshot.order.length]), snapshot.is_top))

    reader = source.reader()
    try:
        result = arrange(reader, source.relation("t"), View("t", "", sort), publish, lambda: False)
    finally:
        reader.close()
    if result.error is not None or not result.complete:
        raise AssertionError(f"the sort did not come to its end: {result.error}")
    return seen[-1][0], seen


def many(database: Database, rows: int) -> None:
    """Make a table of so many rows with values in no order."""
    database.execute("CREATE TABLE t(n INTEGER, name TEXT)")
    database.execute(
        f"WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c LIMIT {rows}) "
        f"INSERT INTO t SELECT i * 7919 % {rows}, 'Name ' || (i * 7919 % {rows}) FROM c"
    )


@pytest.mark.parametrize(("column", "descending"), [("n", False), ("n", True), ("name", True)])
def test_more_rows_than_memory_is_given_for_are_sorted(
    database: Database, opened: Open, monkeypatch: pytest.MonkeyPatch, column: str, descending: bool
) -> None:
    monkeypatch.setattr(sorting, "MEMORY", 2**17)
    monkeypatch.setattr(sorting, "_BLOCK_BYTES", 200)
    monkeypatch.setattr(sorting, "_MOST_RUNS", 3)
    monkeypatch.setattr(scan, "_LARGEST_STEP_ROWS", 500)
    many(database, 20_000)
    source = opened(database.path)
    wanted = database.execute(f"SELECT rowid FROM t ORDER BY {column} {'DESC' if descending else ''}")
    assert keys_of(source, "t", "", SortKey(column, descending)) == [key for (key,) in wanted]


def test_a_sort_leaves_nothing_in_the_scratch_directory(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "MEMORY", 2**17)
    (tmp_path / "scratch").mkdir()
    many(database, 20_000)
    source = open_source(database.path, Copying(Scratch(tmp_path / "scratch")))
    seen: list[list[Path]] = []
    reader = source.reader()
    arrange(
        reader,
        source.relation("t"),
        View("t", "", (SortKey("n"),)),
        lambda snapshot: seen.append(list((tmp_path / "scratch").iterdir())),
        lambda: False,
    )
    reader.close()
    source.close()
    assert seen
    assert not any(seen)


def test_without_room_to_sort_the_top_stays_and_the_cause_is_told(
    database: Database, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "_SHARE_OF_FREE_SPACE", 0.0)
    monkeypatch.setattr(sorting, "MEMORY", 2**17)
    many(database, 20_000)
    snapshot = arranged(opened(database.path), "t", "", SortKey("n"))
    assert isinstance(snapshot.error, ScratchUnusable)
    assert "--scratch" in str(snapshot.error)
    assert snapshot.order.length == sorting.TOP_ROWS
    assert not snapshot.complete


def test_a_sort_that_is_cancelled_ends_with_its_top(database: Database, opened: Open) -> None:
    many(database, 20_000)
    source = opened(database.path)
    reader, seen = source.reader(), []
    result = arrange(
        reader,
        source.relation("t"),
        View("t", "", (SortKey("n", True),)),
        seen.append,
        lambda: any(snapshot.is_top and snapshot.scanned >= 0.2 for snapshot in seen),
    )
    first = result.order.rows(reader, source.relation("t").columns, 0, 2)
    reader.close()
    assert [row.cells[0] for row in first] == [19_999, 19_998]
    assert (result.complete, result.is_top, result.error) == (False, True, None)


def test_texts_that_are_not_utf_8_have_their_place_among_the_texts(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(a)")
    database.execute(
        "INSERT INTO t VALUES (CAST(x'62ff' AS TEXT)), ('a'), (5), (CAST(x'7aff' AS TEXT)), (x'00'), ('C')"
    )
    for rows in (sorting.TOP_ROWS, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sorting, "TOP_ROWS", rows)
            assert keys_of(opened(database.path), "t", "", SortKey("a")) == [3, 2, 1, 6, 4, 5]
            assert keys_of(opened(database.path), "t", "", SortKey("a", True)) == [5, 4, 6, 1, 2, 3]


@pytest.mark.parametrize("top_rows", [2, sorting.TOP_ROWS])
def test_a_sort_in_a_database_of_another_encoding(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch, top_rows: int
) -> None:
    monkeypatch.setattr(sorting, "TOP_ROWS", top_rows)
    writer = sqlite3.connect(tmp_path / "x.db")
    writer.execute("PRAGMA encoding='UTF-16'")
    writer.execute("CREATE TABLE t(a)")
    writer.executemany("INSERT INTO t VALUES (?)", [("b",), ("A",), ("10",), ("9",), ("É",), ("é",), ("ȁ",), ("中",)])
    writer.commit()
    writer.close()
    source = opened(tmp_path / "x.db")
    assert keys_of(source, "t", "", SortKey("a")) == [4, 3, 2, 1, 6, 5, 7, 8]
    assert keys_of(source, "t", "", SortKey("a", True)) == [8, 7, 6, 5, 1, 2, 3, 4]


def test_the_top_by_a_column_that_goes_with_the_key_is_right_at_once(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(at TEXT COLLATE NOCASE)")
    database.execute(
        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c LIMIT 30000) "
        "INSERT INTO t SELECT datetime(1700000000 + i, 'unixepoch') FROM c"
    )
    source = opened(database.path)
    for descending, first in ((False, [1, 2, 3]), (True, [30_000, 29_999, 29_998])):
        _, seen = sorted_keys(source, SortKey("at", descending))
        assert next(keys[:3] for keys, is_top in seen if is_top) == first


def test_equal_values_keep_their_natural_order_though_the_oldest_rows_are_looked_at_first(
    database: Database, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorting, "TOP_ROWS", 5)
    many(database, 3_000)
    database.execute("UPDATE t SET n = n % 2")
    source = opened(database.path)
    found, seen = sorted_keys(source, SortKey("n"))
    assert found == [key for (key,) in database.execute("SELECT rowid FROM t ORDER BY n, rowid DESC")]
    assert [keys for keys, is_top in seen if is_top][-1][:5] == found[:5]


def test_a_sort_by_the_id_has_nothing_to_sort(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    database.execute(
        "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c LIMIT 25000) "
        "INSERT INTO t SELECT 3 * i, i % 7 FROM c"
    )
    source = opened(database.path)
    ids = [key for (key,) in database.execute("SELECT id FROM t ORDER BY id")]
    assert keys_of(source, "t", "", SortKey("id")) == ids
    assert keys_of(source, "t", "", SortKey("id", True)) == ids[::-1]
    assert keys_of(source, "t", "a=3", SortKey("id", True)) == ids[3::7][::-1]
    assert keys_of(source, "t", "a=3", SortKey("id")) == ids[3::7]
    published: list[Snapshot] = []
    reader = source.reader()
    arrange(reader, source.relation("t"), View("t", "", (SortKey("id"),)), published.append, lambda: bool(published))
    first, last = published[0], published[-1]
    assert not first.order.exact
    for snapshot in (first, last):
        assert [row.key for row in snapshot.order.rows(reader, [], 0, 4)][:2] == [0, 3]
    whole = arranged(source, "t", "", SortKey("id"))
    assert whole.order.position_of(reader, 3 * 24_999) == 24_999
    assert whole.order.position_of(reader, 1) is None
    reader.close()


def test_a_primary_key_that_is_not_the_row_id_is_sorted(database: Database, opened: Open) -> None:
    # An old peculiarity of SQLite: DESC makes it a column of its own.
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY DESC)")
    database.execute("INSERT INTO t VALUES (5), (9), (1)")
    assert keys_of(opened(database.path), "t", "", SortKey("id")) == [3, 1, 2]


cells = (
    st.none() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text("aB10 é", max_size=3) | st.binary(max_size=2)
)


@given(entries=st.lists(st.tuples(cells, cells), min_size=1, max_size=12), descending=st.booleans())
def test_sorting_puts_numbers_texts_blobs_and_null_in_order(entries: list[tuple[Any, Any]], descending: bool) -> None:
    def place(value: Any) -> tuple[int, Any]:
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value)
        kinds = [int | float, str, bytes]
        kind = next((index for index, kind in enumerate(kinds) if isinstance(value, kind)), 3)
        return kind, value.casefold() if isinstance(value, str) else value

    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "lute.db")
        database.execute("CREATE TABLE t(a, b)")
        for a, b in entries:
            database.insert("t", {"a": a, "b": b})
        database.connection.commit()
        database.connection.close()
        source = open_source(database.path)
        found = keys_of(source, "t", "", SortKey("a", descending), SortKey("b"))
        source.close()
    values = [entries[key - 1] for key in found]
    firsts = [place(a) for a, _ in values]
    nulls = [first for first in firsts if first[0] == 3]
    present = firsts[: len(firsts) - len(nulls)]
    assert firsts == present + nulls, "NULL is last in either direction"
    assert present == sorted(present, reverse=descending)
    for (one, first), (other, second) in zip(
        zip(found, values, strict=True), list(zip(found, values, strict=True))[1:], strict=False
    ):
        if place(first[0]) == place(second[0]) and place(first[1]) == place(second[1]):
            assert one > other, "equal rows keep their natural order"


def test_runs_sort_as_numbers_though_they_are_text(database: Database, select: Callable[..., list[int]]) -> None:
    for run in ("9", "10", "100"):
        database.insert("gen_cfg", {"run": run})
    database.task("Task", {}, [{"gen_cfg_id": key} for key in (3, 1, 2, None)])
    assert select(database.path, "Task", "", SortKey("run")) == [2, 3, 1, 4]
    assert select(database.path, "Task", "", SortKey("run", True)) == [1, 3, 2, 4]


def test_a_sort_does_not_tell_the_order_of_secrets(database: Database, select: Callable[..., list[int]]) -> None:
    for token, job in (("b", 2), ("c", 3), ("a", 1)):
        database.insert("exec_cfg", {"env": f"SLURM_JWT={token};SLURM_JOB_ID={job}"})
    database.task("Task", {}, [{"exec_cfg_id": key} for key in (1, 2, 3)])
    assert select(database.path, "Task", "", SortKey("env.SLURM_JOB_ID")) == [3, 1, 2]
    assert select(database.path, "Task", "", SortKey("env.SLURM_JWT")) == [3, 2, 1], "the natural order"
