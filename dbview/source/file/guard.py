"""Make a connection unable to write anything, anywhere: several layers, each of which would hold alone.

The layers, from the outside in: the file is opened ``mode=ro``; ``query_only``; nothing can be attached; DEFENSIVE and
an untrusted schema; and, set last, an authorizer that allows reading and nothing else.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

LENGTH_LIMIT = 16 * 2**20
"""Longest text or blob, in bytes, that a query may load; longer ones are read in pieces."""

BUSY_TIMEOUT = 2.0
"""Seconds a read waits for a writer that is committing."""

IN_PLACE = "mode=ro&readonly_shm=1"
"""For a file that others may write: never written, and neither is the index of its write-ahead log."""

UNCHANGING = "mode=ro&immutable=1"
"""For a file that nobody writes: no lock is taken and no journal looked at."""

_PRAGMAS = (
    "PRAGMA query_only=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    # A file cut short under a memory map ends the process (SIGBUS); without one it is an error like any other.
    "PRAGMA mmap_size=0",
    # Sorting must not create files either.
    "PRAGMA temp_store=MEMORY",
)

_DEFENSIVE = True
"""Whether the schema stays as it is even where writing it is allowed; Python can ask SQLite for it since 3.12."""

_ATTACHED_LIMIT = 0
"""Other databases that may be attached; VACUUM INTO attaches the file it writes."""

_ALLOWED_ACTIONS = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_TABLE_PRAGMAS = frozenset({"table_xinfo", "foreign_key_list"})
"""Allowed with an argument: the table they tell of."""
_PLAIN_PRAGMAS = frozenset({"table_list", "data_version", "encoding"})
"""Allowed without an argument, which would set them."""
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})


def connect(path: Path, length_limit: int = LENGTH_LIMIT, parameters: str = IN_PLACE) -> sqlite3.Connection:
    """Open a database file for reading only, every layer in place.

    The file must already be known to be one that is opened so without writing (see :mod:`dbview.source.file.access`).

    Args:
        path: The file, absolute.
        length_limit: Longest value, in bytes, that a query may load.
        parameters: How SQLite opens it: :data:`IN_PLACE` or :data:`UNCHANGING`.

    Raises:
        sqlite3.Error: As SQLite reports it; :func:`dbview.source.file.opening.explain` puts it into words.
    """
    connection = sqlite3.connect(
        f"{path.as_uri()}?{parameters}",
        uri=True,
        timeout=BUSY_TIMEOUT,
        isolation_level=None,
        # A worker thread makes and uses it; closing may fall to another.
        check_same_thread=False,
        cached_statements=256,
    )
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma).close()
        if sys.version_info >= (3, 12):
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, _DEFENSIVE)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, _ATTACHED_LIMIT)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length_limit)
        connection.set_authorizer(_authorize)
    except BaseException:
        connection.close()
        raise
    return connection


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if second in _FORBIDDEN_FUNCTIONS else sqlite3.SQLITE_OK
    if action in _ALLOWED_ACTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # So SQLite announces that it learns the columns of a virtual table, in memory. A real update of the schema
        # table is refused by SQLite itself as long as writable_schema is off, and that PRAGMA is refused here.
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        is_allowed = first in (_PLAIN_PRAGMAS if second is None else _TABLE_PRAGMAS)
        return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY
