"""Offer in the command palette, by name, all that can be done on a screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.binding import ActiveBinding
from textual.command import CommandList, CommandPalette
from textual.screen import Screen

from dbview.widgets.key_line import key_name

_PALETTE = "command_palette"


class Palette(CommandPalette):
    """The command palette, for people who type on before it is on the screen."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In a list that has no room on the screen yet no page is turned: Textual does not know its lines then."""
        if action == "command_list":
            return any(found.scrollable_content_region for found in self.query(CommandList))
        return super().check_action(action, parameters)


def screen_commands(screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yield what the keys of a screen do; those of the key line are there before anything is typed."""
    for action, entries in keys_by_action(screen).items():
        binding = entries[0].binding
        keys = " ".join(key_name(entry.binding.key) for entry in entries)
        title = f"{binding.description[:1].upper()}{binding.description[1:]}  {keys}"
        run = partial(screen.app.run_action, action, entries[0].node)
        if action != _PALETTE:
            yield SystemCommand(title, binding.tooltip, run, discover=binding.show)


def keys_by_action(screen: Screen[Any]) -> dict[str, list[ActiveBinding]]:
    """Return the bindings that work on a screen now, by what they do; those of the key line first."""
    found: dict[str, list[ActiveBinding]] = {}
    for entry in screen.active_bindings.values():
        if entry.binding.tooltip:
            found.setdefault(entry.binding.action, []).append(entry)
    return dict(sorted(found.items(), key=lambda item: not any(entry.binding.show for entry in item[1])))
