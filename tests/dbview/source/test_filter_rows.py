"""What a filter finds, against a plain reading of its rules."""

from __future__ import annotations

import operator
import re
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dbview.query.filter import quote_literal
from dbview.source.source import open_source
from tests.dbview.database import Database, keys_of

Row = dict[str, Any]
Predicate = Callable[[Row], bool]

COLUMNS = {"whole": "INTEGER", "real": "REAL", "text": "TEXT", "any": "BLOB"}

plain_text = st.text(alphabet="abAB7.-_%*? éÉßK", max_size=5)
numbers = st.integers(-20, 20) | st.sampled_from([0.5, -1.5e-12, 0.1 + 0.2, 1e300, float("inf"), 2**62])
number_text = st.sampled_from(["7", "007", " 7 ", "-3", "1e1", "0.5", "7x", ".5", "1_0", "0x7"])
cells = st.none() | numbers | plain_text | number_text | plain_text.map(str.encode)
summaries = st.lists(st.builds("{}: {}".format, st.sampled_from(["hits", "Hits", "x"]), number_text | plain_text)).map(
    ";".join
)
rows = st.fixed_dictionaries(
    dict.fromkeys(COLUMNS, cells)
    | {"gen_cfg_id": st.none() | st.integers(1, 4), "result.summary": st.none() | summaries}
)


def text_of(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bytes):
        return cell.decode()
    return repr(cell) if isinstance(cell, int | float) else cell


def folded(text: str, like: str) -> str:
    """Fold letter case as the rules say: all of Unicode, but for a search text of ASCII only ASCII's."""
    if not like.isascii():
        return text.casefold()
    return re.sub("[A-Z]", lambda match: match[0].lower(), text)


def number_in(cell: Any) -> float | None:
    if isinstance(cell, str) and re.fullmatch(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", cell):
        return float(cell)
    return cell if isinstance(cell, int | float) else None


def contains(column: str, wanted: str) -> Predicate:
    def holds(row: Row) -> bool:
        text = text_of(row[column])
        return text is not None and folded(wanted, wanted) in folded(text, wanted)

    return holds


def equals_quoted(column: str, wanted: str) -> Predicate:
    return lambda row: text_of(row[column]) == wanted


def compares(column: str, sign: str, wanted: float) -> Predicate:
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}[sign]

    def holds(row: Row) -> bool:
        number = number_in(row[column])
        is_equal_text = sign == "=" and text_of(row[column]) == repr(wanted)
        return (number is not None and compare(number, wanted)) or is_equal_text

    return holds


def somewhere(wanted: str) -> Predicate:
    checks = [contains(column, wanted) for column in ("id", "whole", "real", "text", "any", "run", "result.summary")]
    return lambda row: any(check(row) for check in checks)


def finds(column: str, expression: str) -> Predicate:
    def holds(row: Row) -> bool:
        text = text_of(row[column])
        return text is not None and re.search(expression, text, re.IGNORECASE | re.DOTALL) is not None

    return holds


def negate(pair: tuple[str, Predicate]) -> tuple[str, Predicate]:
    text, predicate = pair
    return f"not ({text})", lambda row: not predicate(row)


def both(pairs: tuple[tuple[str, Predicate], tuple[str, Predicate]]) -> tuple[str, Predicate]:
    (one, first), (other, second) = pairs
    return f"({one}) {other}", lambda row: first(row) and second(row)


def either(pairs: tuple[tuple[str, Predicate], tuple[str, Predicate]]) -> tuple[str, Predicate]:
    (one, first), (other, second) = pairs
    return f"({one} or {other})", lambda row: first(row) or second(row)


def hits_in(summary: str | None) -> str | None:
    """Return the last value of exactly that name, else the last that differs in letter case alone."""
    pairs = [found.groups() for part in (summary or "").split(";") if (found := re.fullmatch(r"(\w+): (.+)", part))]
    exact = [value.strip() for name, value in pairs if name == "hits"]
    return (exact or [value.strip() for name, value in pairs if name == "Hits"] or [None])[-1]


names = st.sampled_from([*COLUMNS, "run", "summary.hits"])
expressions = st.sampled_from(["^[a7]", r"\d", "b*$", "é|ß", "^$", r"\.|-", "(a|b){2}", "[^a-z]", "7"])
signs = st.sampled_from(["<", "<=", ">", ">=", "="])
leaves: st.SearchStrategy[tuple[str, Predicate]] = st.one_of(
    st.builds(lambda c, v: (f"{c}:{quote_literal(v)}", contains(c, v)), names, plain_text),
    st.builds(lambda c, v: (f"{c}={quote_literal(v)}", equals_quoted(c, v)), names, plain_text | number_text),
    st.builds(lambda c, s, v: (f"{c}{s}{v!r}", compares(c, s, v)), names, signs, numbers),
    st.builds(lambda c: (f"{c}=null", lambda row: row[c] is None), names),
    st.builds(lambda c: (f"{c}!=null", lambda row: row[c] is not None), names),
    st.builds(lambda v: (quote_literal(v), somewhere(v)), plain_text.filter(bool)),
    st.builds(lambda c, e: (f"{c}~{quote_literal(e)}", finds(c, e)), names, expressions),
    st.builds(lambda c, e: (f"{c}!~{quote_literal(e)}", lambda row: not finds(c, e)(row)), names, expressions),
)
filters = st.recursive(
    leaves, lambda inner: inner.map(negate) | st.tuples(inner, inner).map(both) | st.tuples(inner, inner).map(either)
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(entries=st.lists(rows, min_size=1, max_size=8), wanted=filters)
def test_a_filter_finds_what_its_rules_say(entries: list[Row], wanted: tuple[str, Predicate]) -> None:
    text, predicate = wanted
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "lute.db")
        for run in ("7", "12", None):
            database.insert("gen_cfg", {"run": run})
        database.task("Task", COLUMNS, [{**entry, "timestamp": None} for entry in entries])
        shared = "LEFT JOIN gen_cfg ON gen_cfg.id = gen_cfg_id"
        picked = 't.id, whole, real, text, any, gen_cfg.run, "result.summary"'
        stored = database.execute(f"SELECT {picked} FROM Task AS t {shared}")
        found = [dict(zip(["id", *COLUMNS, "run", "result.summary"], row, strict=True)) for row in stored]
        expected = [row["id"] for row in found if predicate(row | {"summary.hits": hits_in(row["result.summary"])})]
        database.connection.close()
        source = open_source(database.path)
        try:
            assert sorted(keys_of(source, "Task", text)) == expected
        finally:
            source.close()


def test_sqlite_compares_numbers_and_texts_as_this_relies_on() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t(x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [("9",), ("10",), ("abc",), ("1e1",), (b"10",)])
    found = connection.execute(
        "SELECT x FROM t WHERE x >= CAST(10 AS NUMERIC) AND x <= CAST(9e999 AS NUMERIC)"
    ).fetchall()
    connection.close()
    assert found == [("10",), ("1e1",)]
