"""What is set in one session is so in the next, unless nothing is to be remembered."""

from __future__ import annotations

import re
from pathlib import Path

from dbview.settings import KEYS_FILE, Settings
from tests.dbview.database import Database
from tests.dbview.tui.conftest import Look


async def test_a_theme_is_remembered(database: Database, look: Look, tmp_path: Path) -> None:
    directory = tmp_path / "config"
    async with look(database.path, settings=Settings(directory)) as viewer:
        viewer.app.theme = "nord"
        await viewer.pilot.pause()
    async with look(database.path, settings=Settings(directory)) as viewer:
        assert viewer.app.theme == "nord"


async def test_nothing_is_remembered_without_settings(database: Database, look: Look) -> None:
    async with look(database.path) as viewer:
        before = viewer.app.theme
        viewer.app.theme = "nord"
        await viewer.pilot.pause()
    async with look(database.path) as viewer:
        assert viewer.app.theme == before


async def test_settings_that_cannot_be_read_are_told_of(database: Database, look: Look, tmp_path: Path) -> None:
    (tmp_path / KEYS_FILE).write_text("{")
    async with look(database.path, settings=Settings(tmp_path)) as viewer:
        # Wherever its long path is broken into lines.
        await viewer.until(lambda: KEYS_FILE in re.sub(r"[\s▌]", "", viewer.text))
