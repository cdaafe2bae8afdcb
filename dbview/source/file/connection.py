"""Keep one guarded connection to a database, and make it anew when the file must be read in another way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from dbview.errors import DatabaseLocked
from dbview.source.file.access import Access, StateChanged, tells_of_state
from dbview.source.file.database import Database
from dbview.source.file.disk import Signature
from dbview.source.file.guard import LENGTH_LIMIT
from dbview.source.file.locks import LocksUnavailable
from dbview.source.file.opening import REPORTED, explain, shown
from dbview.source.view import functions
from dbview.values import UndecodableText

T = TypeVar("T")

SqlFunction = Callable[..., str | bytes | int | float | None]

_TRIES = 5

_STEPS_BETWEEN_QUESTIONS = 50_000
"""Steps of SQLite's machine."""


class Connection:
    """One guarded connection, made when it is first used. Its methods block and raise DbviewError.

    Use it in one thread at a time.

    Args:
        database: What to read.
        length_limit: Longest value, in bytes, that a query may load.

    Attributes:
        encoding: The database's text encoding, known once the connection has been used.
        is_unwanted: Asked every millisecond or so of a query; the query fails once it says yes.
    """

    def __init__(self, database: Database, length_limit: int = LENGTH_LIMIT) -> None:
        self._database = database
        self.scratch, self.counted = database.scratch, database.counted
        self._length_limit = length_limit
        self._access: Access | None = None
        self._connection: sqlite3.Connection | None = None
        self._defined: dict[str, tuple[int, SqlFunction]] = {}
        self.encoding = "UTF-8"
        self.is_unwanted: Callable[[], bool] = lambda: False

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def use(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a function reads through the connection; it must leave no cursor behind.

        If it turns out that the file must be read in another way, the function is called again, so it changes nothing
        but its result.
        """
        problem: Exception | None = None
        for _ in range(_TRIES):
            access = self._database.access
            try:
                connection = self._connected(access)
                with access.reading():
                    return _read(connection, job)
            except (StateChanged, LocksUnavailable) as error:
                problem = error
            except REPORTED as error:
                if problem is not None or not tells_of_state(error):
                    raise explain(error, self._database.path) from error
                problem = error
            self._database.find_again(access)
        raise DatabaseLocked(
            f"{shown(self._database.path)} is being changed faster than it can be read. Try again in a moment."
        ) from problem

    def define(self, name: str, arguments: int, function: SqlFunction) -> None:
        """Make a deterministic function known to SQL."""
        self._defined[name] = (arguments, function)
        if self._connection is not None:
            self._connection.create_function(name, arguments, function, deterministic=True)

    def signature(self) -> Signature:
        """Return what changes with every commit to the file; cheap, and takes no lock."""
        return self._database.signature()

    def _connected(self, access: Access) -> sqlite3.Connection:
        if self._connection is None or self._access is not access:
            self.close()
            self._connection, self._access = access.connect(self._length_limit), access
            with access.reading():
                ((self.encoding,),) = self._connection.execute("PRAGMA encoding").fetchall()
            functions.register(self._connection, self.encoding, lambda: self.is_unwanted())
            self._connection.set_progress_handler(lambda: self.is_unwanted(), _STEPS_BETWEEN_QUESTIONS)
            for name, (arguments, function) in self._defined.items():
                self._connection.create_function(name, arguments, function, deterministic=True)
        return self._connection


def _read(connection: sqlite3.Connection, job: Callable[[sqlite3.Connection], T]) -> T:
    """Return what a function reads; from the first text on that is not UTF-8, texts are decoded here."""
    try:
        return job(connection)
    except sqlite3.OperationalError as error:
        # What SQLite itself reports has a code. By default texts are made twice as fast, but all of them or none.
        if connection.text_factory is not str or hasattr(error, "sqlite_errorcode"):
            raise
    # A cell comes as UTF-8 whatever the file's encoding; only the bytes of a text are in the file's own.
    connection.text_factory = decode
    return job(connection)


def decode(raw: bytes) -> str | UndecodableText:
    """Return a text's characters, or its bytes if they are not UTF-8."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return UndecodableText(raw)
