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
    PART = "part"
    """Taken out of the text of another column of the same row; see :attr:`Column.part`."""


class Role(enum.Enum):
    """What a column means to a person; the aliases of the filter language and the screens go by it."""

    ID = "id"
    TIME = "time"
    STATUS = "status"
    VALID = "valid"
    SUMMARY = "summary"
    PAYLOAD = "payload"
    SCHEMA = "schemas"
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
    """How a joined column is found: ``relation.column`` of the row that belongs to a row.

    Attributes:
        key: The local column with which the way there begins.
        relation: Where the column is.
        column: Its name there.
        by: The column there that holds the key.
        task: The Task whose rows count, in a table that keeps rows of all Tasks; None in one of shared rows.
        through: Where the key is found, if the row itself does not hold it: this join leads from ``key`` to it.
    """

    key: str
    relation: str
    column: str
    by: str = "id"
    task: str | None = None
    through: Join | None = None

    @property
    def leads_to_shared_rows(self) -> bool:
        """True if many rows lead to one there, so that it is cheaper to look at those there than at those here."""
        return self.task is None


class Form(enum.Enum):
    """How the text of a column is read, where a column shows a part of it."""

    VARIABLES = "variables"
    """Environment text; a part is the value of a variable."""
    PAIRS = "pairs"
    """A summary; a part is the value of a named pair."""
    SIDE_TEXT = "side text"
    """Text of a side table; the part is the plain text, whatever else the cell holds stays as it is."""
    SECONDS = "seconds"
    """A moment; the part is how many seconds it is after the moment in another column of the same row."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a column shows of the text that its stored column holds.

    Attributes:
        form: How the text is read.
        name: Of the variable, of the pair, or of the other column; empty for side text.
        is_pattern: True if the name has wildcards, and stands for every part that it fits. Only a filter can have that.
    """

    form: Form
    name: str = ""
    is_pattern: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a relation.

    Attributes:
        name: Unique in its relation; what filters and Views name it by.
        declared: Declared SQL type, upper case, empty if none.
        computed: True if reading it runs an expression of the file's own (a virtual generated column).
        via: For a column of another relation: how its row is found.
        part: For a column that shows a part of a stored text: which.
        part_of: Name of the column of the same row that holds this text.
    """

    name: str
    declared: str = ""
    role: Role = Role.OTHER
    origin: Origin = Origin.STORED
    via: Join | None = None
    computed: bool = False
    part: Part | None = None
    part_of: str = ""

    @property
    def stored_name(self) -> str:
        """Name of the stored column that holds its value, or the text it is part of, in its own row."""
        return self.part_of or self.name

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
        beside: What the recorder keeps beside its entries. They can be named as any column, but belong to no entry's
            content: words are not looked for in them.
        key: Column (or row id name) that identifies a row and gives the natural order; None where there is none
            (views, tables WITHOUT ROWID), whose rows are known by their position among the first rows read.
        left_out: Columns that cannot be read because their names are not text, with what does not decode written out.
    """

    name: str
    kind: RelationKind
    columns: tuple[Column, ...]
    key: str | None = "id"
    left_out: tuple[str, ...] = ()
    beside: tuple[Column, ...] = ()
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in (*self.beside, *self.columns)})

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
