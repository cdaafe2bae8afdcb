"""Where entries wait that cannot be stored: the places, the files, and how to find them again."""

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

from recorder import (
    DatabaseLocked,
    Entry,
    EntryNotKept,
    NotADatabase,
    Recorded,
    Recorder,
    StorageFailed,
    UnreadableEntry,
)
from recorder.accept import accept
from recorder.spool.chain import Spool
from recorder.spool.files import read
from tests.recorder.analyses import analysis
from tests.recorder.faults import as_nobody, entries, held_by_another_process, let_everybody_in, needs_other_user
from tests.recorder.strategies import parameters, texts, values


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "recorder"


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    """Return a database that cannot be one."""
    path = tmp_path / "data" / "lute.db"
    path.parent.mkdir()
    path.write_bytes(b"no database at all, whatever its name says" * 30)
    return path


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


# The chain of places


def test_where_the_place_beside_the_database_cannot_be_had_the_next_one_is_taken(
    garbage: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbage.with_name("lute.db.spool").write_text("in the way")
    monkeypatch.setenv("RECORDER_SPOOL", str(tmp_path / "shared"))
    with Recorder(garbage) as recorder:
        second = recorder.record(analysis(parameters={"x": 2}))
        (tmp_path / "shared").rename(tmp_path / "moved")
        (tmp_path / "shared").write_text("in the way")
        third = recorder.record(analysis(parameters={"x": 3}))
    assert isinstance(second, Path)
    assert isinstance(third, Path)
    assert second.parent.parent == tmp_path / "shared"
    assert third.parent.parent == home / "spool"
    assert (third.parent / "database").read_text() == f"{garbage}\n"

    (tmp_path / "shared").unlink()
    (tmp_path / "moved").rename(tmp_path / "shared")
    monkeypatch.delenv("RECORDER_SPOOL")  # the index leads there
    garbage.unlink()
    with Recorder(garbage) as recorder, pytest.raises(StorageFailed, match=r"lute\.db\.spool"):
        list(recorder.replay())  # what is there is said, and keeps no other place waiting
    assert entries(garbage) == [(1, 2), (2, 3)]
    assert not second.exists()
    assert not third.exists()


def test_directories_on_the_way_to_a_place_are_open_to_ourselves(home: Path, tmp_path: Path) -> None:
    before = os.umask(0o777)
    try:
        with Recorder(tmp_path / "gone" / "lute.db") as recorder:
            spooled = recorder.record(analysis())
    finally:
        os.umask(before)
    assert isinstance(spooled, Path)
    for directory in (spooled.parent, home / "spool", home, home.parent):
        assert directory.stat().st_mode & stat.S_IRWXU == stat.S_IRWXU


def test_entries_of_a_directory_that_is_gone_wait_in_the_state_directory(home: Path, tmp_path: Path) -> None:
    directory = tmp_path / "experiment"
    directory.mkdir()
    with Recorder(directory) as recorder:
        recorder.record(analysis(parameters={"x": 1}))
        directory.rename(tmp_path / "gone")  # as a file system that is unmounted
        spooled = recorder.record(analysis(parameters={"x": 2}))
        assert isinstance(spooled, Path)
        assert home in spooled.parents
        assert not directory.exists()
        (tmp_path / "gone").rename(directory)
        assert recorder.latest("FindPeaks", "x") == 2
        recorder.record(analysis(parameters={"x": 3}))
        assert [outcome for _, outcome in recorder.replay()] == [Recorded("FindPeaks", 3)]
    assert entries(directory / "lute.db") == [(1, 1), (2, 3), (3, 2)]


def test_two_databases_of_one_name_do_not_share_a_place(home: Path, tmp_path: Path) -> None:
    spooled = []
    for name in ("a", "b"):
        with Recorder(tmp_path / name / "lute.db") as recorder:
            spooled.append(recorder.record(analysis(parameters={"x": name})))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        with Recorder(tmp_path / name) as recorder:
            assert len(list(recorder.replay())) == 1
        assert entries(tmp_path / name / "lute.db") == [(1, name)]


def test_a_database_is_found_by_whichever_path_it_is_named(home: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    link = tmp_path / "link"
    link.symlink_to(real)
    with Recorder(link / "lute.db") as recorder:  # what it points to is not there yet
        spooled = recorder.record(analysis(parameters={"x": 1}))
    real.mkdir()
    with Recorder(real) as recorder:
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 1))]


def test_a_damaged_index_costs_only_its_damaged_lines(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")
    with Recorder(link / "lute.db") as recorder:
        spooled = recorder.record(analysis(parameters={"x": 1}))
    index = home / "places"
    index.write_bytes(
        b'\xff{\n[]\n{"database": 5, "place": 7}\n{"database": "/x"}\n\n'
        b'{"database": "/\\u0000", "place": "/x"}\n{"database": "/x", "place": "/\\ud800"}\n'
        + index.read_bytes()
        + b'{"data'
    )
    (tmp_path / "real").mkdir()
    with Recorder(tmp_path / "real") as recorder:
        assert list(recorder.replay()) == [(spooled, Recorded("FindPeaks", 1))]
    index.unlink()
    index.mkdir()
    with Recorder(tmp_path / "real") as recorder:
        assert list(recorder.replay()) == []
    index.rmdir()
    os.mkfifo(index)
    with Recorder(tmp_path / "gone" / "lute.db") as recorder:
        assert isinstance(recorder.record(analysis()), Path)
        assert len(list(recorder.spool.pending())) == 1


def test_the_index_names_a_place_once(home: Path, tmp_path: Path) -> None:
    for _ in range(3):
        with Recorder(tmp_path / "missing" / "lute.db") as recorder:
            recorder.record(analysis())
    lines = (home / "places").read_text().splitlines()
    assert [json.loads(line)["database"] for line in lines] == [str(tmp_path / "missing" / "lute.db")]


def test_where_every_place_fails_the_entry_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no directory")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "state"))
    monkeypatch.setenv("RECORDER_SPOOL", str(tmp_path / "file" / "spool"))
    with Recorder(tmp_path / "missing" / "lute.db") as recorder, pytest.raises(EntryNotKept) as caught:
        recorder.record(analysis(parameters={"x": 1}))
    for place in ("missing/lute.db.spool", "file/spool", "file/state"):
        assert place in str(caught.value)
    assert caught.value.entry is not None
    assert Entry.from_json(caught.value.entry.to_json()).parameters == {"x": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_what_json_cannot_hold_is_in_the_error(garbage: Path) -> None:
    entry = dataclasses.replace(accept(analysis()), summary={1, 2})
    with Recorder(garbage) as recorder, pytest.raises(EntryNotKept) as caught:
        recorder.store(entry)
    assert caught.value.entry is entry


@needs_other_user
def test_who_may_not_write_the_directory_spools_elsewhere(tmp_path: Path) -> None:
    let_everybody_in(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home").chmod(0o777)
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 1}))

    def work() -> int:
        os.environ["XDG_STATE_HOME"] = str(tmp_path / "home")
        with Recorder(tmp_path) as recorder:
            spooled = recorder.record(analysis(parameters={"x": 2}))
            assert isinstance(spooled, Path)
            assert tmp_path / "home" in spooled.parents
            assert recorder.latest("FindPeaks", "x") == 2
        return 0

    assert as_nobody(work) == 0
    assert entries(tmp_path / "lute.db") == [(1, 1)]


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
