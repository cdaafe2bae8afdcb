"""Draw with the sixteen colours that some terminals have, so that what is told by a colour still is."""

from __future__ import annotations

import colorsys
from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_GREY = 30
"""Parts of a colour, from 0 to 255, that differ by less make a grey: of the sixteen, too, a grey is the nearest."""

_TINT = 10
"""By how much more they differ in a colour than in the text of the theme, which some tint."""

_HUES = ((20, 1), (70, 3), (165, 2), (195, 6), (255, 4), (330, 5), (360, 1))
"""Up to which hue, in degrees, which of the sixteen it is: red, yellow, green, cyan, blue, magenta, red."""

_BRIGHT = 8
"""Between a colour and its bright form."""


class FewColours(LineFilter):
    """Takes for the colour of a text the one of the sixteen that has its hue.

    The nearest by its parts would be a grey for most: what themes have for good and bad is pale.

    Args:
        foreground: Of the theme; it stays what it is.
    """

    def __init__(self, foreground: Color) -> None:
        super().__init__()
        self._grey = max(_GREY, _tint(foreground.rgb) + _TINT)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with the colours of their texts changed.

        Args:
            segments: Of one line.
            background: The ground that the line is drawn on: what is drawn on a dark one is bright.
        """
        is_dark = background.brightness < 0.5
        return [
            Segment(text, style and _with_hue(style, self._grey, is_dark), control) for text, style, control in segments
        ]


@lru_cache(maxsize=1024)
def _with_hue(style: Style, grey: int, is_dark: bool) -> Style:
    number = _number(style.color, grey)
    return style if number is None else style + Style(color=RichColor.from_ansi(number + _BRIGHT * is_dark))


def _number(color: RichColor | None, grey: int) -> int | None:
    """Return which of the sixteen has the hue of a colour; None if it has none."""
    if color is None or color.triplet is None or _tint(color.triplet) < grey:
        return None
    hue, _lightness, _saturation = colorsys.rgb_to_hls(*color.triplet.normalized)
    return next(number for most, number in _HUES if 360 * hue <= most)


def _tint(parts: tuple[int, int, int]) -> int:
    return max(parts) - min(parts)
