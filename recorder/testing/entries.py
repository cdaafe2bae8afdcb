"""Entries to hold a storage against, and what is to be so of them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from recorder.accept import accept
from recorder.entry import Entry
from recorder.storage.base import Found, Selection, Storage, StoredEntry, ValidityChange, Wanted

TASK = "FindPeaks"
BEGIN = datetime.datetime(2024, 2, 12, 22, 0, tzinfo=datetime.UTC)
HEADER = {"title": "Lysozyme", "experiment": "mfxl1038923", "run": 12, "date": "2024/02/12", "task_timeout": 600}


def entry_of(
    minute: float = 0,
    parameters: Mapping[str, Any] | None = None,
    *,
    task: str = TASK,
    status: str = "COMPLETED",
    header: Mapping[str, Any] | None = None,
    payload: Any = "/data/out.h5",
    **how: Any,
) -> Entry:
    """Return an entry recorded some minutes after :data:`BEGIN`; further arguments as for ``accept``."""
    result = SimpleNamespace(task_name=task, task_status=status, summary="812 hits", payload=payload)
    shared = {**HEADER, **(header or {})}
    cfg = SimpleNamespace(
        task_result=result,
        task_parameters={**(parameters or {}), "lute_config": shared},
        task_env={"SLURM_JOB_ID": "48210687"},
        poll_interval=0.05,
        communicator_desc=["sockets"],
    )
    return accept(cfg, BEGIN + datetime.timedelta(minutes=minute), **how)


def change(valid: bool) -> ValidityChange:
    """Return somebody's change of validity."""
    return ValidityChange(valid, "someone@somewhere", BEGIN, "beam was off")


def newest(storage: Storage, parameter: str = "x", **wanted: Any) -> Found:
    """Return what is found of the newest entry, and fail if nothing is."""
    found = storage.latest(Wanted(TASK, parameter, **wanted))
    expect(found is not None, "an entry matches")
    return found  # type: ignore[return-value]


def selected(storage: Storage, **selection: Any) -> list[StoredEntry]:
    """Return all entries that match, window by window."""
    entries: list[StoredEntry] = []
    last: int | None = 0
    while last is not None:
        window = storage.window(Selection(TASK, **selection), last)
        entries += window.entries
        last = window.last
    return entries


# Not `assert`: the promises hold under `python -O` too.
def expect(is_so: bool, what: str) -> None:
    """Fail unless something is so; ``what`` says what."""
    if not is_so:
        raise AssertionError(f"not so: {what}")


def equal(found: object, expected: object) -> None:
    """Fail unless both are equal."""
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


@contextmanager
def raised(kind: type[Exception], words: str = "") -> Iterator[None]:
    """Fail unless the block raises such an error, with these words in its message."""
    try:
        yield
    except kind as error:
        expect(words in str(error), f"{error} says {words!r}")
        return
    raise AssertionError(f"no {kind.__name__} was raised")
