"""Put rows in the order of some columns' values: its top while they are scanned, all of it in a scratch database.

Nothing is sorted through a connection to the file itself, which would hold its lock for as long as sorting takes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbview.errors import ScratchUnusable
from dbview.source.connection import decode
from dbview.source.opening import shown
from dbview.source.scan import Cancelled
from dbview.source.scratch import SCRATCH_VARIABLE
from dbview.source.sort_values import SortValues
from dbview.values import UndecodableText

TOP_ROWS = 500
"""Rows at the top of an order that are known before the whole of it."""

MEMORY = 64 * 2**20
"""Bytes of memory that sorting takes, however many rows there are, besides eight for each key of the result."""

_KEYS_A_FETCH = 2_000
_SHARE_OF_FREE_SPACE = 0.25
"""Share of the scratch directory's free space that the values may take; to be sorted, they take as much again."""
_CANCEL_CHECKED = 20_000
"""Steps of SQLite's machine between two questions whether the result is still wanted: about a millisecond."""
_PAGE = 4096
_LAST = "last_of_top"

_directory_lock = threading.Lock()


class Top:
    """The first rows of an order, among those added so far.

    Attributes:
        is_all: True as long as no row had to give way to another.
    """

    def __init__(self, values: SortValues) -> None:
        self._values = values
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        _make_table(self._connection, values)
        self._keys: array[int] = array("q")
        self._last: Any = None
        self.is_all = True

    def close(self) -> None:
        """Forget the rows."""
        self._connection.close()

    @property
    def keys(self) -> array[int]:
        """The keys of the rows, in order; never changed afterwards."""
        return self._keys

    @property
    def ending(self) -> str:
        """The end of a query that selects what :meth:`add` wants to know of a step."""
        return f"{self._values.ordering} LIMIT {TOP_ROWS + 1}"

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition that a row must fulfil to be among the first, with its bindings.

        Rows are added newest first, so of rows with equal values those that are known already come first.
        """
        if len(self._keys) < TOP_ROWS or self._last is None:
            return "TRUE", {}
        self.is_all = False
        operator = ">" if self._values.descends else "<"
        equals = "=" if len(self._values.names) > 1 else ""
        if isinstance(self._last, UndecodableText):
            return f"{self._values.expressions[0]} {operator}{equals} CAST(:{_LAST} AS TEXT)", {_LAST: self._last.raw}
        return f"{self._values.expressions[0]} {operator}{equals} :{_LAST}", {_LAST: self._last}

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows that fulfil the condition: a key and the values of each."""
        if not rows:
            return
        _insert(self._connection, self._values, rows)
        first = self._connection.execute(f"SELECT * FROM rows {self._values.ordering} LIMIT {TOP_ROWS + 1}").fetchall()
        if len(first) > TOP_ROWS:
            self.is_all = False
            self._connection.execute("DELETE FROM rows")
            _insert(self._connection, self._values, first[:TOP_ROWS])
        self._keys = array("q", (row[0] for row in first[:TOP_ROWS]))
        self._last = first[:TOP_ROWS][-1][1]


class WholeOrder:
    """All rows of an order, sorted in a private database that goes to the scratch directory where memory ends.

    That file has no name from the moment it is made, so nothing of it is left behind, however the viewer ends.

    Args:
        values: What is sorted by.
        directory: The scratch directory.
        cancelled: Asked about every millisecond.

    Raises:
        ScratchUnusable: There is no room for the values; from every method.
    """

    def __init__(self, values: SortValues, directory: Path, cancelled: Cancelled) -> None:
        self._values = values
        self._directory = directory
        self._cancelled = cancelled
        with self._explained():
            self._connection = _scratch_connection(directory)
            self._connection.set_progress_handler(lambda: int(cancelled()), _CANCEL_CHECKED)
            _make_table(self._connection, values)

    def close(self) -> None:
        """Give the room back."""
        self._connection.close()

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows: a key and the values of each."""
        with self._explained():
            _insert(self._connection, self._values, rows)

    def in_order(self) -> Iterator[list[int]]:
        """Yield the keys in order, some at a time; ends early if the result is no longer wanted."""
        with self._explained():
            cursor = self._connection.execute(f"SELECT row_key FROM rows {self._values.ordering}")
            while part := cursor.fetchmany(_KEYS_A_FETCH):
                yield [key for (key,) in part]

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if self._cancelled():
                return
            raise ScratchUnusable(
                f"The rows cannot be sorted: {error} in {shown(self._directory)}. Name a directory with more room with "
                f"--scratch or ${SCRATCH_VARIABLE}, or filter the rows first."
            ) from error


def _make_table(connection: sqlite3.Connection, values: SortValues) -> None:
    connection.text_factory = decode
    connection.execute(f"CREATE TABLE rows({', '.join(['row_key', *values.names])})")


def _insert(connection: sqlite3.Connection, values: SortValues, rows: Sequence[Sequence[Any]]) -> None:
    """Store rows, texts that are not UTF-8 among them."""
    sql = f"INSERT INTO rows VALUES (?{', ?' * len(values.names)})"
    done = 0
    connection.execute("BEGIN")
    while done < len(rows):
        before = connection.total_changes
        try:
            connection.executemany(sql, rows[done:])
            break
        except (sqlite3.InterfaceError, sqlite3.ProgrammingError):
            # Such a text cannot be bound but as bytes.
            done += connection.total_changes - before
            odd = rows[done]
            marks = ", ".join("CAST(? AS TEXT)" if isinstance(cell, UndecodableText) else "?" for cell in odd)
            bound = [cell.raw if isinstance(cell, UndecodableText) else cell for cell in odd]
            connection.execute(f"INSERT INTO rows VALUES ({marks})", bound)
            done += 1
    connection.execute("COMMIT")


def _scratch_connection(directory: Path) -> sqlite3.Connection:
    """Return a connection to a new private database, in memory as far as there is room, else in a directory."""
    # No name: SQLite makes the file when it needs it and unlinks it at once (https://sqlite.org/inmemorydb.html).
    connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    room = os.statvfs(directory)
    pages = int(room.f_bavail * room.f_frsize * _SHARE_OF_FREE_SPACE) // _PAGE
    place = str(directory).replace("'", "''")
    with _directory_lock:
        # Holds for the process, so it is set only when it has to be. A library built without this PRAGMA ignores it and
        # goes by the environment (https://sqlite.org/tempfiles.html, section 5).
        if connection.execute("PRAGMA temp_store_directory").fetchall() != [(str(directory),)]:
            connection.execute(f"PRAGMA temp_store_directory = '{place}'")
    for pragma in (
        "temp_store = FILE",
        f"page_size = {_PAGE}",
        f"max_page_count = {max(1, pages)}",
        "journal_mode = OFF",
        # Half of the memory for the values, half for sorting them.
        f"cache_size = {-(MEMORY // 2 // 1024)}",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection
