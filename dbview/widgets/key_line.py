"""Show the keys that work now, on one line; taken from the bindings, which state each key once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.cells import cell_len
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "tab": "Tab",
    "backspace": "Backspace",
    "delete": "Delete",
    "insert": "Insert",
}
"""What stands on keys that type no character."""

_CHARACTERS = {"slash": "/", "backslash": "\\", "at": "@", "minus": "-", "plus": "+", "underscore": "_"}
"""Characters that Textual calls by names of its own; the others have those of Unicode."""

_LAST = ("help", "back", "leave", "show_all", "app.quit")


def key_name(keys: str) -> str:
    """Return the keys of a binding as people call them: ``up,k`` is ``↑ k``, ``ctrl+u`` is ``Ctrl-U``."""
    return " ".join(_name(key.strip()) for key in keys.split(","))


def character_of(key: str) -> str | None:
    """Return the character that a key types, None if it types none."""
    return _CHARACTERS.get(key) or key_to_character(key)


def _name(key: str) -> str:
    *modifiers, last = key.split("+")
    name = _NAMES.get(last) or character_of(last) or last
    return "-".join([*map(str.capitalize, modifiers), name.capitalize() if modifiers else name])


class KeyLine(Widget):
    """The last line of a screen. Where there is no room for all keys, those of the screen's own end give way last."""

    DEFAULT_CSS = """
KeyLine {
    height: 1;
    dock: bottom;
    background: $panel;
    color: $foreground;
}
"""

    def on_mount(self) -> None:
        """Follow the bindings, which change with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._on_change)

    def _on_change(self, _screen: Screen[Any]) -> None:
        self.refresh()

    def render(self) -> Content:
        """Draw as many keys as there is room for."""
        focused = self.screen.focused
        shown = [
            entry.binding
            for key, entry in _as_stated(self.screen.active_bindings)
            if entry.enabled
            and entry.binding.show
            and entry.binding.description
            # Where text is typed, letters are text.
            and not (focused and focused.check_consume_key(key, character_of(key)))
        ]
        room = self.size.width - 1
        kept = _fitting(_once(shown), room)
        parts = [Content.assemble((key_name(b.key), "bold $text-accent"), f" {b.description}") for b in kept]
        return Content(" ") + Content("  ").join(parts)


def _as_stated(active: Mapping[str, ActiveBinding]) -> list[tuple[str, ActiveBinding]]:
    """Return bindings, of the innermost widget first, in the order in which its class states them.

    A key that a person chose instead would else stand last.
    """
    nodes = list(dict.fromkeys(entry.node for entry in active.values()))
    ids = {node: _stated_ids(type(node)) for node in nodes}

    def place(item: tuple[str, ActiveBinding]) -> tuple[int, int]:
        _key, entry = item
        stated = ids[entry.node]
        return nodes.index(entry.node), stated.index(entry.binding.id) if entry.binding.id in stated else len(stated)

    return sorted(active.items(), key=place)


def _stated_ids(owner: type) -> list[str | None]:
    bindings = (binding for ancestor in reversed(owner.__mro__) for binding in vars(ancestor).get("BINDINGS", ()))
    return [binding.id for binding in bindings if isinstance(binding, Binding)]


def _once(bindings: Iterable[Binding]) -> list[Binding]:
    """Return the bindings, of those with one action only the first."""
    by_action: dict[str, Binding] = {}
    for binding in bindings:
        by_action.setdefault(binding.action, binding)
    return list(by_action.values())


def _fitting(bindings: list[Binding], room: int) -> list[Binding]:
    """Return the bindings that fit; help and the way back are kept before others."""
    kept: list[Binding] = []
    for binding in sorted(bindings, key=lambda b: b.action not in _LAST):
        room -= cell_len(key_name(binding.key)) + 1 + cell_len(binding.description) + 2
        if room >= -2:
            kept.append(binding)
    # Those stand at the end, where they are on every screen.
    return sorted((b for b in bindings if b in kept), key=lambda b: b.action in _LAST)
