"""Entries that cannot be stored wait in files, whatever the fault; nothing is lost, and nothing left behind."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder import DatabaseLocked, Entry, EntryNotKept, NotADatabase, Recorded, Recorder, UnreadableEntry
from recorder.accept import accept
from recorder.spool.chain import Spool
from recorder.spool.files import read
from tests.recorder.analyses import analysis
from tests.recorder.faults import entries, held_by_another_process
from tests.recorder.strategies import parameters, texts, values

# One file


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(parameters, values, values, texts, st.datetimes())
def test_any_entry_comes_back_from_the_spool(
    tmp_path: Path, tree: dict[str, Any], summary: Any, payload: Any, task: str, moment: Any
) -> None:
    cfg = {"task_result": {"task_name": task, "summary": summary, "payload": payload}, "task_parameters": tree}
    entry = accept(cfg, moment)
    path = Spool(tmp_path / "lute.db").keep(entry)
    assert read(path) == entry
    path.unlink()


def test_an_entry_that_meets_a_lock_is_spooled_and_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Recorder(tmp_path, timeout=0.05) as recorder:
        recorder.record(analysis(parameters={"x": "first"}))
        with held_by_another_process(recorder.path), caplog.at_level(logging.DEBUG, "recorder"):
            spooled = recorder.record(analysis(parameters={"x": "confidential"}, summary="private"))
        assert isinstance(spooled, Path)
        assert spooled.parent == tmp_path / "lute.db.spool"
        assert Entry.from_json(spooled.read_text()).summary == "private"
        (said,) = (record for record in caplog.records if record.levelno == logging.ERROR)
        assert str(spooled) in said.getMessage()
        assert "recorder replay" in said.getMessage()
        assert "private" not in caplog.text
        assert "confidential" not in caplog.text


def test_an_error_nobody_thought_of_costs_no_entry_and_tells_no_value(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    entry = dataclasses.replace(accept(analysis()), timestamp="a private text")  # type: ignore[arg-type]
    with Recorder(tmp_path) as recorder, pytest.raises(EntryNotKept) as caught:
        recorder.store(entry)
    assert caught.value.entry is entry
    assert "AttributeError" in str(caught.value)
    assert "private" not in str(caught.value) + caplog.text


def test_spool_files_may_be_read_and_removed_by_the_group(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        path = Recorder(tmp_path).spool.keep(accept(analysis()))
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o664
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o775


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("timestamp", "0001-01-01T00:00:00+05:00"),
        ("timestamp", "9999-12-31T23:59:59-05:00"),
        ("types", {"x": []}),
        ("types", {"x": {}}),
        ("files", {"sha256-" + "0" * 64: 5}),
    ],
)
def test_an_entry_with_a_wrong_field_costs_no_other_its_place(tmp_path: Path, field: str, value: Any) -> None:
    with Recorder(tmp_path) as recorder:
        good = recorder.spool.keep(accept(analysis(parameters={"x": 1})))
        bad = good.with_name("0.json")
        bad.write_text(json.dumps(json.loads(good.read_text()) | {field: value}))
        outcomes = dict(recorder.replay())
        assert outcomes[good] == Recorded("FindPeaks", 1)
        assert isinstance(outcomes[bad], UnreadableEntry)
        assert field in str(outcomes[bad])


def test_names_sort_as_entries_do(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        kept = [recorder.spool.keep(accept(analysis())) for _ in range(5)]
        assert recorder.spool.pending() == kept


# Faults


def test_a_damaged_database_costs_no_entry(garbage: Path) -> None:
    with Recorder(garbage) as recorder:
        spooled = recorder.record(analysis(parameters={"x": 1}))
        assert isinstance(spooled, Path)
        with pytest.raises(NotADatabase):
            list(recorder.replay())
        assert spooled.exists()
        garbage.unlink()
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 1))]


def test_a_damaged_schema_leaves_what_waits_where_it_is(tmp_path: Path) -> None:
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis())
    good = recorder.path.read_bytes()
    bad = bytearray(good)
    bad[good.index(b"table_rec_failure") + 8] = 0xF0  # SQLite's own message is no UTF-8 then
    recorder.path.write_bytes(bad)
    with Recorder(tmp_path) as recorder:
        spooled = recorder.record(analysis())
        for ask in (recorder.status, lambda: recorder.latest("FindPeaks", "x"), lambda: list(recorder.replay())):
            with pytest.raises(NotADatabase):
                ask()
        with pytest.raises(NotADatabase):
            list(recorder.check())
        assert recorder.spool.pending() == [spooled]
    recorder.path.write_bytes(good)
    with Recorder(tmp_path) as recorder:
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 2))]


def test_a_full_disk_costs_no_entry(tmp_path: Path) -> None:
    """The largest file a process may write is limited: the database does not fit, the small spool file does."""
    code = """if True:
        import resource, signal, sys
        from recorder import Recorder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Recorder(sys.argv[1]) as recorder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
            print(recorder.record({"task_result": {"task_name": "Full"}}))
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    """
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    (spooled,) = (tmp_path / "lute.db.spool").iterdir()
    assert str(spooled) in ended.stdout
    with Recorder(tmp_path) as recorder:
        assert list(recorder.replay()) == [(spooled, Recorded("Full", 1))]


def test_where_the_spool_file_does_not_fit_either_nothing_is_left_of_it(tmp_path: Path) -> None:
    code = """if True:
        import resource, signal, sys
        from recorder import EntryNotKept, Recorder
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Recorder(sys.argv[1]) as recorder:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
            try:
                recorder.record({"task_result": {"task_name": "Full"}})
            except EntryNotKept as error:
                print(error.entry.task)
    """
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert ended.stdout == "Full\n", ended.stderr
    assert list((tmp_path / "lute.db.spool").iterdir()) == []


# Errors that are raised


def test_a_script_can_have_the_error_instead(tmp_path: Path) -> None:
    with Recorder(tmp_path, timeout=1.2, on_error="raise") as recorder:
        assert recorder.record(analysis(parameters={"x": 1})) == Recorded("FindPeaks", 1)
        with held_by_another_process(recorder.path), pytest.raises(DatabaseLocked) as caught:
            recorder.record(analysis(parameters={"x": 2}))
        assert caught.value.entry is not None
        assert caught.value.entry.parameters == {"x": 2}
        assert recorder.spool.pending() == []
        assert recorder.store(caught.value.entry) == Recorded("FindPeaks", 2)


# A good guest


def test_a_recorder_that_is_kept_for_days_follows_its_path(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "elsewhere").mkdir()
    with Recorder("data/lute.db") as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        monkeypatch.chdir(tmp_path / "elsewhere")
        recorder.record(analysis(parameters={"x": 2}))
        shutil.copy(tmp_path / "data" / "lute.db", tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(tmp_path / "data" / "lute.db")  # as a backup that is put back
        recorder.record(analysis(parameters={"x": 3}))
        (tmp_path / "data" / "lute.db").unlink()
        recorder.record(analysis(parameters={"x": 4}))
    assert entries(tmp_path / "data" / "lute.db") == [(1, 4)]
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_nothing_of_the_recorder_is_left_in_the_process(tmp_path: Path) -> None:
    """Handlers, threads, what runs at exit: as they were. And without a handler of its own a program says nothing."""
    code = """if True:
        import atexit, logging, signal, sys, threading
        before = [signal.getsignal(number) for number in sorted(signal.valid_signals())]
        at_exit = atexit._ncallbacks()
        import warnings
        warnings.simplefilter("error")
        from recorder import Recorder
        imported = atexit._ncallbacks()
        cfg = {"task_result": {"task_name": "Guest"}}
        with Recorder(sys.argv[1]) as recorder:
            recorder.record(cfg)
        with Recorder(sys.argv[2]) as recorder:
            recorder.record(cfg)
        print(before == [signal.getsignal(number) for number in sorted(signal.valid_signals())])
        print(signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set())
        print(threading.active_count() == 1)
        print(atexit._ncallbacks() == imported)
        print(logging.getLogger().handlers == [])
        print([type(handler).__name__ for handler in logging.getLogger("recorder").handlers] == ["NullHandler"])
    """
    (tmp_path / "words.txt").write_text("no database" * 100)
    command = [sys.executable, "-c", code, tmp_path, tmp_path / "words.txt"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout.split(), ended.stderr) == (0, ["True"] * 6, "")
    assert len(list((tmp_path / "words.txt.spool").iterdir())) == 1


def test_a_secret_is_not_in_the_spool(garbage: Path) -> None:
    environment = {"SLURM_JWT": "sentinel-1", "MY_LUTE_TOKEN": "sentinel-2", "LUTE_ELOG_PASSWORD": "sentinel-3"}
    with Recorder(garbage) as recorder:
        spooled = recorder.record(analysis(environment=environment))
    assert isinstance(spooled, Path)
    assert "SLURM_JWT=***" in spooled.read_text()
    assert "sentinel" not in spooled.read_text()
