"""Lay the files that an entry names out as lines: what it was given, what it made, and whether they are still there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich.cells import cell_len

from dbview.payload.files import FileState, Presence
from dbview.screens.entry.contents import Contents
from dbview.screens.sections import Section, name_width
from dbview.source.entries.entry_paths import NamedPath
from dbview.text import visible
from dbview.widgets.drawing import fit_end, pad
from dbview.widgets.listing import Line

FILE = "file:"
"""Begins the key of a line about a file; its number among those that the entry names follows."""

_TONES = {Presence.HERE: "good", Presence.NOT_HERE: "dim", Presence.NOT_LOOKED_FOR: "dim"}
_WIDEST_PATH, _NARROWEST_PATH = 44, 16
"""Cells of a path, of which the end tells most; all of a parameter's stands among the parameters, further down."""

_LOOKING = "looking …"
_WORDS_WIDTH = max(len(one.value) for one in (Presence.HERE, Presence.GONE, Presence.NOT_HERE, Presence.NO_ANSWER))


def file_sections(contents: Contents, width: int) -> list[Section]:
    """Return the section on the files that an entry names, as far as it goes a line of so many cells for each.

    There is none if it names none.
    """
    if not contents.named:
        return []
    states = [contents.files.get(one.path) for one in contents.named]
    why = _reason_of_all(states)
    names = name_width(visible(one.name) for one in contents.named)
    whole = contents.listed_payload
    lines = [
        _line(number, one, state, (names, 0 if one.path in whole else width), why)
        for number, (one, state) in enumerate(zip(contents.named, states, strict=True))
    ]
    return [Section("Files", lines, _note(states, why))]


def _line(number: int, one: NamedPath, state: FileState | None, widths: tuple[int, int], why: str) -> Line:
    """Return the line of a file; widths are those of the names and of a line, 0 for a path that is not to be cut."""
    words, tone = (state.presence.value, _TONES.get(state.presence, "late")) if state else (_LOOKING, "dim")
    facts = "".join(f" · {fact}" for fact in state.facts() if fact != why) if state else ""
    names, width = widths
    start = (
        ("   out  " if one.is_made else "   in   ", "dim"),
        (pad(visible(one.name), names), "name"),
        (f"  {words:<{_WORDS_WIDTH}}  ", tone),
    )
    path = visible(one.path)
    if width:
        room = width - cell_len(facts) - sum(cell_len(text) for text, _tone in start)
        path = fit_end(path, max(_NARROWEST_PATH, min(room, _WIDEST_PATH)))
    return Line((*start, (path, ""), (facts, "dim")), f"{FILE}{number}", indent=8)


def _reason_of_all(states: Sequence[FileState | None]) -> str:
    """Return why files are not here, if it is the same of several: that is said once, not for each."""
    reasons = [state.reason for state in states if state is not None and state.presence is Presence.NOT_HERE]
    return visible(reasons[0]) if len(reasons) > 1 and len(set(reasons)) == 1 else ""


def _note(states: Sequence[FileState | None], why: str) -> str:
    counts = Counter(state.presence for state in states if state is not None)
    parts = [f"{counts[presence]:,} {presence.value}" for presence in Presence if counts[presence]]
    return " · ".join([*parts, *([why] if why else []), *([_LOOKING] if None in states else [])])
