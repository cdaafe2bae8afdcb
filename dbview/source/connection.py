"""Keep one guarded connection to a database, and make it anew when the file must be read in another way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dbview.source import functions
from dbview.source.guard import LENGTH_LIMIT, connect
from dbview.source.opening import explain
from dbview.values import UndecodableText

T = TypeVar("T")


class Connection:
    """One guarded connection. Its methods block and raise DbviewError; use it in one thread at a time.

    Args:
        path: The file, absolute and known to be openable without writing.
        refuse_changed_state: Called before the file is opened and before every use; raises if it must not be read.
        length_limit: Longest value, in bytes, that a query may load.

    Attributes:
        encoding: The database's text encoding.
    """

    def __init__(self, path: Path, refuse_changed_state: Callable[[], None], length_limit: int = LENGTH_LIMIT) -> None:
        self.path = path
        self._refuse_changed_state = refuse_changed_state
        refuse_changed_state()
        try:
            self._connection = connect(path, length_limit)
        except sqlite3.Error as error:
            raise explain(error, path) from error
        try:
            ((encoding,),) = self.use(lambda connection: connection.execute("PRAGMA encoding").fetchall())
        except BaseException:
            self.close()
            raise
        # A cell comes as UTF-8 whatever the file's encoding; only the bytes of a text are in the file's own.
        self.encoding: str = encoding
        self._connection.text_factory = _decode
        functions.register(self._connection, encoding)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def use(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a function reads through the connection; it must leave no cursor behind.

        It is called again if the file must be read in another way than it was, so it changes nothing but its result.
        """
        self._refuse_changed_state()
        try:
            return job(self._connection)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def define(self, name: str, arguments: int, function: Callable[..., object]) -> None:
        """Make a deterministic function known to SQL."""
        self._connection.create_function(name, arguments, function, deterministic=True)


def _decode(raw: bytes) -> str | UndecodableText:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return UndecodableText(raw)
