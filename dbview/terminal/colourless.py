"""Draw without any colour, where ``NO_COLOR`` asks for that: by signs, and bold, dim, underlined or in reverse."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

CSS = """
Grid:nocolor > .grid--row, Matrix:nocolor > .matrix--current { text-style: reverse; }
Grid:nocolor > .grid--cell { text-style: bold underline; }
Listing:nocolor > .listing--cursor, Page:nocolor > .page--cursor { text-style: bold reverse; }
SuggestionList:nocolor > .suggestions--chosen { text-style: bold reverse; }
OptionList:nocolor > .option-list--option-highlighted { text-style: bold reverse; }
Input:nocolor > .input--cursor, Input:nocolor > .input--selection { text-style: reverse; }
KeyLine:nocolor, AskScreen Horizontal:nocolor { text-style: reverse; }
"""
"""What the widgets say by the colour of the ground, in their place."""

_PIXELS = "▀"
"""Of two pixels, one above the other: its own colour and that of its ground."""

_SHADES = " ░▒▓█"
"""What stands for two pixels without colour, from dark to light."""


class Colourless(LineFilter):
    """Takes the colours away from all that is drawn. Of a picture the shades stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours.

        Args:
            segments: Of one line.
            background: The ground that the line is drawn on; it has no effect.
        """
        return [
            Segment(_shaded(text, style), style and _without_colour(style), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=1024)
def _without_colour(style: Style) -> Style:
    return style.without_color


def _shaded(text: str, style: Style | None) -> str:
    if style is None or style.color is None or text.strip(_PIXELS):
        return text
    lights = [_light(color) for color in (style.color, style.bgcolor) if color is not None]
    return _SHADES[round((len(_SHADES) - 1) * sum(lights) / len(lights))] * len(text)


def _light(color: RichColor) -> float:
    return Color.from_rich_color(color).brightness
