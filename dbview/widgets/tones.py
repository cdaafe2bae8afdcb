"""Name the few ways in which text is drawn, and give each its style in the current theme."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color
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


CURSOR_LINE = "surface-lighten-2"
"""Textual's name for the ground of the current line, as the widgets have it in their CSS."""

_CURSOR_TOWARDS_TEXT = 0.1
"""How far the ground of the current line is moved towards the text; what themes have under that name is too far."""

_TOWARDS_TEXT = 0.25
"""How far the colour of a tone is moved towards that of the text: some themes have colours that are hard to read."""

_TOWARDS_GROUND = 0.2
"""How far what is dim is moved towards the ground; half of the way, as terminals do it, is too far for some themes."""


def tone_style(widget: Widget, tone: str) -> Style:
    """Return the style of a tone, without a background, so that it can be laid over any line."""
    if not tone:
        return Style.null()
    style = widget.get_component_rich_style(f"tone--{tone}", partial=True)
    # Without colours, what is dim is left to the terminal.
    return style if widget.app.no_color else _readable(style, widget.rich_style)


def cursor_ground(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variable of a theme for the ground of the current line, on which its text is as good to read.

    Args:
        variables: Those of the theme.
    """
    ground, text = (Color.parse(variables[name]) for name in ("background", "foreground"))
    if ground.ansi is not None or text.ansi is not None:
        return {}
    return {CURSOR_LINE: ground.blend(text, _CURSOR_TOWARDS_TEXT).hex}


@lru_cache(maxsize=512)
def _readable(style: Style, base: Style) -> Style:
    """Return a style that can be read; where the terminal itself chooses the colours, there is nothing to reckon."""
    text, ground, own = (_rgb(color) for color in (base.color, base.bgcolor, style.color))
    if style.dim and text and ground:
        return style + Style(color=text.blend(ground, _TOWARDS_GROUND).rich_color, dim=False)
    if own and text:
        return style + Style(color=own.blend(text, _TOWARDS_TEXT).rich_color)
    return style


def _rgb(color: RichColor | None) -> Color | None:
    return Color(*color.triplet) if color is not None and color.triplet is not None else None
