"""Jobs that take for ever, and cannot be broken off, hold up no others."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dbview.source import scheduler as scheduler_module
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled
from tests.dbview.database import Database

PATIENCE = 20.0


class Stuck:
    """A job that nothing ends before it is released."""

    def __init__(self) -> None:
        self.began, self.release = threading.Event(), threading.Event()

    def __call__(self, *_: object) -> str:
        self.began.set()
        self.release.wait()
        return "came back"


@pytest.fixture
def scheduler(
    database: Database, opened: Callable[[Path], Source], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Scheduler]:
    monkeypatch.setattr(scheduler_module, "_READ_PATIENCE", 0.05)
    monkeypatch.setattr(scheduler_module, "_PATIENCE", 0.05)
    before = set(threading.enumerate())
    made = Scheduler(opened(database.path))
    yield made
    made.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "a closed scheduler leaves no thread behind"


def ask_until(scheduler: Scheduler, condition: Callable[[], object]) -> None:
    """Ask for something again and again, as a screen does, until something is so."""
    give_up_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up_at, "it never came to be so"
        scheduler.read(lambda _reader: None)
        time.sleep(0.01)


def test_a_read_that_hangs_holds_up_no_other_and_still_gives_its_result(scheduler: Scheduler) -> None:
    stuck = [Stuck() for _ in range(3)]
    hanging = []
    for job in stuck:
        hanging.append(scheduler.read(job))
        behind = scheduler.read(lambda reader: reader.query("SELECT 1"))
        ask_until(scheduler, behind.done)
        assert behind.result() == [(1,)]
        assert job.began.is_set()
    for job in stuck:
        job.release.set()
    assert [future.result(PATIENCE) for future in hanging] == ["came back"] * 3


def test_scans_that_do_not_end_when_they_are_no_longer_wanted_hold_up_no_other(scheduler: Scheduler) -> None:
    stuck = [Stuck(), Stuck()]
    handles = [scheduler.scan(job) for job in stuck]
    assert all(job.began.wait(PATIENCE) for job in stuck)
    third = scheduler.scan(lambda _reader, _cancelled: "third")
    scheduler.read(lambda _reader: None).result(PATIENCE)
    assert not third.future.done(), "as long as both are wanted, there is no room for another"
    for handle in handles:
        handle.cancel()
    ask_until(scheduler, third.future.done)
    assert third.future.result() == "third"
    for job in stuck:
        job.release.set()


def test_there_is_an_end_to_replacing(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "_MOST_STUCK", 1)
    first, second = Stuck(), Stuck()
    scheduler.read(first)
    scheduler.read(second)
    behind = scheduler.read(lambda _reader: "behind")
    ask_until(scheduler, second.began.is_set)
    assert not behind.done()
    first.release.set()
    ask_until(scheduler, behind.done)
    assert behind.result() == "behind", "the one that came back made room for another"
    second.release.set()


def test_a_scan_in_the_background_makes_no_step_while_another_is_wanted(scheduler: Scheduler) -> None:
    first, second = Stuck(), Stuck()
    wanted = [scheduler.scan(job) for job in (first, second)]
    began, steps = threading.Event(), []

    def background(_reader: Reader, cancelled: Cancelled) -> int:
        began.set()
        while not cancelled() and len(steps) < 100:
            steps.append(len(steps))
        return len(steps)

    handle = scheduler.scan_in_background(background)
    assert began.wait(PATIENCE)
    for job in (first, second):
        assert job.began.wait(PATIENCE), "it takes no thread from the others"
    for _ in range(20):
        scheduler.read(lambda reader: reader.query("SELECT 1")).result(PATIENCE)
    assert not steps
    first.release.set()
    assert wanted[0].future.result(PATIENCE) == "came back"
    scheduler.read(lambda reader: reader.query("SELECT 1")).result(PATIENCE)
    assert not steps, "it waits for all of them"
    # Whether it ends or not: nobody wants it any more.
    wanted[1].cancel()
    assert handle.future.result(PATIENCE) == 100, "it goes on"
    second.release.set()


def test_a_scan_in_the_background_ends_when_it_is_cancelled_while_it_waits(scheduler: Scheduler) -> None:
    stuck = Stuck()
    scheduler.scan(stuck)
    began = threading.Event()

    def background(_reader: Reader, cancelled: Cancelled) -> str:
        began.set()
        return "cancelled" if cancelled() else "went on"

    handle = scheduler.scan_in_background(background)
    assert began.wait(PATIENCE)
    handle.cancel()
    assert handle.future.result(PATIENCE) == "cancelled"
    stuck.release.set()


def test_the_scheduler_answers_beside_a_scan_and_nothing_waits_for_it(
    database: Database, opened: Callable[[Path], Source]
) -> None:
    database.task("Task", {}, [{}] * 100)
    source = opened(database.path)
    scheduler = Scheduler(source)
    started, release = threading.Event(), threading.Event()

    def stuck(reader: object, cancelled: Callable[[], bool]) -> bool:
        started.set()
        release.wait()
        return cancelled()

    handle = scheduler.scan(stuck)
    assert started.wait(120)
    rows = scheduler.read(lambda reader: reader.newest(source.relation("Task"), [], 5)).result(120)
    assert [row.key for row in rows] == [100, 99, 98, 97, 96]
    failing = scheduler.read(lambda reader: reader.query("SELECT nothing FROM nowhere"))
    assert "query failed" in str(failing.exception(120))
    handle.cancel()
    scheduler.close()
    release.set()
    assert handle.future.result(120) is True, "the job was told that it had been cancelled"


def test_a_program_ends_though_a_scan_is_stuck(database: Database) -> None:
    database.connection.close()
    program = (
        "import sys, time; from pathlib import Path\n"
        "from dbview.source.source import open_source\n"
        "from dbview.source.scheduler import Scheduler\n"
        "scheduler = Scheduler(open_source(Path(sys.argv[1])))\n"
        "import threading; started = threading.Event()\n"
        "scheduler.scan(lambda reader, cancelled: (started.set(), time.sleep(600)))\n"
        "started.wait(); scheduler.close(); print('ended')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(database.path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stdout) == (0, "ended\n"), done.stderr
