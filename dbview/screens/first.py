"""Choose the screen that a file is opened with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from dbview.errors import DbviewError
from dbview.query.relation import Relation
from dbview.screens.base import ViewerScreen
from dbview.source.entries.runs import Place, Run, names_runs, run_of_entry
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source

_PATIENCE = 10.0
"""Seconds that a look into the file may take; on a file system that does not answer it never ends."""


T = TypeVar("T")


async def first_screen(
    source: Source, scheduler: Scheduler, table: Relation | None = None, key: int | None = None
) -> ViewerScreen:
    """Return how each Task went in each run; the list of tables for a file whose entries name no runs.

    Args:
        source: What is looked at.
        scheduler: Runs what may take time.
        table: The table that one comes from, None at the start.
        key: Its current row, at whose Task and run the screen begins; None if it has none.
    """
    if await _look(scheduler, lambda reader: names_runs(reader, source.relations())):
        from dbview.screens.overview.screen import OverviewScreen

        begin = None
        if table is not None and key is not None:
            run: Run | None = await _look(scheduler, lambda reader: run_of_entry(reader, table, key))
            begin = Place(run, table.name) if run else None
        return OverviewScreen(source, scheduler, begin)
    from dbview.screens.home import HomeScreen

    return HomeScreen(source, scheduler)


async def _look(scheduler: Scheduler, job: Callable[[Reader], T]) -> T | None:
    """Return what a short look into the file finds, None if it cannot be had: the screen itself says what is wrong."""
    try:
        return await asyncio.wait_for(asyncio.wrap_future(scheduler.read(job)), _PATIENCE)
    except (DbviewError, TimeoutError):
        return None
