"""Draw the pictures of the documentation from the real program on the demo: ``python -m docs.pictures``."""

from __future__ import annotations

import asyncio
import datetime
import html
import os
import re
import tempfile
from contextlib import closing
from pathlib import Path
from unittest import mock

from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.source.source import open_source
from recorder import Recorder
from recorder.demo.recording import record_history
from recorder.layout.tables import DATABASE_FILE

PICTURES = Path(__file__).parent / "pictures"
SIZE = (100, 30)
PATIENCE = 20
"""Seconds after which a text that never came is an error."""
RECORDED_AT = datetime.datetime(2024, 2, 14, 16, 28, 11, tzinfo=datetime.UTC)
"""The moment of the newest entry: a picture changes only when the program does."""

_REMOTE_FONTS = re.compile(r"@font-face \{[^}]*\}\s*")


async def draw(database: Path) -> None:
    """Draw every picture as soon as the screen holds what it is about."""
    with closing(open_source(database)) as source:
        await draw_screen("overview", DbviewApp(source), until="1227")
        await draw_screen("table", DbviewApp(source, View("FindPeaks", "run=15..30")), until="TIMEDOUT")
        await draw_screen("entry", DbviewApp(source, View("FindPeaks"), 13), until="differs from")


async def draw_screen(name: str, app: DbviewApp, until: str) -> None:
    """Draw what an app shows once its screen holds a text."""
    async with asyncio.timeout(PATIENCE), app.run_test(size=SIZE) as pilot:
        picture = app.export_screenshot(title="dbview", simplify=True)
        while html.escape(until).replace(" ", "&#160;") not in picture:
            await pilot.pause(0.05)
            picture = app.export_screenshot(title="dbview", simplify=True)
    # A picture fetches nothing: readers have a monospaced font of their own.
    (PICTURES / f"{name}.svg").write_text(_REMOTE_FONTS.sub("", picture))


def main() -> None:
    """Record the demo and draw it."""
    PICTURES.mkdir(exist_ok=True)
    # All colours, whatever the terminal has in which they are drawn.
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    os.environ.pop("NO_COLOR", None)
    with tempfile.TemporaryDirectory() as directory:
        with Recorder(directory) as recorder:
            record_history(recorder, Path(directory), RECORDED_AT)
        database = Path(directory) / DATABASE_FILE
        os.utime(database, (RECORDED_AT.timestamp(), RECORDED_AT.timestamp()))
        with mock.patch("time.time", return_value=RECORDED_AT.timestamp()):  # the head tells the age of the file
            asyncio.run(draw(database))


if __name__ == "__main__":
    main()
