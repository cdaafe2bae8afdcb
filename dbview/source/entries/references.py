"""Follow keys from row to row, both ways: those the schema declares, and ``<name>_id`` to a table of that name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dbview.query.relation import Column, Relation, RelationKind
from dbview.query.view import EntryPlace
from dbview.source.reader import Reader
from dbview.source.view.rows import key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Publisher, Scan
from dbview.values import Cell
from recorder.layout.tables import fold, quote

_UNDECLARED = "_id"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values are those of a column of another relation, or of its own.

    Attributes:
        relation: The relation that points.
        column: Its column.
        target: The relation that it points to.
        target_column: The column there whose value it holds.
    """

    relation: Relation
    column: Column
    target: Relation
    target_column: str


@dataclass(frozen=True, slots=True)
class Uses:
    """How many rows point to one row through a reference, as far as they are counted."""

    reference: Reference
    count: int
    complete: bool


def find_references(reader: Reader, relations: Sequence[Relation]) -> list[Reference]:
    """Return all references of a file, in the order of its relations.

    Of a column with several declared keys only the first counts; keys of several columns do not.
    """
    by_name = {fold(relation.name): relation for relation in relations}
    return [one for relation in relations for one in _of_relation(reader, relation, by_name)]


def _of_relation(reader: Reader, relation: Relation, by_name: dict[str, Relation]) -> Iterable[Reference]:
    if relation.kind in (RelationKind.VIEW, RelationKind.INTERNAL) or relation.key is None:
        return
    declared: dict[str, tuple[str, str | None]] = {}
    keys: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, _place, target, column, target_column, *_rules in reader.query(
        f"PRAGMA foreign_key_list({quote(relation.name)})"
    ):
        keys.setdefault(number, []).append((column, target, target_column))
    for columns in keys.values():
        if len(columns) == 1:
            name, target, target_column = columns[0]
            declared.setdefault(fold(name), (target, target_column))
    for column in relation.stored:
        if fold(column.name) in declared:
            target, target_column = declared[fold(column.name)]
        elif column.name.endswith(_UNDECLARED):
            target, target_column = column.name.removesuffix(_UNDECLARED), None
        else:
            continue
        found = by_name.get(fold(target))
        if found is None or found.key is None:
            continue
        # A row id that has no column is nothing that a column of another table would hold.
        if target_column is not None or found.find(found.key) is not None:
            yield Reference(relation, column, found, target_column or found.key)


def place_of(reader: Reader, reference: Reference, value: Cell) -> EntryPlace | None:
    """Return the row that a value points to, None if there is none."""
    if not isinstance(value, int | str):
        return None
    column = quote(reference.target_column)
    found = reader.query(
        f"SELECT {key_of(reference.target)} FROM {rows_of(reference.target)} WHERE t.{column} = ? LIMIT 1", (value,)
    )
    return EntryPlace(reference.target.name, found[0][0]) if found else None


def targets_of(
    reader: Reader, relations: Sequence[Relation], relation: Relation, cells: Mapping[str, Cell]
) -> dict[str, EntryPlace]:
    """Return the rows that the keys of a row lead to, by the column that holds the key."""
    by_name = {fold(one.name): one for one in relations}
    found = {
        one.column.name: place_of(reader, one, cells[one.column.name])
        for one in _of_relation(reader, relation, by_name)
    }
    return {column: place for column, place in found.items() if place is not None}


def count_uses(
    reader: Reader,
    references: Sequence[Reference],
    place: EntryPlace,
    cells: Mapping[str, Cell],
    publish: Callable[[list[Uses]], None],
    cancelled: Cancelled,
) -> list[Uses]:
    """Count the rows that point to one row; references that nothing uses are left out once that is known.

    Args:
        reader: Used by this call alone while it runs.
        references: All of the file.
        place: The row.
        cells: Its cells by column.
        publish: Called a few times a second.
        cancelled: Asked between steps.
    """
    uses: list[Uses] = []
    publisher = Publisher()
    for reference in references:
        if reference.target.name != place.relation:
            continue
        value = cells.get(reference.target_column, place.key)
        if value is None:
            continue
        count, scan = 0, Scan(reader, reference.relation, cancelled)
        condition = f"t.{quote(reference.column.name)} = ?"
        for step in scan.steps():
            where = f"{within(reference.relation, step)} AND {condition}"
            count += reader.query(f"SELECT count(*) FROM {rows_of(reference.relation)} WHERE {where}", (value,))[0][0]
            if publisher.is_due():
                publish([*uses, Uses(reference, count, False)])
        if count or not scan.complete:
            uses.append(Uses(reference, count, scan.complete))
    return uses
