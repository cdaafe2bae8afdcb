"""Name the tables and columns of a database, and tell a Task table when one is met.

Every table and column name is stated here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

DATABASE_FILE = "lute.db"
"""File name of the database in a working directory."""

# The two shared tables and the fixed columns of a Task table (layout v0.1).
GEN_CFG = "gen_cfg"
EXEC_CFG = "exec_cfg"

ID = "id"
TIMESTAMP = "timestamp"
GEN_CFG_ID = "gen_cfg_id"
EXEC_CFG_ID = "exec_cfg_id"
RESULT_STATUS = "result.task_status"
RESULT_SUMMARY = "result.summary"
RESULT_PAYLOAD = "result.payload"
RESULT_SCHEMAS = "result.impl_schemas"
VALID_FLAG = "valid_flag"

GEN_CFG_COLUMNS: dict[str, str] = {
    "title": "TEXT",
    "experiment": "TEXT",
    "run": "TEXT",
    "date": "TEXT",
    "lute_version": "REAL",
    "task_timeout": "INTEGER",
}
"""Columns of ``gen_cfg`` after ``id``, with their types."""

EXEC_CFG_COLUMNS: dict[str, str] = {"env": "TEXT", "poll_interval": "REAL", "communicator_desc": "TEXT"}
"""Columns of ``exec_cfg`` after ``id``, with their types."""

SHARED_TABLES: dict[str, dict[str, str]] = {GEN_CFG: GEN_CFG_COLUMNS, EXEC_CFG: EXEC_CFG_COLUMNS}
"""The tables whose rows Task entries share, pointed to by ``<table>_id``."""

LEADING_COLUMNS: dict[str, str] = {
    ID: "INTEGER PRIMARY KEY AUTOINCREMENT",
    TIMESTAMP: "DATETIME DEFAULT CURRENT_TIMESTAMP",
    GEN_CFG_ID: "INTEGER",
    EXEC_CFG_ID: "INTEGER",
}
"""Fixed columns of a Task table that stand before the parameters, with their definitions."""

TRAILING_COLUMNS: dict[str, str] = {
    RESULT_STATUS: "TEXT",
    RESULT_SUMMARY: "TEXT",
    RESULT_PAYLOAD: "BLOB",
    RESULT_SCHEMAS: "TEXT",
    VALID_FLAG: "INTEGER",
}
"""Fixed columns of a Task table that stand after the first parameters, with their definitions."""

SURPLUS = "_rec_surplus"
"""Column of a Task table that holds what is beyond the column limit: side text of an object, flat name to value."""

MAX_PARAMETER_COLUMNS = 1990
"""SQLite's default limit of 2000, without the nine fixed columns and :data:`SURPLUS`."""

FIXED_COLUMNS: frozenset[str] = frozenset(LEADING_COLUMNS) | frozenset(TRAILING_COLUMNS) | {SURPLUS}
"""Column names no parameter may take as they are (see :func:`recorder.layout.flatten.spell`)."""

_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_TASK_MARKS = frozenset({GEN_CFG_ID, EXEC_CFG_ID, RESULT_STATUS, VALID_FLAG})

# Side tables: ours alone; other readers of layout v0.1 do not know them.
SIDE_PREFIX = "_rec_"
META = "_rec_meta"
"""``key``, ``value``: facts about the file, such as the side layout's version."""
ENTRY = "_rec_entry"
"""One row an entry: where it stands, and of ours also its key, its parameters in full and their hash.

Entries that other programs wrote have a row without a key, so that the newest of a run is found through one index.
"""
SHARED = "_rec_shared"
"""``table_name``, ``hash``, ``id``: finds a shared row by the hash of its values."""
VALIDITY = "_rec_validity"
"""One row a change of an entry's validity: who, when and why."""
ORIGIN = "_rec_origin"
"""One row a recording process: who, where, in which job, with which version. Entries point to it."""
FAILURE = "_rec_failure"
"""One row an entry of which the Executor knew why it failed."""

SIDE_LAYOUT_KEY = "side_layout"
SIDE_LAYOUT_VERSION = 2
"""Version of the side tables this code writes. A newer one in a file is never altered."""

HASHED_UP_TO = "hashed_up_to."
"""Key in ``_rec_meta``, followed by a shared table's name: rows up to this id are in ``_rec_shared``."""

SIDE_TABLES: dict[str, str] = {
    META: "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    ENTRY: (
        "key TEXT PRIMARY KEY, task TEXT NOT NULL, id INTEGER NOT NULL, recorded_at TEXT NOT NULL, "
        "parameters TEXT, parameters_hash TEXT, payload_kind TEXT, extra TEXT, "
        "gen_cfg_id INTEGER, timestamp TEXT, stage TEXT, started_at TEXT, origin_id INTEGER, UNIQUE (task, id)"
    ),
    SHARED: "table_name TEXT NOT NULL, hash TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (table_name, hash, id)",
    VALIDITY: (
        "id INTEGER PRIMARY KEY AUTOINCREMENT, task TEXT NOT NULL, entry_id INTEGER NOT NULL, valid INTEGER NOT NULL, "
        "changed_at TEXT NOT NULL, changed_by TEXT NOT NULL, reason TEXT"
    ),
    ORIGIN: (
        "id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT, host TEXT, pid INTEGER, job TEXT, recorder_version TEXT, "
        "code_version TEXT"
    ),
    FAILURE: (
        "task TEXT NOT NULL, entry_id INTEGER NOT NULL, return_code INTEGER, signal TEXT, output TEXT, log TEXT, "
        "PRIMARY KEY (task, entry_id)"
    ),
}
"""Definitions of the side tables' columns. ``task`` is the table's name; free text and JSON are written with
``side_text.side_text``."""

SINCE_LAYOUT_2: dict[str, str] = {
    "gen_cfg_id": "INTEGER",
    "timestamp": "TEXT",
    "stage": "TEXT",
    "started_at": "TEXT",
    "origin_id": "INTEGER",
}
"""Columns of :data:`ENTRY` that a file with side layout 1 is given by the first entry that is stored in it."""

SIDE_INDEXES: dict[str, str] = {
    "_rec_entry_newest": f"{ENTRY}(task, gen_cfg_id, timestamp, id)",
    "_rec_entry_latest": f"{ENTRY}(task, timestamp, id, gen_cfg_id)",
}
"""Indexes on side tables: the newest entry of a run, and the newest of all. None is ever put on a table of v0.1."""

PAYLOADS = ".payloads"
"""Added to the database's name: the directory of results that are kept as files, named for their content."""

SPOOL = ".spool"
"""Added to the database's name: the directory of entries that could not be stored yet, a ``.json`` file each."""

NEWER_LAYOUT_TABLE = "executions"
"""A table of this name that is no Task table marks the facility's newer layout, which the recorder does not write."""

RESERVED_TABLES: frozenset[str] = frozenset({GEN_CFG, EXEC_CFG})
"""Names no Task's table may have, besides those that begin with ``sqlite_`` or :data:`SIDE_PREFIX`."""

COMPLETED = "COMPLETED"
"""The one status that makes an entry valid."""

FAILED = "FAILED"
"""The status of a Task whose process ended badly, where nothing else is said of it."""

RUNNING = "RUNNING"
"""The status of a Task that has begun and not ended."""

STATUSES: tuple[str, ...] = ("PENDING", RUNNING, COMPLETED, FAILED, "STOPPED", "CANCELLED", "TIMEDOUT")
"""Statuses a Task ends with; other text occurs in files and is shown as it is."""


SHORT_NAMES: dict[str, str] = {
    "status": RESULT_STATUS,
    "summary": RESULT_SUMMARY,
    "payload": RESULT_PAYLOAD,
    "schemas": RESULT_SCHEMAS,
    "valid": VALID_FLAG,
}
"""Fixed columns by the names they are asked for with, where no parameter has such a name."""


def side_columns(table: str) -> list[str]:
    """Return the columns of a side table, in order."""
    return list(side_types(table))


def side_types(table: str) -> dict[str, str]:
    """Return the types of a side table's columns by name, in order."""
    return dict(re.findall(r"(?:^|, )([a-z_]+) (TEXT|INTEGER)", SIDE_TABLES[table]))


def is_about(side: Mapping[str, object], row: Mapping[str, object]) -> bool:
    """Tell whether a row of :data:`ENTRY` is about a Task's row, and not about one that stood at its place before.

    Args:
        side: Cells of the one, by column; what it does not have, or as NULL, counts as the same.
        row: Cells of the other.
    """
    return all(side.get(name) in (None, row[name]) for name in (TIMESTAMP, GEN_CFG_ID))


def is_task_table(columns: Iterable[str]) -> bool:
    """Tell whether a table with these columns is a Task table (spec: recognised by its columns, never by position)."""
    return set(columns) >= _TASK_MARKS


def is_reserved_table(name: str) -> bool:
    """Tell whether a Task's table may not have this name as it is. Letter case does not matter to SQLite."""
    folded = fold(name)
    return folded in RESERVED_TABLES or folded.startswith(("sqlite_", SIDE_PREFIX))


def fold(name: str) -> str:
    """Return a name as SQLite compares it: only the letter case of ASCII does not count."""
    return name.translate(_LOWER)


def quote(name: str) -> str:
    """Quote a table or column name for SQL: names hold dots, brackets, quotes and keywords."""
    return '"' + name.replace('"', '""') + '"'
