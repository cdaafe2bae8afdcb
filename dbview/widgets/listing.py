"""Show lines of text, few or very many: only those on the screen are drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dbview.text import ELLIPSIS
from dbview.widgets import tones
from dbview.widgets.drawing import without_start, wrap

Span = tuple[str, str]
"""Text, already visible, and its tone."""

_NARROWEST = 12
"""Continued lines are indented only while this much room is left to them."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or several where the screen is too narrow for it.

    Attributes:
        spans: Its text.
        key: What choosing it means; None if the cursor passes it over.
        indent: Cells by which its continuation is indented.
        is_heading: True for the first line of a section.
    """

    spans: tuple[Span, ...] = ()
    key: str | None = None
    indent: int = 0
    is_heading: bool = False

    @property
    def text(self) -> str:
        """The line's text without tones."""
        return "".join(text for text, _tone in self.spans)


class Listing(ScrollView, can_focus=True):
    """Lines that scroll, with or without a cursor on those that can be chosen.

    Args:
        has_cursor: True to move a cursor over the lines with a key; False to scroll.
        wraps: True to give a line that is too long for the screen several rows; False to cut it off with an ellipsis.
            Without a cursor lines always wrap.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--cursor", *tones.COMPONENT_CLASSES}
    DEFAULT_CSS = (
        """
Listing {
    background: $background;
    overflow-x: hidden;
    overflow-y: scroll;
    scrollbar-size-vertical: 1;
    & > .listing--cursor { background: $surface-lighten-2; text-style: bold; }
"""
        + tones.CSS
        + "}"
    )

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "open", id="app.open", tooltip="Open what the cursor is on."),
        Binding("up,k", "move(-1)", "up", id="move.up", show=False, tooltip="One line up."),
        Binding("down,j", "move(1)", "down", id="move.down", show=False, tooltip="One line down."),
        Binding("pageup,ctrl+b", "page(-1)", "page up", id="move.page-up", show=False, tooltip="One page up."),
        Binding("pagedown,ctrl+f", "page(1)", "page down", id="move.page-down", show=False, tooltip="One page down."),
        Binding("home", "first", "first line", id="move.first", show=False, tooltip="The first line."),
        Binding("end,G", "last", "last line", id="move.last", show=False, tooltip="The last line."),
    ]

    @dataclass
    class Selected(Message):
        """A line was chosen."""

        key: str

    class Moved(Message):
        """The cursor is on another line, or the lines are others."""

    def __init__(self, has_cursor: bool = False, wraps: bool = False) -> None:
        super().__init__()
        self._has_cursor = has_cursor
        self._wraps = wraps or not has_cursor
        self._lines: Sequence[Line] = ()
        self._starts: list[int] = [0]
        self._pieces: dict[int, list[str]] = {}
        self._cursor = 0
        self._has_moved = False
        self._width = 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a cursor there is nothing to choose."""
        return self._has_cursor if action == "select" else True

    # What it shows

    @property
    def lines(self) -> Sequence[Line]:
        """The lines it shows."""
        return self._lines

    @property
    def key(self) -> str | None:
        """Key of the line the cursor is on."""
        return self._lines[self._cursor].key if self._has_cursor and self._cursor < len(self._lines) else None

    @property
    def index(self) -> int:
        """Number of the line the cursor is on, 0 being the first."""
        return self._cursor

    def move_to(self, index: int) -> None:
        """Put the cursor on the line of a number."""
        self._go_to(index)

    def go_to_top(self) -> None:
        """Scroll to the first line and stay there, whatever lines come, until somebody moves."""
        self._has_moved = False
        self._scroll(0)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show other lines; the cursor stays on the line with the same key, else goes to the first that has one.

        That line stays on its row of the screen, whatever comes above it; only at the top, before anybody has moved,
        it is the top that stays.
        """
        key, top, row = self.key, self.scroll_offset.y, self._starts[self._cursor] - self.scroll_offset.y
        number = sum(line.key == key for line in self._lines[: self._cursor])
        self._lines = lines
        self._measure()
        keyed = [index for index, line in enumerate(lines) if line.key is not None]
        # Several lines may have one key: the same of them.
        same = [index for index in keyed if lines[index].key == key][: number + 1]
        self._cursor = same[-1] if same else keyed[0] if keyed else 0
        if same and (self._has_moved or top) and 0 <= row < self.size.height:
            self._scroll(self._starts[self._cursor] - row)
        self.refresh()
        self.post_message(self.Moved())

    # Keys and mouse

    def action_select(self) -> None:
        """Choose the line the cursor is on."""
        if (key := self.key) is not None:
            self.post_message(self.Selected(key))

    def action_move(self, lines: int) -> None:
        """Move the cursor, or scroll, by lines."""
        if not self._has_cursor:
            self._scroll(self.scroll_offset.y + lines)
            return
        keyed = [index for index, line in enumerate(self._lines) if line.key is not None]
        if keyed:
            place = keyed.index(self._cursor) if self._cursor in keyed else 0
            self._go_to(keyed[max(0, min(place + lines, len(keyed) - 1))])

    def action_page(self, pages: int) -> None:
        """Move the cursor, or scroll, by pages."""
        self.action_move(pages * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Go to the first line."""
        self.action_move(-len(self._lines))
        self.go_to_top()

    def action_last(self) -> None:
        """Go to the last line."""
        self.action_move(len(self._lines))
        self._scroll(self._starts[-1])

    def go_to_heading(self, step: int) -> None:
        """Scroll to the next section, or to the one before if step is negative; the cursor goes along."""
        top = self.scroll_offset.y
        headings = [index for index, line in enumerate(self._lines) if line.is_heading]
        here = self._cursor if self._has_cursor else bisect_right(self._starts, top) - 1
        later = [index for index in headings if index > here] if step > 0 else [i for i in headings if i < here][::-1]
        if later and self._has_cursor:
            self._go_to(later[0])
        if later:
            self._scroll(self._starts[later[0]])
        elif step < 0:
            self.action_first()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line clicked; choose it if it is there already."""
        index = self._index_at(self.scroll_offset.y + event.y)
        if index is None or self._lines[index].key is None or not self._has_cursor:
            return
        if index == self._cursor:
            self.action_select()
        self._go_to(index)

    # Inside

    @property
    def _room(self) -> int:
        """Cells of a line, without the scrollbar."""
        return self.scrollable_content_region.width

    def on_resize(self) -> None:
        """Lay out the lines for the new width."""
        if self._room != self._width:
            self._measure()
            self.refresh()

    def _measure(self) -> None:
        self._width = self._room
        starts, self._pieces = [0], {}
        for index, line in enumerate(self._lines):
            pieces = _wrapped(line, self._width) if self._wraps else []
            if len(pieces) > 1:
                self._pieces[index] = pieces
            starts.append(starts[-1] + max(1, len(pieces)))
        self._starts = starts
        self.virtual_size = Size(self._width, starts[-1])

    def _go_to(self, index: int) -> None:
        for line in (self._cursor, index):
            start, stop = self._starts[line], self._starts[line + 1]
            self.refresh(Region(0, start - self.scroll_offset.y, self._room, stop - start))
        self._cursor, self._has_moved = index, True
        self.post_message(self.Moved())
        top, place, end = self.scroll_offset.y, self._starts[index], self._starts[index + 1]
        if place < top:
            self._scroll(0 if all(line.key is None for line in self._lines[:index]) else place)
        elif end > top + self.size.height:
            # Of a line that is longer than the screen, its beginning.
            self._scroll(min(place, end - self.size.height))

    def _scroll(self, y: int) -> None:
        self.scroll_to(y=max(0, min(y, self.max_scroll_y)), animate=False, force=True)

    def _index_at(self, row: int) -> int | None:
        index = bisect_right(self._starts, row) - 1
        return index if 0 <= index < len(self._lines) else None

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        width = self._room
        row = self.scroll_offset.y + y
        index = self._index_at(row)
        base = self.rich_style
        if index is None:
            return Strip.blank(width, base)
        line = self._lines[index]
        spans: Sequence[Span] = line.spans
        if index in self._pieces:
            spans = _piece(line, self._pieces[index], row - self._starts[index], width)
        if self._has_cursor and index == self._cursor and line.key is not None:
            base += self.get_component_rich_style("listing--cursor", partial=True)
            spans = [("▌", ""), *without_start(spans, 1)]
        strip = Strip([Segment(text, base + tones.tone_style(self, tone)) for text, tone in spans])
        if not self._wraps and cell_len(line.text.rstrip()) > width > 0:
            strip = Strip([*strip.crop(0, width - 1), Segment(ELLIPSIS, base)])
        return strip.adjust_cell_length(width, base)


def section(title: str, note: str = "") -> list[Line]:
    """Return the lines that begin a section: a blank one and the heading."""
    return [Line(), Line(((f" {title}", "heading"), (f"   {note}" if note else "", "dim")), is_heading=True)]


def _wrapped(line: Line, width: int) -> list[str]:
    """Return a line's text cut into pieces that fit, the later ones into what the indent leaves; none if it fits."""
    text = line.text
    # No character takes more than two cells.
    if width <= 0 or len(text) * 2 <= width or cell_len(text) <= width:
        return []
    return wrap(text, width, width - _hanging(line, width), line.indent)


def _hanging(line: Line, width: int) -> int:
    return line.indent if width - line.indent >= _NARROWEST else 0


def _piece(line: Line, pieces: Sequence[str], number: int, width: int) -> list[Span]:
    """Return the spans of the piece of a line that stands on its row of that number."""
    start = sum(map(len, pieces[:number]))
    stop = start + len(pieces[number])
    spans: list[Span] = [(" " * _hanging(line, width), "")] if number else []
    place = 0
    for text, tone in line.spans:
        part = text[max(0, start - place) : max(0, stop - place)]
        if part:
            spans.append((part, tone))
        place += len(text)
    return spans
