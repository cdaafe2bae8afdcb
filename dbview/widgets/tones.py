"""Name the few ways in which text is drawn, and give each its style in the current theme."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

TONES = ("good", "bad", "late", "busy", "dim", "heading", "name", "accent", "error")
"""Tones of text. Each is a component class ``tone--<name>`` of the widgets that draw lines themselves."""

COMPONENT_CLASSES = frozenset(f"tone--{tone}" for tone in TONES)

CSS = """
    & > .tone--good { color: $text-success; }
    & > .tone--bad { color: $text-error; text-style: bold; }
    & > .tone--late { color: $text-warning; }
    & > .tone--busy { color: $text-primary; }
    & > .tone--dim { text-style: dim; }
    & > .tone--heading { text-style: bold; color: $text-accent; }
    & > .tone--name { color: $text-secondary; }
    & > .tone--accent { text-style: bold; }
    & > .tone--error { color: $text-error; }
"""
"""For the ``DEFAULT_CSS`` of a widget with these component classes."""


def tone_style(widget: Widget, tone: str) -> Style:
    """Return the style of a tone, without a background, so that it can be laid over any line."""
    return widget.get_component_rich_style(f"tone--{tone}", partial=True) if tone else Style.null()
