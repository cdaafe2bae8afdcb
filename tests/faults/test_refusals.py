"""A thousand entries that the database cannot take wait elsewhere, and are stored once, exactly, when it can again."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from recorder import Entry, EntryNotKept, Recorded, Recorder
from tests.faults.processes import (
    bind,
    held,
    in_child,
    make_read_only,
    mount_memory,
    own_mounts,
    without_privileges,
)
from tests.faults.soundness import faults_in_the_end, recorded
from tests.recorder.analyses import analysis

ENTRIES = 1_000
DISK = 16 * 2**20

Fault = Callable[[Path], AbstractContextManager[Path]]
"""A fault of the directory that holds a database; gives the database into which entries are recorded meanwhile."""


@contextlib.contextmanager
def full_disk(directory: Path, room: int = 0) -> Iterator[Path]:
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    os.truncate(ballast, ballast.stat().st_size - room)
    yield directory / "lute.db"
    ballast.unlink()


@contextlib.contextmanager
def file_size_limit(directory: Path) -> Iterator[Path]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, before[1]))
    yield directory / "lute.db"
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextlib.contextmanager
def held_lock(directory: Path) -> Iterator[Path]:
    with held(directory / "lute.db"):
        yield directory / "lute.db"


@contextlib.contextmanager
def lost_rights(directory: Path) -> Iterator[Path]:
    directory.chmod(0o555)
    (directory / "lute.db").chmod(0o444)
    with without_privileges():
        yield directory / "lute.db"
    directory.chmod(0o775)
    (directory / "lute.db").chmod(0o664)


@contextlib.contextmanager
def garbage(directory: Path) -> Iterator[Path]:
    kept = directory.with_name("kept")
    shutil.copyfile(directory / "lute.db", kept)
    (directory / "lute.db").write_bytes(b"no database at all, whatever its name says" * 1000)
    yield directory / "lute.db"
    shutil.copyfile(kept, directory / "lute.db")


@contextlib.contextmanager
def read_only_file_system(directory: Path) -> Iterator[Path]:
    make_read_only(directory)
    yield directory / "lute.db"
    make_read_only(directory, read_only=False)


@contextlib.contextmanager
def read_only_view(directory: Path) -> Iterator[Path]:
    """As a container sees the data of its host."""
    view = directory.with_name("view")
    view.mkdir()
    bind(directory, view)
    yield view / "lute.db"
    bind(directory, view, read_only=False)


@contextlib.contextmanager
def directory_gone(directory: Path) -> Iterator[Path]:
    (directory / "away").mkdir()
    (directory / "lute.db").rename(directory / "away" / "lute.db")
    yield directory / "there" / "lute.db"
    (directory / "away").rename(directory / "there")


BESIDE_OR_ELSEWHERE: list[Fault] = [
    full_disk,
    file_size_limit,
    held_lock,
    lost_rights,
    garbage,
    read_only_file_system,
    read_only_view,
    directory_gone,
]


@pytest.mark.parametrize("fault", BESIDE_OR_ELSEWHERE, ids=lambda fault: fault.__name__)
def test_a_thousand_entries_survive_what_keeps_the_database_from_taking_them(
    fault: Fault, open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, elsewhere = open_path / "data", open_path / "elsewhere"
    directory.mkdir()
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    monkeypatch.setenv("RECORDER_SPOOL", str(elsewhere))
    monkeypatch.setenv("XDG_STATE_HOME", str(elsewhere / "state"))

    def work() -> None:
        own_mounts()
        mount_memory(directory, DISK)
        with Recorder(directory) as recorder:
            recorder.record(analysis(parameters={"x": "before"}))
        with fault(directory) as path, Recorder(path, timeout=0.005) as recorder:
            kept = [recorder.record(analysis(parameters={"x": f"{number}"})) for number in range(ENTRIES)]
            assert all(isinstance(place, Path) and place.exists() for place in kept)
            assert len(set(kept)) == ENTRIES
        assert recorded(path) == {"before": 1}
        with Recorder(path) as recorder:
            outcomes = dict(recorder.replay())
            assert set(outcomes) == set(kept)
            for number, place in enumerate(kept):
                stored = outcomes[place]
                assert isinstance(stored, Recorded)
                assert recorder.read(stored.task, stored.id).exact == {"x": f"{number}"}
            assert list(recorder.replay()) == []
        assert recorded(path) == {"before": 1} | dict.fromkeys(map(str, range(ENTRIES)), 1)
        assert faults_in_the_end(path) == []

    in_child(work)


def test_where_every_place_is_full_the_entry_is_in_the_error_and_nothing_half_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk has room for some entries more, then for half of one; quotas end the same way."""
    disk = tmp_path / "disk"
    disk.mkdir()
    directory = disk / "data"
    monkeypatch.setenv("RECORDER_SPOOL", str(disk / "elsewhere"))
    monkeypatch.setenv("XDG_STATE_HOME", str(disk / "state"))
    text = "x" * 10_000

    def work() -> None:
        own_mounts()
        mount_memory(disk, DISK)
        directory.mkdir()
        with Recorder(directory) as recorder:
            recorder.record(analysis(parameters={"x": "before", "text": text}))
            kept, lost = [], []
            with full_disk(directory, room=150_000):
                for number in range(100):
                    try:
                        kept.append(recorder.record(analysis(parameters={"x": f"{number}", "text": text})))
                    except EntryNotKept as error:
                        lost.append(error.entry)
                files = [path for path in disk.rglob("*.json") if path.is_file()]
                assert not [path for path in files if Entry.from_json(path.read_text()).parameters["text"] != text]
                assert set(files) == {place for place in kept if isinstance(place, Path)}
                assert list(disk.rglob("*.partial")) == []
            assert any(isinstance(place, Path) for place in kept)
            assert lost
            for entry in lost:  # as whoever caught the error does
                recorder.store(entry)
            assert all(isinstance(outcome, Recorded) for _, outcome in recorder.replay())
        assert recorded(recorder.path) == {"before": 1} | dict.fromkeys(map(str, range(100)), 1)
        assert faults_in_the_end(recorder.path) == []

    in_child(work)


def test_without_a_descriptor_left_the_entry_is_in_the_error(tmp_path: Path) -> None:
    def work() -> None:
        recorder = Recorder(tmp_path)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        taken = []
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        with pytest.raises(EntryNotKept) as caught:
            recorder.record(analysis(parameters={"x": "kept"}))
        for descriptor in taken:
            os.close(descriptor)
        recorder.store(caught.value.entry)
        assert recorded(recorder.path) == {"kept": 1}

    in_child(work)
