"""Go from place to place on a page: where a text was found, else where something differs."""

from __future__ import annotations

from collections.abc import Sequence

from dbview.screens.entry.parameter_lines import CHANGED
from dbview.text import visible
from dbview.widgets.listing import Listing


def go_on(listing: Listing, places: Sequence[int], step: int) -> str:
    """Go to the next of some lines, or the one before; after the last comes the first.

    Args:
        listing: Its cursor goes there.
        places: The lines, from the top.
        step: 1 for the next, -1 for the one before.

    Returns:
        What is to be said: that there is none, or no other, or that it begins anew; else nothing.
    """
    if not places:
        return "There is no difference to go to."
    beyond = [place for place in places[::step] if (place - listing.index) * step > 0]
    place = beyond[0] if beyond else places[::step][0]
    if place == listing.index:
        return "There is no other."
    listing.move_to(place)
    if beyond:
        return ""
    return begins_anew(step)


def begins_anew(step: int) -> str:
    """Return what is to be said where one goes on from the last to the first, or with a step of -1 the other way."""
    return "After the last: the first again." if step > 0 else "Before the first: the last again."


class PageSearch:
    """The places of a page.

    Args:
        listing: Shows the page.

    Attributes:
        text: What is looked for, in any letter case; empty while nothing is.
    """

    def __init__(self, listing: Listing) -> None:
        self._list = listing
        self.text = ""

    @property
    def words(self) -> str:
        """How often the text was found; empty while nothing is looked for."""
        if not self.text:
            return ""
        count = len(self._places())
        shown = visible(self.text)
        return f"{count:,} line{'s' * (count != 1)} with {shown}" if count else f"nothing with {shown}"

    def go_to_first(self) -> None:
        """Go to the first place from the cursor on that has the text."""
        places = self._places()
        if self.text and places:
            self._list.move_to(next((place for place in places if place >= self._list.index), places[0]))

    def go_on(self, step: int) -> str:
        """Go to the next place, or the one before; return what is to be said of that, as :func:`go_on` does."""
        return go_on(self._list, self._places(), step)

    def _places(self) -> list[int]:
        text = self.text.casefold()
        return [
            number
            for number, line in enumerate(self._list.lines)
            if line.key is not None and (text in line.text.casefold() if text else line.key.startswith(CHANGED))
        ]
