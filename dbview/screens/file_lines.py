"""Lay the files that an entry names out as lines: what it was given, what it made, and whether they are still there."""

from __future__ import annotations

from collections import Counter

from dbview.payload.files import FileState, Presence
from dbview.screens.contents import Contents
from dbview.screens.sections import Section, name_width
from dbview.source.entry_paths import NamedPath
from dbview.text import visible
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line

FILE = "file:"
"""Begins the key of a line about a file; its number among those that the entry names follows."""

_TONES = {Presence.HERE: "good", Presence.NOT_HERE: "dim", Presence.NOT_LOOKED_FOR: "dim"}
_LOOKING = "looking …"
_WORDS_WIDTH = max(len(one.value) for one in (Presence.HERE, Presence.GONE, Presence.NOT_HERE, Presence.NO_ANSWER))


def file_sections(contents: Contents) -> list[Section]:
    """Return the section on the files that an entry names; none if it names none."""
    if not contents.named:
        return []
    width = name_width(visible(one.name) for one in contents.named)
    lines = [_line(number, one, contents.files.get(one.path), width) for number, one in enumerate(contents.named)]
    return [Section("Files", lines, _note(contents))]


def _line(number: int, one: NamedPath, state: FileState | None, width: int) -> Line:
    words, tone = (state.presence.value, _TONES.get(state.presence, "late")) if state else (_LOOKING, "dim")
    facts = "".join(f" · {fact}" for fact in state.facts()) if state else ""
    spans = (
        ("   out  " if one.is_made else "   in   ", "dim"),
        (pad(visible(one.name), width), "name"),
        (f"  {words:<{_WORDS_WIDTH}}", tone),
        (f"  {visible(one.path)}", ""),
        (facts, "dim"),
    )
    return Line(spans, f"{FILE}{number}", indent=8)


def _note(contents: Contents) -> str:
    states = [contents.files.get(one.path) for one in contents.named]
    counts = Counter(state.presence for state in states if state is not None)
    parts = [f"{counts[presence]:,} {presence.value}" for presence in Presence if counts[presence]]
    return " · ".join([*parts, *([_LOOKING] if None in states else [])])
