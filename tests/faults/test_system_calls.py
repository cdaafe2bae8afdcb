"""Kill a process in place of each system call that it makes on an entry's way to the disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recorder import Entry, Recorded, Recorder
from recorder.accept import accept
from recorder.entry import END, START
from recorder.layout.tables import PAYLOADS
from tests.faults.soundness import faults, faults_in_the_end, recorded
from tests.faults.tracing import Run, run_to_each_call
from tests.recorder.analyses import analysis

GARBAGE = b"no database at all, whatever its name says" * 100

Work = Callable[[Path], object]


def entry(x: str, payload: object = None, **parameters: object) -> Entry:
    return accept(analysis(parameters={"x": x, **parameters}, payload=payload))


def store(*entries: Entry) -> Work:
    def work(directory: Path) -> None:
        with Recorder(directory) as recorder:
            for one in entries:
                recorder.store(one)

    return work


def store_together(*entries: Entry) -> Work:
    def work(directory: Path) -> None:
        with Recorder(directory) as recorder, recorder.batch() as batch:
            for one in entries:
                batch.store(one)

    return work


def replay(directory: Path) -> None:
    with Recorder(directory) as recorder:
        for path, outcome in recorder.replay():
            if not isinstance(outcome, Recorded):
                raise AssertionError(f"{path} was not replayed: {outcome}")


def nothing(directory: Path) -> None:
    pass


def put_garbage(directory: Path) -> None:
    (directory / "lute.db").write_bytes(GARBAGE)


def remove_garbage(directory: Path) -> None:
    (directory / "lute.db").unlink()


def spool(*entries: Entry) -> Work:
    def work(directory: Path) -> None:
        put_garbage(directory)
        store(*entries)(directory)
        remove_garbage(directory)

    return work


def kept(directory: Path, count: int) -> dict[str | None, object]:
    """Return status and exact parameters of a database's entries, by key."""
    with Recorder(directory) as recorder:
        entries = [recorder.read("FindPeaks", number) for number in range(1, count + 1)]
    return {one.key: (one.result["result.task_status"], one.exact) for one in entries}


@dataclass
class Case:
    """Some work on entries, and where it is done.

    Attributes:
        entries: What is to be there afterwards, if the work says that it is done.
        work: What is killed.
        before: Makes the directory in which it works.
        after: Takes away what was put in its way.
        earlier: What is there before.
        together: Whether the entries are stored all or none.
        points: At how many system calls it is to be killed, at the least: the proof that it was.
    """

    entries: list[Entry]
    work: Work
    before: Work = nothing
    after: Work = nothing
    earlier: list[Entry] = field(default_factory=list)
    together: bool = False
    points: int = 40


EARLIER = entry("earlier")
FIRST = [entry("first")]
NEXT = [entry("next", a_column_that_is_new=5)]
LARGE = [entry("large", text="many pages " * 50_000)]
PICTURE = [entry("picture", payload=b"\x89PNG" + bytes(2**21))]
BEGUN = accept(analysis(parameters={"x": "begun"}), stage=START)
ENDED = [accept(analysis(parameters={"x": "begun", "found": 5}), stage=END, key=BEGUN.key, failure={"return_code": 0})]
SEVERAL = [entry(f"number {number}", **{f"column{number}": number}) for number in range(3)]

CASES = {
    "the first entry of a file": Case(FIRST, store(*FIRST)),
    "an entry with a new column": Case(NEXT, store(*NEXT), store(EARLIER), earlier=[EARLIER]),
    "an entry of many pages": Case(LARGE, store(*LARGE), store(EARLIER), earlier=[EARLIER], points=300),
    "an entry with a payload file": Case(PICTURE, store(*PICTURE), store(EARLIER), earlier=[EARLIER]),
    "the end of what was begun": Case(ENDED, store(*ENDED), store(BEGUN), earlier=[BEGUN]),
    "a batch": Case(SEVERAL, store_together(*SEVERAL), store(EARLIER), earlier=[EARLIER], together=True),
    "entries that go to the spool": Case(SEVERAL, store(*SEVERAL), put_garbage, remove_garbage),
    "a replay": Case(SEVERAL, replay, spool(*SEVERAL)),
}


@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_system_call_an_entry_is_there_once_or_not_at_all(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    prepared, place = tmp_path / "prepared", tmp_path / "place"
    database = place / "lute.db"
    prepared.mkdir()
    case.before(prepared)
    earlier = {one.parameters["x"]: 1 for one in case.earlier}
    wanted = {one.parameters["x"]: 1 for one in case.entries}

    def prepare() -> Callable[[], object]:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(prepared, place)
        return lambda: case.work(place)

    def check(run: Run) -> None:
        case.after(place)
        if database.exists():
            assert faults(database) == []
            there = recorded(database)
            assert earlier.items() <= there.items() <= (earlier | wanted).items()
            assert not case.together or there in (earlier, earlier | wanted)
        replay(place)
        if run.acknowledged:
            assert recorded(database) == earlier | wanted
        store(*case.entries)(place)  # whoever saw it die records again
        replay(place)
        assert recorded(database) == earlier | wanted
        # A payload's file that was being written has no name yet that anything could point to.
        assert [fault for fault in faults_in_the_end(database) if f"{PAYLOADS}/." not in fault] == []
        assert kept(place, len(wanted | earlier)) == {
            one.key: (one.status, one.parameters) for one in case.earlier + case.entries
        }
        for name, content in ((name, content) for one in case.entries for name, content in one.files.items()):
            assert (place / f"lute.db{PAYLOADS}" / name).read_bytes() == content

    assert run_to_each_call(prepare, check) >= case.points
