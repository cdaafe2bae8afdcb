"""How the columns of a table are laid out: in what order, which are hidden, which stay at the left, how wide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

NARROWEST = 3
WIDEST = 400
"""Cells of a width given by hand."""


@dataclass(frozen=True)
class ColumnLayout:
    """A layout that a person chose, or the one that a table has at first. Every method returns another one.

    Attributes:
        order: Names of all columns, shown or not; each at most once.
        hidden: Those that are not shown.
        pinned: How many of those shown stay at the left edge.
        widths: Widths given by hand, in cells.
    """

    order: tuple[str, ...]
    hidden: frozenset[str] = frozenset()
    pinned: int = 0
    widths: Mapping[str, int] = field(default_factory=dict)

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns that are shown, in order."""
        return tuple(name for name in self.order if name not in self.hidden)

    def with_hidden(self, names: Collection[str], hides: bool = True) -> ColumnLayout:
        """Hide columns, or show them where they stand in the order."""
        hidden = self.hidden | frozenset(names) if hides else self.hidden - frozenset(names)
        return replace(self, hidden=hidden, pinned=_shown_among(self._pinned_part(), hidden))

    def moved(self, names: Sequence[str], others: Sequence[str], behind: bool) -> ColumnLayout:
        """Put columns right before the first, or behind the last, of some others; the number of pinned ones stays."""
        taken, wanted = frozenset(names), frozenset(others)
        left = [name for name in self.order if name not in taken]
        places = [place for place, name in enumerate(left) if name in wanted]
        if not places:
            return self
        place = places[-1] + 1 if behind else places[0]
        return replace(self, order=(*left[:place], *names, *left[place:]))

    def pinned_to(self, name: str) -> ColumnLayout:
        """Let all shown columns up to one stay at the left edge; if they are just those already, none."""
        count = self.shown.index(name) + 1 if name in self.shown else 0
        return replace(self, pinned=0 if count == self.pinned else count)

    def with_width(self, name: str, width: int | None) -> ColumnLayout:
        """Give a column a width; None makes it as wide as its values again."""
        widths = {other: cells for other, cells in self.widths.items() if other != name}
        if width is not None:
            widths[name] = max(NARROWEST, min(width, WIDEST))
        return replace(self, widths=widths)

    def offering(self, names: Sequence[str], behind: str = "") -> ColumnLayout:
        """Add those columns that it does not have yet, hidden, behind one of its columns, else at the end."""
        known = frozenset(self.order)
        new = tuple(name for name in dict.fromkeys(names) if name not in known)
        place = self.order.index(behind) + 1 if behind in known else len(self.order)
        return replace(
            self, order=(*self.order[:place], *new, *self.order[place:]), hidden=self.hidden | frozenset(new)
        )

    def _pinned_part(self) -> Sequence[str]:
        """Return the names up to the last pinned one, shown or not."""
        if not self.pinned:
            return ()
        return self.order[: self.order.index(self.shown[self.pinned - 1]) + 1] if self.shown else ()

    # What is remembered

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "order": list(self.order),
            "hidden": [name for name in self.order if name in self.hidden],
            "pinned": self.pinned,
            "widths": dict(self.widths),
        }


def remembered_layout(remembered: Any, offered: Sequence[str]) -> ColumnLayout | None:
    """Return a layout that was remembered, for the columns there are now; None if it is none.

    Args:
        remembered: What :meth:`ColumnLayout.to_json` gave, or whatever else stands in its place.
        offered: Names of the columns of the table; those that are new since are shown, at the end.
    """
    match remembered:
        case {"order": list(order), "hidden": list(hidden), "pinned": int(pinned), "widths": dict(widths)}:
            if not all(isinstance(name, str) for name in (*order, *hidden)):
                return None
        case _:
            return None
    layout = ColumnLayout(tuple(dict.fromkeys((*order, *offered))), frozenset(hidden))
    for name, width in widths.items():
        if isinstance(width, int) and not isinstance(width, bool):
            layout = layout.with_width(name, width)
    return replace(layout, pinned=max(0, min(pinned, len(layout.shown))))


def _shown_among(names: Sequence[str], hidden: Collection[str]) -> int:
    return sum(name not in hidden for name in names)
