"""Describe what can be looked at: relations and their columns, whatever layout they come from."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property

from dbview.text import visible


class RelationKind(enum.Enum):
    """What a relation holds; the home screen groups by it."""

    TASK = "task"
    SHARED = "shared configuration"
    PLAIN = "other"
    VIEW = "view"
    INTERNAL = "internal"
    """Bookkeeping of a tool (side tables, ``django_*``, ``sqlite_*``): hidden at first."""


class Origin(enum.Enum):
    """Where a column's values come from."""

    STORED = "stored"
    JOINED = "joined"
    """Looked up in another relation by key; see :attr:`Column.via`."""


class Role(enum.Enum):
    """What a column means to a person; the aliases of the filter language and the screens go by it."""

    ID = "id"
    TIME = "time"
    STATUS = "status"
    VALID = "valid"
    SUMMARY = "summary"
    PAYLOAD = "payload"
    SCHEMA = "schema"
    TITLE = "title"
    EXPERIMENT = "experiment"
    RUN = "run"
    CONFIGURATION = "configuration"
    """A key of a shared relation (``gen_cfg_id``, ``exec_cfg_id``)."""
    ENVIRONMENT = "environment"
    PARAMETER = "parameter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Join:
    """How a joined column is found: ``relation.column`` of the row whose key stands in the local ``key`` column.

    Attributes:
        variable: For a column taken out of environment text: the variable's name.
    """

    key: str
    relation: str
    column: str
    variable: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a relation.

    Attributes:
        name: Unique in its relation; what filters and Views name it by.
        declared: Declared SQL type, upper case, empty if none.
        computed: True if reading it runs an expression of the file's own (a virtual generated column).
    """

    name: str
    declared: str = ""
    role: Role = Role.OTHER
    origin: Origin = Origin.STORED
    via: Join | None = None
    computed: bool = False

    @property
    def label(self) -> str:
        """The name over the column: a joined column that has one is called by its role."""
        is_called_by_role = self.origin is Origin.JOINED and self.role in (Role.TITLE, Role.EXPERIMENT, Role.RUN)
        return self.role.value if is_called_by_role else self.name


@dataclass(frozen=True)
class Relation:
    """Something with rows: a Task table, a shared table, a plain table or a view.

    Attributes:
        columns: Stored columns in the table's order, then joined ones.
        key: Column (or row id name) that identifies a row and gives the natural order; None where there is none
            (views, tables WITHOUT ROWID), whose rows are known by their position among the first rows read.
        left_out: Columns that cannot be read because their names are not text, with what does not decode written out.
    """

    name: str
    kind: RelationKind
    columns: tuple[Column, ...]
    key: str | None = "id"
    left_out: tuple[str, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.columns})

    def find(self, name: str) -> Column | None:
        """Return the column of exactly that name, or None."""
        return self._by_name.get(name)

    def of_role(self, role: Role) -> Column | None:
        """Return the first column with a role, or None."""
        return next((column for column in self.columns if column.role is role), None)

    @cached_property
    def stored(self) -> tuple[Column, ...]:
        """The columns that stand in the table itself."""
        return tuple(column for column in self.columns if column.origin is Origin.STORED)

    @cached_property
    def parameters(self) -> tuple[Column, ...]:
        """The parameter columns of a Task table."""
        return tuple(column for column in self.columns if column.role is Role.PARAMETER)


def left_out_words(relation: Relation) -> str:
    """Return which columns of a relation are left out and why."""
    return f"Left out, since their names are not UTF-8: {', '.join(map(visible, relation.left_out))}."
