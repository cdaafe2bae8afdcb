"""Turn leaves of tagged JSON into what a cell can hold."""

from __future__ import annotations

import math
import re
from typing import Any, Union

from recorder.layout.tagged import canonical_json, from_json_value, tag_of

StoredValue = Union[None, int, float, str, bytes]
"""What SQLite can hold in a cell."""

_PLAIN_TYPES = {bool: "INTEGER", int: "INTEGER", float: "REAL", str: "TEXT", type(None): "BLOB"}
_TAGGED_TYPES = {"$int": "INTEGER", "$float": "REAL", "$bytes": "BLOB"}
_INT64 = range(-(2**63), 2**63)
_NUMERIC = re.compile(r"[ \t\n\v\f\r]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[ \t\n\v\f\r]*")
_WHOLE = re.compile(r"[ \t\n\v\f\r]*[+-]?[0-9]+[ \t\n\v\f\r]*")


def to_stored(tree: Any) -> StoredValue:
    """Return what one cell holds for a leaf of a tagged tree. What a cell cannot hold becomes readable text.

    An int of more than 64 bits, a lone surrogate, a set, a complex number ... become text; NaN becomes NULL, as SQLite
    itself would make it; the exact value is in the side table.
    """
    if type(tree) is float or (type(tree) is str and tree.isascii()) or (type(tree) is int and tree in _INT64):
        return tree  # as most are
    if isinstance(tree, bool):
        return int(tree)
    if tree is None or isinstance(tree, float):
        return tree
    if isinstance(tree, int):
        return tree if tree in _INT64 else str(tree)
    if isinstance(tree, str):
        return tree.encode("utf-8", "backslashreplace").decode("utf-8")
    return _stored_from_tagged(tree, tag_of(tree))


def _stored_from_tagged(tree: Any, tag: str) -> StoredValue:
    if tag == "$float":
        value = float(tree[tag])
        return None if math.isnan(value) else value
    if tag == "$bytes":
        return bytes(from_json_value(tree))
    if tag in ("$complex", "$timedelta"):
        return str(from_json_value(tree))
    if tag == "$set":
        return canonical_json(tree[tag])
    if tag and isinstance(tree[tag], str):
        return to_stored(tree[tag])
    return canonical_json(tree)


def column_type(tree: Any) -> str:
    """Return the column type for a leaf of a tagged tree (spec: "Column type from the parameter")."""
    return _PLAIN_TYPES.get(type(tree)) or _TAGGED_TYPES.get(tag_of(tree), "TEXT")


def as_column(value: StoredValue, declared: str) -> StoredValue:
    """Return what a column declared INTEGER, REAL, TEXT or BLOB holds after a value was put into it (its affinity)."""
    if declared == "TEXT" and type(value) is str:  # as most are
        return value
    if value == 0 and isinstance(value, float):
        value = 0.0  # SQLite keeps no sign of zero
    if declared == "TEXT" and isinstance(value, (int, float)):
        return str(value)
    if declared not in ("INTEGER", "REAL"):
        return value
    if isinstance(value, str) and _NUMERIC.fullmatch(value):
        is_int64 = len(value) < 100 and _WHOLE.fullmatch(value) and int(value) in _INT64
        value = int(value) if is_int64 else float(value) or 0.0
    if isinstance(value, (int, float)) and declared == "REAL":
        return float(value)
    if isinstance(value, float) and value.is_integer() and -(2**63) < value < 2**63:
        return int(value)
    return value
