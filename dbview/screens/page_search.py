"""Go from place to place on a page: where a text was found, else where something differs."""

from __future__ import annotations

from dbview.screens.entry.parameter_lines import CHANGED
from dbview.text import visible
from dbview.widgets.listing import Listing


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

    def go_on(self, step: int) -> bool:
        """Go to the next place, or the one before; after the last comes the first. Return False if there is none."""
        places = self._places()
        if not places:
            return False
        if step > 0:
            place = next((place for place in places if place > self._list.index), places[0])
        else:
            place = next((place for place in reversed(places) if place < self._list.index), places[-1])
        self._list.move_to(place)
        return True

    def _places(self) -> list[int]:
        text = self.text.casefold()
        return [
            number
            for number, line in enumerate(self._list.lines)
            if line.key is not None and (text in line.text.casefold() if text else line.key.startswith(CHANGED))
        ]
