"""Drive the application by keys, without a terminal, and look at what is on its screen."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.binding import Binding
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.settings import Settings
from dbview.source.source import open_source
from dbview.widgets.bar import Bar
from recorder import Recorder
from recorder.demo.recording import record_history
from recorder.layout.tables import DATABASE_FILE

PATIENCE = 60.0
"""Seconds in which a condition comes true on any machine."""


def colliding_keys(screen: Screen[Any]) -> list[tuple[str, str, str]]:
    """Return keys that do two things at the same time, with the ids of what they do.

    Where one types, and where a key takes effect first on purpose, it is meant.
    """
    found = []
    inner: dict[str, Binding] = {}
    for node, bindings in screen._modal_binding_chain:
        outer = [(key, binding) for key, binding in bindings if binding.id and not binding.priority]
        for key, binding in outer:
            if key in inner and inner[key].id != binding.id:
                found.append((key, str(inner[key].id), str(binding.id)))
        if not isinstance(node, Bar | Input):
            inner.update(outer)
    return found


class Viewer:
    """A running application."""

    def __init__(self, app: DbviewApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def lines(self) -> list[str]:
        """The lines on the screen."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return ["".join(segment.text for segment in strip) for strip in strips] or [""]

    @property
    def text(self) -> str:
        """All that is on the screen."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def cursor_line(self) -> str:
        """The line that the cursor is on."""
        return next((line for line in self.lines if line.startswith("▌")), "")

    @property
    def said(self) -> str:
        """What is said in a corner, without blanks and the rule beside it: where a line ends depends on the room."""
        return re.sub(r"[\s─]", "", "".join(line.rpartition("▌")[2] for line in self.lines if "▌" in line))

    async def press(self, *keys: str) -> None:
        """Press keys one after the other; no screen that one comes to has a key that does two things."""
        await self.pilot.press(*keys)
        assert not (found := colliding_keys(self.app.screen)), found

    async def type(self, text: str) -> None:
        """Type text."""
        names = {" ": "space"}
        await self.pilot.press(*(names.get(character, character) for character in text))

    async def paste(self, text: str) -> None:
        """Paste text where it is typed: what is long takes no time."""
        self.app.post_message(events.Paste(text))
        await self.pilot.pause()

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

    async def until_told(self, *words: str) -> None:
        """Wait until all these words are on the screen, wherever the lines end: a path may be of any length."""

        def is_told() -> bool:
            text = re.sub(r"[\s▌]", "", self.text)
            return all(re.sub(r"\s", "", word) in text for word in words)

        await self.until(is_told)


class LastingApp(DbviewApp):
    """The application, whose words stand until it takes them back: a busy machine may look for them late."""

    def notify(self, message: str, *, timeout: float | None = None, **options: Any) -> None:
        super().notify(message, timeout=10 * PATIENCE, **options)


Look = Callable[..., AbstractAsyncContextManager[Viewer]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """Return a function that opens the viewer: ``async with look(path, View("Task"), size=(80, 24)) as viewer``.

    It draws in all colours, whatever the terminal has that the tests are run in.
    """
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)

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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, as recorded at a moment that never changes; nobody writes to it."""
    directory = tmp_path_factory.mktemp("demo")
    with Recorder(directory) as recorder:
        record_history(recorder, directory, datetime(2024, 2, 14, 16, 28, 11, tzinfo=UTC))
    return directory / DATABASE_FILE
