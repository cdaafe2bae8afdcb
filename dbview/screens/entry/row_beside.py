"""Find the row that stands beside one in its table, or say why there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from dbview.screens.base import ViewerScreen
from dbview.source.view.order import Order

FirstOrder = Callable[[], Awaitable[Order | None]]
"""Waits until the first rows of a table are known, and returns their order; None if they cannot be read."""


async def row_beside(
    screen: ViewerScreen, first_order: FirstOrder | None, key: int, position: int | None, step: int
) -> tuple[int, int] | None:
    """Return position and key of the row that stands some rows below one; None, once that was said, if none does.

    Args:
        screen: Says it, and reads.
        first_order: Waits for the order of the rows in the table; None if no table is behind.
        key: The row.
        position: Its position, None if that is not known.
        step: How many rows below, negative for above.
    """
    if first_order is None:
        screen.notify("This row was opened by itself: no table says which is the next.", markup=False)
        return None
    order = await first_order()
    if order is None:
        screen.notify("The rows of the table could not be read.", markup=False)
        return None
    if position is None:
        position = await screen.read(lambda reader: order.position_of(reader, key))
    if position is None:
        screen.notify("This row is not among those that the table has found.", markup=False)
        return None
    there = position + step
    rows = await screen.read(lambda reader: order.rows(reader, (), there, there + 1)) if there >= 0 else []
    if not rows:
        side = "after" if step > 0 else "before"
        screen.notify(f"There is no row {side} this one.", markup=False)
        return None
    return there, rows[0].key
