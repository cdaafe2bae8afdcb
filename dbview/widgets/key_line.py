"""Show the keys that work now, on one line; taken from the bindings, which state each key once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

_CHARACTERS = {
    "slash": "/",
    "question_mark": "?",
    "right_square_bracket": "]",
    "left_square_bracket": "[",
    "dollar_sign": "$",
    "equals_sign": "=",
    "minus": "-",
    "exclamation_mark": "!",
}
"""Keys that type a character, where Textual calls them by another name."""

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
    "shift+tab": "Shift-Tab",
    "ctrl+c": "Ctrl-C",
    "ctrl+p": "Ctrl-P",
    "ctrl+q": "Ctrl-Q",
    "ctrl+u": "Ctrl-U",
    **_CHARACTERS,
}

_LAST = ("help", "back", "leave", "show_all", "app.quit")


def key_name(keys: str) -> str:
    """Return the keys of a binding as people call them: ``up,k`` is ``↑ k``."""
    return " ".join(_NAMES.get(key.strip(), key.strip()) for key in keys.split(","))


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
            for key, entry in self.screen.active_bindings.items()
            if entry.enabled
            and entry.binding.show
            and entry.binding.description
            # Where text is typed, letters are text.
            and not (focused and focused.check_consume_key(key, _CHARACTERS.get(key, key if len(key) == 1 else None)))
        ]
        room = self.size.width - 1
        kept = _fitting(_once(shown), room)
        parts = [Content.assemble((key_name(b.key), "bold $text-accent"), f" {b.description}") for b in kept]
        return Content(" ") + Content("  ").join(parts)


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
