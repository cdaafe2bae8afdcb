"""Turn Python values into what a database can hold, and texts of the layout into values.

Tagged JSON is JSON in which a value JSON has no form for is an object with one key that begins with ``$``:
``{"$float": "nan"}``, ``{"$bytes": "<base64>"}``, ``{"$text": "<base64 of text that is not UTF-8>"}`` and so on. A mapping
that itself has such a single key is written ``{"$dict": {...}}``.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import enum
import hashlib
import json
import math
import pathlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

StoredValue = None | int | float | str | bytes
"""What SQLite can hold in a cell."""

HASH_TAG = "sha256-1"
"""Names the hash and the normal form it is taken of, so that either can change later."""

MASK = "***"
"""Stands in for the value of a variable whose name looks like a secret's."""

_INT64 = range(-(2**63), 2**63)
_VARIABLE = re.compile(r";(?=[A-Za-z_][A-Za-z0-9_]*=)")
_SECRET_WORDS = frozenset({"token", "secret", "password", "passwd", "key", "jwt", "credential", "credentials"})


# Tagged JSON


def to_json_value(value: Any) -> Any:
    """Return a tree of dict, list, str, int, float, bool and None that stands for any Python value. Never raises.

    Mappings and sequences are walked; pydantic models and dataclasses must have been turned into mappings before.
    Enums become their values; arrays and scalars of numeric libraries become lists and numbers through their own
    ``tolist``. What has no form of its own becomes ``{"$object": str(value), "type": ...}``.
    """
    if value is None or isinstance(value, bool | str) and type(value) in (bool, str):
        return value
    if isinstance(value, enum.Enum):
        return to_json_value(value.value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return _tag_mapping({_key(key): to_json_value(item) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return [to_json_value(item) for item in value]
    return _tag_object(value)


def _key(key: Any) -> str:
    return str(key.value if isinstance(key, enum.Enum) else key)


def _tag_mapping(mapping: dict[str, Any]) -> dict[str, Any]:
    is_like_a_tag = any(key.startswith("$") for key in mapping)
    return {"$dict": mapping} if is_like_a_tag else mapping


_TAGGERS: tuple[tuple[type | tuple[type, ...], str, Callable[[Any], Any]], ...] = (
    ((bytes, bytearray, memoryview), "$bytes", lambda value: base64.b64encode(bytes(value)).decode("ascii")),
    (pathlib.PurePath, "$path", str),
    (complex, "$complex", lambda value: [to_json_value(value.real), to_json_value(value.imag)]),
    (decimal.Decimal, "$decimal", str),
    (uuid.UUID, "$uuid", str),
    (datetime.datetime, "$datetime", lambda value: value.isoformat()),
    (datetime.date, "$date", lambda value: value.isoformat()),
    (datetime.time, "$time", lambda value: value.isoformat()),
    (datetime.timedelta, "$timedelta", lambda value: value.total_seconds()),
    ((set, frozenset), "$set", lambda value: sorted((to_json_value(item) for item in value), key=canonical_json)),
)


def _tag_object(value: Any) -> Any:
    for kinds, tag, encode in _TAGGERS:
        if isinstance(value, kinds):
            return {tag: encode(value)}
    listed = getattr(value, "tolist", None)
    if callable(listed):
        plain = listed()
        if type(plain) is not type(value):
            return to_json_value(plain)
    return {"$object": _text_of(value), "type": f"{type(value).__module__}.{type(value).__qualname__}"}


def _text_of(value: Any) -> str:
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - a stranger's __str__ may raise anything; the entry must not be lost for it
        return f"<{type(value).__qualname__}: no text ({type(error).__name__})>"


_UNTAGGERS: dict[str, Callable[[Any], Any]] = {
    "$float": float,
    "$bytes": base64.b64decode,
    "$text": lambda value: base64.b64decode(value).decode("utf-8", "surrogateescape"),
    "$path": pathlib.PurePosixPath,
    "$complex": lambda parts: complex(from_json_value(parts[0]), from_json_value(parts[1])),
    "$decimal": decimal.Decimal,
    "$uuid": uuid.UUID,
    "$datetime": datetime.datetime.fromisoformat,
    "$date": datetime.date.fromisoformat,
    "$time": datetime.time.fromisoformat,
    "$timedelta": lambda seconds: datetime.timedelta(seconds=seconds),
    "$set": lambda items: {_hashable(from_json_value(item)) for item in items},
    "$object": str,
    "$dict": lambda mapping: {key: from_json_value(item) for key, item in mapping.items()},
}


def _hashable(value: Any) -> Any:
    return tuple(_hashable(item) for item in value) if isinstance(value, list) else value


def from_json_value(tree: Any) -> Any:
    """Return the Python value a tagged tree stands for; tuples come back as lists, paths as pure paths."""
    if isinstance(tree, list):
        return [from_json_value(item) for item in tree]
    if isinstance(tree, dict):
        tag = next(iter(tree), "")
        if tag in _UNTAGGERS:
            return _UNTAGGERS[tag](tree[tag])
        return {key: from_json_value(item) for key, item in tree.items()}
    return tree


def canonical_json(tree: Any) -> str:
    """Return tagged JSON in its one form: ASCII, keys sorted, no spaces."""
    return json.dumps(tree, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def side_text(tree: Any) -> str:
    """Return tagged JSON as side tables hold it: ASCII and without a raw ``[``, on which the original's viewer dies.

    A list is written ``{"$list": {"0": ..., "1": ...}}``; a ``[`` inside text is its JSON escape.
    """
    return canonical_json(_without_lists(tree)).replace("[", "\\u005b")


def _without_lists(tree: Any) -> Any:
    if isinstance(tree, list):
        return {"$list": {str(index): _without_lists(item) for index, item in enumerate(tree)}}
    if isinstance(tree, dict):
        return {key: _without_lists(item) for key, item in tree.items()}
    return tree


def read_side_text(text: str) -> Any:
    """Return the tagged tree that :func:`side_text` wrote. Raises ValueError if the text is not such JSON."""
    return _with_lists(json.loads(text))


def _with_lists(tree: Any) -> Any:
    if isinstance(tree, dict):
        items = tree.get("$list")
        if isinstance(items, dict):
            return [_with_lists(items[str(index)]) for index in range(len(items))]
        return {key: _with_lists(item) for key, item in tree.items()}
    return tree


def canonical_hash(tree: Any) -> str:
    """Return ``<tag>:<hex>``, equal for equal parameters.

    Key order does not count; numbers of equal value are equal (1, 1.0; 0.0, -0.0) but true is not 1; every NaN is one.
    """
    digest = hashlib.sha256(canonical_json(_normal(tree)).encode("ascii")).hexdigest()
    return f"{HASH_TAG}:{digest}"


def _normal(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_normal(item) for item in tree]
    if isinstance(tree, dict):
        return {key: _normal(item) for key, item in tree.items()}
    if isinstance(tree, float) and tree.is_integer():
        return int(tree)
    return tree


# Cells


def to_stored(tree: Any) -> StoredValue:
    """Return what one cell holds for a leaf of a tagged tree. What a cell cannot hold becomes readable text.

    An int of more than 64 bits, a lone surrogate, a set, a complex number ... become text; NaN becomes NULL, as SQLite
    itself would make it; the exact value is in the side table.
    """
    if isinstance(tree, bool):
        return int(tree)
    if tree is None or isinstance(tree, float):
        return tree
    if isinstance(tree, int):
        return tree if tree in _INT64 else str(tree)
    if isinstance(tree, str):
        return tree.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(tree, dict):
        return _stored_from_tagged(tree)
    return canonical_json(tree)


def _stored_from_tagged(tree: dict[str, Any]) -> StoredValue:
    tag = next(iter(tree), "")
    if tag == "$float":
        value = float(tree[tag])
        return None if math.isnan(value) else value
    if tag == "$bytes":
        return base64.b64decode(tree[tag])
    if tag == "$complex":
        return str(from_json_value(tree))
    if tag in _UNTAGGERS and isinstance(tree[tag], str):
        return to_stored(tree[tag])
    return canonical_json(tree.get("$set", tree) if tag == "$set" else tree)


def column_type(tree: Any) -> str:
    """Return the column type for a leaf of a tagged tree (spec: "Column type from the parameter")."""
    if isinstance(tree, bool | int):
        return "INTEGER"
    if isinstance(tree, float) or isinstance(tree, dict) and "$float" in tree:
        return "REAL"
    if isinstance(tree, str) or isinstance(tree, dict) and "$bytes" not in tree:
        return "TEXT"
    return "BLOB"


# Environment


def keeps_variable(name: str) -> bool:
    """Tell whether a variable belongs to the executor's configuration: those of SLURM or LUTE (spec: "env")."""
    return "SLURM_" in name or ("LUTE_" in name and "_TENV_" not in name)


def is_secret(name: str) -> bool:
    """Tell whether one of the words of a variable's name says that its value is a secret."""
    return not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z0-9]+", name.lower()))


def env_text(environment: Mapping[str, str]) -> str:
    """Return the ``env`` column: the kept variables as ``NAME=value;NAME=value``, values of secrets masked."""
    kept = ((name, value) for name, value in environment.items() if keeps_variable(name))
    return ";".join(f"{name}={MASK if is_secret(name) else value}" for name, value in kept)


def env_variables(text: str) -> dict[str, str]:
    """Return names and values of an ``env`` column. A value may hold ``;``: a new variable starts only before ``NAME=``."""
    if not text:
        return {}
    return dict(part.partition("=")[::2] for part in _VARIABLE.split(text))


def list_text(items: Iterable[str]) -> str:
    """Return texts joined as ``communicator_desc`` holds them."""
    return ";".join(items)


def list_items(text: str) -> list[str]:
    """Return the items of a text such as ``schema1;schema3;``, with or without the last ``;``."""
    return [item for item in text.split(";") if item]

