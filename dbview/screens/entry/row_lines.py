"""Lay a row that is no entry out as lines: its columns, the rows its keys lead to, and those that lead here."""

from __future__ import annotations

from dbview.query.relation import RelationKind, Role
from dbview.query.view import EntryPlace, View
from dbview.screens.entry.contents import Contents
from dbview.screens.progress import row_noun
from dbview.screens.sections import Section, name_width, named_line
from dbview.secrets import masked_cell
from dbview.source.entries.record import Record
from dbview.source.entries.references import Reference
from dbview.text import cell_text, visible, visible_lines
from dbview.widgets.listing import Line
from recorder.layout.texts import env_variables

ROW = "row:"
"""Begins the key of a line that leads to another row; its key follows, and after a colon its relation."""

USES = "uses:"
"""Begins the key of a line that leads to rows that point here; the number of the reference follows."""


def row_sections(contents: Contents) -> list[Section]:
    """Return the sections of a row that is no entry."""
    return [Section("Row", _lines(contents)), *_uses_sections(contents)]


def variables_words(count: int) -> str:
    """Return how many variables there are, in words."""
    return f"{count} variable{'s' * (count != 1)}"


def _lines(contents: Contents) -> list[Line]:
    record = contents.record
    rows: list[tuple[str, str, str | None]] = []
    for column in record.relation.stored:
        cell = masked_cell(column, record.cells[column.name])
        target = contents.targets.get(column.name)
        if column.role is Role.ENVIRONMENT and isinstance(cell, str):
            rows.append((visible(column.name), variables_words(len(env_variables(cell))), None))
            rows += [(f"  {visible(name)}", visible(value), None) for name, value in env_variables(cell).items()]
        elif isinstance(cell, str) and "\n" in cell:
            first, *others = visible_lines(cell)
            rows += [(visible(column.name), first, None), *(("", line, None) for line in others)]
        elif target is not None:
            leads = f"{cell_text(cell)}   → {visible(target.relation)} #{target.key}"
            rows.append((visible(column.name), leads, row_key(target)))
        else:
            rows.append((visible(column.name), cell_text(cell), None))
    width = name_width(name for name, _value, _key in rows)
    return [named_line(name, value, width, key) for name, value, key in rows]


def _uses_sections(contents: Contents) -> list[Section]:
    """Return where a row is pointed to from."""
    if contents.uses is None:
        return [Section("Used by", [Line((("   looking …", "dim"),))])]
    rows = []
    for number, uses in enumerate(contents.uses):
        reference = uses.reference
        noun = row_noun(reference.relation, uses.count)
        column = "" if reference.relation.kind is RelationKind.TASK else f" by {visible(reference.column.name)}"
        amount = f"{uses.count:,} {noun}{column}{'' if uses.complete else ', counting …'}"
        rows.append((visible(reference.relation.name), amount, f"{USES}{number}"))
    if not rows:
        return [Section("Used by", [Line((("   no row of this file", "dim"),))])]
    width = name_width(name for name, _value, _key in rows)
    return [Section("Used by", [named_line(name, value, width, key) for name, value, key in rows])]


def row_key(place: EntryPlace) -> str:
    """Return the key of a line that leads to a row."""
    return f"{ROW}{place.key}:{place.relation}"


def row_of_key(key: str) -> EntryPlace:
    """Return where a line with a key of :func:`row_key` leads to."""
    number, _colon, relation = key.removeprefix(ROW).partition(":")
    return EntryPlace(relation, int(number))


def uses_view(reference: Reference, record: Record) -> View | None:
    """Return the View of the rows that lead to a row through a reference, None if no filter can name its value."""
    from dbview.screens.cell_filter import cell_condition

    value = record.cells.get(reference.target_column, record.key)
    condition = cell_condition(reference.relation, reference.column, value)
    return None if condition is None else View(reference.relation.name, condition)
