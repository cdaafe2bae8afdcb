"""The entries around one, the history of a parameter, and where keys lead: against what plain Python finds."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.query.view import EntryPlace
from dbview.source.entries.history import MOST_STRETCHES, History, read_history
from dbview.source.entries.record import read_record
from dbview.source.entries.references import Uses, count_uses, find_references, place_of
from dbview.source.entries.tries import Tries, find_tries, good_before
from dbview.source.reader import Reader
from dbview.source.source import Source, open_source
from tests.dbview.database import Database

ENTRIES = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 3, 99, None]),  # header: 1 and 3 are of one run
        st.sampled_from([1, 0, None]),
        st.sampled_from(["2024-01-01", "2024-01-02", None]),
        st.sampled_from([1, 1.0, "1", "a", "A", None, b"a", "long " * 1500]),
    ),
    min_size=1,
    max_size=30,
)
HEADERS = [("mfx1", "7"), ("mfx2", "7"), ("mfx1", "7")]


def never() -> bool:
    return False


def database_of(path: Path, entries: list[tuple[Any, Any, Any, Any]]) -> Path:
    database = Database(path)
    for experiment, run in HEADERS:
        database.insert("gen_cfg", {"experiment": experiment, "run": run})
    names = ("gen_cfg_id", "valid_flag", "timestamp", "mode")
    database.task("Index", {"mode": ""}, [dict(zip(names, entry, strict=True)) for entry in entries])
    database.connection.close()
    return path


@contextlib.contextmanager
def opened(path: Path) -> Any:
    source = open_source(path)
    reader = source.reader(10**9)
    try:
        yield source, reader
    finally:
        reader.close()
        source.close()


def run_of(header: int | None) -> object:
    return HEADERS[header - 1] if header in (1, 2, 3) else header


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.data())
def test_tries_are_those_of_the_run(entries: list[tuple[Any, Any, Any, Any]], data: st.DataObject) -> None:
    key = data.draw(st.integers(1, len(entries)))
    with (
        tempfile.TemporaryDirectory() as directory,
        opened(database_of(Path(directory) / "a.db", entries)) as (
            source,
            reader,
        ),
    ):
        relation = source.relation("Index")
        record = read_record(reader, source.relations(), relation, key)
        early: list[Tries] = []
        found = find_tries(reader, record, early.append, never)
        header = entries[key - 1][0]
        good = good_before(reader, relation, key, header, never)
    of_run = [number for number, entry in enumerate(entries, start=1) if run_of(entry[0]) == run_of(header)]
    valid = [number for number, entry in enumerate(entries, start=1) if entry[1] == 1]
    before, after = [n for n in of_run if n < key], [n for n in of_run if n > key and n in valid]
    assert found.nearest == (
        max(before, default=None),
        min(after, default=None),
        key - 1 or None,
        max((n for n in valid if n < key), default=None),
        min((n for n in valid if n > key), default=None),
    )
    assert early[0].nearest == found.nearest
    assert (found.number, found.count) == (len(before) + 1, len(of_run))
    newest = max(((entries[n - 1][2] or "", n) for n in of_run if n in valid), default=(None, None))
    assert found.latest_good == newest[1]
    own = max((n for n in before if n in valid), default=None)
    assert good == (own if own is not None else found.nearest.task_good_before)


@settings(max_examples=60, deadline=None)
@given(ENTRIES)
def test_the_history_of_a_parameter_is_its_values_in_stretches(entries: list[tuple[Any, Any, Any, Any]]) -> None:
    with (
        tempfile.TemporaryDirectory() as directory,
        opened(database_of(Path(directory) / "a.db", entries)) as (
            source,
            reader,
        ),
    ):
        history = history_of(source, reader)
    numbered = list(enumerate(entries, start=1))[::-1]
    folded = [list(group) for _value, group in itertools.groupby(numbered, lambda one: (_class(one[1][3]), one[1][3]))]
    assert history.complete
    assert [(one.newest.key, one.oldest.key, one.count, one.valid) for one in history.stretches] == [
        (group[0][0], group[-1][0], len(group), sum(entry[1] == 1 for _number, entry in group)) for group in folded
    ]
    assert [one.newest.run for one in history.stretches] == [
        "7" if group[0][1][0] in (1, 2, 3) else None for group in folded
    ]


def _class(value: Any) -> type:
    return int if isinstance(value, float) else type(value)


def history_of(source: Source, reader: Reader) -> History:
    relation = source.relation("Index")
    column = relation.find("mode")
    assert column is not None
    return read_history(reader, relation, column, lambda _history: None, never)


def test_a_stretch_goes_on_beyond_a_step_of_the_scan(tmp_path: Path) -> None:
    path = database_of(tmp_path / "a.db", [(1, 1, None, "a")] * 2 + [(1, 1, None, "b")] * 5_000)
    with opened(path) as (source, reader):
        assert [(one.value, one.count) for one in history_of(source, reader).stretches] == [("b", 5_000), ("a", 2)]


def test_a_parameter_that_never_rests_is_told_of_as_far_as_it_fits(tmp_path: Path) -> None:
    path = database_of(tmp_path / "a.db", [(1, 1, None, number) for number in range(MOST_STRETCHES + 10)])
    with opened(path) as (source, reader):
        history = history_of(source, reader)
    assert (len(history.stretches), history.has_more, history.complete) == (MOST_STRETCHES, True, False)


def test_keys_lead_to_rows_and_back(database: Database) -> None:
    database.connection.executescript("""
        CREATE TABLE parent(name TEXT UNIQUE, note TEXT);
        CREATE TABLE child(id INTEGER PRIMARY KEY, of TEXT REFERENCES Parent(name), PARENT_id INTEGER, other_id INTEGER,
                           one INTEGER, two INTEGER, FOREIGN KEY (one, two) REFERENCES child(id, two));
        INSERT INTO parent VALUES ('p', 'x'), ('q', 'y');
        INSERT INTO child(of) VALUES ('q'), ('q'), ('none'), (NULL);
        CREATE VIEW seen AS SELECT * FROM child;
    """)
    database.insert("gen_cfg", {"run": "1"})
    database.task("Index", {}, [{"gen_cfg_id": 1, "exec_cfg_id": 5}] * 3)
    with opened(database.path) as (source, reader):
        references = find_references(reader, source.relations())
        assert [(one.relation.name, one.column.name, one.target.name, one.target_column) for one in references] == [
            ("child", "of", "parent", "name"),
            ("Index", "gen_cfg_id", "gen_cfg", "id"),
            ("Index", "exec_cfg_id", "exec_cfg", "id"),
        ]
        assert place_of(reader, references[0], "q") == EntryPlace("parent", 2)
        assert place_of(reader, references[0], "none") is None
        assert place_of(reader, references[0], None) is None
        for place, cells, expected in (
            (EntryPlace("parent", 2), {"name": "q"}, [Uses(references[0], 2, True)]),
            (EntryPlace("gen_cfg", 1), {"id": 1}, [Uses(references[1], 3, True)]),
            (EntryPlace("parent", 1), {"name": "p"}, []),
        ):
            assert count_uses(reader, references, place, cells, lambda _uses: None, never) == expected
