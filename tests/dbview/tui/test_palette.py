"""The command palette: only what works in a viewer."""

from __future__ import annotations

from textual.command import CommandList

from dbview.query.view import View
from tests.dbview.database import Database

from .conftest import Look, Viewer


def offered(viewer: Viewer) -> list[str]:
    """Return the commands in the palette."""
    (found,) = viewer.app.screen.query(CommandList)
    return [str(option.prompt).splitlines()[0] for option in found.options]


async def test_the_palette_offers_what_works_and_its_keys_are_the_help(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task")) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("ctrl+p")
        await viewer.until(lambda: viewer.app.screen.query(CommandList) and len(offered(viewer)) == 3)
        assert sorted(offered(viewer)) == ["Keys", "Quit", "Theme"]
        await viewer.type("keys")
        await viewer.until(lambda: offered(viewer) == ["Keys"])
        await viewer.press("enter", "enter")
        await viewer.until_shown("Keys, symbols and filters", "Go to the row with an id.")
        await viewer.press("escape")
        await viewer.until_shown("1 entry")
