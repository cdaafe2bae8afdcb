"""A look at the newest entries finds what a new survey of all would find."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.source.entries import survey as survey_module
from dbview.source.entries.board import Board
from dbview.source.entries.runs import Run, run_tasks
from dbview.source.entries.survey import Recent, survey
from dbview.source.source import Source, open_source
from tests.dbview.database import Database

from .runs import ENTRY, RUNS, STATUSES, entry, surveyed

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
