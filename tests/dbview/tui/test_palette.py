"""The command palette: only what works in a viewer."""

from __future__ import annotations

import pytest
from textual.binding import Binding
from textual.command import CommandList
from textual.events import Key

from dbview.app import DbviewApp
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
        await viewer.until(lambda: viewer.app.screen.query(CommandList) and "Theme" in offered(viewer))
        assert {"Keys  ?", "Quit  q", "Filter  /"} <= set(offered(viewer))
        assert not any(name in " ".join(offered(viewer)).lower() for name in ("screenshot", "maximize", "focus"))
        await viewer.type("keys")
        await viewer.until(lambda: offered(viewer) == ["Keys  ?"])
        await viewer.press("enter", "enter")
        await viewer.until_shown("Keys, symbols and filters", "Go to the row with an id")
        await viewer.press("escape")
        await viewer.until_shown("1 entry")


@pytest.mark.parametrize(
    "keys", [("pageup",), ("pagedown",), ("down", "pageup"), ("k", "pagedown"), ("k", "e", "pageup")]
)
async def test_who_turns_a_page_before_the_palette_is_there_ends_nothing(
    database: Database, look: Look, keys: tuple[str, ...]
) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task")) as viewer:
        await viewer.until_shown("1 entry")
        for key in ("ctrl+p", *keys):
            viewer.app.post_message(Key(key, key if len(key) == 1 else None))
        await viewer.until(lambda: viewer.app.screen.query(CommandList) and "Keys  ?" in offered(viewer))
        await viewer.press("pagedown", "pageup", "escape")
        await viewer.until_shown("1 entry")


async def test_the_help_speaks_with_one_voice(database: Database, look: Look) -> None:
    database.task("Task", {}, [{}])
    async with look(database.path, View("Task")) as viewer:
        await viewer.until_shown("1 entry")
        own = {binding.tooltip for binding in DbviewApp.BINDINGS if isinstance(binding, Binding)}
        of_the_app = [found.binding for found in viewer.app.screen.active_bindings.values() if found.node is viewer.app]
        assert {"ctrl+p", "ctrl+q"} <= {binding.key for binding in of_the_app}
        assert {binding.tooltip for binding in of_the_app if binding.tooltip} <= own
