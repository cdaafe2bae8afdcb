"""Say status and validity by a letter, a word and a tone; colour only repeats what the letter says."""

from __future__ import annotations

from dbview.text import NULL
from dbview.values import Cell

_SYMBOLS = {
    "COMPLETED": ("✓", "good"),
    "FAILED": ("F", "bad"),
    "TIMEDOUT": ("T", "bad"),
    "CANCELLED": ("C", "late"),
    "STOPPED": ("S", "late"),
    "RUNNING": ("R", "busy"),
    "PENDING": ("P", "busy"),
}

VALID = " "
"""Stands for valid."""

INVALID = "x"
"""Stands for not valid; beside a status, that the entry completed and is marked not valid all the same."""

_VALID_ALL_THE_SAME = "o"
"""Beside a status: the entry did not complete, and is marked valid."""

LATEST = "★"
"""Beside a status: the latest valid entry of its run, which is what a next Task of that run is given."""

UNKNOWN = "?"
"""A status of another name, or a validity that is neither 0 nor 1."""

LEGEND: tuple[tuple[str, str], ...] = (
    *((symbol, status) for status, (symbol, _tone) in _SYMBOLS.items()),
    (f"✓{INVALID}", "completed, but marked not valid; what did not complete is not valid anyway, and has no mark"),
    (f"F{_VALID_ALL_THE_SAME}", "did not complete, but is marked valid"),
    (f"✓{LATEST}", "the latest valid one of its run: what a next Task of that run is given"),
    ("!", "somebody should look at it, as is:attention has it; the line below says why"),
    ("F✓", "in a run: the statuses from oldest to newest; 13✓F✓ is 13 entries and the last of them"),
    ("·", "no entry of this Task in this run"),
    (UNKNOWN, "another status; beside a status: validity not known"),
    (NULL, "NULL, or not there at that time"),
)
"""Symbols and what they mean, for the help."""


def status_symbol(status: Cell) -> str:
    """Return the one character that stands for a status."""
    if status is None:
        return NULL
    return _SYMBOLS.get(str(status), (UNKNOWN, ""))[0]


def status_tone(status: Cell) -> str:
    """Return the tone a status is drawn in: good, bad, late, busy or none."""
    return _SYMBOLS.get(str(status), (UNKNOWN, ""))[1]


def outcome_symbol(status: Cell, valid: Cell) -> str:
    """Return what stands for how an entry went: ``✓``, ``F``, and a mark where its validity does not go with that.

    A completed entry is valid as a rule, any other is not: ``✓x`` and ``Fo`` were marked by somebody, of ``✓?`` and
    ``F?`` the validity is not known.
    """
    validity = validity_symbol(valid)
    if status_tone(status) == "good":
        mark = "" if validity == VALID else validity
    else:
        mark = {VALID: _VALID_ALL_THE_SAME, INVALID: ""}.get(validity, validity)
    return status_symbol(status) + mark


def outcome_tone(status: Cell, valid: Cell) -> str:
    """Return the tone in which :func:`outcome_symbol` is drawn: that of the status, unless it completed in vain."""
    tone = status_tone(status)
    return "late" if tone == "good" and validity_symbol(valid) != VALID else tone


def validity_symbol(valid: Cell) -> str:
    """Return a blank for valid, ``x`` for not valid, ``?`` for unknown."""
    return {0: INVALID, 1: VALID}.get(valid, UNKNOWN) if isinstance(valid, int) else UNKNOWN


def validity_word(valid: Cell) -> str:
    """Return valid, not valid or validity unknown."""
    return {VALID: "valid", INVALID: "not valid"}.get(validity_symbol(valid), "validity unknown")
