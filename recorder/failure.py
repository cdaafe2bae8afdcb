"""Keep what an Executor knows of a failure: how the Task ended, the end of what it said, and where the rest is."""

from __future__ import annotations

import signal
from typing import Any, Callable

from recorder.layout.fields import Unreadable, is_mapping, qualified_name, read
from recorder.layout.tagged import to_json_value
from recorder.layout.values import to_stored
from recorder.saying import say

OUTPUT_LIMIT = 64 * 1024
"""Bytes of UTF-8 that are kept of an output: its end, where the reason stands."""

CUT = "..."
"""Stands before an output of which only the end is kept."""

_NAMES = ("return_code", "signal", "output", "log")


def failure_cells(failure: Any, conceal: Callable[[str], str]) -> dict[str, Any]:
    """Return the cells of the side table of failures. Whatever is handed over, nothing is raised.

    Args:
        failure: A mapping with any of ``return_code`` (a number or its text; a negative one names the signal, as
            ``subprocess`` has it; any other text is kept at the end of the output),
            ``signal`` (name or number), ``output`` (text or bytes, such as a traceback) and ``log`` (a path); text or
            bytes alone are the output; None if there was no failure.
        conceal: Takes the values of secrets out of a text.
    """
    if failure is None:
        return {}
    if not is_mapping(failure):
        failure = {"output": failure}
    try:
        # As Python spells them: a lone surrogate in a log line would be the end of many a log.
        unknown = sorted(repr(str(name)) for name in failure if name not in _NAMES)
    except Exception:  # noqa: BLE001 - a stranger's mapping may raise anything; the entry must not be lost for it
        unknown = []
    if unknown:
        say.warning("Not kept of a failure: %s; it has %s", ", ".join(unknown), ", ".join(_NAMES))
    found = {name: read(failure, name) for name in _NAMES}
    said, log = (to_stored(to_json_value(_said(found[name]))) for name in ("return_code", "log"))
    code = _return_code(said)
    output = None if found["output"] is None else _text_of(found["output"])
    if code is None and said is not None:
        say.warning("A return code that is no whole number is kept at the end of the output")
        output = "\n".join([*([] if output is None else [output]), f"return code: {said!s}"])
    ended_by = found["signal"]
    if ended_by is None and code is not None and code < 0:
        ended_by = -code
    cells = {
        "return_code": code,
        "signal": _signal_name(ended_by),
        "output": None if output is None else _end(conceal(output)),
        "log": None if log is None else conceal(str(log)),
    }
    return {name: cell for name, cell in cells.items() if cell is not None}


def _said(value: Any) -> Any:
    return str(value) if type(value) is Unreadable else value


def _text_of(output: Any) -> str:
    try:
        if isinstance(output, (bytes, bytearray, memoryview)):
            return bytes(output).decode("utf-8", "backslashreplace")
        if isinstance(output, str):
            return str.__str__(output)
    except Exception:  # noqa: BLE001 - a stranger's object may raise anything, even when it is asked what it is
        say.debug("An output of type %s cannot be read as text", qualified_name(type(output)))
    return str(to_stored(to_json_value(_said(output))))


def _end(text: str) -> str:
    tail = text[-OUTPUT_LIMIT:].encode("utf-8", "surrogatepass")
    if len(text) <= OUTPUT_LIMIT and len(tail) <= OUTPUT_LIMIT:
        return text
    first = len(tail) - OUTPUT_LIMIT
    while first > 0 and first < len(tail) and tail[first] & 0xC0 == 0x80:  # inside a character
        first += 1
    return CUT + tail[max(first, 0) :].decode("utf-8", "surrogatepass")


def _return_code(said: Any) -> int | None:
    """Return the whole number that is said, of those that a column takes; None if it is none."""
    try:
        number = int(said) if isinstance(said, (int, str)) else int(said) if said == int(said) else None
    except (TypeError, ValueError, OverflowError):
        return None
    return number if number is None or -(2**63) <= number < 2**63 else None


def _signal_name(value: Any) -> str | None:
    if value is None:
        return None
    text = str(to_stored(to_json_value(_said(value))))
    try:
        return signal.Signals(int(text)).name
    except ValueError:
        return text
