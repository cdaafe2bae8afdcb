"""Read the fields of any object by name, without changing it. What cannot be read is said in its place."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any

MISSING: Any = object()
"""Stands for a field that is not there."""


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
        return isinstance(source, Mapping)
    except Exception:  # noqa: BLE001 - see qualified_name
        return False


def declared_fields(value: Any) -> dict[str, Any] | None:
    """Return an object's declared fields by name, in order, or None if it declares none.

    Knows pydantic models of both versions, dataclasses and attrs classes by their marks, without importing a library.
    """
    kind = type(value)
    if isinstance(value, type):
        return None
    if isinstance(getattr(kind, "model_fields", None), Mapping):
        # Not by getattr, which would warn of fields that are marked as deprecated.
        held = {name: vars(value)[name] for name in kind.model_fields if name in vars(value)}
        return {**held, **(getattr(value, "__pydantic_extra__", None) or {})}
    if dataclasses.is_dataclass(kind):
        return _present(value, [field.name for field in dataclasses.fields(kind)])
    if hasattr(kind, "__attrs_attrs__"):
        return _present(value, [field.name for field in kind.__attrs_attrs__])
    return dict(vars(value)) if isinstance(getattr(kind, "__fields__", None), Mapping) else None


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
