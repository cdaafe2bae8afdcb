"""List every path that an entry names: in its parameters, its result, its log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbview.paths import Located, located, makes, paths_in
from dbview.query.relation import Role
from dbview.source.entries.record import Record
from dbview.values import Cell
from recorder.layout.tagged import branches, tag_of
from recorder.layout.texts import list_items

MOST_PATHS = 1_000
"""Paths of an entry; those after them are not listed."""

_WORK_DIRECTORY = "work_dir"
_LONGEST_JSON = 1_000_000
_TEXT_TAGS = ("$path", "$object")


@dataclass(frozen=True, slots=True)
class NamedPath:
    """A path that an entry names.

    Attributes:
        name: What it is called: a parameter's flat name, ``payload``, ``summary``, ``schemas`` or ``log``.
        path: As it stands there.
        is_made: True if it is what the Task made; else it is what the Task was given.
        located: Where it is on this host.
    """

    name: str
    path: str
    is_made: bool
    located: Located


def paths_of_entry(record: Record, database: Path) -> list[NamedPath]:
    """Return the paths that an entry names, first what it was given, then what it made; each under one name.

    A path that a parameter and the payload name is what the Task made, whatever the parameter is called.

    Args:
        record: The entry.
        database: The file. Relative paths lead from its directory on, or from the parameter ``work_dir``.
    """
    locate = locating(record, database)
    made: dict[str, str] = {}
    given: dict[str, str] = {}
    for name, path in _parameter_paths(record):
        (made if makes(name) else given).setdefault(path, name)
    results: dict[str, str] = {}
    for name, path in _result_paths(record):
        results.setdefault(path, name)
    made = {path: name for path, name in made.items() if path not in results} | results
    pairs = [(name, path, False) for path, name in given.items() if path not in made]
    pairs += [(name, path, True) for path, name in made.items()]
    return [NamedPath(name, path, is_made, locate(path)) for name, path, is_made in pairs[:MOST_PATHS]]


def locating(record: Record, database: Path) -> Callable[[str], Located]:
    """Return what says where a path that an entry names is on this host.

    Args:
        record: The entry.
        database: As for :func:`paths_of_entry`.
    """
    base = _base(record, database)
    return lambda path: located(path, base, record.environment)


def _base(record: Record, database: Path) -> str:
    for name, value in record.parameters.items():
        if name.rpartition(".")[2] == _WORK_DIRECTORY:
            text = _text(value)
            if text.startswith("/"):
                return text
    return str(database.parent)


def _parameter_paths(record: Record) -> Iterator[tuple[str, str]]:
    for name, value in record.parameters.items():
        yield from ((name, path) for path in paths_in(_text(value), name))


def _result_paths(record: Record) -> Iterator[tuple[str, str]]:
    payload = record.role(Role.PAYLOAD)
    if isinstance(payload, str):
        kept = record.beside.payload_directory(Path()) is not None
        paths = [payload] if kept else [path for text in _texts(payload) for path in paths_in(text)]
        yield from (("payload", path) for path in paths)
    for name, role in (("summary", Role.SUMMARY), ("schemas", Role.SCHEMA)):
        yield from ((name, path) for path in _listed_paths(record.role(role)))
    failure = record.beside.failure
    if failure is not None:
        yield from (("log", path) for path in paths_in(_text(failure.log), "file"))


def _listed_paths(cell: Cell) -> Iterator[str]:
    """Return the paths among the items of a text, each of which may be ``name: value``."""
    for item in list_items(cell) if isinstance(cell, str) else ():
        _name, _colon, value = item.rpartition(": ")
        yield from paths_in(value)


def _texts(payload: str) -> Iterator[str]:
    """Return the texts of a payload: all that stand in it if it is JSON."""
    if payload.lstrip()[:1] not in ("{", "[") or len(payload) > _LONGEST_JSON:
        yield payload
        return
    try:
        left = [json.loads(payload)]
    except (ValueError, RecursionError):
        return
    while left:
        value = left.pop()
        below = branches(value)
        if below is None:
            yield _text(value)
        else:
            left += [inner for _step, inner in reversed(below)]


def _text(value: Any) -> str:
    """Return the text of a leaf, empty if it is something else."""
    if tag_of(value) in _TEXT_TAGS:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else ""
