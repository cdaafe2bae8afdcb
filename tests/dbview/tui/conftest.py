"""Drive the application by keys, without a terminal, and look at what is on its screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.settings import Settings
from dbview.source.source import open_source

PATIENCE = 60.0
"""Seconds in which a condition comes true on any machine."""


class Viewer:
    """A running application."""

    def __init__(self, app: DbviewApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The lines on the screen."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return ["".join(segment.text for segment in strip) for strip in strips]

    @property
    def text(self) -> str:
        """All that is on the screen."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def cursor_line(self) -> str:
        """The line that the cursor is on."""
        return next((line for line in self.lines if line.startswith("▌")), "")

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type text."""
        names = {" ": "space"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def filter(self, text: str) -> None:
        """Enter a filter in place of the one there is."""
        await self.press("slash", "end", "ctrl+u")
        await self.type(text)
        await self.press("enter")

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        give_up_at = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > give_up_at:
                pytest.fail(f"it never came to be so; the screen is\n{self.text}")
            await self.pilot.pause()
            await asyncio.sleep(0.01)

    async def until_shown(self, *words: str) -> None:
        """Wait until all these words are on the screen."""
        await self.until(lambda: all(word in self.text for word in words))


class LastingApp(DbviewApp):
    """The application, whose words stand until it takes them back: a busy machine may look for them late."""

    def notify(self, message: str, *, timeout: float | None = None, **options: Any) -> None:
        super().notify(message, timeout=10 * PATIENCE, **options)


Look = Callable[..., AbstractAsyncContextManager[Viewer]]


@pytest.fixture
def look() -> Look:
    """Return a function that opens the viewer: ``async with look(path, View("Task"), size=(80, 24)) as viewer``."""

    @asynccontextmanager
    async def open_viewer(
        path: Path,
        view: View | None = None,
        key: int | None = None,
        size: tuple[int, int] = (100, 30),
        settings: Settings | None = None,
    ) -> AsyncIterator[Viewer]:
        source = open_source(path)
        app = LastingApp(source, view, key, settings)
        try:
            async with app.run_test(size=size, notifications=True) as pilot:
                yield Viewer(app, pilot)
        finally:
            source.close()

    return open_viewer
