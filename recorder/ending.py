"""What an Executor may say of a Task's end besides the object it hands over."""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable
from typing import Any, TypedDict

from recorder.accept import accept
from recorder.entry import Entry


class Ending(TypedDict, total=False):
    """Keywords of every call that records an entry. Each may be left out; None is as good as left out.

    Attributes:
        timestamp: The moment of recording: a datetime or text in ISO 8601, a naive one in UTC; a date; seconds since
            1970; a moment of numpy or pandas. Now, if not given.
        return_code: What the Task's process ended with, a number or its text; a negative one is a signal, as
            ``subprocess`` has it.
        signal: Name or number of the signal that ended it.
        output: What it said last, such as a traceback; text or bytes, of which the end is kept.
        log: Path of its log.
        valid: Whether a next Task may use the result: a bool, 0 or 1. Whether the status is COMPLETED, if not given.
        code_version: Of the program that recorded.
    """

    timestamp: Any
    return_code: int | str | None
    signal: str | int | None
    output: str | bytes | None
    log: str | os.PathLike[str] | None
    valid: bool | None
    code_version: str | None


_OF_A_FAILURE = ("return_code", "signal", "output", "log")


def entry_of(cfg: Any, ending: Ending, call: str = "record", **how: Any) -> Entry:
    """Return the entry for a Task that ended so.

    Args:
        cfg: The described analysis.
        ending: Keywords of the call.
        call: Name of the function that was called.
        **how: Further arguments of :func:`recorder.accept.accept`.

    Raises:
        TypeError: There is no such keyword.
    """
    for name in ending:
        if name not in Ending.__annotations__:
            import difflib  # only here: who spells all names right does without

            near = difflib.get_close_matches(name, Ending.__annotations__, 1)
            hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(Ending.__annotations__)}"
            raise TypeError(f"{call}() got an unexpected keyword {name!r}; {hint}")
    known: dict[str, Any] = {name: value for name, value in ending.items() if value is not None}
    failure = {name: known.pop(name) for name in _OF_A_FAILURE if name in known}
    if failure:
        known["failure"] = failure
    return accept(cfg, **known, **how)


def entry_ids(ids: int | Iterable[int]) -> list[int]:
    """Return the ids that are meant: one, or several.

    Raises:
        TypeError: It is text, whose digits would be ids of their own, or no whole number.
    """
    if not isinstance(ids, (str, bytes)):
        try:
            return [operator.index(each) for each in (ids if isinstance(ids, Iterable) else [ids])]
        except TypeError:
            pass
    raise TypeError(f"an entry's id is a whole number: 12 or [12, 13], not {ids!r}")
