"""Say that a filter names a variable, or a value of the summary, that no entry seems to have, or what is masked."""

from __future__ import annotations

from dbview.query.conditions import columns_in
from dbview.query.filter import parse
from dbview.query.relation import Relation
from dbview.query.resolve import resolve
from dbview.screens.progress import row_noun
from dbview.source.numbers.distinct import parts_not_known
from dbview.source.reader import Reader
from dbview.source.view.masks import masked_words
from dbview.source.view.order import Order

_ROWS_LOOKED_AT = 100


def unknown_words(reader: Reader, relation: Relation, filter: str, order: Order) -> str:
    """Return that, with the nearest names there are; nothing of what the newest entries know, or one that was found.

    Args:
        reader: Used by this call alone while it runs.
        relation: What the filter is for.
        filter: Makes sense for it.
        order: The rows that it found; the first of them are looked at.
    """
    node = parse(filter)
    if node is None:
        return ""
    named = dict.fromkeys(columns_in(resolve(node, relation)))
    parts = [column for column in named if column.part is not None and not column.part.is_pattern]
    rows = order.rows(reader, parts, 0, _ROWS_LOOKED_AT) if parts else []
    known = {column for row in rows for column, cell in zip(parts, row.cells, strict=True) if cell is not None}
    unknown = parts_not_known(reader, relation, [column for column in parts if column not in known])
    # Short: it shares its line with how many rows there are.
    words = [
        f"no recent {row_noun(relation, 1)} has {column.name}" + (f", near: {', '.join(near)}" if near else "")
        for column, near in unknown
    ]
    return "; ".join([*([masked] if (masked := masked_words(named)) else []), *words])
