"""What an Executor may say of a Task's end besides the object it hands over."""

from __future__ import annotations

import datetime
import os
from typing import Any, TypedDict

from recorder.accept import accept
from recorder.entry import Entry


class Ending(TypedDict, total=False):
    """Keywords of every call that records an entry. Each may be left out; None is as good as left out.

    Attributes:
        timestamp: The moment of recording; a naive one is taken as UTC. Now, if not given.
        return_code: What the Task's process ended with; a negative one is a signal, as ``subprocess`` has it.
        signal: Name or number of the signal that ended it.
        output: What it said last, such as a traceback; text or bytes, of which the end is kept.
        log: Path of its log.
        valid: Whether a next Task may use the result. Whether the status is COMPLETED, if not given.
        code_version: Of the program that recorded.
    """

    timestamp: datetime.datetime | None
    return_code: int | None
    signal: str | int | None
    output: str | bytes | None
    log: str | os.PathLike[str] | None
    valid: bool | None
    code_version: str | None


_OF_A_FAILURE = ("return_code", "signal", "output", "log")


def entry_of(cfg: Any, ending: Ending, **how: Any) -> Entry:
    """Return the entry for a Task that ended so; further arguments as for :func:`recorder.accept.accept`."""
    known: dict[str, Any] = {name: value for name, value in ending.items() if value is not None}
    failure = {name: known.pop(name) for name in _OF_A_FAILURE if name in known}
    if failure:
        known["failure"] = failure
    return accept(cfg, **known, **how)
