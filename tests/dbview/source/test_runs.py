"""How each Task went in each run, against the rows themselves."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.source.entries import headers as headers_module
from dbview.source.entries import survey as survey_module
from dbview.source.entries.board import Board
from dbview.source.entries.pipeline import pipeline, summary_numbers
from dbview.source.entries.runs import MARKS_KEPT, Run, names_runs, run_tasks
from dbview.source.entries.survey import Recent, Surveyed, survey
from dbview.source.source import Source, open_source
from tests.dbview.database import Database

STATUSES = ("COMPLETED", "FAILED", "RUNNING", None, "odd")


def surveyed(source: Source, told: list[Surveyed] | None = None) -> Board:
    """Return all that a survey finds."""
    board = Board()
    reader = source.reader(10**9)

    def publish(found: Surveyed) -> None:
        board.add(found.cells)
        if told is not None:
            told.append(found)

    try:
        survey(reader, run_tasks(source.relations()), publish, lambda: False)
    finally:
        reader.close()
    return board


def ordered(source: Source) -> list[str]:
    """Return the Tasks in the order of their pipeline."""
    reader = source.reader()
    try:
        return [task.relation.name for task in pipeline(reader, run_tasks(source.relations()))]
    finally:
        reader.close()


def entry(run: int, status: str | None = "COMPLETED", valid: int | None = 1, **more: Any) -> dict[str, Any]:
    return {"gen_cfg_id": run, "result.task_status": status, "valid_flag": valid, **more}


VALIDITIES = (0, 1, None)
TIMES = ("2024-02-14 10:00:00", "2024-02-14 11:00:00", "2024-02-14 12:00:00")
SUMMARIES = ("", "PENDING", "812 hits", None)

ENTRY = st.tuples(
    st.sampled_from(["Find", "Index"]),
    st.integers(1, 5),
    st.sampled_from(STATUSES),
    st.sampled_from(VALIDITIES),
    st.sampled_from(TIMES),
    st.sampled_from(SUMMARIES),
)


def reasons(newest: tuple[Any, ...]) -> Iterator[str]:
    """Yield why somebody should look at an entry: none of these has a payload."""
    _time, _key, status, valid, summary = newest
    is_completed = status == "COMPLETED"
    if valid == 1 and not is_completed:
        yield "It is valid, but did not end as COMPLETED."
    if valid == 0 and is_completed:
        yield "It ended as COMPLETED, but was marked not valid."
    if valid == 1 or is_completed:
        if not summary:
            yield "It left neither a payload nor a summary."
        if summary == "PENDING":
            yield "Its summary still says PENDING."


RUNS = {1: Run("a", "1"), 2: Run("a", "1"), 3: Run("b", "1"), 4: Run("b", None), 5: Run(None, None)}
"""Two headers of one run, the same number in another experiment, a run without a number; the fifth does not exist."""


def check(path: Path, entries: Sequence[tuple[Any, ...]]) -> None:
    """Store entries and compare what is found with what they say."""
    database = Database(path)
    for header in (1, 2, 3, 4):
        database.insert("gen_cfg", {"experiment": RUNS[header].experiment, "run": RUNS[header].run})
    database.task("Find", {}, [])
    database.task("Index", {}, [])
    for task, header, status, valid, time, summary in entries:
        database.insert(task, entry(header, status, valid, timestamp=time, **{"result.summary": summary}))
    database.connection.commit()
    database.connection.close()
    source = open_source(database.path)
    board = surveyed(source)
    source.close()
    ids: Counter[str] = Counter()
    expected: dict[tuple[Run, str], list[Any]] = {}
    for task, header, status, valid, time, summary in entries:
        ids[task] += 1
        expected.setdefault((RUNS[header], task), []).append((time, ids[task], status, valid, summary))
    found = {
        (run, task): cell
        for known in board.experiments.values()
        for run in known.runs
        for task in ("Find", "Index")
        if (cell := board.cell(run, task))
    }
    assert found.keys() == expected.keys()
    for place, rows in expected.items():
        rows.sort(key=lambda row: row[:2])
        cell = found[place]
        assert [tuple(mark) for mark in cell.marks] == [row[:4] for row in rows[-MARKS_KEPT:]]
        assert cell.entries == len(rows)
        assert cell.not_valid == sum(row[3] == 0 for row in rows)
        valid_rows = [row[:2] for row in rows if row[3] == 1]
        assert (cell.valid and cell.valid[:2]) == (valid_rows[-1] if valid_rows else None)
        assert set(cell.attention) == set(reasons(rows[-1]))
    assert sum(known.entries for known in board.experiments.values()) == len(entries)


@settings(max_examples=40, deadline=None)
@given(entries=st.lists(ENTRY, max_size=40))
def test_a_cell_is_what_the_entries_of_its_run_and_task_say(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Any]
) -> None:
    check(tmp_path_factory.mktemp("runs") / "lute.db", entries)


CHANGE = st.one_of(
    ENTRY,
    st.tuples(st.just("change"), st.sampled_from(["Find", "Index"]), st.sampled_from(STATUSES), st.integers(0, 7)),
    st.tuples(st.just("remove"), st.sampled_from(["Find", "Index"])),
)


@settings(max_examples=25, deadline=None)
@given(entries=st.lists(ENTRY, max_size=20), changes=st.lists(CHANGE, max_size=8))
def test_a_look_at_the_newest_entries_finds_what_a_new_survey_finds(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Any], changes: list[Any]
) -> None:
    database = Database(tmp_path_factory.mktemp("runs") / "lute.db")
    for header in (1, 2, 3, 4):
        database.insert("gen_cfg", {"experiment": RUNS[header].experiment, "run": RUNS[header].run})
    database.task("Find", {}, [])
    database.task("Index", {}, [])

    def store(task: str, header: int, status: str | None, valid: int | None, time: str, summary: str | None) -> None:
        database.insert(task, entry(header, status, valid, timestamp=time, **{"result.summary": summary}))

    for one in entries:
        store(*one)
    database.connection.commit()
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(open_source(database.path)) as source:
        # Some of the entries are older ones, which are not looked at again.
        patch.setattr(survey_module, "NEWEST", 8)
        reader, tasks = source.reader(10**9), run_tasks(source.relations())
        board = Board()
        recent = survey(reader, tasks, lambda found: board.add(found.cells), lambda: False)
        for one in changes:
            match one:
                case ("change", task, status, back):
                    newest = f'(SELECT id FROM "{task}" ORDER BY id DESC LIMIT 1 OFFSET {back})'
                    database.execute(f'UPDATE "{task}" SET "result.task_status" = ? WHERE id = {newest}', (status,))
                case ("remove", task):
                    database.execute(f'DELETE FROM "{task}" WHERE id = (SELECT max(id) FROM "{task}")')
                case _:
                    store(*one)
            database.connection.commit()
            cells = recent.look(reader, lambda: False)
            anew = dict(surveyed(source).cells())
            if cells is None:
                # The only entry of a cell is gone.
                assert not dict(board.cells()).keys() <= anew.keys()
                break
            board.add(cells)
            assert dict(board.cells()) == anew
        reader.close()
    database.connection.close()


def test_more_than_can_be_looked_at_again_is_surveyed_anew(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1)])
    source = opened(database.path)
    reader = source.reader(10**9)
    recent: Recent = survey(reader, run_tasks(source.relations()), lambda found: None, lambda: False)
    database.execute("INSERT INTO Find(id, gen_cfg_id) VALUES (5002, 1)")
    assert recent.look(reader, lambda: False) is None
    reader.close()


def test_a_header_that_is_another_by_now_is_looked_up_again(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Find", {}, [entry(1), entry(2)])
    source = opened(database.path)
    reader = source.reader(10**9)
    recent = survey(reader, run_tasks(source.relations()), lambda found: None, lambda: False)
    assert recent.look(reader, lambda: False) is not None
    database.insert("gen_cfg", {"experiment": "a", "run": "7"})
    database.insert("Find", entry(2))
    database.execute("DELETE FROM Find WHERE id = 2")
    database.insert("Find", entry(99))
    database.connection.commit()
    cells = recent.look(reader, lambda: False)
    reader.close()
    assert cells is not None
    assert {place.run: cell.entries for place, cell in cells.items()} == {
        Run("a", "1"): 1,
        Run("a", "7"): 1,
        Run(None, None): 1,
    }


@pytest.mark.parametrize("kept", [0, 2])
def test_cells_are_what_entries_say_however_few_headers_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(headers_module, "_HEADERS_KEPT", kept)
    test_a_cell_of_entries_that_take_several_steps_is_what_they_say(tmp_path)


def test_a_cell_of_entries_that_take_several_steps_is_what_they_say(tmp_path: Path) -> None:
    choice = random.Random(7).choice
    kinds = (["Find", "Index"], range(1, 6), STATUSES, VALIDITIES, TIMES, SUMMARIES)
    # A first step has a thousand rows.
    check(tmp_path / "lute.db", [tuple(choice(kind) for kind in kinds) for _ in range(9_000)])


def test_the_real_file_goes_as_its_pipeline_does(
    sample: Callable[[str], Path], opened: Callable[[Path], Source]
) -> None:
    source = opened(sample("lute-v01.db"))
    board = surveyed(source)
    known = board.experiments["mfxl1038923"]
    assert (known.entries, known.not_valid, len(known.runs)) == (43, 6, 11)
    assert [run.run for run in board.runs("mfxl1038923")] == [str(run) for run in range(21, 10, -1)]
    assert [board.usable(run) for run in board.runs("mfxl1038923")][:3] == [(8, 8), (3, 3), (2, 2)]
    assert board.usable(Run("mfxl1038923", "15")) == (6, 7)
    assert board.newest == "xppx1003221"
    assert {name: found.newest for name, found in board.experiments.items() if name != "EXPX00000"} == {
        "mfxl1038923": Run("mfxl1038923", "21"),
        "xppx1003221": Run("xppx1003221", "12"),
    }
    order = [task for task in ordered(source) if task in board.tasks("mfxl1038923")]
    places = [
        order.index(task)
        for task in (
            "FindPeaksPyAlgos",
            "IndexCrystFEL",
            "ConcatenateStreamFiles",
            "MergePartialator",
            "CompareHKL",
            "ManipulateHKL",
            "DimpleSolve",
        )
    ]
    assert places == sorted(places)


def test_a_task_stands_behind_those_whose_output_it_takes(database: Database, opened: Callable[[Path], Source]) -> None:
    paths = {"in_file": "TEXT", "out_file": "TEXT"}
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("Third", paths, [{**entry(1), "in_file": "/d/2.txt", "out_file": "/d/3.txt"}])
    database.task("Lonely", {}, [entry(1)])
    database.task("First", paths, [{**entry(1), "in_file": "/raw", "out_file": "/d/1.txt"}])
    database.task("Second", paths, [{**entry(1), "in_file": "/d/1.txt", "result.payload": "/d/2.txt"}])
    assert ordered(opened(database.path)) == ["Lonely", "First", "Second", "Third"]


def test_a_circle_of_files_has_an_order_all_the_same(database: Database, opened: Callable[[Path], Source]) -> None:
    paths = {"in_file": "TEXT", "out_file": "TEXT"}
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("One", paths, [{**entry(1), "in_file": "/d/2", "out_file": "/d/1"}])
    database.task("Two", paths, [{**entry(1), "in_file": "/d/1", "out_file": "/d/2"}])
    assert ordered(opened(database.path)) == ["One", "Two"]


def test_runs_are_in_order_as_numbers_whatever_else_is_among_them(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    for run in ("9", "10", None, "dark", b"\xff", "1e400", "nan", "100"):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [entry(header) for header in range(1, 9)])
    runs = [run.run for run in surveyed(opened(database.path)).runs("a")]
    numbers = [run for run in runs if run in ("9", "10", "100")]
    assert numbers == ["100", "10", "9"]
    assert runs[-1] is None
    assert len(runs) == 8


def test_values_of_any_kind_in_fixed_columns_are_marks(database: Database, opened: Callable[[Path], Source]) -> None:
    database.insert("gen_cfg", {"experiment": b"\x00", "run": "1"})
    database.task("Find", {}, [])
    for status, valid, time in ((b"x", "yes", 7), (5, 2.5, None), ("COMPLETED", "1", b"\xff")):
        database.insert("Find", {"gen_cfg_id": 1, "result.task_status": status, "valid_flag": valid, "timestamp": time})
    database.insert("Find", {"gen_cfg_id": "none", "result.task_status": "FAILED"})
    database.connection.commit()
    board = surveyed(opened(database.path))
    cell = board.cell(Run(b"\x00", "1"), "Find")
    assert cell is not None
    assert (cell.entries, cell.not_valid, cell.valid is not None) == (3, 0, True)
    assert board.cell(Run(None, None), "Find") is not None


def test_what_is_beyond_the_places_kept_is_said_to_be_left_out(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "PLACES_KEPT", 3)
    for run in range(5):
        database.insert("gen_cfg", {"experiment": "a", "run": str(run)})
    database.task("Find", {}, [entry(header) for header in range(1, 6)])
    told: list[Surveyed] = []
    board = surveyed(opened(database.path), told)
    assert [run.run for run in board.runs("a")] == ["4", "3", "2"]
    assert told[-1].left_out


def test_the_newest_entries_of_every_task_come_before_the_older_ones_of_any(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "old"})
    database.insert("gen_cfg", {"experiment": "a", "run": "new"})
    for task in ("Find", "Index"):
        # A first step has a thousand rows.
        database.task(task, {}, [*(entry(1) for _ in range(5_000)), entry(2)])
    told: list[Surveyed] = []
    surveyed(opened(database.path), told)
    assert {place.task for place in told[0].cells} == {"Find", "Index"}
    assert told[0].scanned < 0.5
    assert told[-1].complete
    assert told[-1].scanned == 1


def test_a_file_names_runs_if_its_headers_do(database: Database, opened: Callable[[Path], Source]) -> None:
    def has_runs() -> bool:
        source = opened(database.path)
        reader = source.reader()
        try:
            return names_runs(reader, source.relations())
        finally:
            reader.close()

    assert not has_runs()
    database.task("Find", {}, [entry(1)])
    database.insert("gen_cfg", {"title": "no run"})
    database.connection.commit()
    assert not has_runs()
    database.insert("gen_cfg", {"run": "1"})
    database.connection.commit()
    assert has_runs()


def test_a_shared_table_of_other_columns_names_no_runs(tmp_path: Path, opened: Callable[[Path], Source]) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as connection, connection:
        connection.execute("CREATE TABLE gen_cfg(id INTEGER PRIMARY KEY, a)")
        connection.execute('CREATE TABLE T(gen_cfg_id, exec_cfg_id, "result.task_status", valid_flag)')
    connection.close()
    assert run_tasks(opened(tmp_path / "other.db").relations()) == []


@pytest.mark.parametrize(
    ("summary", "numbers"),
    [
        ("Number of hits: 812;Hit rate: 0.05", {"Number of hits": 812, "Hit rate": 0.05}),
        ("Center: (825.1, 830.9);Distance: -1.5e2", {"Distance": -150.0}),
        ("all well", {}),
        (None, {}),
        (b"a: 1", {}),
        (7, {}),
    ],
)
def test_the_numbers_of_a_summary_have_names(summary: Any, numbers: dict[str, float]) -> None:
    assert summary_numbers(summary) == numbers
