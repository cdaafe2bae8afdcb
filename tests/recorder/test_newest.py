"""The newest entry of a run, whoever wrote the file and in whatever order: as one plain statement would find it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.layout import tables
from recorder.storage import newest
from recorder.storage.base import Recorded, Wanted
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import TASK, entry_of

PLAIN = f"""
    SELECT t.id FROM "{TASK}" AS t JOIN gen_cfg AS g ON g.id = t.gen_cfg_id
    WHERE (:run IS NULL OR g.run = CAST(:run AS TEXT)) AND (:experiment IS NULL OR g.experiment = :experiment)
    AND (NOT :valid_only OR t.valid_flag = 1) ORDER BY t.timestamp DESC, t.id DESC LIMIT 1
"""


def run(path: Path, sql: str, *bound: Any) -> list[tuple[Any, ...]]:
    """Return what a statement of another program gives."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(sql, bound).fetchall()


def write_foreign(path: Path, timestamp: Any, header: int, valid: int | None = 1) -> None:
    """Add an entry as another program does."""
    sql = f'INSERT INTO "{TASK}"(timestamp, gen_cfg_id, exec_cfg_id, x, valid_flag) VALUES (?, ?, 1, ?, ?)'
    run(path, sql, timestamp, header, "theirs", valid)


def found_id(storage: SqliteStorage, **wanted: Any) -> int | None:
    found = storage.latest(Wanted(TASK, "x", **wanted))
    return None if found is None else found.id


def drop_side_tables(path: Path) -> None:
    for table in tables.SIDE_TABLES:
        run(path, f"DROP TABLE {table}")


moments = st.integers(0, 5)
headers = st.sampled_from([(run, experiment) for run in (1, 2) for experiment in ("a", "b")])
ours = st.tuples(st.just("ours"), moments, headers, st.booleans())
theirs = st.tuples(st.just("theirs"), moments, st.integers(1, 5), st.sampled_from([0, 1, None]))
removed = st.tuples(st.just("removed"), st.integers(1, 8), st.none(), st.none())


@pytest.mark.parametrize("is_ours", [True, False])
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(ours, theirs, removed), min_size=1, max_size=12), st.integers(1, 4))
def test_it_is_what_a_plain_statement_finds(
    tmp_path_factory: pytest.TempPathFactory, is_ours: bool, written: Sequence[tuple[Any, ...]], window: int
) -> None:
    path = tmp_path_factory.mktemp("newest") / "lute.db"
    storage = SqliteStorage(path)
    storage.store([entry_of(0, {"x": 0}, header={"run": 1, "experiment": "a"})])
    for kind, moment, header, valid in written:
        if kind == "ours":
            shared = {"run": header[0], "experiment": header[1]}
            storage.store([entry_of(moment, {"x": 1}, status="COMPLETED" if valid else "FAILED", header=shared)])
        elif kind == "theirs":
            write_foreign(path, f"2024-02-12 22:0{moment}:00", header, valid)
        else:
            run(path, f'DELETE FROM "{TASK}" WHERE id = ?', moment)
    if not is_ours:
        drop_side_tables(path)
    stamps = [stamp for (stamp,) in run(path, f'SELECT timestamp FROM "{TASK}" ORDER BY id')]
    with pytest.MonkeyPatch.context() as patched:
        # Without side tables rows before the window are taken to be stamped no later than those in it.
        patched.setattr(newest, "WINDOW", window if stamps == sorted(stamps) else 100)
        for wanted_run in (None, 1, 3):
            for experiment in (None, "a", "c"):
                for valid_only in (True, False):
                    wanted = {"run": wanted_run, "experiment": experiment, "valid_only": valid_only}
                    with closing(sqlite3.connect(path)) as connection:
                        expected = connection.execute(PLAIN, wanted).fetchone()
                    if wanted_run is None and experiment is None:  # entries without a header count as well
                        sql = f'SELECT id FROM "{TASK}" WHERE NOT ? OR valid_flag = 1 ORDER BY timestamp DESC, id DESC'
                        expected = next(iter(run(path, sql, valid_only)), None)
                    assert found_id(storage, **wanted) == (None if expected is None else expected[0])
    storage.close()


@pytest.mark.parametrize("stamp", [None, 1707778800, 1707778800.5, "2024", b"2024-02-12 22:00:00", "no moment"])
def test_a_timestamp_of_any_kind_is_ordered_as_sqlite_orders_it(tmp_path: Path, stamp: Any) -> None:
    storage = SqliteStorage(tmp_path / "lute.db")
    storage.store([entry_of(0, {"x": 1})])
    write_foreign(storage.path, stamp, 1)
    plain = f'SELECT id FROM "{TASK}" ORDER BY timestamp DESC, id DESC LIMIT 1'
    for _ in range(2):
        for wanted in (None, 12):
            assert found_id(storage, run=wanted) == run(storage.path, plain)[0][0]
        storage.store([entry_of(-60, {"x": 2})])  # now it is placed in the index
    storage.close()


def test_an_entry_that_somebody_altered_is_still_found(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "lute.db")
    storage.store([entry_of(minute, {"x": minute}, header={"run": minute}) for minute in range(4)])
    run(storage.path, f'UPDATE "{TASK}" SET timestamp = ? WHERE id = 4', "2024-02-12 21:00:00")
    assert found_id(storage) == 3
    run(storage.path, f'UPDATE "{TASK}" SET gen_cfg_id = 1 WHERE id = 3')
    assert found_id(storage, run=2) is None
    run(storage.path, f'DELETE FROM "{TASK}" WHERE id = 2')
    assert found_id(storage, run=1) is None
    storage.close()


def test_rows_that_others_wrote_are_placed_by_the_next_entry(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "lute.db")
    storage.store([entry_of(0, {"x": 1})])
    for second in range(3):
        write_foreign(storage.path, f"2024-02-12 23:00:0{second}", 1)
    assert storage.store([entry_of(90, {"x": 2})]) == [Recorded(TASK, 5)]
    placed = run(storage.path, "SELECT id, key IS NULL, gen_cfg_id, timestamp FROM _rec_entry ORDER BY id")
    assert [row[:3] for row in placed] == [(1, 0, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1), (5, 0, 1)]
    assert placed[2][3] == "2024-02-12 23:00:01"
    assert storage.read(TASK, 3).key is None
    storage.close()


def test_a_file_the_original_wrote_is_answered_and_left_as_it_is(sample: Callable[[str], Path]) -> None:
    path = sample("lute-v01.db")
    before = path.read_bytes()
    names = [
        name
        for (name,) in run(path, "SELECT name FROM sqlite_master")
        if "gen_cfg_id" in str(run(path, f'PRAGMA table_info("{name}")'))
    ]
    storage = SqliteStorage(path)
    for name in names:
        for (wanted,) in [*run(path, "SELECT DISTINCT run FROM gen_cfg"), (None,), ("none",)]:
            sql = (
                f'SELECT t.id FROM "{name}" AS t LEFT JOIN gen_cfg AS g ON g.id = t.gen_cfg_id '
                "WHERE (?1 IS NULL OR g.run = ?1) AND t.valid_flag = 1 ORDER BY t.timestamp DESC, t.id DESC LIMIT 1"
            )
            found = storage.latest(Wanted(name, "result.summary", run=wanted))
            assert ([] if found is None else [(found.id,)]) == run(path, sql, wanted)
    storage.close()
    assert names
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
