"""What an entry was made from, and what was made from it: against what plain Python finds."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.errors import NotFound
from dbview.query.view import EntryPlace
from dbview.source.entries import path_columns
from dbview.source.entries.lineage import Lineage, Link, find_lineage
from dbview.source.source import open_source
from dbview.source.view import scan
from tests.dbview.database import Database

DONE = {"result.task_status": "COMPLETED", "valid_flag": 1}


def lineage_of(path: Path, task: str, key: int, publish: Callable[[Lineage], None] = lambda _known: None) -> Lineage:
    source = open_source(path)
    reader = source.reader(10**9)
    try:
        place = EntryPlace(task, key)
        return find_lineage(reader, source.relations(), place, source.path, publish, lambda: False)
    finally:
        reader.close()
        source.close()


def places(links: tuple[Link, ...] | None) -> list[EntryPlace]:
    return [link.place for link in links or ()]


@pytest.fixture
def pipeline(database: Database) -> Path:
    """Return a file in which peaks are found, indexed (twice, once from a list of files), merged and compared."""
    d = "/data/out"
    rows = (
        ("Find", {"outdir": d, "out_file": f"{d}/r1.list", "result.payload": f"{d}/r1.list", "timestamp": "1"}),
        ("Find", {"outdir": d, "out_file": f"{d}/r2.list", "result.payload": f"{d}/r2.list", "timestamp": "2"}),
        ("Index", {"in_file": f"{d}/r1.list", "result.payload": f"{d}/r1.stream", "timestamp": "3"}),
        ("Index", {"in_file": f"{d}/r1.list;{d}/r2.list", "result.payload": f"{d}/r2.stream", "timestamp": "4"}),
        ("Merge", {"in_file": f"{d}/r1.stream", "result.payload": "out/merged.hkl", "timestamp": "5"}),
        (
            "Compare",
            {
                "in_file": f"{database.path.parent}/out/merged.hkl",
                "shell_file": "/x/c.dat",
                "result.payload": "/x/c.dat",
            },
        ),
        ("Compare", {"in_file": "/else/x.hkl", "shell_file": "/x/c.dat", "result.payload": "/x/c.dat"}),
        ("Find", {"outdir": d, "out_file": f"{d}/r1.list", "result.payload": None, "timestamp": "9"}),
    )
    columns: dict[str, dict[str, str]] = {
        "Find": {"outdir": "TEXT", "out_file": "TEXT"},
        "Index": {"in_file": "TEXT"},
        "Merge": {"in_file": "TEXT"},
        "Compare": {"in_file": "TEXT", "shell_file": "TEXT"},
    }
    for task, parameters in columns.items():
        database.task(task, parameters, [{**DONE, **row} for name, row in rows if name == task])
    database.connection.close()
    return database.path


def test_files_link_entries_of_all_tasks_both_ways(pipeline: Path) -> None:
    index = lineage_of(pipeline, "Index", 1)
    assert index.complete
    # The one that wrote the file again later cannot be what it was made from.
    assert [(link.place, link.is_later) for link in index.made_from] == [
        (("Find", 1), False),
        (("Find", 3), True),
    ]
    assert places(index.used_by) == [("Merge", 1)]
    (merge,) = index.used_by
    assert (merge.path, merge.column, merge.status) == ("/data/out/r1.stream", "in_file", "COMPLETED")
    # A relative path leads from the database's directory on.
    assert places(merge.beyond) == [("Compare", 1)]


def test_several_files_in_one_text_are_told_apart(pipeline: Path) -> None:
    assert places(lineage_of(pipeline, "Index", 2).made_from) == [("Find", 2), ("Find", 1), ("Find", 3)]
    assert places(lineage_of(pipeline, "Find", 2).used_by) == [("Index", 2)]


def test_both_levels_are_found_from_the_end(pipeline: Path) -> None:
    compare = lineage_of(pipeline, "Compare", 1)
    assert places(compare.made_from) == [("Merge", 1)]
    assert places(compare.made_from[0].beyond) == [("Index", 1)]
    # Two that write the same file are not made from each other.
    assert compare.used_by == ()


def test_a_circle_ends(database: Database) -> None:
    rows = [{"in_file": "/a.h5", "out_file": "/b.h5"}, {"in_file": "/b.h5", "out_file": "/a.h5"}]
    database.task("Loop", {"in_file": "TEXT", "out_file": "TEXT"}, [{**DONE, **row, "timestamp": "1"} for row in rows])
    known = lineage_of(database.path, "Loop", 1)
    assert (places(known.made_from), places(known.used_by)) == ([("Loop", 2)], [("Loop", 2)])
    assert places(known.made_from[0].beyond) == [("Loop", 1)]


def test_of_very_many_only_the_newest_are_listed(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_columns, "MOST_FOUND", 10)
    database.task("Make", {"out_file": "TEXT"}, [{**DONE, "out_file": "/a.h5"}])
    database.task("Use", {"in_file": "TEXT"}, [{**DONE, "in_file": "/a.h5", "timestamp": "2"} for _ in range(30)])
    known = lineage_of(database.path, "Make", 1)
    assert known.has_more
    assert [key for _task, key in places(known.used_by)] == list(range(30, 20, -1))


def test_what_was_found_by_then_is_told_on_the_way(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "PUBLISH_SECONDS", 0.0)
    database.task("Make", {"out_file": "TEXT"}, [{**DONE, "out_file": "/a.h5"}])
    for task in ("Use", "UseToo"):
        used = ["/a.h5" if number % 1_000 == 0 else "/b.h5" for number in range(1, 3_001)]
        database.task(task, {"in_file": "TEXT"}, [{**DONE, "in_file": path, "timestamp": "2"} for path in used])
    told = list[Lineage]()
    known = lineage_of(database.path, "Make", 1, told.append)
    counts = [len(one.used_by) for one in told]
    # Step by step: of one Task, then of the next.
    assert counts == sorted(counts)
    assert {1, 4, 6} <= {*counts}
    assert all({*places(one.used_by)} <= {*places(known.used_by)} for one in told)
    assert [one.scanned for one in told] == sorted(one.scanned for one in told)
    assert not any(one.complete for one in told)


def test_an_entry_that_is_not_there_is_an_error(pipeline: Path) -> None:
    with pytest.raises(NotFound):
        lineage_of(pipeline, "Index", 99)


def test_a_text_that_is_not_utf_8_is_passed_over(database: Database) -> None:
    database.task("Make", {"out_file": "TEXT"}, [{**DONE, "out_file": "/a b.h5"}])
    used = [{**DONE, "in_file": text} for text in ("/a b.h5;/c.h5", "/x.h5", None)]
    database.task("Use", {"in_file": "TEXT"}, used)
    broken = b"/\xff /x.h5;/a b.h5".hex()
    database.connection.execute(f"UPDATE Use SET in_file = CAST(x'{broken}' AS TEXT) WHERE id = 2")
    database.connection.commit()
    assert places(lineage_of(database.path, "Make", 1).used_by) == [("Use", 1)]


PATHS = st.sampled_from(["/d/a.h5", "/d/b.h5", "/d/c.h5", "/d/a,b.h5", "/d/d.h5", "/e/a.h5", "/e/e.h5"])
CELLS = st.one_of(st.none(), PATHS, st.lists(PATHS, min_size=2, max_size=6, unique=True).map(";".join))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), CELLS, CELLS), min_size=1, max_size=12))
def test_links_are_the_equal_paths(entries: list[tuple[str, str | None, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "lute.db")
        stored: dict[tuple[str, int], tuple[set[str], set[str]]] = {}
        for task in ("A", "B"):
            own = [entry for entry in entries if entry[0] == task]
            rows: list[dict[str, Any]] = [{**DONE, "in_file": one[1], "result.payload": one[2]} for one in own]
            database.task(task, {"in_file": "TEXT"}, [{**row, "timestamp": "2024-01-01"} for row in rows])
            for number, (_task, taken, made) in enumerate(own, start=1):
                outputs = set((made or "").split(";")) - {""}
                stored[task, number] = (set((taken or "").split(";")) - {""} - outputs, outputs)
        database.connection.close()
        for place, (inputs, results) in stored.items():
            known = lineage_of(database.path, *place)
            others = {other: paths for other, paths in stored.items() if other != place}
            assert set(places(known.made_from)) == {other for other, (_in, out) in others.items() if inputs & out}
            assert set(places(known.used_by)) == {
                other for other, (given_to, _out) in others.items() if results & given_to
            }
