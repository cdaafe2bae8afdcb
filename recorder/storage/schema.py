"""Know the tables of one database, and create the tables and columns an entry needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recorder.errors import UnknownTask, UnsupportedLayout
from recorder.layout import tables
from recorder.layout.flatten import spell_table
from recorder.layout.values import column_type
from recorder.saying import say
from recorder.storage.catalog import Catalog
from recorder.storage.hints import hint
from recorder.storage.library import Database
from recorder.storage.placing import update_from_layout_1
from recorder.storage.spelling import spelled
from recorder.storage.task_table import TaskTable


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
        self._catalog = Catalog(database)
        self._task_tables: dict[str, TaskTable] = {}
        self._found: dict[str, str] = {}
        self._is_writable = False
        self._side_shapes: dict[str | None, str | None] = {}

    def columns(self, table: str) -> list[str]:
        """Return the columns of a table; none if there is no such table, or if the name is that of a view."""
        return self._catalog.columns(table).stored

    def has(self, table: str) -> bool:
        """Tell whether there is a table of that name."""
        return self._catalog.is_table(table)

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
            named = self._catalog.named(table)
            if named and (named != [table] or not self._catalog.gives_ids(table)):
                raise UnsupportedLayout(
                    f"{self.path}: its {named[0]!r} is not the shared table of layout v0.1, with a key "
                    "`id INTEGER PRIMARY KEY`; use another directory"
                )
        self._is_writable = True

    # Tasks

    def task_tables(self) -> dict[str, TaskTable]:
        """Return every Task table by the Task's name."""
        found = {task: self._find_task_table(task) for task in self._catalog.tasks()}
        return {task: table for task, table in found.items() if table is not None}

    def _is_task_table(self, name: str) -> bool:
        return not tables.is_reserved_table(name) and tables.is_task_table(self.columns(name))

    def named(self, name: str) -> TaskTable:
        """Return the Task table that has a name."""
        if name not in self._task_tables:
            columns = self._catalog.columns(name)
            self._task_tables[name] = TaskTable(name, columns.stored, columns.taken)
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
            named = [name for name in self._catalog.tables_of(task) if self._is_task_table(name)]
            if not named:
                return None
            # Of several the one that takes entries, and of these the one that has the Task's own name.
            best = min(named, key=lambda name: (not self._catalog.gives_ids(name), name != task)) if named[1:] else None
            self._found[task] = best or named[0]
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
        if table is None or not self._catalog.gives_ids(table.name):
            declared = {name: types.get(name) or column_type(leaf) for name, leaf in leaves.items()}
            name = spell_table(task, self._catalog.folded)
            if table is not None:
                say.warning(
                    "%s: its table %r gives no ids, for want of a key `id INTEGER PRIMARY KEY`: entries of Task %r go "
                    "into the table %r from now on",
                    *(self.path, table.name, task, name),
                )
            return self._create_task_table(task, name, declared, limit)
        return self.ensure_columns(table, leaves, types, limit)

    def ensure_columns(
        self, table: TaskTable, leaves: Mapping[str, Any], types: Mapping[str, str], limit: int
    ) -> TaskTable:
        """Return a Task table as it is with a column for every parameter; arguments as above."""
        known = table.parameters
        if not leaves.keys() <= known.keys():
            missing = {name: types.get(name) or column_type(leaf) for name, leaf in leaves.items() if name not in known}
            has_surplus = tables.SURPLUS in table.columns
            room = limit - len(table.taken) - (not has_surplus)
            added = spelled(missing, table.taken, room)
            if len(added) < len(missing) and not has_surplus and len(table.taken) + len(added) < limit:
                added[tables.SURPLUS] = "TEXT"
            for column, kind in added.items():
                self._catalog.add_column(table.name, column, kind)
            self._task_tables.pop(table.name, None)
        return self.named(table.name)

    def _create_task_table(self, task: str, name: str, parameters: Mapping[str, str], limit: int) -> TaskTable:
        fixed = len(tables.LEADING_COLUMNS) + len(tables.TRAILING_COLUMNS)
        columns = spelled(parameters, (), limit - fixed - 1)
        definitions = [
            *(f"{column} {definition}" for column, definition in tables.LEADING_COLUMNS.items()),
            *(f"{tables.quote(column)} {declared}" for column, declared in columns.items()),
            *(f"{tables.quote(column)} {declared}" for column, declared in tables.TRAILING_COLUMNS.items()),
        ]
        if len(columns) < len(parameters):
            definitions.append(f"{tables.SURPLUS} TEXT")
        self._catalog.create_table(name, ", ".join(definitions))
        self._found.pop(task, None)
        return self.named(name)

    # Shared and side tables

    def ensure_shared_tables(self) -> None:
        """Create the shared tables, or the columns that an older one lacks."""
        for table, columns in tables.SHARED_TABLES.items():
            if not self.has(table):
                definitions = ", ".join(f"{name} {declared}" for name, declared in columns.items())
                self._catalog.create_table(table, f"id INTEGER PRIMARY KEY AUTOINCREMENT, {definitions}")
            for name in [name for name in columns if name not in self.columns(table)]:
                self._catalog.add_column(table, name, columns[name])

    def ensure_side_tables(self) -> None:
        """Create the side tables and their indexes that are missing, and bring those of layout 1 up to date."""
        layout = self.side_layout()
        is_new_index = not self.has(tables.ENTRY) or layout == "1"
        if layout == "1" and self.has(tables.ENTRY):
            update_from_layout_1(self._database.conn, [table.name for table in self.task_tables().values()])
            self._catalog.forget(tables.ENTRY)
        for table, definition in tables.SIDE_TABLES.items():
            if not self.has(table):
                self._catalog.create_table(table, definition)
                if table == tables.SHARED:  # whoever dropped it left the marks of how far it went
                    self._database.execute(
                        f"DELETE FROM {tables.META} WHERE substr(key, 1, ?) = ?",
                        (len(tables.HASHED_UP_TO), tables.HASHED_UP_TO),
                    )
        if is_new_index or not self._has_side_indexes():
            for index, columns in tables.SIDE_INDEXES.items():
                self._catalog.create_index(index, columns)
        self._side_shapes.clear()
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
            named = self._catalog.named(table)
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
            and self._has_side_indexes()
        )

    def _has_side_indexes(self) -> bool:
        return all(index in self._catalog.named(index) for index in tables.SIDE_INDEXES)

    def side_layout(self) -> str | None:
        """Return the version of the side tables' layout, or None if there are none."""
        if not self.has(tables.META):
            return None
        if not {"key", "value"} <= set(self.columns(tables.META)):  # a later layout may name them otherwise
            return "unknown"
        row = self._database.execute(f"SELECT value FROM {tables.META} WHERE key = ?", (tables.SIDE_LAYOUT_KEY,))
        return str((row.fetchone() or ["unknown"])[0])
