"""What is suggested while a filter is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.errors import FilterError
from dbview.query.filter import parse
from dbview.query.relation import Column, Form
from dbview.query.resolve import resolve
from dbview.query.suggest import MOST, Kind, Suggestions, suggest
from dbview.source.relations import StoredColumn, StoredTable, recognise
from dbview.values import Cell

FIXED = ("id", "timestamp", "gen_cfg_id", "exec_cfg_id", "result.task_status", "result.summary", "valid_flag")
PARAMETERS = ("son_min", "run", "compression.compressor", "compression.level", "a b", "Status", "dx[0]")


def tables() -> list[StoredTable]:
    def table(name: str, *columns: str) -> StoredTable:
        return StoredTable(name, "table", True, tuple(StoredColumn(c, "TEXT", c == "id", False) for c in columns), ())

    return [
        table("Task", *FIXED, *PARAMETERS),
        table("gen_cfg", "id", "title", "experiment", "run"),
        table("exec_cfg", "id", "env"),
        table("_rec_failure", "task", "entry_id", "return_code", "signal"),
    ]


TASK = recognise(tables())[0]

VALUES: dict[str, list[Cell]] = {
    "result.task_status": ["COMPLETED", "FAILED", "TIMED OUT"],
    "gen_cfg.run": ["12", 7, None, "1..2"],
    "summary.Indexing rate": ["0.78"],
    "a b": ["null", "x*", b"blob", 'a "b"'],
}
NAMES = {Form.PAIRS: ["Indexing rate", "hits"], Form.VARIABLES: ["SLURM_JOB_ID", "LUTE_PATH"]}


def values(column: Column) -> list[Cell]:
    return VALUES.get(column.name, [])


def suggested(text: str) -> Suggestions:
    return suggest(TASK, text, len(text), values, NAMES.__getitem__)


@pytest.mark.parametrize(
    ("text", "kind", "start", "first"),
    [
        ("", Kind.NAME, 0, ["run", "experiment", "title", "status", "valid", "summary", "time"]),
        ("sta", Kind.NAME, 0, ["status", "Status"]),
        ("STA", Kind.NAME, 0, ["status", "Status"]),
        ("run=7 so", Kind.NAME, 6, ["son_min", "title"][:1]),
        ("run=7 or -(com", Kind.NAME, 11, ["compression.compressor", "compression.level"]),
        ("level", Kind.NAME, 0, ["compression.level"]),
        ("p.r", Kind.NAME, 0, ["p.run"]),
        ("run", Kind.NAME, 0, ["run", "p.run", "run=", "run!=", "run!~"]),
        ('"a', Kind.NAME, 0, ['"a b"']),
        ("fail", Kind.NAME, 0, ["failure.return_code", "failure.signal"]),
        ("env.sl", Kind.NAME, 0, ["env.SLURM_JOB_ID"]),
        ("env.", Kind.NAME, 0, ["env.SLURM_JOB_ID", "env.LUTE_PATH"]),
        ("summary.", Kind.NAME, 0, ['summary."Indexing rate"', "summary.hits"]),
        ("summary.rate", Kind.NAME, 0, ['summary."Indexing rate"']),
        ('summary."In', Kind.NAME, 0, ['summary."Indexing rate"']),
        ("summary.hits", Kind.NAME, 0, ["summary.hits", "summary.hits=", "summary.hits!="]),
        ("run ", Kind.OPERATOR, 4, ["=", "!=", "!~", "<="]),
        ('"a b"', Kind.OPERATOR, 5, ["="]),
        ('summary."hits"', Kind.OPERATOR, 14, ["="]),
        ("beam ", Kind.OPERATOR, 5, []),
        ('run="7"', Kind.OPERATOR, 7, []),
        ("(run=7)", Kind.OPERATOR, 7, []),
        ("status=", Kind.VALUE, 7, ["COMPLETED", "FAILED", '"TIMED OUT"', "null"]),
        ("status!=F", Kind.VALUE, 8, ["FAILED"]),
        ("status:tim", Kind.VALUE, 7, ['"TIMED OUT"']),
        ('status="TIMED O', Kind.VALUE, 7, ['"TIMED OUT"']),
        ("status=FAILED,co", Kind.VALUE, 14, ["COMPLETED"]),
        ('status="TIMED OUT",', Kind.VALUE, 19, ["COMPLETED"]),
        ("run>", Kind.VALUE, 4, ["12", "7", '"1..2"']),
        ("run=7..1", Kind.VALUE, 7, ["12"]),
        ("run = 1", Kind.VALUE, 6, ["12"]),
        ('"a b"=', Kind.VALUE, 6, ['"null"', '"x*"', '"a ""b"""', "null"]),
        ('summary."Indexing rate">', Kind.VALUE, 24, ["0.78"]),
        ("is:", Kind.VALUE, 3, ["valid", "invalid", "open", "latest", "attention"]),
        ("is:la", Kind.VALUE, 3, ["latest"]),
        ("since:", Kind.VALUE, 6, ["1h", "1d"]),
        ("status~F", Kind.VALUE, 7, []),
        ("nosuch=", Kind.VALUE, 7, []),
        ("i", Kind.NAME, 0, ["is:", "id"]),
        ("run=7 o", Kind.NAME, 6, ["or "]),
        ("run=7 or ", Kind.NAME, 9, ["run", "experiment"]),
        ("not ", Kind.NAME, 4, ["run", "experiment"]),
    ],
)
def test_what_is_suggested_at_the_end_of_a_text(text: str, kind: Kind, start: int, first: list[str]) -> None:
    found = suggested(text)
    assert (found.kind, found.start) == (kind, start)
    assert list(found.texts[: len(first)]) == first
    assert found.texts[:1] == tuple(first[:1])


def test_a_part_of_the_name_of_a_pair_is_no_column_yet() -> None:
    assert suggested("summary.rate").texts == ('summary."Indexing rate"',)
    assert suggested("summary.nothing").texts == ()
    assert suggested("summary.HITS").texts[:2] == ("summary.hits", "summary.HITS=")


def test_what_stands_behind_the_cursor_does_not_count() -> None:
    assert suggest(TASK, "sta=7 run", 3, values, NAMES.__getitem__) == suggested("sta")


def test_neither_values_nor_names_are_asked_for_without_need() -> None:
    def never(_about: object) -> list[Cell]:
        raise AssertionError("nobody needs these")

    for text in ("", "sta", "run ", "is:"):
        suggest(TASK, text, len(text), never, never)  # type: ignore[arg-type]


def test_thousands_of_columns_make_few_suggestions() -> None:
    columns = tuple(StoredColumn(name, "", name == "id", False) for name in (*FIXED, *(f"c{n}" for n in range(1_900))))
    (wide,) = recognise([StoredTable("Task", "table", True, columns, ())])
    assert len(suggest(wide, "c1", 2, values, NAMES.__getitem__).texts) == MOST


typed = st.text(alphabet=st.sampled_from('stau run=7,.!~:<>()"-* env.summary.p.is: or "a b"'), max_size=25)


@given(text=typed | st.text())
def test_every_suggestion_follows_from_what_was_typed(text: str) -> None:
    found = suggested(text)
    assert 0 <= found.start <= len(text)
    assert len(found.texts) <= MOST


@given(text=st.sampled_from(["", "run=7 ", "(run=7 or -", "status=FAILED,COMPLETED "]), data=st.data())
def test_a_suggested_name_and_value_make_a_filter(text: str, data: st.DataObject) -> None:
    names = [name for name in suggested(text).texts if name[-1] not in ".: "]
    text += data.draw(st.sampled_from(names)) + data.draw(st.sampled_from(["=", "!=", ":", ">"]))
    text += data.draw(st.sampled_from(suggested(text).texts or ("7",)))
    node = parse(text + ")" * text.count("("))
    assert node is not None
    try:
        resolve(node, TASK)
    except FilterError as error:
        raise AssertionError(text) from error
