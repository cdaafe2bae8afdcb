"""Read the fields of any object by name, without changing it. What cannot be read is said in its place."""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Callable, cast

MISSING: Any = object()
"""Stands for a field that is not there."""


_CLASSES = 256
"""Classes of which what was found out about them is kept, so that the next entry is made quicker."""


class Unreadable:
    """Stands for a field that cannot be read; its text says which one, and why.

    Args:
        name: The field's name.
        cause: The exception that reading it raised.
    """

    def __init__(self, name: str, cause: Exception) -> None:
        self._text = f"<{name}: unreadable ({qualified_name(type(cause))})>"

    def __str__(self) -> str:
        return self._text


def qualified_name(kind: type) -> str:
    """Return ``module.Class``, whatever a class's metaclass does."""
    try:
        return f"{kind.__module__}.{kind.__qualname__}"
    except Exception:  # noqa: BLE001 - a stranger's code may raise anything; the entry must not be lost for it
        return "unknown.class without a name"


def read(source: Any, name: Any, default: Any = None) -> Any:
    """Return the item of a mapping or the attribute of an object; :class:`Unreadable` if that raises.

    Class attributes, properties and what ``__getattr__`` answers are attributes like any other; methods are not.
    """
    if type(source) is Unreadable:
        return source
    try:
        value = source.get(name, default) if is_mapping(source) else getattr(source, name, default)
        kind = type(value)  # compared by identity: a stranger's class may raise when asked whether it is equal
        is_method = (kind is types.MethodType or kind is types.BuiltinMethodType) and value.__self__ is source
    except Exception as error:  # noqa: BLE001 - see qualified_name
        return Unreadable(name if type(name) is str else "item", error)
    return default if is_method else value


def is_mapping(source: Any) -> bool:
    """Tell whether an object is a mapping; one that cannot say is none."""
    try:
        kind = type(source)
        return _is_mapping_class(kind) if source.__class__ is kind else isinstance(source, Mapping)
    except Exception:  # noqa: BLE001 - see qualified_name
        return False


@functools.lru_cache(maxsize=_CLASSES)
def _is_mapping_class(kind: type) -> bool:
    return issubclass(kind, Mapping)


def declared_fields(value: Any) -> dict[str, Any] | None:
    """Return an object's declared fields by name, in order, or None if it declares none.

    Knows pydantic models of both versions, dataclasses and attrs classes by their marks, without importing a library.
    """
    if isinstance(value, type):
        return None
    how, names = _declared_names(cast(Hashable, type(value)))
    if how == "model":
        held = vars(value)  # not by getattr, which would warn of fields that are marked as deprecated
        fields = {name: held[name] for name in names if name in held}
        more = getattr(value, "__pydantic_extra__", None)
        return {**fields, **more} if more else fields
    if how == "class":
        return _present(value, names)
    return dict(vars(value)) if how == "old model" else None


@functools.lru_cache(maxsize=_CLASSES)
def _declared_names(kind: Any) -> tuple[str, tuple[str, ...]]:
    """Return by what a class declares its fields, ``""`` if by nothing, and their names."""
    if isinstance(getattr(kind, "model_fields", None), Mapping):
        return "model", tuple(kind.model_fields)
    if dataclasses.is_dataclass(kind):
        return "class", tuple(field.name for field in dataclasses.fields(kind))
    if hasattr(kind, "__attrs_attrs__"):
        return "class", tuple(field.name for field in kind.__attrs_attrs__)
    return "old model" if isinstance(getattr(kind, "__fields__", None), Mapping) else "", ()


def public_attributes(source: Any) -> dict[str, Any]:
    """Return an object's public attributes by name: its own, its class's data and properties, and what it lists itself.

    In the order in which they were set or defined. Methods are left out.
    """
    own = _names(lambda: vars(source))
    of_class = _names(lambda: (name for kind in reversed(type(source).__mro__) for name in vars(kind)))
    present = _present(source, dict.fromkeys([*own, *of_class, *_names(lambda: dir(source))]))
    return {name: value for name, value in present.items() if name in own or not callable(value)}


def _names(listed: Callable[[], Iterable[Any]]) -> list[str]:
    try:
        return [name for name in listed() if type(name) is str and not name.startswith("_")]
    except Exception:  # noqa: BLE001 - see qualified_name; an object with slots has no vars, too
        return []


def _present(source: Any, names: Iterable[str]) -> dict[str, Any]:
    values = {name: read(source, name, MISSING) for name in names}
    return {name: value for name, value in values.items() if value is not MISSING}
