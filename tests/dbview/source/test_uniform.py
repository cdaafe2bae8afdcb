"""Which columns tell nothing among the newest rows."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbview.query.relation import Column, Relation, RelationKind
from dbview.source.numbers.uniform import Uniform, still_uniform, uniform_columns
from dbview.source.source import Source
from dbview.values import Row
from tests.dbview.conftest import Open
from tests.dbview.database import Database


def uniform(source: Source, table: str, seconds: float = 60.0) -> dict[str, Any]:
    found = looked(source, table, seconds)
    return {column.name: value for column, value in found.values.items()}


def looked(source: Source, table: str, seconds: float = 60.0) -> Uniform:
    relation = source.relation(table)
    with closing(source.reader()) as reader:
        return uniform_columns(reader, relation, relation.columns, seconds)


def test_empty_and_constant_columns_are_found_with_their_value(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, empty, same, varies, late, once)")
    for number in range(1200):
        values = (None, "x", number, number == 0, "y" if number == 600 else None)
        database.connection.execute("INSERT INTO t(empty, same, varies, late, once) VALUES (?,?,?,?,?)", values)
    database.connection.commit()
    assert uniform(opened(database.path), "t") == {"empty": None, "same": "x"}


def test_values_that_are_only_equal_are_not_the_same(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b COLLATE NOCASE)")
    database.connection.executemany("INSERT INTO t(a, b) VALUES (?, ?)", [(1, "x"), (1.0, "X")])
    database.connection.commit()
    assert uniform(opened(database.path), "t") == {}


def test_one_row_makes_nothing_constant(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b)")
    assert uniform(opened(database.path), "t") == {}
    database.execute("INSERT INTO t(a) VALUES (1)")
    assert uniform(opened(database.path), "t") == {"b": None}


def test_long_values_are_not_compared(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    database.connection.executemany("INSERT INTO t(a) VALUES (?)", [("x" * 10_000,)] * 3)
    database.connection.commit()
    assert uniform(opened(database.path), "t") == {}


def test_it_is_said_when_not_all_rows_were_looked_at(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
    database.connection.executemany("INSERT INTO t(a) VALUES (?)", [("old",)] + [("new",)] * 11_000)
    database.connection.commit()
    found = looked(opened(database.path), "t")
    assert (found.rows, found.complete) == (10_000, False)
    assert [column.name for column in found.constant] == ["a"]


def test_new_rows_leave_what_is_still_uniform(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c)")
    database.execute("INSERT INTO t(b) VALUES (1), (1)")
    source = opened(database.path)
    before = looked(source, "t")
    database.execute("INSERT INTO t(b, c) VALUES (2, NULL)")
    with closing(source.reader()) as reader:
        now = still_uniform(reader, source.relation("t"), before)
    assert {column.name for column in now.values} == {"a", "c"}


class Table:
    """Rows in memory, read as a reader gives them."""

    def __init__(self, columns: list[Column], rows: list[tuple[Any, ...]]) -> None:
        self._columns = columns
        self._rows = rows

    def newest(self, _relation: Relation, columns: list[Column], limit: int, *, below: int | None = None) -> list[Row]:
        keys = [key for key in range(len(self._rows), 0, -1) if below is None or key <= below][:limit]
        places = [self._columns.index(column) for column in columns]
        return [Row(key, tuple(self._rows[key - 1][place] for place in places)) for key in keys]


@given(st.lists(st.tuples(*[st.sampled_from([None, 1, 1.0, "1"])] * 3), max_size=60))
def test_it_is_what_comparing_every_pair_of_rows_gives(rows: list[tuple[Any, ...]]) -> None:
    columns = [Column(name) for name in "abc"]
    table: Any = Table(columns, rows)
    found = uniform_columns(table, Relation("t", RelationKind.PLAIN, tuple(columns)), columns, 60.0)
    for place, column in enumerate(columns):
        kinds = {(type(row[place]), row[place]) for row in rows}
        is_uniform = kinds == {(type(None), None)} or (len(kinds) == 1 and len(rows) > 1)
        assert (column in found.values) == is_uniform
