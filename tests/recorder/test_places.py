"""The places in which entries wait, and how to find them again."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path

import pytest

from recorder import Entry, EntryNotKept, Recorded, Recorder, StorageFailed
from recorder.accept import accept
from tests.recorder.analyses import analysis
from tests.recorder.faults import as_nobody, entries, let_everybody_in, needs_other_user


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
