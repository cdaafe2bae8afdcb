"""Write any Python value as JSON and read it back: tagged JSON, its canonical form, its hash.

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
import operator
import pathlib
import uuid
from collections.abc import Mapping
from math import isfinite
from typing import Any, Callable

from recorder.layout.fields import declared_fields, qualified_name

_TEXT = frozenset({str})
_DOLLAR = operator.methodcaller("startswith", "$")
_CHANGING = (dict, list, float)

HASH_TAG = "sha256-1"
"""Names the hash and the normal form it is taken of, so that either can change later."""

_SMALL = 64
_LARGEST_DECIMAL = 10**400
"""Larger integers are written in hex: Python refuses to print some thousands of decimal digits."""

_TIMES = ("m", "M")
"""How arrays say that they hold durations or moments."""

_DEEPEST = 100
"""Levels of nesting that are walked; what lies deeper is kept as text."""


Aside = Callable[[Any], Any]
"""Given a value, returns the tree that is to stand in its place, or None if it is to be walked."""


def to_json_value(value: Any, aside: Aside | None = None) -> Any:
    """Return a tree of dict, list, str, int, float, bool and None that stands for any Python value. Never raises.

    Mappings, lists, tuples, pydantic models of either version, dataclasses and attrs objects are walked. Enums become
    their values; arrays and scalars of numeric libraries become lists and numbers through their own ``tolist``. What
    has no form of its own becomes ``{"$object": str(value), "type": ...}``; so does a value that contains itself.

    Args:
        value: Anything.
        aside: Asked about every text and every value that is no plain number, before it is walked.
    """
    return _tree(value, frozenset(), aside)


def _tree(value: Any, above: frozenset[int], aside: Aside | None) -> Any:
    kind = type(value)  # compared by identity: a stranger's class may raise when asked whether it is equal
    if value is None or kind is bool or (kind is str and aside is None):
        return value
    if kind is float and isfinite(value):
        return value
    if kind is int or kind is float:
        return value if kind is int and value.bit_length() < _SMALL else _number(value)
    try:
        if id(value) in above or len(above) >= _DEEPEST:
            return _object(value)
        found = None if aside is None else aside(value)
        return _compound(value, above | {id(value)}, aside) if found is None else found
    except Exception:  # noqa: BLE001 - a stranger's own methods may raise anything; the entry must not be lost for it
        return _object(value)


def _compound(value: Any, above: frozenset[int], aside: Aside | None) -> Any:
    if type(value) is dict:  # as it or a list usually is; others are asked what they are, one after the other
        return _mapping(value, above, aside)
    if type(value) is list:
        return [_tree(item, above, aside) for item in value]
    if isinstance(value, enum.Enum):
        return _tree(value.value, above, aside)
    if isinstance(value, (int, float)):
        return _number(int(value) if isinstance(value, int) else float(value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Mapping):
        return _mapping(value, above, aside)
    if isinstance(value, (list, tuple, collections.deque)):
        return [_tree(item, above, aside) for item in value]
    fields = declared_fields(value)
    if fields is not None:
        is_template = type(value).__name__ == "TemplateParameters" and list(fields) == ["params"]
        return _tree(fields["params"], above, aside) if is_template else _mapping(fields, above, aside)
    return _leaf(value, above, aside)


def is_plain(mapping: dict[Any, Any]) -> bool:
    """Tell quickly that a mapping stands for itself: names, and values that JSON has a form for. Most do."""
    for name, value in mapping.items():
        kind = type(value)
        is_plain_value = (
            kind is str
            or (kind is float and isfinite(value))
            or (kind is int and value.bit_length() < _SMALL)
            or kind is bool
            or value is None
        )
        if type(name) is not str or not is_plain_value:
            return False
    return "$" not in "".join(mapping)


def _number(number: int | float) -> Any:
    if isinstance(number, int):
        return number if -_LARGEST_DECIMAL < number < _LARGEST_DECIMAL else {"$int": hex(number)}
    return number if isfinite(number) else {"$float": str(number)}


def _mapping(source: Mapping[Any, Any], above: frozenset[int], aside: Aside | None) -> dict[str, Any]:
    if aside is None and type(source) is dict and is_plain(source):
        return dict(source)  # as most are
    items = source.items()
    pairs = [(key if type(key) is str else _tree(key, above, None), _tree(item, above, aside)) for key, item in items]
    keys = [key for key, _ in pairs]
    mapping = dict(pairs) if set(map(type, keys)) <= _TEXT else {}
    if len(mapping) < len(keys):  # a key is no text, or an enum's value, say, the same text as another key
        return {"$items": [list(pair) for pair in pairs]}
    return {"$dict": mapping} if "$" in "".join(keys) and any(map(_DOLLAR, keys)) else mapping


_EXACT_TAGS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    complex: ("$complex", lambda value: [_number(value.real), _number(value.imag)]),
    decimal.Decimal: ("$decimal", str),
    uuid.UUID: ("$uuid", str),
    datetime.datetime: ("$datetime", lambda value: value.isoformat()),
    datetime.date: ("$date", lambda value: value.isoformat()),
    datetime.time: ("$time", lambda value: value.isoformat()),
    datetime.timedelta: ("$timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
}
"""Tags of types. Of a subclass (a data-frame library's timestamp, say) it is taken only where it says everything."""


def _leaf(value: Any, above: frozenset[int], aside: Aside | None) -> Any:
    for kind, (tag, encode) in _EXACT_TAGS.items():
        if isinstance(value, kind):
            tree = {tag: encode(value)}
            return tree if type(value) is kind or from_json_value(tree) == value else _object(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"$bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, pathlib.PurePath):
        return {"$path": str(value)}
    if isinstance(value, (set, frozenset)):
        return {"$set": sorted((_tree(item, above, aside) for item in value), key=canonical_json)}
    listed = getattr(value, "tolist", None)
    if callable(listed):
        if getattr(getattr(value, "dtype", None), "kind", "") in _TIMES:
            # Their own list holds bare counts of a unit that it does not name.
            return [_tree(item, above, aside) for item in value] if getattr(value, "shape", ()) else _object(value)
        plain = listed()
        if type(plain) is not type(value):
            return _tree(plain, above, aside)
    return _object(value)


def _object(value: Any) -> dict[str, str]:
    name = qualified_name(type(value))
    try:
        text = str.__str__(str(value))
    except Exception as error:  # noqa: BLE001 - see _tree
        text = f"<{name}: no text ({qualified_name(type(error))})>"
    return {"$object": text, "type": name}


def _text_content(content: Any) -> str:
    if not isinstance(content, str):
        raise TypeError(f"{type(content).__name__} is no text")
    return content


def _list_content(content: Any) -> Any:
    if not isinstance(content, list):
        raise TypeError(f"{type(content).__name__} is no list")
    return content


_UNTAGGERS: dict[str, Callable[[Any], Any]] = {
    "$int": lambda digits: int(digits, 16),
    "$float": float,
    "$bytes": lambda text: base64.b64decode(text, validate=True),
    "$file": _text_content,
    "$path": lambda text: pathlib.PurePosixPath(_text_content(text)),
    "$complex": lambda parts: complex(from_json_value(parts[0]), from_json_value(parts[1])),
    "$decimal": decimal.Decimal,
    "$uuid": uuid.UUID,
    "$datetime": datetime.datetime.fromisoformat,
    "$date": datetime.date.fromisoformat,
    "$time": datetime.time.fromisoformat,
    "$timedelta": lambda parts: datetime.timedelta(*parts),
    "$set": lambda items: {_hashable(from_json_value(item)) for item in _list_content(items)},
    "$object": _text_content,
    "$dict": lambda mapping: {key: from_json_value(item) for key, item in mapping.items()},
    "$items": lambda items: {
        _hashable(from_json_value(key)): from_json_value(item) for key, item in _list_content(items)
    },
}


def _hashable(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_hashable(item) for item in value)
    if isinstance(value, dict):
        return tuple((key, _hashable(item)) for key, item in value.items())
    return frozenset(value) if isinstance(value, set) else value


def tag_of(tree: Any) -> str:
    """Return the tag of a tagged value (``"$float"``), or ``""`` for plain JSON."""
    if type(tree) is not dict:
        return ""
    first = next(iter(tree), "")
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
    if len(tree) > (2 if tag == "$object" else 1):
        raise ValueError(f"tagged JSON holds more beside {tag!r}: {', '.join(map(repr, list(tree)[1:]))}")
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


_COMPACT = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def compact_json(tree: Any) -> str:
    """Return tagged JSON as files hold it: ASCII, keys in their own order, no spaces."""
    return _COMPACT.encode(tree)


def canonical_json(tree: Any) -> str:
    """Return tagged JSON in its one form: ASCII, keys sorted, no spaces."""
    return _CANONICAL.encode(tree)


def canonical_hash(tree: Any) -> str:
    """Return ``<tag>:<hex>``, equal for equal parameters.

    Key order does not count; numbers of equal value are equal (1, 1.0; 0.0, -0.0) but true is not 1; every NaN is one.
    """
    return hash_of_canonical(canonical_json(_normal(tree)))


def hash_of_canonical(text: str) -> str:
    """Return the canonical hash of what this canonical JSON, its numbers in their normal form, stands for."""
    return f"{HASH_TAG}:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


def _normal(tree: Any) -> Any:
    kind = type(tree)
    if kind is float:
        return int(tree) if tree.is_integer() else tree
    if kind is list:
        return [_normal(item) for item in tree]
    if kind is not dict:
        return tree
    tag = tag_of(tree)
    if tag == "$dict":  # its content is a mapping whatever its keys look like
        return {"$dict": {key: _normal(item) for key, item in tree["$dict"].items()}}
    if tag == "$items":
        return {"$items": sorted(([_normal(key), _normal(item)] for key, item in tree["$items"]), key=canonical_json)}
    return {key: _normal(item) if type(item) in _CHANGING else item for key, item in tree.items()}
