"""Read one row in full: of a Task table the entry with its configurations, environment and changes of validity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dbview.errors import NotFound, ValueTooLong
from dbview.query.relation import Relation, RelationKind, Role
from dbview.source.reader import Reader
from dbview.text import decode_escaped, visible
from dbview.values import Cell, UndecodableText
from recorder.layout import tables
from recorder.layout.flatten import flatten, unflatten, unspell
from recorder.layout.side_text import read_side_text
from recorder.layout.tagged import from_json_value, tag_of
from recorder.layout.texts import masked_variables


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A row of a shared relation that an entry points to.

    Attributes:
        relation: The shared relation's name.
        key: What the entry holds: normally the row's id.
        cells: The row's values by column, None if there is no such row.
    """

    relation: str
    key: Cell
    cells: Mapping[str, Cell] | None


@dataclass(frozen=True, slots=True)
class ValidityChange:
    """One change of an entry's validity, as the recorder keeps it."""

    valid: Cell
    changed_at: str
    changed_by: str
    reason: str | None


@dataclass(frozen=True)
class Record:
    """One row in full.

    Attributes:
        relation: What it is a row of.
        key: Its key there.
        cells: The stored columns' values; one over the reader's length limit is Clipped.
        shared: The shared rows it points to, by relation name; empty but for an entry.
        environment: The executor's variables, values of secrets masked; empty but for an entry.
        validity: Changes of its validity, the newest first.
        exact: The nested parameters exactly as they were recorded, as tagged JSON; None where no recorder kept them.
    """

    relation: Relation
    key: int
    cells: Mapping[str, Cell]
    shared: Mapping[str, SharedRow] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    validity: Sequence[ValidityChange] = ()
    exact: dict[str, Any] | None = None

    def role(self, role: Role) -> Cell:
        """Return the value of the column with a role, None where there is none."""
        column = self.relation.of_role(role)
        if column is None:
            return None
        if column.via is None:
            return self.cells[column.name]
        row = self.shared.get(column.via.relation)
        return row.cells.get(column.via.column) if row and row.cells else None

    @property
    def is_entry(self) -> bool:
        """True for a row of a Task table."""
        return self.relation.kind is RelationKind.TASK

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by flat name: as they were recorded (leaves of tagged JSON), else the cells of the columns.

        Columns cannot tell what an entry did not have from what was NULL, a bool from a number, or hold an empty list.
        """
        if self.exact is not None:
            return flatten(self.exact)
        return {unspell(column.name): self.cells[column.name] for column in self.relation.parameters}

    def parameter_tree(self, *, with_nulls: bool) -> dict[str, Any]:
        """Return the nested parameters; their leaves are those of :attr:`parameters`."""
        if self.exact is not None:
            return self.exact if with_nulls else _without_nulls(self.exact)
        given = self.parameters.items()
        return unflatten(given if with_nulls else [(name, cell) for name, cell in given if cell is not None])


def _without_nulls(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a tagged mapping without the names whose value is NULL, or holds nothing but such names."""
    kept: dict[str, Any] = {}
    for name, value in tree.items():
        inner = _without_nulls(value) if isinstance(value, dict) and not tag_of(value) else value
        if inner is not None and not (inner == {} and value != {}):
            kept[name] = inner
    return kept


def read_record(reader: Reader, relations: Sequence[Relation], relation: Relation, key: int) -> Record:
    """Read one row in full.

    Args:
        reader: Used by this call alone while it runs.
        relations: All relations of the source, to look up what the row points to.
        relation: What the row is of.
        key: The row's key.

    Raises:
        NotFound: There is no such row.
    """
    rows = reader.rows(relation, relation.stored, [key], clip=False)
    if not rows:
        raise NotFound(f"{visible(relation.name)} has no entry {key}.")
    cells = {column.name: cell for column, cell in zip(relation.stored, rows[0].cells, strict=True)}
    if relation.kind is not RelationKind.TASK:
        return Record(relation, key, cells)
    known = {other.name: other for other in relations}
    shared = {name: _shared_row(reader, known.get(name), name, cells[f"{name}_id"]) for name in tables.SHARED_TABLES}
    return Record(
        relation,
        key,
        cells,
        shared,
        _environment(shared[tables.EXEC_CFG]),
        _validity(reader, known, relation.name, key),
        _exact_parameters(reader, known, relation.name, key),
    )


def _shared_row(reader: Reader, relation: Relation | None, name: str, key: Cell) -> SharedRow:
    if relation is None or not isinstance(key, int):
        return SharedRow(name, key, None)
    rows = reader.rows(relation, relation.stored, [key], clip=False)
    if not rows:
        return SharedRow(name, key, None)
    return SharedRow(
        name, key, {column.name: cell for column, cell in zip(relation.stored, rows[0].cells, strict=True)}
    )


def _environment(row: SharedRow) -> dict[str, str]:
    text = row.cells.get("env") if row.cells else None
    if isinstance(text, UndecodableText):
        text = decode_escaped(text.raw)
    if not isinstance(text, str):
        return {}
    return masked_variables(text)


def _side_rows(
    reader: Reader, known: Mapping[str, Relation], table: str, columns: Sequence[str], condition: str, *bindings: Any
) -> list[tuple[Any, ...]]:
    """Return rows of a side table, none if this file has no such table or one of another layout."""
    side = known.get(table)
    if side is None or any(side.find(name) is None for name in columns):
        return []
    return reader.query(f"SELECT {', '.join(columns)} FROM {tables.quote(table)} WHERE {condition}", bindings)


def _exact_parameters(reader: Reader, known: Mapping[str, Relation], task: str, key: int) -> dict[str, Any] | None:
    """Return the parameters kept beside the entry, None if there are none that can be read."""
    try:
        rows = _side_rows(reader, known, tables.ENTRY, ("parameters",), "task = ? AND id = ?", task, key)
        tree = read_side_text(rows[0][0]) if rows and isinstance(rows[0][0], str) else None
        from_json_value(tree)
    except (ValueError, ValueTooLong, RecursionError):
        # The columns hold them too, if not so exactly.
        return None
    return tree if isinstance(tree, dict) and tag_of(tree) in ("", "$dict") else None


def _validity(reader: Reader, known: Mapping[str, Relation], task: str, key: int) -> list[ValidityChange]:
    """Return the changes kept in the side table."""
    columns = ("valid", "changed_at", "changed_by", "reason", "task", "entry_id")
    condition = "task = ? AND entry_id = ? ORDER BY id DESC LIMIT 100"
    return [
        ValidityChange(valid, _plain(at), _plain(by), None if why is None else _plain(why))
        for valid, at, by, why, *_ in _side_rows(reader, known, tables.VALIDITY, columns, condition, task, key)
    ]


def _plain(cell: Cell) -> str:
    """Return text of a side table as it was given; text that is not in its form is returned as it stands."""
    if not isinstance(cell, str):
        return ""
    try:
        tree = read_side_text(cell)
    except ValueError:
        return cell
    return tree if isinstance(tree, str) else cell
