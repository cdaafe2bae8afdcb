"""Hold the scan that finds out how each Task went in each run, and what it has found so far."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.query.relation import Relation
from dbview.screens.last_scan import PROGRESS_AFTER
from dbview.source.entries.board import Board, Experiment
from dbview.source.entries.pipeline import PipelineTask, pipeline
from dbview.source.entries.runs import Place, RunCell
from dbview.source.entries.survey import Recent, Surveyed, survey
from dbview.source.reader import Reader
from dbview.source.scheduler import ScanHandle, Scheduler
from dbview.source.view.scan import Cancelled

_PAUSED_AFTER = 1.0
"""Seconds without anything new after which it is said that another scan is waited for."""


@dataclass
class Ordered(Message):
    """The Tasks are known in the order of their pipeline."""

    generation: int
    tasks: tuple[PipelineTask, ...]


@dataclass
class Found(Message):
    """More entries have been looked at."""

    generation: int
    surveyed: Surveyed


class Surveying:
    """The look at all entries that was asked for last.

    Args:
        scheduler: Runs the scans.
        listener: Is told what is found, by :class:`Ordered` and :class:`Found`.

    Attributes:
        generation: Number of the scan; messages of others do not count any more.
        board: What has been found; :meth:`add` fills it.
        tasks: The Tasks of the board by name, in the order of their pipeline.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._scheduler = scheduler
        self._listener = listener
        self._scan: ScanHandle[Recent] | None = None
        self._relations: Sequence[Relation] = ()
        self._was_added = asyncio.Event()
        self._began = self._heard_at = 0.0
        self._latest: Surveyed | None = None
        self.generation = 0
        self.board = Board()
        self.tasks: dict[str, PipelineTask] = {}

    def begin(self, tasks: Sequence[Relation]) -> None:
        """Look at all entries of some Tasks, instead of what was asked for before."""
        self.end()
        self.generation += 1
        self.board, self.tasks, self._latest = Board(), {}, None
        self._began = self._heard_at = time.monotonic()
        self._relations, self._was_added = tasks, asyncio.Event()
        generation, tell = self.generation, self._listener.post_message

        def publish(surveyed: Surveyed) -> None:
            tell(Found(generation, surveyed))

        def job(reader: Reader, cancelled: Cancelled) -> Recent:
            in_order = pipeline(reader, tasks)
            tell(Ordered(generation, in_order))
            return survey(reader, [task.relation for task in in_order], publish, cancelled)

        # It may take minutes; whoever has gone on to another screen waits for what that one looks for.
        self._scan = self._scheduler.scan_in_background(job)

    def end(self) -> None:
        """Let the scan end by itself."""
        if self._scan:
            self._scan.cancel()

    async def ended(self) -> None:
        """Wait until the scan has ended and all that it found was added; an error that ended it is raised here."""
        if self._scan:
            await asyncio.wrap_future(self._scan.future)
            await self._was_added.wait()

    async def look_again(self, tasks: Sequence[Relation]) -> dict[Place, RunCell] | None:
        """Return the cells that the newest entries have a part in now; None if all must be looked at anew.

        Args:
            tasks: The Tasks as they are now: others than before cannot be looked at again.
        """
        if self._scan is None or list(tasks) != list(self._relations):
            return None
        recent = await asyncio.wrap_future(self._scan.future)
        return await asyncio.wrap_future(self._scheduler.scan(recent.look).future)

    def add(self, surveyed: Surveyed) -> None:
        """Take in what was found."""
        self._latest, self._heard_at = surveyed, time.monotonic()
        self.board.add(surveyed.cells)
        if surveyed.complete:
            self._was_added.set()

    @property
    def is_complete(self) -> bool:
        """True once all entries have been looked at."""
        return self._latest is not None and self._latest.complete

    @property
    def is_partial(self) -> bool:
        """True if there may be entries that are not on the board: they are being looked at, or are left out."""
        return self._latest is None or not self._latest.complete or self._latest.left_out

    @property
    def has_changed(self) -> bool:
        """True if the file changed while the entries were looked at."""
        return self._latest is not None and self._latest.changed

    @property
    def is_reading(self) -> bool:
        """True while the scan goes on."""
        return self._scan is not None and not self._scan.future.done()

    @property
    def progress_words(self) -> str:
        """How much has been read, once that takes long, and why it does not go on."""
        now = time.monotonic()
        if not self.is_reading or now - self._began < PROGRESS_AFTER:
            return ""
        is_paused = self._scheduler.is_scanning and now - self._heard_at > _PAUSED_AFTER
        paused = ", paused while something else is looked for" if is_paused else ""
        return f"··· {100 * self._latest.scanned if self._latest else 0:.0f} % read{paused}"

    def count_words(self, known: Experiment) -> str:
        """Return how much there is of an experiment."""
        entries = f"{known.entries:,} entr{'y' if known.entries == 1 else 'ies'}"
        parts = [entries if self.is_complete else f"{entries} so far"]
        if known.not_valid:
            parts.append(f"{known.not_valid:,} not valid")
        parts.append(f"{len(known.runs):,} run{'s' * (len(known.runs) != 1)}")
        if self._latest and self._latest.left_out:
            parts.append("older runs are left out, there are too many: t lists the tables")
        return " · ".join(parts)
