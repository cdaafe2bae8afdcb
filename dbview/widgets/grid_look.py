"""The styles of a grid in the current theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rich.style import Style
from textual.widget import Widget

from dbview.widgets import tones

COMPONENT_CLASSES = frozenset({"grid--header", "grid--row", "grid--fresh", "grid--cell"}) | tones.COMPONENT_CLASSES

CSS = (
    """
    & > .grid--header { text-style: bold; background: $panel; color: $foreground; }
    & > .grid--row { background: $surface-lighten-2; }
    & > .grid--fresh { text-style: bold; }
    & > .grid--cell { background: $primary; color: $text; text-style: bold; }
"""
    + tones.CSS
)
"""For the ``DEFAULT_CSS`` of a widget with these component classes."""


class GridLook(NamedTuple):
    """The styles of a grid.

    Attributes:
        row: Laid over the base for the current row.
        tone: Returns what is laid over for a tone.
        fresh: Laid over these for a row that is new or has changed.
    """

    base: Style
    header: Style
    row: Style
    cell: Style
    tone: Callable[[str], Style]
    fresh: Style


def look_of(widget: Widget) -> GridLook:
    """Return the styles that the current theme gives to a widget with these component classes."""
    return GridLook(
        widget.rich_style,
        widget.get_component_rich_style("grid--header"),
        widget.get_component_rich_style("grid--row", partial=True),
        widget.get_component_rich_style("grid--cell"),
        lambda tone: tones.tone_style(widget, tone),
        widget.get_component_rich_style("grid--fresh", partial=True),
    )
