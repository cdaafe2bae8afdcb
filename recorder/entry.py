"""One finished Task, fully converted: what is stored, what lies in the spool and what goes over a wire."""

from __future__ import annotations

import base64
import datetime
import json
import re
from dataclasses import dataclass, field
from typing import Any

from recorder.errors import UnreadableEntry, UnsupportedLayout
from recorder.layout import tables
from recorder.layout.flatten import flatten
from recorder.layout.tagged import canonical_hash, from_json_value, tag_of
from recorder.layout.values import StoredValue, as_column, column_type, to_stored
from recorder.payloads import is_named_for

FORMAT = "recorder-entry"
VERSION = 2
"""Version of the JSON form. A newer one is refused: it may hold what this code would lose."""

WHOLE, START, END = "whole", "start", "end"
"""Stages: the one entry of a Task, or what is known when it begins and, under the same key, when it ends."""

UNNAMED = "unnamed"
"""Task of an entry whose result names none."""

_SECONDS = len("YYYY-MM-DD HH:MM:SS")
_KINDS = {"": "json", "$dict": "json", "$items": "json", "$bytes": "bytes", "$path": "path", "$file": "file"}
_KEY = re.compile(r"[0-9a-f]{32}")
_FILE_NAME = re.compile(r"sha256-[0-9a-f]{64}(\.[a-z0-9]{1,8})?")


@dataclass(frozen=True)
class Entry:
    """One finished Task as plain JSON values; nothing here depends on the objects it was made from.

    Attributes:
        key: 32 hex digits, made before the first attempt to store: an entry is stored once however often it is tried.
        task: The Task's name.
        timestamp: The moment of recording, UTC.
        header: Tagged values of ``gen_cfg`` by column; a column that is not there is NULL.
        executor: Tagged values of ``exec_cfg`` by column.
        parameters: The nested parameters as a tagged tree, the header left out.
        types: Column types of the parameters by flat name.
        status: Name of the status, such as ``COMPLETED``.
        summary: Tagged value.
        payload: Tagged value.
        schemas: ``schema1;schema2``.
        valid: Whether a next Task may use the result.
        extra: Tagged values that the tables of layout v0.1 have no column for.
        stage: ``whole``, ``start`` or ``end``. An end completes the start of the same key in place.
        origin: Who recorded, where, in which job, with which version: cells of the side table of origins, by column.
        failure: What the Executor knows of a failure: cells of the side table of failures, by column; often empty.
        files: Content by file name of what the payload points to with ``{"$file": name}``.
    """

    key: str
    task: str
    timestamp: datetime.datetime
    header: dict[str, Any]
    executor: dict[str, Any]
    parameters: dict[str, Any]
    types: dict[str, str]
    status: str | None
    summary: Any
    payload: Any
    schemas: str | None
    valid: bool
    extra: dict[str, Any]
    stage: str = WHOLE
    origin: dict[str, Any] = field(default_factory=dict)
    failure: dict[str, Any] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    # As cells

    def shared_cells(self, table: str) -> dict[str, StoredValue]:
        """Return the cells of this entry's row in a shared table, exactly as its columns hold them."""
        values = self.header if table == tables.GEN_CFG else self.executor
        columns = tables.SHARED_TABLES[table]
        return {name: as_column(to_stored(values.get(name)), declared) for name, declared in columns.items()}

    def parameter_leaves(self) -> dict[str, tuple[Any, str]]:
        """Return tagged leaf and column type of every parameter by flat name, in order."""
        leaves = flatten(self.parameters)
        return {name: (leaf, self.types.get(name) or column_type(leaf)) for name, leaf in leaves.items()}

    def result_cells(self) -> dict[str, StoredValue]:
        """Return the fixed cells of this entry's row in its Task's table, but for the ids of the shared rows."""
        return {
            tables.TIMESTAMP: self.timestamp.isoformat(" ", "seconds")[:_SECONDS],
            tables.RESULT_STATUS: to_stored(self.status),
            tables.RESULT_SUMMARY: as_column(to_stored(self.summary), "TEXT"),
            tables.RESULT_PAYLOAD: as_column(to_stored(self.payload), "BLOB"),
            tables.RESULT_SCHEMAS: to_stored(self.schemas),
            tables.VALID_FLAG: int(self.valid),
        }

    @property
    def payload_kind(self) -> str | None:
        """Say how the payload's cell is to be read: ``text``, ``bytes``, ``number``, ``path``, ``file`` or ``json``."""
        if self.payload is None:
            return None
        if isinstance(self.payload, (dict, list)):
            return _KINDS.get(tag_of(self.payload), "text")
        return "text" if isinstance(self.payload, str) else "number"

    @property
    def parameters_hash(self) -> str:
        """The canonical hash of the parameters; the header does not count."""
        return canonical_hash(self.parameters)

    # As JSON

    def to_json(self) -> str:
        """Return the entry as one line of ASCII JSON; :meth:`from_json` reads it."""
        files = {name: base64.b64encode(content).decode("ascii") for name, content in self.files.items()}
        fields = {**vars(self), "timestamp": self.timestamp.isoformat(timespec="microseconds"), "files": files}
        return json.dumps({"format": FORMAT, "version": VERSION, **fields}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Entry:
        """Read what :meth:`to_json` wrote.

        Raises:
            UnreadableEntry: The text is not such JSON; the message names the field that is wrong.
            UnsupportedLayout: A newer version wrote it.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnreadableEntry(f"not an entry: no JSON ({error})") from error
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise UnreadableEntry(f'not an entry: the field "format" is not "{FORMAT}"')
        version = fields.get("version")
        if isinstance(version, int) and version > VERSION:
            raise UnsupportedLayout(f"the entry has version {version}; this recorder reads up to {VERSION}: update it")
        if version == 1:
            fields = {**_SINCE_VERSION_2, **fields}
        wrong = [name for name, is_right in _FIELDS.items() if name not in fields or not is_right(fields[name])]
        wrong += [name for name in _TREES if name not in wrong and not _is_tagged(fields[name])]
        if wrong:
            raise UnreadableEntry(f"not an entry: missing or wrong: {', '.join(wrong)}")
        timestamp = datetime.datetime.fromisoformat(fields["timestamp"]).astimezone(datetime.timezone.utc)
        files = {name: base64.b64decode(content) for name, content in fields["files"].items()}
        return cls(**{**{name: fields[name] for name in _FIELDS}, "timestamp": timestamp, "files": files})


def is_key(value: Any) -> bool:
    """Tell whether this is an entry's key: 32 hex digits."""
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _is_timestamp(value: Any) -> bool:
    try:
        moment = datetime.datetime.fromisoformat(value)
        return moment.tzinfo is not None and bool(moment.astimezone(datetime.timezone.utc))
    except (TypeError, ValueError, OverflowError):  # the last for one that in UTC is in no year that there is
        return False


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_tagged(tree: Any) -> bool:
    try:
        from_json_value(tree)
    except (ValueError, RecursionError):
        return False
    return True


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_files(value: Any) -> bool:
    try:
        return _is_object(value) and all(
            _FILE_NAME.fullmatch(name) and is_named_for(name, base64.b64decode(content))
            for name, content in value.items()
        )
    except (TypeError, ValueError):
        return False


def _is_cells(value: Any) -> bool:
    return _is_object(value) and all(item is None or isinstance(item, (int, str)) for item in value.values())


_COLUMN_TYPES = ("INTEGER", "REAL", "TEXT", "BLOB")

_FIELDS = {
    "key": is_key,
    "task": lambda value: isinstance(value, str),
    "timestamp": _is_timestamp,
    "header": _is_object,
    "executor": _is_object,
    "parameters": lambda value: _is_object(value) and tag_of(value) in ("", "$dict", "$items"),
    "types": lambda value: _is_object(value) and all(kind in _COLUMN_TYPES for kind in value.values()),
    "status": _is_text_or_null,
    "summary": lambda value: True,
    "payload": lambda value: True,
    "schemas": _is_text_or_null,
    "valid": lambda value: isinstance(value, bool),
    "extra": _is_object,
    "stage": lambda value: value in (WHOLE, START, END),
    "origin": _is_cells,
    "failure": _is_cells,
    "files": _is_files,
}
"""Every field of the JSON form and what it must be."""

_SINCE_VERSION_2: dict[str, Any] = {"stage": WHOLE, "origin": {}, "failure": {}, "files": {}}
"""Fields that an entry of version 1 does not have."""

_TREES = ("header", "executor", "parameters", "summary", "payload", "extra")
"""Fields that hold tagged JSON."""
