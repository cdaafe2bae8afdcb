"""Run what may take time on daemon threads, each with a reader of its own. Nothing ever waits for them to end."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dbview.source.reader import Reader
from dbview.source.scan import Cancelled
from dbview.source.source import Source

T = TypeVar("T")

_SCAN_LENGTH_LIMIT = 10**9
"""A scan must be able to look into any value that SQLite can hold."""

_SCAN_THREADS = 2

_PATIENCE = 0.5
"""Seconds that a job may go on when it is no longer wanted; then its query is broken off. Steps take much less."""


class _Job(Future[T]):
    """A result to come. If it is cancelled while it is worked on, the query that takes long is broken off."""

    def __init__(self) -> None:
        super().__init__()
        self._cancelled_at: float | None = None

    def cancel(self) -> bool:
        """Say that the result is no longer wanted."""
        self._cancelled_at = self._cancelled_at or time.monotonic()
        return super().cancel()

    def is_overdue(self) -> bool:
        """Tell whether the work has gone on for long since the result is no longer wanted."""
        return self._cancelled_at is not None and time.monotonic() - self._cancelled_at > _PATIENCE


class _Lane:
    """A queue of jobs and the daemon threads that run them."""

    def __init__(self, name: str, threads: int, make_reader: Callable[[], Reader]) -> None:
        self._jobs: queue.SimpleQueue[tuple[_Job[Any], Callable[[Reader], Any]] | None] = queue.SimpleQueue()
        self._make_reader = make_reader
        self._threads = threads
        for number in range(threads):
            threading.Thread(target=self._work, name=f"{name}-{number}", daemon=True).start()

    def submit(self, job: Callable[[Reader], T]) -> Future[T]:
        future: _Job[T] = _Job()
        self._jobs.put((future, job))
        return future

    def close(self) -> None:
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        reader: Reader | None = None
        while (item := self._jobs.get()) is not None:
            future, job = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                reader = reader or self._make_reader()
                reader.break_off_when(future.is_overdue)
                result = job(reader)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it reaches whoever asked
                future.set_exception(error)
            else:
                future.set_result(result)
            del future, job, item
        if reader is not None:
            reader.close()


@dataclass(frozen=True)
class ScanHandle(Generic[T]):
    """A scan that was asked for.

    Attributes:
        future: Its result, or the error that ended it.
    """

    future: Future[T]
    _cancelled: threading.Event

    def cancel(self) -> None:
        """Ask the scan to end at its next step; its partial result may still come."""
        self._cancelled.set()
        self.future.cancel()


class Scheduler:
    """Two lanes: a quick one for windows and cells, a slow one for scans, so that neither waits for the other."""

    def __init__(self, source: Source) -> None:
        self._quick = _Lane("read", 1, source.reader)
        self._slow = _Lane("scan", _SCAN_THREADS, lambda: source.reader(_SCAN_LENGTH_LIMIT))

    def read(self, job: Callable[[Reader], T]) -> Future[T]:
        """Run a short job; jobs of this lane run one after the other, in the order they were asked for."""
        return self._quick.submit(job)

    def scan(self, job: Callable[[Reader, Cancelled], T]) -> ScanHandle[T]:
        """Run a long job. It is given a reader and a function that tells whether it has been cancelled."""
        cancelled = threading.Event()
        return ScanHandle(self._slow.submit(lambda reader: job(reader, cancelled.is_set)), cancelled)

    def close(self) -> None:
        """Let each thread end after the job it is at; this does not wait for them."""
        self._quick.close()
        self._slow.close()
