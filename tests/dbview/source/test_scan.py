"""What a scan finds on its way: how the rows went that a filter selects, and damage that would lead it in circles."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.errors import NotADatabase
from dbview.query.view import SortKey, View
from dbview.source.source import Source, open_source
from dbview.source.view import scan, sorting
from dbview.source.view.arrange import arrange
from dbview.source.view.outcomes import Outcome
from dbview.source.view.snapshot import Snapshot
from tests.dbview.conftest import Open
from tests.dbview.database import Database

ENTRY = st.tuples(st.integers(0, 5), st.sampled_from(["COMPLETED", "FAILED", None]), st.sampled_from([0, 1, None]))


def arranged(source: Source, view: View) -> tuple[Snapshot, list[Snapshot]]:
    """Return the result of putting a View's rows in order, and all that was published."""
    seen: list[Snapshot] = []
    with closing(source.reader()) as reader:
        return arrange(reader, source.relation(view.relation), view, seen.append, lambda: False), seen


@given(
    entries=st.lists(ENTRY, max_size=40),
    least=st.integers(0, 5),
    sort=st.sampled_from([(), (SortKey("n"),), (SortKey("n", True), SortKey("status"))]),
)
@settings(max_examples=40, deadline=None)
def test_the_rows_of_a_filter_are_counted_by_how_they_went_while_they_are_put_in_order(
    entries: list[tuple[int, str | None, int | None]], least: int, sort: tuple[SortKey, ...]
) -> None:
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorting, "TOP_ROWS", 3)
        patch.setattr(scan, "_FIRST_STEP_ROWS", 4)
        patch.setattr(scan, "PUBLISH_SECONDS", 0.0)
        database = Database(Path(directory) / "lute.db")
        database.task("Find", {"n": "INTEGER"}, [])
        for n, status, valid in entries:
            database.insert("Find", {"n": n, "result.task_status": status, "valid_flag": valid})
        database.connection.commit()
        database.connection.close()
        with closing(open_source(database.path)) as source:
            result, seen = arranged(source, View("Find", f"n>={least}", sort))
    wanted = Counter(Outcome(status, valid) for n, status, valid in entries if n >= least)
    assert (result.complete, result.outcomes) == (True, wanted)
    for snapshot in seen:
        assert snapshot.outcomes is not None
        assert Counter(snapshot.outcomes) <= wanted, "what is shown on the way is part of what there is"


def test_rows_that_nobody_filters_are_found_without_looking_at_how_they_went(database: Database, opened: Open) -> None:
    database.task("Find", {"n": "INTEGER"}, [{"n": 1}])
    result, _ = arranged(opened(database.path), View("Find"))
    assert result.outcomes is None


def test_a_damaged_tree_that_leads_in_circles_ends_the_scan(database: Database, opened: Open) -> None:
    database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
    database.execute(
        "WITH c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 3000) INSERT INTO t SELECT i, 'row-' || i FROM c"
    )
    database.connection.close()
    whole = database.path.read_bytes()
    # The cell of row 2000: its key, then the header of its record, then its text.
    record = b"\x03\x00\x1d" + b"row-2000"
    assert whole.count(b"\x8f\x50" + record) == 1
    database.path.write_bytes(whole.replace(b"\x8f\x50" + record, b"\xff\x7f" + record))
    result, seen = arranged(opened(database.path), View("t", "row"))
    assert isinstance(result.error, NotADatabase)
    assert "t is damaged" in str(result.error)
    assert not result.complete
    assert seen[-1].error is result.error
