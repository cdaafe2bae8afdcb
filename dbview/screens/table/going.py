"""Ask which row somebody wants to go to, understand the answer, and go there."""

from __future__ import annotations

import re

from dbview.query.relation import Relation
from dbview.screens.ask import AskScreen
from dbview.screens.base import ViewerScreen
from dbview.screens.table.shown_rows import ShownRows
from dbview.source.reader import Reader
from dbview.source.view.order import Order
from dbview.text import visible
from dbview.widgets.grid import Grid

_QUESTION = "go to id, or to row +123"
_NUMBER = re.compile(r"#?(?P<number>[+-]?[0-9]{1,19})")
_KEYS = range(-(2**63), 2**63)


def ask_where_to_go(
    screen: ViewerScreen, relation: Relation, rows: ShownRows, grid: Grid, *, is_filtered: bool
) -> None:
    """Ask for an id, or the number of a row, and go there.

    Args:
        screen: Asks.
        relation: The table.
        rows: Its rows, as they are known when the answer comes.
        grid: Shows them.
        is_filtered: True if these may not be all.
    """

    async def go(text: str) -> None:
        order = rows.order
        # A filter that cannot be understood gives no rows at all.
        if order is not None:
            position = await screen.read(lambda reader: _find_row(reader, relation, order, text))
            if position is not None:
                grid.move_to(position)
                return
        words = _missing_words(relation, text, is_filtered, rows.arrangement.is_running)
        screen.notify(words, severity="warning", markup=False)

    def take(text: str | None) -> None:
        if text:
            screen.start(lambda: go(text), "go to")

    screen.app.push_screen(AskScreen(_QUESTION), take)


def _find_row(reader: Reader, relation: Relation, order: Order, text: str) -> int | None:
    """Return the position of the row that a text names, None if there is none.

    ``123`` or ``#123`` is the row with that id, ``+123`` the row at that place from the top, as the rows are sorted and
    filtered. Where a relation has no ids, ``123`` is what is called row 123.
    """
    named = _NUMBER.fullmatch(text)
    if named is None:
        return None
    number = int(named["number"])
    if named["number"].startswith("+"):
        return number - 1 if 1 <= number <= order.length else None
    key = number if relation.key is not None else 1 - number
    return order.position_of(reader, key) if key in _KEYS else None


def _missing_words(relation: Relation, text: str, is_filtered: bool, so_far: bool) -> str:
    """Return that there is no row of that name."""
    is_place = text.startswith("+") or relation.key is None
    name = f"row {visible(text.removeprefix('+'))}" if is_place else f"id {visible(text)}"
    where = "among the rows that match" if is_filtered else "in this table"
    return f"There is no {name} {where}{' so far' if so_far else ''}."
