"""Write any Python value as JSON and read it back: tagged JSON, its canonical form, its hash, its form in side tables.

Tagged JSON is JSON in which a value JSON has no form for is an object whose first key begins with ``$``:
``{"$float": "nan"}``, ``{"$bytes": "<base64>"}``, ``{"$path": "/a/b"}`` and so on (``docs/layout.md`` lists them). A
mapping with keys of its own that begin with ``$`` is written ``{"$dict": {...}}``, one with keys that are not text
``{"$items": [[key, value], ...]}``.
"""

from __future__ import annotations

import base64
import collections
import datetime
import decimal
import enum
import hashlib
import json
import math
import pathlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from recorder.layout.fields import declared_fields, qualified_name

HASH_TAG = "sha256-1"
"""Names the hash and the normal form it is taken of, so that either can change later."""

_LARGEST_DECIMAL = 10**400
"""Larger integers are written in hex: Python refuses to print some thousands of decimal digits."""

_DEEPEST = 100
"""Levels of nesting that are walked; what lies deeper is kept as text."""


def to_json_value(value: Any) -> Any:
    """Return a tree of dict, list, str, int, float, bool and None that stands for any Python value. Never raises.

    Mappings, lists, tuples, pydantic models of either version, dataclasses and attrs objects are walked. Enums become
    their values; arrays and scalars of numeric libraries become lists and numbers through their own ``tolist``. What
    has no form of its own becomes ``{"$object": str(value), "type": ...}``; so does a value that contains itself.
    """
    return _tree(value, frozenset())


def _tree(value: Any, above: frozenset[int]) -> Any:
    try:
        if value is None or type(value) in (bool, str):
            return value
        if type(value) in (int, float):
            return _number(value)
        if id(value) in above or len(above) >= _DEEPEST:
            return _object(value)
        return _compound(value, above | {id(value)})
    except Exception:  # noqa: BLE001 - a stranger's own methods may raise anything; the entry must not be lost for it
        return _object(value)


def _compound(value: Any, above: frozenset[int]) -> Any:
    if isinstance(value, enum.Enum):
        return _tree(value.value, above)
    if isinstance(value, (int, float)):
        return _number(int(value) if isinstance(value, int) else float(value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return _mapping([(_tree(key, above), _tree(item, above)) for key, item in value.items()])
    if isinstance(value, (list, tuple, collections.deque)):
        return [_tree(item, above) for item in value]
    fields = declared_fields(value)
    if fields is not None:
        is_template = type(value).__name__ == "TemplateParameters" and list(fields) == ["params"]
        return _tree(fields["params"] if is_template else fields, above)
    return _leaf(value, above)


def _number(number: int | float) -> Any:
    if isinstance(number, int):
        return number if -_LARGEST_DECIMAL < number < _LARGEST_DECIMAL else {"$int": hex(number)}
    return number if math.isfinite(number) else {"$float": str(number)}


def _mapping(items: list[tuple[Any, Any]]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key, _ in items):
        return {"$items": [[key, item] for key, item in items]}
    mapping = dict(items)
    return {"$dict": mapping} if any(key.startswith("$") for key in mapping) else mapping


_EXACT_TAGS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    complex: ("$complex", lambda value: [_tree(value.real, frozenset()), _tree(value.imag, frozenset())]),
    decimal.Decimal: ("$decimal", str),
    uuid.UUID: ("$uuid", str),
    datetime.datetime: ("$datetime", lambda value: value.isoformat()),
    datetime.date: ("$date", lambda value: value.isoformat()),
    datetime.time: ("$time", lambda value: value.isoformat()),
    datetime.timedelta: ("$timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
}
"""Tags of types whose subclasses (a data-frame library's timestamp, say) may hold more than the tag would say."""


def _leaf(value: Any, above: frozenset[int]) -> Any:
    if type(value) in _EXACT_TAGS:
        tag, encode = _EXACT_TAGS[type(value)]
        return {tag: encode(value)}
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, pathlib.PurePath):
        return {"$path": str(value)}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted((_tree(item, above) for item in value), key=canonical_json)}
    listed = getattr(value, "tolist", None)
    if callable(listed):
        plain = listed()
        if type(plain) is not type(value):
            return _tree(plain, above)
    return _object(value)


def _object(value: Any) -> dict[str, str]:
    name = qualified_name(type(value))
    try:
        text = str.__str__(str(value))
    except Exception as error:  # noqa: BLE001 - see _tree
        text = f"<{name}: no text ({qualified_name(type(error))})>"
    return {"$object": text, "type": name}


_UNTAGGERS: dict[str, Callable[[Any], Any]] = {
    "$int": lambda digits: int(digits, 16),
    "$float": float,
    "$bytes": lambda text: base64.b64decode(text, validate=True),
    "$path": pathlib.PurePosixPath,
    "$complex": lambda parts: complex(from_json_value(parts[0]), from_json_value(parts[1])),
    "$decimal": decimal.Decimal,
    "$uuid": uuid.UUID,
    "$datetime": datetime.datetime.fromisoformat,
    "$date": datetime.date.fromisoformat,
    "$time": datetime.time.fromisoformat,
    "$timedelta": lambda parts: datetime.timedelta(*parts),
    "$set": lambda items: {_hashable(from_json_value(item)) for item in items},
    "$object": str,
    "$dict": lambda mapping: {key: from_json_value(item) for key, item in mapping.items()},
    "$items": lambda items: {_hashable(from_json_value(key)): from_json_value(item) for key, item in items},
}


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _hashable(item)) for key, item in value.items())
    return frozenset(value) if isinstance(value, set) else value


def tag_of(tree: Any) -> str:
    """Return the tag of a tagged value (``"$float"``), or ``""`` for plain JSON."""
    first = next(iter(tree), "") if isinstance(tree, dict) else ""
    return first if first.startswith("$") else ""


def from_json_value(tree: Any) -> Any:
    """Return the Python value a tagged tree stands for; tuples are lists then, paths pure paths, objects text.

    Raises:
        ValueError: A tag is unknown, or its content is not what the tag says.
    """
    if isinstance(tree, list):
        return [from_json_value(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    tag = tag_of(tree)
    if not tag:
        return {key: from_json_value(item) for key, item in tree.items()}
    if tag not in _UNTAGGERS:
        raise ValueError(f"tagged JSON holds the unknown tag {tag!r}")
    try:
        return _UNTAGGERS[tag](tree[tag])
    except (TypeError, AttributeError, LookupError, ArithmeticError) as error:
        raise ValueError(f"tagged JSON holds a {tag!r} that cannot be read: {error}") from error


def branches(tree: Any) -> list[tuple[str | int, Any]] | None:
    """Return the steps and subtrees below a node of a tagged tree, or None if the node is a leaf."""
    if isinstance(tree, list):
        return list(enumerate(tree))
    tag = tag_of(tree)
    if tag == "$dict":
        return list(tree[tag].items())
    if tag == "$items":
        return [(key["$int"] if tag_of(key) == "$int" else str(from_json_value(key)), item) for key, item in tree[tag]]
    return list(tree.items()) if isinstance(tree, dict) and not tag else None


def canonical_json(tree: Any) -> str:
    """Return tagged JSON in its one form: ASCII, keys sorted, no spaces."""
    return json.dumps(tree, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def side_text(tree: Any) -> str:
    """Return tagged JSON as side tables hold it: ASCII and without a raw ``[``, on which the original's viewer dies.

    Keys keep their order. A list is written ``{"$list": {"0": ..., "1": ...}}``; a ``[`` inside text is escaped.
    """
    text = json.dumps(_without_lists(tree), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("[", "\\u005b")


def _without_lists(tree: Any) -> Any:
    if isinstance(tree, list):
        return {"$list": {str(index): _without_lists(item) for index, item in enumerate(tree)}}
    if tag_of(tree) == "$dict":  # its content is a mapping whatever its keys look like, "$list" included
        return {"$dict": {key: _without_lists(item) for key, item in tree["$dict"].items()}}
    if isinstance(tree, dict):
        return {key: _without_lists(item) for key, item in tree.items()}
    return tree


def read_side_text(text: str) -> Any:
    """Return the tagged tree that :func:`side_text` wrote.

    Raises:
        ValueError: The text is not such JSON.
    """
    return _with_lists(json.loads(text))


def _with_lists(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    tag = tag_of(tree)
    content = tree[tag] if tag in ("$dict", "$list") else None
    if tag == "$dict" and isinstance(content, dict):
        return {"$dict": {key: _with_lists(item) for key, item in content.items()}}
    if tag == "$list":
        if not isinstance(content, dict) or set(content) != {str(index) for index in range(len(content))}:
            raise ValueError("side text holds a list whose items are not numbered from 0")
        return [_with_lists(content[str(index)]) for index in range(len(content))]
    return {key: _with_lists(item) for key, item in tree.items()}


def canonical_hash(tree: Any) -> str:
    """Return ``<tag>:<hex>``, equal for equal parameters.

    Key order does not count; numbers of equal value are equal (1, 1.0; 0.0, -0.0) but true is not 1; every NaN is one.
    """
    digest = hashlib.sha256(canonical_json(_normal(tree)).encode("ascii")).hexdigest()
    return f"{HASH_TAG}:{digest}"


def _normal(tree: Any) -> Any:
    if isinstance(tree, list):
        return [_normal(item) for item in tree]
    if tag_of(tree) == "$dict":  # see _without_lists
        return {"$dict": {key: _normal(item) for key, item in tree["$dict"].items()}}
    if tag_of(tree) == "$items":
        return {"$items": sorted(([_normal(key), _normal(item)] for key, item in tree["$items"]), key=canonical_json)}
    if isinstance(tree, dict):
        return {key: _normal(item) for key, item in tree.items()}
    if isinstance(tree, float) and tree.is_integer():
        return int(tree)
    return tree
