"""Say at the top of every screen where one is, and how fresh and how safe that is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from dbview.source.entries.waiting import MOST_COUNTED
from dbview.text import ELLIPSIS, visible
from dbview.widgets.drawing import beside, fit_end

SEPARATOR = " › "

_PART = " · "
"""Stands between the parts of the state."""

_AROUND = 5
"""Cells at both ends of the line, and between where one is and how that is read."""

_ROOM_FOR_PLACES = 18
"""Terminal cells that are left to the places in any case: before them the state gives way, its last part first."""

_WRITTEN = "written"

_USUAL = ("live", "read-only")
"""Parts of the state that can be left out; that it is a snapshot, that entries wait or that secrets show, cannot."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Head(Widget):
    """One line with the place at the left and the state of the file at the right, and a rule below.

    Attributes:
        places: Names from the file down to what is shown.
        state: Words for how the file is open and when it was written.
    """

    DEFAULT_CSS = """
Head {
    height: 2;
    color: $text;
    border-bottom: solid $panel-lighten-2;
}
"""

    places: reactive[tuple[str, ...]] = reactive(())
    state: reactive[str] = reactive("")

    def __init__(self, places: tuple[str, ...], state: str) -> None:
        super().__init__()
        self.set_reactive(Head.places, places)
        self.set_reactive(Head.state, state)

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width
        places = [visible(place) for place in self.places]
        path_width = cell_len(SEPARATOR.join(places))
        fitting = (words for words in _shorter(self.state) if path_width + len(words) + _AROUND <= width)
        state = next(fitting, None) or _fit_state(self.state, width - _ROOM_FOR_PLACES)
        return Content(beside(f" {_fit_places(places, width - len(state) - _AROUND)}", f"{state} ", width))


def _shorter(state: str) -> Iterator[str]:
    """Give the state in full and ever shorter: without the date of writing, then without what is usual."""
    yield state
    *parts, written = state.split(_PART)
    date, comma, age = written.rpartition(", ")
    if comma and date.startswith(_WRITTEN):
        unusual = [part for part in parts if part not in _USUAL]
        yield _PART.join([*parts, f"{_WRITTEN} {age}"])
        yield _PART.join([*unusual, f"{_WRITTEN} {age}"])
        yield _PART.join([*unusual, age])


def _fit_state(state: str, width: int) -> str:
    """Return the state as short as it gets, and then without its last parts as far as there is no room."""
    *_, state = _shorter(state)
    while len(state) > width and _PART in state:
        state = state.rpartition(_PART)[0]
    return state


def _fit_places(places: Sequence[str], width: int) -> str:
    """Return the places as far as there is room, whole ones where possible; the last says most."""
    path = ""
    for first in range(len(places)):
        path = SEPARATOR.join([ELLIPSIS, *places[first:]] if first else places)
        if cell_len(path) <= width:
            return path
    return fit_end(path, width)


def written_words(written_at: float) -> str:
    """Return when the file was written and how long ago that is, for the head; times are UTC and say so."""
    moment = time.strftime(f"{_WRITTEN} %Y-%m-%d %H:%M UTC", time.gmtime(written_at))
    return f"{moment}, {_age_words(time.time() - written_at)}"


def waiting_words(entries: int) -> str:
    """Return how many entries wait to be stored, for the head; nothing if none does."""
    if not entries:
        return ""
    return f" · {entries:,}{'+' * (entries == MOST_COUNTED)} waiting"


def _age_words(seconds: float) -> str:
    if seconds < -_MINUTE:
        # The clock of the file's host is ahead of ours, or somebody set the time by hand.
        return "in the future"
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min ago"
    return f"{seconds // _HOUR:.0f} h ago" if seconds < 2 * _DAY else f"{seconds // _DAY:.0f} d ago"
