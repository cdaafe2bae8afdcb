"""Files are looked for beside everything else; one that hangs holds nothing up."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbview.paths import located
from dbview.payload.files import FileState, Presence, file_state
from dbview.payload.looking import LookInto, Looks, Wanted, mount_of

PATIENT = 60.0
"""Seconds that a busy machine may take."""


def wanted(*paths: str) -> list[Wanted]:
    return [Wanted(path, located(path, "/base", {})) for path in paths]


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event that lets what hangs end."""
    event = threading.Event()
    yield event
    event.set()


def test_each_file_gets_its_own_state(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    (tmp_path / "some" / "below").mkdir(parents=True)
    paths = [f"{tmp_path}/a.h5", f"{tmp_path}/b.h5", f"{tmp_path}/some", "/no/such/x", "$SCRATCH/x", "file://node7/x"]
    states = {state.path: state for state in Looks(PATIENT).states(wanted(*paths), LookInto(tmp_path / "lute.db"))}
    assert [states[path].presence for path in paths] == [
        Presence.HERE,
        Presence.GONE,
        Presence.HERE,
        Presence.NOT_HERE,
        Presence.NOT_LOOKED_FOR,
        Presence.NOT_LOOKED_FOR,
    ]
    assert states[paths[0]].words().startswith("here · HDF5 file · 108 B · ")
    assert " · 1 entry · " in states[paths[2]].words()
    assert states["/no/such/x"].words() == "not here · no /no"
    assert states["$SCRATCH/x"].words() == "not looked for · what $SCRATCH was is not recorded"
    assert states["file://node7/x"].words() == "not looked for · it is on node7"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("log.txt", b"all is well\n", "text"),
        ("page.h5", b"<!doctype html><p>not found", "HTML"),
        ("a.npy", b"\x93NUMPY\x01\x00", "NumPy array (npy)"),
        ("a.gz", gzip.compress(b"x", mtime=0), "gzip data"),
        ("a.stream", bytes(range(256)), "stream file"),
        ("odd", bytes(range(256)), "file"),
        ("empty.h5", b"", "file"),
    ],
)
def test_the_kind_is_told_by_the_first_bytes(tmp_path: Path, name: str, content: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert LookInto(tmp_path / "lute.db")(name, f"{tmp_path}/{name}").kind == kind


def test_the_database_itself_is_looked_for_and_not_opened(tmp_path: Path) -> None:
    (tmp_path / "lute.db").write_bytes(b"SQLite format 3\x00")
    state = LookInto(tmp_path / "lute.db")("lute.db", f"{tmp_path}/lute.db")
    assert (state.presence, state.kind) == (Presence.HERE, "file")


def test_what_hangs_is_told_and_the_others_are_found(tmp_path: Path, released: threading.Event) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "there").mkdir()

    def look(path: str, place: str) -> FileState:
        if "/hangs/" in place:
            released.wait()
        return file_state(path, place)

    hanging = [f"{tmp_path}/hangs/{number}" for number in range(6)]
    here = [f"{tmp_path}/a", f"{tmp_path}/there"]
    found = Looks(PATIENT).states(wanted(hanging[0], *here), look)
    assert {next(found).path, next(found).path} == set(here)
    looks = Looks(0.2)
    assert {state.presence for state in looks.states(wanted(*hanging), look)} == {Presence.NO_ANSWER}
    # As long as it hangs, nothing beside it is asked again.
    again = [state.presence for state in looks.states(wanted(*hanging), look)]
    assert again == [Presence.NO_ANSWER] * 6
    released.set()
    for thread in threading.enumerate():
        if thread.name == "files":
            thread.join(PATIENT)
    looks = Looks(PATIENT)
    assert [state.presence for state in looks.states(wanted(hanging[0]), look)] == [Presence.NOT_HERE]


def test_an_error_of_the_file_system_is_a_state(tmp_path: Path) -> None:
    def look(path: str, place: str) -> FileState:
        raise OSError(5, "Input/output error")

    (state,) = Looks(PATIENT).states(wanted("/data/x"), look)
    assert state.presence is Presence.UNKNOWN
    assert "Input/output error" in state.words()


def test_the_mount_of_a_path_is_the_kernels(tmp_path: Path) -> None:
    assert mount_of("/proc/self/x") == "/proc"
    assert mount_of("/no such place/x/y") == "/no such place"
