"""Write the list of a table's columns: which are shown, what they hold where it is always the same, in groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from dbview.query.column_layout import ColumnLayout
from dbview.query.names import columns_of
from dbview.query.relation import Column, Relation, Role
from dbview.secrets import masked_cell
from dbview.source.numbers.uniform import Uniform
from dbview.text import cell_text, visible
from dbview.values import Cell
from dbview.widgets.columns import column_title
from dbview.widgets.listing import Line, Span

COLUMN, GROUP = "c", "g"
"""Begin the key of a line for a column, or for a group of columns; its name follows."""

_FEWEST_OF_GROUP = 2


def group_of(relation: Relation, name: str) -> str:
    """Return the group of a column: what stands before the first dot of a parameter or a part; empty for none."""
    column = relation.find(name)
    is_grouped = column is None or column.part is not None or column.role is Role.PARAMETER
    before, dot, _after = name.partition(".")
    return before if dot and is_grouped else ""


def column_lines(
    relation: Relation, layout: ColumnLayout, uniform: Uniform | None, opened: Collection[str], text: str = ""
) -> list[Line]:
    """Return a line for each column or folded group, in the order of the layout.

    Args:
        relation: Whose columns.
        layout: Their order, and which are shown.
        uniform: What is empty or constant, as far as known.
        opened: The groups whose columns are listed one by one.
        text: Only columns with this in their name are listed, none in groups; empty for all.
    """
    pinned = frozenset(layout.shown[: layout.pinned])

    def line(name: str, indent: int = 0) -> Line:
        return _line(relation, name, name not in layout.hidden, name in pinned, uniform, indent)

    if text:
        folded = text.casefold()
        return [line(name) for name in layout.order if folded in name.casefold()]
    groups = {name: group_of(relation, name) for name in layout.order}
    sizes = Counter(groups.values())
    shown = Counter(groups[name] for name in layout.shown)
    lines: list[Line] = []
    headed: set[str] = set()
    for name, group in groups.items():
        is_grouped = group and sizes[group] >= _FEWEST_OF_GROUP
        if is_grouped and group not in headed:
            headed.add(group)
            lines.append(_group_line(group, shown[group], sizes[group], group in opened))
        if not is_grouped or group in opened:
            lines.append(line(name, indent=2 if is_grouped else 0))
    return lines


def _group_line(group: str, shown: int, size: int, is_open: bool) -> Line:
    mark = "✓" if shown == size else "-" if shown else " "
    sign = "▾" if is_open else "▸"
    spans = ((f" {mark} ", "accent"), (f"{visible(group)}.* {sign} ", ""), (f"{shown} of {size} shown", "dim"))
    return Line(spans, key=f"{GROUP}{group}")


def _line(relation: Relation, name: str, is_shown: bool, is_pinned: bool, uniform: Uniform | None, indent: int) -> Line:
    column = relation.find(name)
    spans: list[Span] = [(f" {'✓' if is_shown else ' '} {' ' * indent}", "accent")]
    spans.append((_title(relation, name), "" if is_shown else "dim"))
    if is_pinned:
        spans.append(("  pinned", "accent"))
    if column and uniform and column in uniform.values:
        spans.append((f"  {_uniform_words(column, uniform.values[column])}", "dim"))
    return Line(tuple(spans), key=f"{COLUMN}{name}")


def _title(relation: Relation, name: str) -> str:
    column = relation.find(name) or next(iter(columns_of(relation, [name])), None)
    return column_title(column, relation) if column else visible(name)


def _uniform_words(column: Column, value: Cell) -> str:
    return "empty" if value is None else f"= {cell_text(masked_cell(column, value))}"
