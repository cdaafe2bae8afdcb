"""Show on one line which of several things is looked at, and its neighbours as far as there is room."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from dbview.widgets.drawing import fit

_WIDEST = 30
_BETWEEN = 3


class TabLine(Widget):
    """Names side by side, one of them current.

    Attributes:
        names: Visible text.
        current: Index of the current one.
    """

    DEFAULT_CSS = """
TabLine { height: 1; color: $text-muted; }
"""

    names: reactive[tuple[str, ...]] = reactive(())
    current: reactive[int] = reactive(0)

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width
        if not self.names:
            return Content("")
        first, stop = self._shown(width - 4)
        note = ""
        if stop - first < len(self.names):
            note = f" {self.current + 1:,} of {len(self.names):,} "
            first, stop = self._shown(width - cell_len(note) - 4)
        parts = [Content("← " if first else "  ")]
        for index in range(first, stop):
            name, is_current = fit(self.names[index], _WIDEST), index == self.current
            style = "bold $text-accent reverse" if is_current else ""
            parts.append(Content.assemble((f"▌{name}▐" if is_current else f" {name} ", style), " "))
        parts.append(Content("→" if stop < len(self.names) else ""))
        line = Content("").join(parts)
        return line + " " * max(0, width - line.cell_length - cell_len(note)) + note

    def _shown(self, room: int) -> tuple[int, int]:
        """Return from which to before which name there is room, the current one among them."""
        widths = [cell_len(fit(name, _WIDEST)) + _BETWEEN for name in self.names[: self.current + 200]]
        first, stop = self.current, self.current + 1
        room -= widths[self.current]
        # Its neighbours at the left first: then the line moves only where it must.
        while first and room >= widths[first - 1]:
            first -= 1
            room -= widths[first]
        while stop < len(widths) and room >= widths[stop]:
            room -= widths[stop]
            stop += 1
        return first, stop
