"""Put a page together from sections that can be folded; every line of it can be chosen by its key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual.binding import Binding

from dbview.text import cell_text
from dbview.widgets.drawing import pad
from dbview.widgets.listing import Line, Span, section

WIDEST_NAME = 34

FOLD = "fold:"
"""Begins the key of a heading; the section's title follows."""

PLAIN = "plain:"
"""Begins the key of a line that leads nowhere; no key of a line that does begins with it."""


def section_bindings(*, show: bool) -> tuple[Binding, ...]:
    """Return the keys that go from section to section; the key line names the first of them if wanted."""
    return (
        Binding(
            "tab",
            "heading(1)",
            "section",
            id="move.next-section",
            show=show,
            tooltip="The next section; Enter on its heading folds it.",
        ),
        Binding(
            "shift+tab",
            "heading(-1)",
            "section before",
            id="move.section-before",
            show=False,
            tooltip="The section before.",
        ),
    )


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        title: Its heading; unique on its page.
        lines: What stands below.
        note: Stands beside the heading.
        is_folded: True if the lines are shown only once they are asked for.
    """

    title: str
    lines: Sequence[Line]
    note: str = ""
    is_folded: bool = False


def page_lines(top: Iterable[Line], sections: Iterable[Section], toggled: Collection[str]) -> list[Line]:
    """Return the lines of a page.

    Args:
        top: Lines above the first section.
        sections: The sections.
        toggled: Titles of those that are folded, or not, against :attr:`Section.is_folded`.
    """
    lines = [*_keyed(top, "")]
    for one in sections:
        is_folded = one.is_folded is not (one.title in toggled)
        folded_note = f"{one.note} · Enter shows them" if one.note else "Enter shows it"
        blank, heading = section(one.title, folded_note if is_folded else one.note)
        lines += [*([blank] if lines else []), replace(heading, key=f"{FOLD}{one.title}")]
        if not is_folded:
            lines += _keyed(one.lines, one.title)
    return lines


def _keyed(lines: Iterable[Line], title: str) -> Iterator[Line]:
    for number, line in enumerate(lines):
        yield line if line.key is not None or not line.spans else replace(line, key=f"{PLAIN}{title}:{number}")


def with_matches(line: Line, text: str) -> Line:
    """Return a line in which a text that was looked for stands out, whatever its letter case."""
    wanted = text.casefold()
    spans: list[Span] = []
    for span, tone in line.spans:
        # Only where folding leaves every character in its place.
        folded, start = span.casefold(), 0
        while len(folded) == len(span) and (found := folded.find(wanted, start)) >= 0:
            spans += [(span[start:found], tone), (span[found : found + len(wanted)], "accent")]
            start = found + len(wanted)
        spans.append((span[start:], tone))
    return replace(line, spans=tuple(spans))


# Names and values


def named_lines(rows: Iterable[tuple[str, str]], key: str | None = None) -> list[Line]:
    """Return one line for each name and value, the values below each other; all with the same key, if one is given."""
    rows = list(rows)
    width = name_width(name for name, _value in rows)
    return [named_line(name, value, width, key) for name, value in rows]


def name_width(names: Iterable[str]) -> int:
    """Return how many cells names take, the longest of them left out."""
    return min(max(map(cell_len, names), default=0), WIDEST_NAME)


def named_line(name: str, value: str, width: int, key: str | None = None) -> Line:
    """Return a line with a name, filled up to a width, and a value."""
    label = name if cell_len(name) > width else pad(name, width)
    tone = "dim" if value == cell_text(None) else ""
    return Line(((f"   {label}", "name"), (f"  {value}", tone)), key, indent=width + 5)
