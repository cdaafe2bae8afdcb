"""Run what may take time on daemon threads, each with a reader of its own. Nothing ever waits for them to end.

SQLite can be broken off only between two steps of its machine, and a hostile or unlucky value may take minutes in one
of them. A thread that is stuck in such a step is left to itself, and another takes its place.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dbview.source.reader import Reader
from dbview.source.source import Source
from dbview.source.view.scan import Cancelled

T = TypeVar("T")

_SCAN_LENGTH_LIMIT = 10**9
"""A scan must be able to look into any value that SQLite can hold."""

_SCAN_THREADS = 2

_PATIENCE = 0.5
"""Seconds that a job may go on when it is no longer wanted; then its query is broken off. Steps take much less."""

_WAIT = 0.02
"""Seconds between two looks at whether a scan in the background may go on."""

_READ_PATIENCE = 1.0
"""Seconds that reading rows or a cell may take before the jobs behind it are run by another thread."""

_MOST_STUCK = 6
"""Stuck threads of a lane that are replaced: each keeps a processor busy."""


class _Job(Future[T]):
    """A result to come. If it is cancelled while it is worked on, the query that takes long is broken off."""

    def __init__(self) -> None:
        super().__init__()
        self._cancelled_at: float | None = None

    def cancel(self) -> bool:
        """Say that the result is no longer wanted."""
        self._cancelled_at = self._cancelled_at or time.monotonic()
        return super().cancel()

    @property
    def overdue(self) -> float:
        """Seconds for which the work has gone on since the result is no longer wanted."""
        return 0.0 if self._cancelled_at is None else time.monotonic() - self._cancelled_at

    def is_overdue(self) -> bool:
        """Tell whether the work has gone on for long since the result is no longer wanted."""
        return self.overdue > _PATIENCE


_Item = tuple[_Job[Any], Callable[[Reader], Any]]


class _Worker(threading.Thread):
    """A daemon thread that runs the jobs of a queue, until it takes None from it or is no longer needed.

    Attributes:
        is_needed: False once another has taken its place: it ends after the job it is at.
    """

    def __init__(self, name: str, jobs: queue.SimpleQueue[_Item | None], make_reader: Callable[[], Reader]) -> None:
        super().__init__(name=name, daemon=True)
        self.is_needed = True
        self._jobs = jobs
        self._make_reader = make_reader
        self._at: tuple[_Job[Any], float] | None = None

    def is_stuck(self, patience: float) -> bool:
        """Tell whether it is at a job that has taken so many seconds, or at one that cannot be broken off."""
        if (at := self._at) is None:
            return False
        job, began = at
        return time.monotonic() - began > patience or job.overdue > 2 * _PATIENCE

    def run(self) -> None:
        """Run jobs; whatever goes wrong reaches whoever asked for the job."""
        reader: Reader | None = None
        while self.is_needed and (item := self._jobs.get()) is not None:
            future, job = item
            if not future.set_running_or_notify_cancel():
                continue
            self._at = future, time.monotonic()
            try:
                reader = reader or self._make_reader()
                reader.break_off_when(future.is_overdue)
                result = job(reader)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it reaches whoever asked
                future.set_exception(error)
            else:
                future.set_result(result)
            self._at = None
            del future, job, item
        if reader is not None:
            reader.close()


class _Lane:
    """A queue of jobs and the threads that run them.

    Args:
        name: Begins the names of the threads.
        threads: How many jobs are run at a time, besides those that are stuck.
        make_reader: Makes the reader of a thread.
        patience: Seconds after which a job counts as stuck though its result is still wanted.
    """

    def __init__(self, name: str, threads: int, make_reader: Callable[[], Reader], patience: float = math.inf) -> None:
        self._jobs: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._name = name
        self._make_reader = make_reader
        self._patience = patience
        self._stuck: list[_Worker] = []
        self._workers = [self._new_worker() for _ in range(threads)]

    def submit(self, job: Callable[[Reader], T]) -> Future[T]:
        future: _Job[T] = _Job()
        self._jobs.put((future, job))
        return future

    def replace_stuck(self) -> None:
        """Let other threads take the places of those that are stuck, as long as there are not too many of these."""
        self._stuck = [worker for worker in self._stuck if worker.is_alive()]
        for place, worker in enumerate(self._workers):
            if len(self._stuck) < _MOST_STUCK and worker.is_stuck(self._patience):
                worker.is_needed = False
                self._stuck.append(worker)
                self._workers[place] = self._new_worker()

    def close(self) -> None:
        for worker in (*self._stuck, *self._workers):
            worker.is_needed = False
            self._jobs.put(None)

    def _new_worker(self) -> _Worker:
        worker = _Worker(self._name, self._jobs, self._make_reader)
        worker.start()
        return worker


@dataclass(frozen=True)
class ScanHandle(Generic[T]):
    """A scan that was asked for.

    Attributes:
        future: Its result, or the error that ended it.
    """

    future: Future[T]
    _cancelled: threading.Event

    @property
    def is_wanted(self) -> bool:
        """True until its result is there, or it is cancelled."""
        return not self._cancelled.is_set() and not self.future.done()

    def cancel(self) -> None:
        """Ask the scan to end at its next step; its partial result may still come."""
        self._cancelled.set()
        self.future.cancel()


class Scheduler:
    """Three lanes, so that none waits for another: windows and cells; scans; a scan in the background.

    The last makes no step while one of the others is wanted: they share a processor, and somebody waits for those.

    Whenever anything is asked for, threads that are stuck are replaced. Screens ask for something every second, so
    nobody waits much longer for what another value holds up.
    """

    def __init__(self, source: Source) -> None:
        self._quick = _Lane("read", 1, source.reader, _READ_PATIENCE)
        self._slow = _Lane("scan", _SCAN_THREADS, lambda: source.reader(_SCAN_LENGTH_LIMIT))
        self._background = _Lane("background", 1, lambda: source.reader(_SCAN_LENGTH_LIMIT))
        # Replaced, never changed: the background looks at it from another thread.
        self._wanted: Sequence[ScanHandle[Any]] = ()

    def read(self, job: Callable[[Reader], T]) -> Future[T]:
        """Run a short job; jobs of this lane are begun one after the other, in the order they were asked for."""
        self._replace_stuck()
        return self._quick.submit(job)

    def scan(self, job: Callable[[Reader, Cancelled], T]) -> ScanHandle[T]:
        """Run a long job. It is given a reader and a function that tells whether it has been cancelled."""
        self._replace_stuck()
        cancelled = threading.Event()
        handle = ScanHandle(self._slow.submit(lambda reader: job(reader, cancelled.is_set)), cancelled)
        self._wanted = (*(other for other in self._wanted if other.is_wanted), handle)
        return handle

    def scan_in_background(self, job: Callable[[Reader, Cancelled], T]) -> ScanHandle[T]:
        """Run a long job as :meth:`scan` does; whenever it asks whether it is cancelled, it waits for all of these."""
        self._replace_stuck()
        cancelled = threading.Event()

        def is_cancelled() -> bool:
            while self.is_scanning and not cancelled.wait(_WAIT):
                pass
            return cancelled.is_set()

        return ScanHandle(self._background.submit(lambda reader: job(reader, is_cancelled)), cancelled)

    @property
    def is_scanning(self) -> bool:
        """True while a scan is wanted, for which one in the background waits."""
        return any(scan.is_wanted for scan in self._wanted)

    def close(self) -> None:
        """Let each thread end after the job it is at; this does not wait for them."""
        for lane in self._lanes:
            lane.close()

    @property
    def _lanes(self) -> Sequence[_Lane]:
        return self._quick, self._slow, self._background

    def _replace_stuck(self) -> None:
        for lane in self._lanes:
            lane.replace_stuck()
