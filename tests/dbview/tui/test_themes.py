"""Every theme can be read, on the current line too; and nothing is said by colour alone."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from dbview.query.view import View
from dbview.widgets import tones
from dbview.widgets.grid import Grid
from tests.dbview.database import Database
from tests.terminal import DBVIEW, Terminal

from .conftest import Look

WANTED, WANTED_OF_TEXT = 3.0, 4.5
"""Contrast of tones, and of plain text."""

OF_THE_TERMINAL = [name for name in BUILTIN_THEMES if "ansi" in name]
"""The themes in which the terminal chooses the colours; they have other names in each version of Textual."""


def luminance(color: Color) -> float:
    parts = (part / 255 for part in color.rgb)
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    """Return the contrast of a style as the web's guidelines reckon it."""
    assert not style.dim, "terminals make of it what they like"
    triplets = [color.triplet for color in (style.color, style.bgcolor) if color and color.triplet]
    dark, light = sorted(luminance(Color(*triplet)) for triplet in triplets)
    return (light + 0.05) / (dark + 0.05)


async def test_every_tone_can_be_read_in_every_theme(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        await viewer.until_shown("1 entry")
        grid = viewer.app.screen.query_one(Grid)
        poor = []
        for theme in BUILTIN_THEMES:
            if theme in OF_THE_TERMINAL:
                continue
            viewer.app.theme = theme
            await viewer.pilot.pause()
            row = grid.get_component_rich_style("grid--row", partial=True)
            own = contrast(grid.rich_style)
            for ground in (grid.rich_style, grid.rich_style + row):
                # Where the text of a theme is itself pale, nothing can be clearer than that.
                assert contrast(ground) >= min(WANTED_OF_TEXT, 0.8 * own), theme
                found = {tone: contrast(ground + tones.tone_style(grid, tone)) for tone in tones.TONES}
                poor += [(theme, tone, ratio) for tone, ratio in found.items() if ratio < min(WANTED, 0.55 * own)]
            assert grid.rich_style.bgcolor != row.bgcolor, f"{theme}: the current line cannot be told from others"
        assert not poor


@pytest.mark.parametrize("theme", OF_THE_TERMINAL)
async def test_the_terminals_own_colours_are_used_as_they_are(database: Database, look: Look, theme: str) -> None:
    database.task("Task", {}, [{"result.task_status": "FAILED", "valid_flag": 0}, {}])
    async with look(database.path, View("Task"), size=(80, 24)) as viewer:
        viewer.app.theme = theme
        await viewer.until_shown("2 entries", " F ", "▌")
        await viewer.press("slash")
        await viewer.type("sta")
        await viewer.until_shown("│ status")
        await viewer.press("escape", "escape", "enter")
        await viewer.until_shown("validity unknown")


@pytest.mark.parametrize(
    "environment",
    [{"NO_COLOR": "1"}, {"TERM": "linux"}, {"TERM": "screen"}, {"TERM": "xterm-256color"}, {"LC_ALL": "C"}],
)
def test_letters_carry_the_meaning_on_any_terminal(database: Database, environment: dict[str, str]) -> None:
    database.task("Task", {}, [{"result.task_status": "FAILED", "valid_flag": 0}])
    variables = {"COLORTERM": None, "NO_COLOR": None, **environment}
    command = [*DBVIEW, "--no-state", database.path, "Task"]
    with Terminal(command, columns=80, rows=24, environment=variables) as terminal:
        terminal.wait_for(lambda text: "1 entry" in text and " F " in text)
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()
