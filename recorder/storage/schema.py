"""Know the tables of one database, and create the tables and columns an entry needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recorder.errors import UnknownParameter, UnknownTask, UnsupportedLayout
from recorder.layout import tables
from recorder.layout.flatten import spell_table, unspell
from recorder.layout.tables import fold, quote
from recorder.layout.values import column_type
from recorder.storage.hints import hint
from recorder.storage.library import Database
from recorder.storage.placing import update_from_layout_1
from recorder.storage.spelling import spelled


@dataclass
class TaskTable:
    """A Task's table.

    Attributes:
        columns: Every column, in order.
        parameters: Columns of the parameters by flat name.
    """

    name: str
    columns: list[str]
    parameters: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        own = [column for column in self.columns if fold(column) not in tables.FIXED_COLUMNS]
        # A name that stands as it is goes before a marked spelling of it, which then only a stranger can have made.
        own.sort(key=lambda column: unspell(column) != column)
        self.parameters = {}
        for column in own:
            self.parameters.setdefault(unspell(column), column)

    def column_of(self, name: str, task: str) -> str | None:
        """Return the column that holds a parameter, or a fixed column of that name; None if the surplus may hold it.

        Raises:
            UnknownParameter: No entry of the Task has it.
        """
        if name in self.parameters:
            return self.parameters[name]
        if name in self.columns:
            return name
        if name in tables.SHORT_NAMES:
            return tables.SHORT_NAMES[name]
        if tables.SURPLUS in self.columns:
            return None
        raise UnknownParameter(f"Task {task!r} has no parameter {name!r}{hint(name, self.parameters)}")


def schema_version(database: Database) -> int:
    """Return the number that changes whenever any process changes the tables of the file."""
    return int(database.conn.execute("PRAGMA schema_version").fetchone()[0])


def data_version(database: Database) -> int:
    """Return the number that changes whenever another connection commits anything; our own commits leave it alone."""
    return int(database.conn.execute("PRAGMA data_version").fetchone()[0])


class Schema:
    """The tables of one database, as they were when this was made.

    It is made anew when another process has changed them; what it creates itself it keeps up with.

    Args:
        database: The database.
        path: Its file, for messages.
    """

    def __init__(self, database: Database, path: Path) -> None:
        self.path = path
        self._database = database
        self._names = [name for (name,) in database.execute("SELECT name FROM sqlite_master").fetchall()]
        self._tables = database.table_names()
        self._columns: dict[str, list[str]] = {}
        self._task_tables: dict[str, TaskTable] = {}
        self._found: dict[str, str] = {}
        self._is_writable = False
        self._side_shapes: dict[str | None, str | None] = {}

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table; none if there is no such table, or if the name is that of a view."""
        if not self.has(table):
            return []
        if table not in self._columns:
            self._columns[table] = [column.name for column in self._database.table(table).columns]
        return self._columns[table]

    def has(self, table: str) -> bool:
        """Tell whether there is a table of that name."""
        return table in self._tables

    def check_writable(self) -> None:
        """Refuse a layout that is not ours to write.

        Raises:
            UnsupportedLayout: It is the facility's newer layout, or a shared table's name stands for something else.
        """
        if self._is_writable:
            return
        newer = tables.NEWER_LAYOUT_TABLE
        if self.has(newer) and not tables.is_task_table(self.columns(newer)):
            raise UnsupportedLayout(
                f"{self.path}: it holds the newer layout (table {newer!r}); record into another directory"
            )
        for table in tables.SHARED_TABLES:
            named = [name for name in self._names if fold(name) == table]
            if named and (named != [table] or not self.has(table) or tables.ID not in self.columns(table)):
                raise UnsupportedLayout(
                    f"{self.path}: its {named[0]!r} is not the shared table of layout v0.1; use another directory"
                )
        self._is_writable = True

    # Tasks

    def task_tables(self) -> dict[str, TaskTable]:
        """Return every Task table by the Task's name."""
        return {unspell(name): self.named(name) for name in self._tables if self._is_task_table(name)}

    def _is_task_table(self, name: str) -> bool:
        return not tables.is_reserved_table(name) and tables.is_task_table(self.columns(name))

    def named(self, name: str) -> TaskTable:
        """Return the Task table that has a name."""
        if name not in self._task_tables:
            self._task_tables[name] = TaskTable(name, self.columns(name))
        return self._task_tables[name]

    def task_table(self, task: str) -> TaskTable:
        """Return the table of a Task.

        Raises:
            UnknownTask: There is none.
        """
        found = self._find_task_table(task)
        if found is None:
            raise UnknownTask(f"no Task {task!r} has been recorded{hint(task, self.task_tables())}")
        return found

    def _find_task_table(self, task: str) -> TaskTable | None:
        if task not in self._found:
            named = [name for name in self._tables if unspell(name) == task and self._is_task_table(name)]
            if not named:
                return None
            self._found[task] = task if task in named else named[0]
        return self.named(self._found[task])

    def ensure_task_table(
        self, task: str, leaves: Mapping[str, Any], types: Mapping[str, str], limit: int
    ) -> TaskTable:
        """Return a Task's table with a column for every parameter, as far as the limit of columns goes.

        Args:
            task: The Task's name.
            leaves: Tagged leaf of every parameter by flat name.
            types: Their column types by flat name; where there is none the leaf decides.
            limit: The most columns a table can have; one is kept free for what is beyond.
        """
        table = self._find_task_table(task)
        if table is None:
            declared = {name: types.get(name) or column_type(leaf) for name, leaf in leaves.items()}
            return self._create_task_table(spell_table(task, self._names), declared, limit)
        return self.ensure_columns(table, leaves, types, limit)

    def ensure_columns(
        self, table: TaskTable, leaves: Mapping[str, Any], types: Mapping[str, str], limit: int
    ) -> TaskTable:
        """Return a Task table as it is with a column for every parameter; arguments as above."""
        known = table.parameters
        if not leaves.keys() <= known.keys():
            missing = {name: types.get(name) or column_type(leaf) for name, leaf in leaves.items() if name not in known}
            has_surplus = tables.SURPLUS in table.columns
            room = limit - len(table.columns) - (not has_surplus)
            added = spelled(missing, table.columns, room)
            if len(added) < len(missing) and not has_surplus and len(table.columns) + len(added) < limit:
                added[tables.SURPLUS] = "TEXT"
            for column, kind in added.items():
                self._database.table(table.name).add_column(column, kind)
            self._forget(table.name)
        return self.named(table.name)

    def _create_task_table(self, name: str, parameters: Mapping[str, str], limit: int) -> TaskTable:
        fixed = len(tables.LEADING_COLUMNS) + len(tables.TRAILING_COLUMNS)
        columns = spelled(parameters, (), limit - fixed - 1)
        definitions = [
            *(f"{column} {definition}" for column, definition in tables.LEADING_COLUMNS.items()),
            *(f"{quote(column)} {declared}" for column, declared in columns.items()),
            *(f"{quote(column)} {declared}" for column, declared in tables.TRAILING_COLUMNS.items()),
        ]
        if len(columns) < len(parameters):
            definitions.append(f"{tables.SURPLUS} TEXT")
        # Written out: sqlite-utils has no AUTOINCREMENT, and ids must never be used again.
        self._database.execute(f"CREATE TABLE {quote(name)}({', '.join(definitions)})")
        self._created(name)
        return self.named(name)

    # Shared and side tables

    def ensure_shared_tables(self) -> None:
        """Create the shared tables, or the columns that an older one lacks."""
        for table, columns in tables.SHARED_TABLES.items():
            if not self.has(table):
                definitions = ", ".join(f"{name} {declared}" for name, declared in columns.items())
                self._database.execute(f"CREATE TABLE {table}(id INTEGER PRIMARY KEY AUTOINCREMENT, {definitions})")
                self._created(table)
            for name in [name for name in columns if name not in self.columns(table)]:
                self._database.table(table).add_column(name, columns[name])
                self._forget(table)

    def ensure_side_tables(self) -> None:
        """Create the side tables and their indexes that are missing, and bring those of layout 1 up to date."""
        layout = self.side_layout()
        is_new_index = tables.ENTRY not in self._tables or layout == "1"
        if layout == "1" and self.has(tables.ENTRY):
            update_from_layout_1(self._database.conn, [table.name for table in self.task_tables().values()])
            self._forget(tables.ENTRY)
        for table, definition in tables.SIDE_TABLES.items():
            if not self.has(table):
                self._database.execute(f"CREATE TABLE {table}({definition})")
                self._created(table)
                if table == tables.SHARED:  # whoever dropped it left the marks of how far it went
                    self._database.execute(
                        f"DELETE FROM {tables.META} WHERE substr(key, 1, ?) = ?",
                        (len(tables.HASHED_UP_TO), tables.HASHED_UP_TO),
                    )
        if is_new_index or not tables.SIDE_INDEXES.keys() <= set(self._names):
            for index, columns in tables.SIDE_INDEXES.items():
                self._database.execute(f"CREATE INDEX IF NOT EXISTS {index} ON {columns}")
                self._names.append(index)
        if layout != str(tables.SIDE_LAYOUT_VERSION):
            self._database.execute(
                f"INSERT OR REPLACE INTO {tables.META}(key, value) VALUES (?, ?)",
                (tables.SIDE_LAYOUT_KEY, str(tables.SIDE_LAYOUT_VERSION)),
            )

    def side_fault(self) -> str | None:
        """Say why the side tables are not ours to write, or return None if they are: absent, or as we make them."""
        layout = self.side_layout()
        if layout not in (None, "1", str(tables.SIDE_LAYOUT_VERSION)):
            return f"its side tables have layout {layout}, this recorder writes {tables.SIDE_LAYOUT_VERSION}"
        if layout not in self._side_shapes:
            self._side_shapes[layout] = self._side_shape_fault(layout)
        return self._side_shapes[layout]

    def _side_shape_fault(self, layout: str | None) -> str | None:
        for table in tables.SIDE_TABLES:
            named = [name for name in self._names if fold(name) == table]
            expected = set(tables.side_columns(table))
            if layout == "1" and table == tables.ENTRY:
                expected -= set(tables.SINCE_LAYOUT_2)
            if named and (named != [table] or set(self.columns(table)) != expected):
                return f"its {named[0]!r} is not the side table of that name"
        return None

    def finds_newest(self) -> bool:
        """Tell whether the side tables are ours and say where every entry stands."""
        return (
            self.side_layout() == str(tables.SIDE_LAYOUT_VERSION)
            and self.side_fault() is None
            and self.has(tables.ENTRY)
            and tables.SIDE_INDEXES.keys() <= set(self._names)
        )

    def side_layout(self) -> str | None:
        """Return the version of the side tables' layout, or None if there are none."""
        if not self.has(tables.META):
            return None
        if not {"key", "value"} <= set(self.columns(tables.META)):  # a later layout may name them otherwise
            return "unknown"
        row = self._database.execute(f"SELECT value FROM {tables.META} WHERE key = ?", (tables.SIDE_LAYOUT_KEY,))
        return str((row.fetchone() or ["unknown"])[0])

    def _created(self, table: str) -> None:
        self._names.append(table)
        self._tables.append(table)
        self._forget(table)

    def _forget(self, table: str) -> None:
        self._columns.pop(table, None)
        self._task_tables.pop(table, None)
        self._found.clear()
        self._side_shapes.clear()
