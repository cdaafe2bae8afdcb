"""Complete an entry that was begun: what its end leaves out stays as its start said it.

A Task may end again under the same key, as when a batch system runs its job anew; and somebody may end another Task
under it. Both are entries of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recorder.entry import END, START, UNNAMED, Entry
from recorder.layout import tables
from recorder.layout.flatten import unflatten
from recorder.layout.tagged import to_json_value
from recorder.layout.values import StoredValue
from recorder.saying import say
from recorder.storage.base import Recorded, StoredEntry

_OF_RESULT = ("summary", "payload")
"""What of ``extra`` is the result's."""


def completed(end: Entry, start: Entry) -> Entry:
    """Return the end, with what it does not say of its Task taken from the start.

    These are: the parameters, if it has none at all; each field of the header; the environment, the poll interval and
    the communicators; of the origin what it does not know, such as the job. What the Task resulted in is the end's.
    Of another Task the start says nothing.
    """
    if names_another_task(end, start.task):
        return end
    kept = {name for name in tables.GEN_CFG_COLUMNS if end.header.get(name) is None}
    of_task = {name: value for name, value in start.extra.items() if name not in _OF_RESULT}
    extra = {**of_task, **end.extra, "header": _header_rest(end, start, kept)}
    extra["files"] = {**({} if end.parameters else _fields(start, "files")), **_fields(end, "files")}
    return replace(
        end,
        task=start.task,
        header={**end.header, **{name: start.header.get(name) for name in kept}},
        executor={**start.executor, **{name: value for name, value in end.executor.items() if value not in (None, "")}},
        parameters=end.parameters or start.parameters,
        types={**start.types, **end.types},
        extra={name: value for name, value in extra.items() if value or name in _OF_RESULT},
        origin={**start.origin, **end.origin},
    )


def is_another_end(entry: Entry, task: str, stage: StoredValue, recorded_at: StoredValue) -> bool:
    """Tell whether this is another end than that of the entry which has its key; tried again, an end is the same.

    Args:
        entry: What is to be stored.
        task: Of the entry that has its key.
        stage: Of that entry.
        recorded_at: The moment of that entry; None if it is not known.
    """
    moment = entry.timestamp.isoformat(timespec="microseconds")
    is_later = stage != START and recorded_at not in (None, moment)
    return entry.stage == END and (is_later or names_another_task(entry, task))


def names_another_task(end: Entry, task: str) -> bool:
    """Tell whether an end is that of another Task; one that names none may be of any."""
    return end.task not in (UNNAMED, task)


def of_its_own(end: Entry) -> Entry:
    """Return another end as an entry of its own; its key is made of its key and its moment, so it is stored once."""
    text = f"{end.key} {end.timestamp.isoformat(timespec='microseconds')}"
    return replace(end, key=hashlib.sha256(text.encode("ascii")).hexdigest()[: len(end.key)])


def say_ended_again(first: Recorded, other: Recorded) -> None:
    """Warn that a Task has ended twice, or another in its place."""
    had = "had ended already" if first.task == other.task else "is another's"
    say.warning(
        "Entry %s of Task %r %s: what ended under the same token is entry %s of Task %r",
        *(first.id, first.task, had, other.id, other.task),
    )


def start_of(end: Entry, stored: StoredEntry) -> Entry:
    """Return the start of an end from what a storage kept of it; types of columns are the storage's own matter."""
    exact = to_json_value(unflatten(stored.parameters.items())) if stored.exact is None else stored.exact
    return replace(
        end,
        stage=START,
        task=stored.task,
        header=_tagged(stored.header),
        executor=_tagged(stored.executor),
        parameters=exact,
        types={},
        extra=stored.extra,
        origin=stored.origin,
    )


def _tagged(cells: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_json_value(cell) for name, cell in cells.items()}


def _fields(entry: Entry, name: str) -> dict[str, Any]:
    found = entry.extra.get(name)
    return found if isinstance(found, dict) else {}  # as any program may hand entries over


def _header_rest(end: Entry, start: Entry, kept: set[str]) -> dict[str, Any]:
    """Return the fields of the header that its cells cannot give back equal, each from where its cell is from."""
    begun, ended = _fields(start, "header").items(), _fields(end, "header").items()
    rest = {name: value for name, value in begun if name in kept or name not in tables.GEN_CFG_COLUMNS}
    return {**rest, **{name: value for name, value in ended if name not in kept}}
