"""Say more about what the cursor is on, in a place that never moves."""

from __future__ import annotations

from itertools import zip_longest
from typing import ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.reactive import reactive
from textual.widget import Widget

from dbview.widgets.drawing import fit_value
from dbview.widgets.listing import Line


class DetailStrip(Widget):
    """A rule and three lines.

    Attributes:
        lines: What it says; more lines than there is room for are not shown.
    """

    DEFAULT_CSS = """
DetailStrip {
    height: 4;
    border-top: solid $panel-lighten-2;
}
"""
    _COLOURS: ClassVar[dict[str, str]] = {
        "good": "$text-success",
        "bad": "bold $text-error",
        "late": "$text-warning",
        "busy": "$text-primary",
        "dim": "$text-muted",
        "name": "$text-secondary",
    }

    lines: reactive[tuple[Line, ...]] = reactive((), repaint=False)

    def watch_lines(self, before: tuple[Line, ...], now: tuple[Line, ...]) -> None:
        """Draw the lines that are others than before: the rest need not go over a slow line again."""
        for y, (old, new) in enumerate(zip_longest(before, now)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render(self) -> Content:
        """Draw the lines."""
        return Content("\n").join(self._drawn(line) for line in self.lines[: self.size.height])

    def _drawn(self, line: Line) -> Content:
        room = self.size.width - 1
        parts: list[Content] = [Content(" ")]
        for text, tone in line.spans:
            shown = fit_value(text, room)
            parts.append(Content.assemble((shown, self._COLOURS.get(tone, ""))))
            room -= len(shown)
        return Content("").join(parts)
