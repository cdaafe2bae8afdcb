"""Find the column types that a model's annotations declare: a better source than a first value of None."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import functools
import pathlib
import types
import typing
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

from recorder.layout.flatten import flatten, split_name
from recorder.layout.values import column_type

_CLASS_TYPES: tuple[tuple[tuple[type, ...], str], ...] = (
    ((int,), "INTEGER"),
    ((float,), "REAL"),
    ((bytes, bytearray), "BLOB"),
    ((str, pathlib.PurePath, decimal.Decimal, uuid.UUID, complex), "TEXT"),
    ((datetime.date, datetime.time, datetime.timedelta), "TEXT"),
)

_ANNOTATED = getattr(typing, "Annotated", None)
"""Python 3.8 has none yet."""

_UNIONS = (typing.Union, getattr(types, "UnionType", None))
"""How an annotation says that it allows several types; older versions of Python know one way only."""


def column_types(owner: type, parameters: Any) -> dict[str, str]:
    """Return the column type of every leaf of a Task's parameters by its flat name.

    A definite annotation decides (``int | None`` is INTEGER, whatever the value); where there is none, or one that
    allows several types, the value does.

    Args:
        owner: The parameters' class.
        parameters: The parameters as a tagged tree.
    """
    leaves = flatten(parameters)
    names = tuple(leaves)
    try:
        annotated = _annotated_names(owner, names)
    except TypeError:  # a class that cannot be hashed
        annotated = _annotated_names.__wrapped__(owner, names)
    if len(annotated) == len(names):
        return annotated
    return {name: annotated.get(name) or column_type(leaf) for name, leaf in leaves.items()}


@functools.lru_cache(maxsize=64)
def _annotated_names(owner: type, names: tuple[str, ...]) -> dict[str, str]:
    """Return the types of those flat names whose annotations are definite; only to be read.

    Entries of one Task have the same names, most of the time.
    """
    declared = ((name, _annotated(owner, split_name(name))) for name in names)
    return {name: column for name, column in declared if column is not None}


def _annotated(owner: type, path: Iterable[str | int]) -> str | None:
    try:
        return _declared(_hint_below(owner, path))
    except Exception:  # noqa: BLE001 - annotations and metaclasses are a stranger's code; without them the values decide
        return None


def _hint_below(hint: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        hint = next((below for part in _alternatives(hint) if (below := _step(part, step)) is not None), None)
    return hint


def _step(hint: Any, step: str | int) -> Any:
    kind = typing.get_origin(hint) or hint
    items = typing.get_args(hint)
    if not isinstance(kind, type):
        return None
    if isinstance(step, str):
        if issubclass(kind, Mapping):
            return items[1] if len(items) == 2 else None
        return _field_hints(typing.cast(Hashable, kind)).get(step)
    if issubclass(kind, tuple) and Ellipsis not in items:
        return items[step] if step < len(items) else None
    return items[0] if items and issubclass(kind, (Sequence, Set)) else None


@functools.lru_cache(maxsize=256)
def _field_hints(owner: Any) -> dict[str, Any]:
    """Return the annotations of a class's fields by name: a pydantic model of either version, or a dataclass."""
    fields = getattr(owner, "model_fields", None)
    if isinstance(fields, Mapping):
        return {name: field.annotation for name, field in fields.items()}
    fields = None if dataclasses.is_dataclass(owner) else getattr(owner, "__fields__", None)
    if isinstance(fields, Mapping):
        return {name: getattr(field, "outer_type_", None) for name, field in fields.items()}
    try:
        return typing.get_type_hints(owner)
    except Exception:  # noqa: BLE001 - annotations are a stranger's code; without them the values decide
        return {}


def _alternatives(hint: Any) -> list[Any]:
    """Return what a hint allows besides None, wrappers such as Annotated taken off."""
    origin = typing.get_origin(hint)
    if origin is not None and origin is _ANNOTATED:
        return _alternatives(typing.get_args(hint)[0])
    if origin is not None and origin in _UNIONS:
        return [part for alternative in typing.get_args(hint) for part in _alternatives(alternative)]
    if hasattr(hint, "__supertype__"):
        return _alternatives(hint.__supertype__)
    return [] if hint in (None, type(None)) else [hint]


def _declared(hint: Any) -> str | None:
    kinds = {_scalar(part) for part in _alternatives(hint)}
    return kinds.pop() if len(kinds) == 1 else None


def _scalar(hint: Any) -> str | None:
    values: list[Any] = []
    if typing.get_origin(hint) is typing.Literal:
        values = [value for value in typing.get_args(hint) if value is not None]
    elif isinstance(hint, type) and issubclass(hint, enum.Enum):
        values = [member.value for member in hint]
    elif isinstance(hint, type):
        return next((column for classes, column in _CLASS_TYPES if issubclass(hint, classes)), None)
    kinds = {column_type(value) for value in values if isinstance(value, (int, float, str))}
    return kinds.pop() if len(kinds) == 1 else None
