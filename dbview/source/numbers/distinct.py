"""Look what there is among the newest rows: the values of a column, and the names of the parts of texts."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from dbview.errors import FilterError
from dbview.query.filter import quote_literal
from dbview.query.names import find_column, find_columns, name_of
from dbview.query.relation import Column, Form, Relation, Role
from dbview.query.wildcards import wildcards_match
from dbview.source.reader import Reader
from dbview.source.view.parts import parts_of
from dbview.summary import folded_name
from dbview.text import decode_escaped, visible
from dbview.values import Cell, Clipped, UndecodableText, Unreadable

MOST_VALUES = 200
"""Values that are looked for."""

MOST_ROWS = 20_000
"""Rows that are looked at."""

SECONDS = 0.3
"""How long is looked, unless something else is said."""

_ROWS_A_READ = 500
_ROWS_FOR_NAMES = 1_000


class Distinct(NamedTuple):
    """Different values of a column.

    Attributes:
        values: Those of the newest rows first; NULL, long and unreadable ones are left out.
        complete: True if all rows were looked at.
    """

    values: list[Cell]
    complete: bool


def distinct_values(reader: Reader, relation: Relation, column: Column, seconds: float = SECONDS) -> Distinct:
    """Return different values of any column, as far as the newest rows have them.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose column.
        column: Which; a part of a text or a joined column as well.
        seconds: How long to look.
    """
    until = time.monotonic() + seconds
    found: dict[tuple[type, Cell], Cell] = {}
    rows_seen = 0
    for cells in _newest_cells(reader, relation, column):
        for cell in cells:
            if cell is not None and not isinstance(cell, Clipped | Unreadable):
                found.setdefault((type(cell), cell), cell)
        rows_seen += len(cells)
        if len(found) >= MOST_VALUES or rows_seen >= MOST_ROWS or time.monotonic() > until:
            return Distinct(list(found.values())[:MOST_VALUES], complete=False)
    return Distinct(list(found.values()), complete=True)


def summary_keys(reader: Reader, relation: Relation) -> list[str]:
    """Return the names of the pairs in the summaries of the newest entries; each is the ``key`` of a ``summary.key``.

    Names that stand for the same column are given once, in the first form met.
    """
    return _part_names(reader, relation, relation.of_role(Role.SUMMARY), Form.PAIRS, folded_name)


def variable_names(reader: Reader, relation: Relation) -> list[str]:
    """Return the names of the variables in the environments of the newest entries."""
    return _part_names(reader, relation, relation.of_role(Role.ENVIRONMENT), Form.VARIABLES, str)


def part_names(reader: Reader, relation: Relation, form: Form) -> list[str]:
    """Return the names of variables or of pairs, as :data:`dbview.query.suggest.PartNames` asks for them."""
    return {Form.PAIRS: summary_keys, Form.VARIABLES: variable_names}[form](reader, relation)


def unknown_parts(reader: Reader, relation: Relation, columns: Iterable[Column]) -> Iterator[str]:
    """Yield a sentence for each column that stands for a variable or pair of which the newest rows know nothing."""
    for column, near in parts_not_known(reader, relation, columns):
        hint = f" Did you mean {', '.join(map(visible, near))}?" if near else ""
        yield f"None of the newest rows of {visible(relation.name)} has {visible(column.name)}.{hint}"


def parts_not_known(
    reader: Reader, relation: Relation, columns: Iterable[Column]
) -> Iterator[tuple[Column, Sequence[str]]]:
    """Yield the columns that stand for a variable or pair of which the newest rows know nothing, with the nearest."""
    known: dict[Form, list[str]] = {}
    for column in dict.fromkeys(columns):
        part = column.part
        if part is None or part.is_pattern or part.form not in (Form.PAIRS, Form.VARIABLES):
            continue
        if part.form not in known:
            known[part.form] = part_names(reader, relation, part.form)
        alike = folded_name if part.form is Form.PAIRS else str
        names = known[part.form]
        if alike(part.name) not in map(alike, names):
            yield column, difflib.get_close_matches(part.name, names, 3, 0.5) or names[:3]


def columns_fitting(reader: Reader, relation: Relation, name: str) -> list[Column]:
    """Return the columns that a name with wildcards fits; of pairs and variables those that the newest rows have.

    Raises:
        FilterError: There is none.
    """
    wanted = name_of(name)
    columns = find_columns(relation, wanted)
    part = columns[0].part
    if part is None or not part.is_pattern:
        return columns
    pattern = part.name.casefold()
    names = (found for found in part_names(reader, relation, part.form) if wildcards_match(pattern, found.casefold()))
    if columns := [find_column(relation, f"{wanted.prefix}.{quote_literal(found)}") for found in names]:
        return columns
    raise FilterError(f"the newest rows of {visible(relation.name)} have nothing that fits {visible(name)}", 0)


def _part_names(
    reader: Reader, relation: Relation, column: Column | None, form: Form, alike: Callable[[str], str]
) -> list[str]:
    if column is None:
        return []
    names: dict[str, str] = {}
    texts: set[Cell] = set()
    rows_seen = 0
    for cells in _newest_cells(reader, relation, column):
        # Environments are shared by many entries.
        for cell in dict.fromkeys(cells):
            if cell not in texts:
                texts.add(cell)
                for name in parts_of(_text_of(cell), form):
                    names.setdefault(alike(name), name)
        rows_seen += len(cells)
        if rows_seen >= _ROWS_FOR_NAMES:
            break
    return list(names.values())


def _text_of(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case UndecodableText(raw=raw):
            return decode_escaped(raw)
        case Clipped(start=str() as start):
            return start
        case _:
            return ""


def _newest_cells(reader: Reader, relation: Relation, column: Column) -> Iterator[list[Cell]]:
    """Yield a column's cells, a few hundred rows at a time, the newest first."""
    below: int | None = None
    while True:
        rows = reader.newest(relation, [column], _ROWS_A_READ, below=below)
        if rows:
            yield [row.cells[0] for row in rows]
        if len(rows) < _ROWS_A_READ:
            return
        below = rows[-1].key - 1
