"""What a Recorder answers and what it leaves alone; and what the drop-in functions promise."""

from __future__ import annotations

import contextlib
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from recorder import (
    EntryNotKept,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    Recorder,
    UnknownEntry,
    UnknownParameter,
    UnknownTask,
    invalidate_entry,
    read_latest_db_entry,
    record_analysis_db,
)
from tests.recorder.analyses import analysis
from tests.recorder.faults import as_nobody, entries, let_everybody_in, needs_other_user


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUN", "EXPERIMENT", "LUTE_WORK_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_damaged_side_text_costs_no_cell_and_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        recorder.record(analysis("Wide", parameters={f"p{number}": number for number in range(2000)}))
        for damage in ("{", 7, b"\xff", '{"$list":{"1":0}}', "[" * 100_000):
            with contextlib.closing(sqlite3.connect(recorder.path)) as connection, connection:
                connection.execute("UPDATE _rec_entry SET parameters = ?", (damage,))
                connection.execute("UPDATE Wide SET _rec_surplus = ?", (damage,))
            caplog.clear()
            read = recorder.read("FindPeaks", 1)
            assert read.parameters == {"x": 1}
            if damage != 7:  # a number is JSON
                assert read.exact is None
                assert "entry 1 of 'FindPeaks'" in caplog.text
            for look in (lambda: recorder.latest("Wide", "p1999"), lambda: recorder.read("Wide", 1)):
                with pytest.raises(NotADatabase, match=r"lute\.db: entry 1 of 'Wide'"):
                    look()
            assert recorder.latest("Wide", "p0") == 0


@needs_other_user
def test_a_directory_that_may_not_be_entered_is_named(tmp_path: Path) -> None:
    let_everybody_in(tmp_path)
    closed = tmp_path / "closed"
    with Recorder(closed.parent) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    closed.mkdir()
    (tmp_path / "lute.db").rename(closed / "lute.db")
    closed.chmod(0o644)

    def work() -> int:
        for path in (closed, closed / "lute.db", closed / "below"):
            with Recorder(path) as recorder:
                for ask in (
                    lambda: recorder.latest("FindPeaks", "x"),
                    lambda: recorder.read("FindPeaks", 1),
                    lambda: recorder.invalidate("FindPeaks", [1]),
                    recorder.status,
                    lambda: list(recorder.replay()),
                ):
                    with pytest.raises(PermissionDenied, match="closed"):
                        ask()
                with pytest.raises(EntryNotKept):
                    recorder.record(analysis())
        return 0

    try:
        assert as_nobody(work) == 0
    finally:
        closed.chmod(0o755)


@needs_other_user
def test_without_the_right_to_write_nothing_is_changed(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
    before = (tmp_path / "lute.db").read_bytes()
    let_everybody_in(tmp_path)

    def work() -> int:
        with Recorder(tmp_path) as recorder:
            assert recorder.latest("FindPeaks", "x") == 1
            with pytest.raises(EntryNotKept, match="readonly"):
                recorder.record(analysis(parameters={"x": 2}))
        return 0

    assert as_nobody(work) == 0
    assert (tmp_path / "lute.db").read_bytes() == before


def test_a_file_that_is_moved_away_is_not_written_any_more(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": "old"}))
        (tmp_path / "lute.db").rename(tmp_path / "kept.db")
        recorder.record(analysis(parameters={"x": "new"}))
    assert entries(tmp_path / "kept.db") == [(1, "old")]
    assert entries(tmp_path / "lute.db") == [(1, "new")]


def test_tables_that_others_change_meanwhile_are_noticed(tmp_path: Path) -> None:
    with Recorder(tmp_path) as first, Recorder(tmp_path) as second:
        first.record(analysis(parameters={"x": 1}))
        second.record(analysis(parameters={"x": 2, "y": 2}))
        first.record(analysis(parameters={"x": 3, "y": 3}))
        assert second.latest("FindPeaks", "y") == 3


# The drop-in functions


def test_the_drop_in_functions_go_together(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    header = {"work_dir": str(tmp_path)}
    assert record_analysis_db(analysis(parameters={"x": 1}, header=header)) is None
    cfg = analysis(parameters={"x": 2}, header=header)
    assert [record_analysis_db(cfg), record_analysis_db(cfg)] == [None, None]  # the object is not used up
    assert read_latest_db_entry(str(tmp_path), "FindPeaks", "x") == 2
    invalidate_entry(tmp_path, "FindPeaks", [2, 3], reason="beam was off")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == 1
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", valid_only=False) == 2
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", False, 99) is None
    assert not caplog.records
    with contextlib.closing(sqlite3.connect(tmp_path / "lute.db")) as connection:
        changes = connection.execute("SELECT task, entry_id, valid, reason FROM _rec_validity").fetchall()
    assert changes == [("FindPeaks", 2, 0, '"beam was off"'), ("FindPeaks", 3, 0, '"beam was off"')]


def test_the_environment_is_read_at_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for run, experiment in ((1, "mfxA"), (2, "mfxA"), (1, "mfxB")):
        header = {"work_dir": tmp_path, "run": run, "experiment": experiment}
        record_analysis_db(analysis(parameters={"x": f"{experiment} {run}"}, header=header))
    monkeypatch.setenv("RUN", "1")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxB 1"
    monkeypatch.setenv("EXPERIMENT", "mfxA")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxA 1"
    monkeypatch.setenv("RUN", "2")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") == "mfxA 2"
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=None, for_experiment=None) == "mfxB 1"


def test_several_experiments_with_the_run_give_the_newest_and_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for experiment in ("mfxA", "mfxB"):
        record_analysis_db(
            analysis(parameters={"x": experiment}, header={"work_dir": tmp_path, "experiment": experiment})
        )
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=12) == "mfxB"
    assert "mfxB, mfxA" in caplog.text
    caplog.clear()
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x", for_run=12, for_experiment="mfxA") == "mfxA"
    assert not caplog.records


def test_reading_creates_nothing_and_never_answers_with_a_name(tmp_path: Path) -> None:
    assert read_latest_db_entry(tmp_path, "FindPeaks", "x") is None
    assert read_latest_db_entry(tmp_path / "missing", "FindPeaks", "x") is None
    assert list(tmp_path.iterdir()) == []
    record_analysis_db(analysis(parameters={"threshold": 1}, header={"work_dir": tmp_path}))
    assert read_latest_db_entry(tmp_path, "FindPeak", "x") is None
    with pytest.raises(UnknownParameter, match="threshold"):
        read_latest_db_entry(tmp_path, "FindPeaks", "treshold")
    assert read_latest_db_entry(tmp_path, "FindPeaks", "result.payload") == "/data/out.h5"
    with Recorder(tmp_path / "missing.db") as recorder, pytest.raises(FileMissing):
        recorder.latest("FindPeaks", "x")
    with Recorder(tmp_path) as recorder, pytest.raises(UnknownTask, match="FindPeaks"):
        recorder.latest("FindPeak", "threshold")
    with pytest.raises(UnknownEntry, match="7"):
        invalidate_entry(tmp_path, "FindPeaks", 7)


def test_a_task_without_parameters_goes_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cfg = analysis(status="FAILED")
    cfg.task_parameters = None
    with pytest.raises(EntryNotKept, match="LUTE_WORK_DIR") as caught:
        record_analysis_db(cfg)
    assert caught.value.entry.status == "FAILED"
    monkeypatch.setenv("LUTE_WORK_DIR", str(tmp_path))
    record_analysis_db(cfg)
    record_analysis_db(analysis(header={"work_dir": ""}))
    with Recorder(tmp_path) as recorder:
        assert recorder.read("FindPeaks", 1).result["result.task_status"] == "FAILED"


@pytest.mark.parametrize("call", ["record", "finish", "batch", "record_analysis_db"])
def test_a_keyword_that_is_mistyped_is_named_with_the_right_one(tmp_path: Path, call: str) -> None:
    cfg = analysis(header={"work_dir": tmp_path})
    with Recorder(tmp_path) as recorder, recorder.batch() as batch:
        calls = {
            "record": partial(recorder.record, cfg),
            "finish": partial(recorder.finish, "0" * 32, cfg),
            "batch": partial(batch.record, cfg),
            "record_analysis_db": partial(record_analysis_db, cfg),
        }
        name = {"batch": "record"}.get(call, call)
        with pytest.raises(TypeError, match=rf"^{name}\(\) .*'returncode'; did you mean return_code\?$"):
            calls[call](returncode=3)
        with pytest.raises(TypeError, match="'xyz'; it takes timestamp, return_code"):
            calls[call](xyz=3)
    assert list(tmp_path.iterdir()) == []


def test_one_id_or_several_are_marked_and_text_is_refused(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        for _ in range(12):
            recorder.record(analysis())
        for odd in ("12", b"12", ["1", "2"], [1.0], None, [None]):
            with pytest.raises(TypeError, match="whole number: 12 or"):
                recorder.invalidate("FindPeaks", odd)  # type: ignore[arg-type]
            with pytest.raises(TypeError, match="whole number: 12 or"):
                invalidate_entry(tmp_path, "FindPeaks", odd)  # type: ignore[arg-type]
        assert recorder.status().counts[0].valid == 12
        recorder.invalidate("FindPeaks", 12)
        recorder.invalidate("FindPeaks", iter([1, 2]))
        recorder.revalidate("FindPeaks", 2)
        assert [entry.id for entry in recorder.entries("FindPeaks") if not entry.valid] == [1, 12]
