"""Read one row in full: of a Task table the entry with its configurations, environment and changes of validity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dbview.errors import NotFound
from dbview.query.relation import Relation, RelationKind, Role
from dbview.secrets import masked_cells, masked_tree, masked_value, masked_variables
from dbview.source.entries.beside import NOTHING, Beside, read_beside
from dbview.source.reader import Reader
from dbview.text import decode_escaped, visible
from dbview.values import Cell, UndecodableText
from recorder.layout import tables
from recorder.layout.flatten import flatten, unflatten, unspell
from recorder.layout.tagged import tag_of


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

    def masked(self) -> SharedRow:
        """Return the row as it may be shown: secrets in JSON masked; its environment is shown variable by variable."""
        cells = self.cells and {name: masked_value(cell) for name, cell in self.cells.items()}
        return replace(self, cells=cells)


@dataclass(frozen=True)
class Record:
    """One row in full.

    Attributes:
        relation: What it is a row of.
        key: Its key there.
        cells: The stored columns' values; one over the reader's length limit is Clipped.
        shared: The shared rows it points to, by relation name; empty but for an entry.
        environment: The executor's variables, values of secrets masked; empty but for an entry.
        beside: What the recorder keeps beside it; nothing but for an entry.
    """

    relation: Relation
    key: int
    cells: Mapping[str, Cell]
    shared: Mapping[str, SharedRow] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    beside: Beside = NOTHING

    def role(self, role: Role) -> Cell:
        """Return the value of the column with a role, None where there is none."""
        column = self.relation.of_role(role)
        if column is None:
            return None
        if column.via is None:
            return self.cells[column.name]
        row = self.shared.get(column.via.relation)
        return row.cells.get(column.via.column) if row and row.cells else None

    def masked(self) -> Record:
        """Return the record as it may be shown: secrets among parameters, in JSON and environments masked."""
        beside = replace(self.beside, exact=masked_tree(self.beside.exact))
        shared = {name: row.masked() for name, row in self.shared.items()}
        return replace(self, cells=masked_cells(self.relation.stored, self.cells), shared=shared, beside=beside)

    @property
    def is_entry(self) -> bool:
        """True for a row of a Task table."""
        return self.relation.kind is RelationKind.TASK

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by flat name: as they were recorded (leaves of tagged JSON), else the cells of the columns.

        Columns cannot tell what an entry did not have from what was NULL, a bool from a number, or hold an empty list.
        """
        if self.beside.exact is not None:
            return flatten(self.beside.exact)
        return {unspell(column.name): self.cells[column.name] for column in self.relation.parameters}

    def parameter_tree(self, *, with_nulls: bool) -> dict[str, Any]:
        """Return the nested parameters; their leaves are those of :attr:`parameters`."""
        if self.beside.exact is not None:
            return self.beside.exact if with_nulls else _without_nulls(self.beside.exact)
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
        read_beside(reader, known, relation.name, key, cells),
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
