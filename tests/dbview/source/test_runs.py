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
from dbview.source.entries.runs import MARKS_KEPT, Run, names_runs, run_tasks
from dbview.source.entries.survey import Surveyed
from dbview.source.source import Source, open_source
from tests.dbview.database import Database

from .runs import ENTRY, RUNS, STATUSES, SUMMARIES, TIMES, VALIDITIES, entry, surveyed


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


def test_older_entries_of_the_places_kept_count_whatever_is_left_out_between(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey_module, "PLACES_KEPT", 3)
    for run in range(1, 7):
        database.insert("gen_cfg", {"experiment": "a", "run": str(run)})
    oldest = [5 if number % 2 else 6 for number in range(1_000)]
    newest = [1 + number % 5 for number in range(1, 1_001)]
    database.task("Find", {}, map(entry, [*oldest, *([6] * 8_000), *newest]))
    board = surveyed(opened(database.path), [])
    cells = {run.run: board.cell(run, "Find") for run in board.runs("a")}
    assert {run: cell.entries for run, cell in cells.items() if cell} == {"5": 700, "4": 200, "1": 200}


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
