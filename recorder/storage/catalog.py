"""Know which tables a database has, and their columns, each asked for once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from recorder.layout import tables
from recorder.layout.flatten import unspell
from recorder.layout.tables import fold
from recorder.storage.library import Database


@dataclass
class TableColumns:
    """The columns of a table.

    Attributes:
        stored: Those that can be written, in order.
        taken: Names that no new column may have: these, and those that SQLite computes.
        keys: Name and type of those that are the key.
    """

    stored: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    keys: list[tuple[str, str]] = field(default_factory=list)


class Catalog:
    """The names in one database, as they were when this was made; what is created through it is added.

    Args:
        database: The database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables: set[str] = set()
        self._by_fold: dict[str, list[str]] = {}
        self._by_task: dict[str, list[str]] = {}
        self._columns: dict[str, TableColumns] = {}
        self._giving_ids: dict[str, bool] = {}
        for kind, name in database.execute("SELECT type, name FROM sqlite_master").fetchall():
            self._add(kind, name)

    def _add(self, kind: str, name: str) -> None:
        self._by_fold.setdefault(fold(name), []).append(name)
        if kind == "table":
            self._tables.add(name)
            self._by_task.setdefault(unspell(name), []).append(name)

    @property
    def folded(self) -> Collection[str]:
        """Every name of a table, view, index or trigger, as SQLite compares it."""
        return self._by_fold.keys()

    def tasks(self) -> Sequence[str]:
        """Return every name that a Task could have whose table is here."""
        return list(self._by_task)

    def tables_of(self, task: str) -> Sequence[str]:
        """Return the tables whose name may be that of a Task."""
        return self._by_task.get(task, [])

    def named(self, name: str) -> Sequence[str]:
        """Return what has a name, whatever it is, however its letters are cased."""
        return self._by_fold.get(fold(name), [])

    def is_table(self, name: str) -> bool:
        """Tell whether there is a table of exactly that name."""
        return name in self._tables

    def columns(self, table: str) -> TableColumns:
        """Return the columns of a table; none if there is no such table, or if the name is that of a view."""
        if table not in self._columns:
            self._columns[table] = self._read(table) if self.is_table(table) else TableColumns()
        return self._columns[table]

    def _read(self, table: str) -> TableColumns:
        # Not sqlite-utils, which lists all tables to know whether this is one.
        found = self._database.execute("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?)", (table,)).fetchall()
        return TableColumns(
            stored=[name for name, _, _, hidden in found if not hidden],
            taken=[name for name, *_ in found],
            keys=[(name, kind.upper()) for name, kind, key, _ in found if key],
        )

    def gives_ids(self, table: str) -> bool:
        """Tell whether ``id`` is a key that SQLite counts up: in a table made of a query's result it is not."""
        if table not in self._giving_ids:
            # What has an index for its key is a table without rowids, or one whose key is DESC.
            sql = "SELECT count(*) FROM pragma_index_list(?) AS i WHERE i.origin = 'pk'"
            is_key = self.columns(table).keys == [(tables.ID, "INTEGER")]
            self._giving_ids[table] = is_key and not self._database.execute(sql, (table,)).fetchone()[0]
        return self._giving_ids[table]

    def create_table(self, name: str, definitions: str) -> None:
        """Create a table. ``definitions`` is SQL."""
        # Written out: sqlite-utils has no AUTOINCREMENT, and ids must never be used again.
        self._database.execute(f"CREATE TABLE {tables.quote(name)}({definitions})")
        self._add("table", name)
        self.forget(name)

    def create_index(self, name: str, columns: str) -> None:
        """Create an index unless it is there. ``columns`` is SQL."""
        self._database.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
        self._add("index", name)

    def add_column(self, table: str, column: str, declared: str) -> None:
        """Give a table one more column."""
        self._database.table(table).add_column(column, declared)
        self.forget(table)

    def forget(self, table: str) -> None:
        """Ask for the columns of a table again: they were altered."""
        self._columns.pop(table, None)
        self._giving_ids.pop(table, None)
