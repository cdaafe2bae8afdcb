"""Make an :class:`~recorder.entry.Entry` of whatever an Executor hands over. The objects are only read.

Duck-typed: pydantic models of either version, dataclasses, mappings and plain objects give the same entry.
"""

from __future__ import annotations

import datetime
import os
import uuid
from collections.abc import Mapping
from typing import Any

from recorder.declared_types import column_types
from recorder.entry import Entry
from recorder.layout import tables
from recorder.layout.tagged import fields_of, to_json_value
from recorder.layout.values import env_text, list_text, to_stored

HEADER = "lute_config"
"""Field of the parameters that holds the header."""

WORK_DIR = "work_dir"
"""Field of the header that names the directory of the database; it is not stored."""

_DROPPED_HEADER_FIELDS = frozenset({WORK_DIR, *tables.GEN_CFG_COLUMNS})


def accept(cfg: Any, timestamp: datetime.datetime | None = None) -> Entry:
    """Return the entry for a finished Task.

    Args:
        cfg: The described analysis: ``task_result``, ``task_parameters`` (None if the Task ended before it had any),
            ``task_env``, ``poll_interval`` and ``communicator_desc``. What is missing is stored as NULL.
        timestamp: The moment of recording; a naive one is taken as UTC. Now, if not given.
    """
    analysis = _fields(cfg)
    result = _fields(analysis.get("task_result"))
    parameters = analysis.get("task_parameters")
    environment = _environment(analysis)
    header = _header(parameters, environment)
    tree = _parameter_tree(parameters)
    status = _status(result.get("task_status"))
    return Entry(
        key=uuid.uuid4().hex,
        task=_text(result.get("task_name")) or "unnamed",
        timestamp=_utc(timestamp),
        header={name: to_json_value(header.get(name)) for name in tables.GEN_CFG_COLUMNS},
        executor={
            "env": env_text(environment),
            "poll_interval": to_json_value(analysis.get("poll_interval")),
            "communicator_desc": _joined(analysis.get("communicator_desc")),
        },
        parameters=tree,
        types=column_types(type(parameters), tree),
        status=status,
        summary=to_json_value(result.get("summary")),
        payload=to_json_value(result.get("payload")),
        schemas=_joined(result.get("impl_schemas")),
        valid=status == tables.COMPLETED,
        extra=_extra(analysis, header),
    )


def work_directory(cfg: Any) -> str | None:
    """Return the directory whose database an analysis belongs into, as its header names it, or None.

    Without a header (the Task ended before it had parameters) the environment's ``LUTE_WORK_DIR`` says it, that of the
    Task before our own.
    """
    analysis = _fields(cfg)
    environment = _environment(analysis)
    named = _header(analysis.get("task_parameters"), environment).get(WORK_DIR)
    found = named or environment.get("LUTE_WORK_DIR") or os.environ.get("LUTE_WORK_DIR")
    return str(found) if found else None


def _fields(source: Any) -> Mapping[str, Any]:
    """Return the public fields of any object by name; nothing for None."""
    if source is None:
        return {}
    if isinstance(source, Mapping):
        return source
    declared = fields_of(source)
    if declared is not None:
        return declared
    names = [name for kind in type(source).__mro__ for name in getattr(kind, "__slots__", ())]
    names.extend(getattr(source, "__dict__", ()))
    return {name: getattr(source, name) for name in names if not name.startswith("_") and hasattr(source, name)}


def _environment(analysis: Mapping[str, Any]) -> dict[str, str]:
    environment = analysis.get("task_env")
    if not isinstance(environment, Mapping):
        return {}
    return {str(name): str(value) for name, value in environment.items()}


def _header(parameters: Any, environment: Mapping[str, str]) -> Mapping[str, Any]:
    header = _fields(parameters).get(HEADER)
    if header is not None:
        return _fields(header)
    known = {"experiment": environment.get("EXPERIMENT"), "run": environment.get("RUN")}
    return {name: value for name, value in known.items() if value}


def _parameter_tree(parameters: Any) -> dict[str, Any]:
    own = {str(name): value for name, value in _fields(parameters).items() if name != HEADER}
    tree: dict[str, Any] = to_json_value(own)
    return tree


def _extra(analysis: Mapping[str, Any], header: Mapping[str, Any]) -> dict[str, Any]:
    more = {str(name): value for name, value in header.items() if name not in _DROPPED_HEADER_FIELDS}
    extra = {"executor_name": analysis.get("executor_name"), "header": more}
    return {name: to_json_value(value) for name, value in extra.items() if value}


def _status(value: Any) -> str | None:
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return _text(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(tables.STATUSES):
        return tables.STATUSES[value]
    return None if value is None else _text(value).rpartition(".")[2]


def _text(value: Any) -> str:
    stored = to_stored(to_json_value(value))
    return "" if stored is None else str(stored)


def _joined(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return None if value is None else _text(value)
    return list_text(_text(item) for item in value) if isinstance(value, list | tuple | set) else _text(value)


def _utc(timestamp: datetime.datetime | None) -> datetime.datetime:
    if timestamp is None:
        return datetime.datetime.now(datetime.UTC)
    if timestamp.tzinfo is None:
        return timestamp.replace(tzinfo=datetime.UTC)
    return timestamp.astimezone(datetime.UTC)
