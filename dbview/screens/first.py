"""Choose the screen that a file is opened with."""

from __future__ import annotations

import asyncio

from dbview.errors import DbviewError
from dbview.screens.base import ViewerScreen
from dbview.source.entries.runs import names_runs
from dbview.source.scheduler import Scheduler
from dbview.source.source import Source

_PATIENCE = 10.0
"""Seconds that a look into the file may take; on a file system that does not answer it never ends."""


async def first_screen(source: Source, scheduler: Scheduler) -> ViewerScreen:
    """Return how each Task went in each run; the list of tables for a file whose entries name no runs."""
    look = scheduler.read(lambda reader: names_runs(reader, source.relations()))
    try:
        has_runs = await asyncio.wait_for(asyncio.wrap_future(look), _PATIENCE)
    except (DbviewError, TimeoutError):
        # The list of tables says of each what is wrong with it.
        has_runs = False
    if has_runs:
        from dbview.screens.overview.screen import OverviewScreen

        return OverviewScreen(source, scheduler)
    from dbview.screens.home import HomeScreen

    return HomeScreen(source, scheduler)
