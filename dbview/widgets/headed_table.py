"""What tables of the screen have in common: rows that scroll under a line of titles, which stays."""

from __future__ import annotations

from textual.scroll_view import ScrollView

HEADER = 1
"""Lines that the titles take."""


class HeadedTable(ScrollView, can_focus=True):
    """Rows under their titles; which they are, and how they are drawn, is up to the kind of table.

    Args:
        empty_words: What stands in the place of rows while there are none.
    """

    DEFAULT_CSS = """
HeadedTable {
    background: $background;
    overflow-x: hidden;
    scrollbar-size-vertical: 1;
}
"""

    def __init__(self, empty_words: str = "") -> None:
        super().__init__()
        self._empty_words = empty_words

    @property
    def empty_words(self) -> str:
        """What stands in the place of rows while there are none."""
        return self._empty_words

    @empty_words.setter
    def empty_words(self, words: str) -> None:
        if words != self._empty_words:
            self._empty_words = words
            self.refresh()

    # What is particular to a table

    def action_move(self, rows: int) -> None:
        """Go rows down, or up if negative."""
        raise NotImplementedError

    def rows_came_into_sight(self) -> None:
        """Take note that other rows are in sight."""
        raise NotImplementedError

    # Moving

    def action_page(self, pages: int) -> None:
        """Go pages down, or up if negative."""
        self.action_move(pages * max(1, self._height - 1))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Take note of the rows that come into sight."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.rows_came_into_sight()

    # Places

    @property
    def _room(self) -> int:
        """Cells of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    @property
    def _height(self) -> int:
        """Lines for rows that scroll."""
        return max(1, self.size.height - HEADER)

    def _row_at(self, line: int) -> int:
        """Return the place of the row that stands on a line of the screen."""
        return self.scroll_offset.y + line - HEADER

    def _line_of(self, row: int) -> int:
        """Return the line of the screen on which the row at a place stands, or would."""
        return row - self.scroll_offset.y + HEADER

    def _scroll_to_line(self, y: int) -> None:
        self.scroll_to(y=y, animate=False, force=True)
