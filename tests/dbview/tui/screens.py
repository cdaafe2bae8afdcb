"""Walk through every screen of the viewer on the demo, and look at each as a person would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from textual.color import Color

from tests.dbview.tui.conftest import Viewer
from tests.dbview.tui.test_themes import contrast

LEAST_CONTRAST = 2.5
"""Of any letter or digit with what is under it."""


class Step(NamedTuple):
    """What leads to a screen from the one before, what is on it once it is there, and how to go on."""

    name: str
    keys: tuple[str, ...]
    words: str
    back: tuple[str, ...] = ("escape",)
    is_asking: bool = False


FROM_THE_RUNS = (
    Step("runs", (), "of those recorded", ()),
    Step("attention", ("exclamation_mark",), "› attention"),
    Step("tables", ("t",), "8 Tasks"),
)
FROM_THE_TABLE = (
    Step("table", (), "hidden", ()),
    Step("filter", ("slash", "s"), "│ status", ("escape", "escape"), is_asking=True),
    Step("columns", ("v",), "Esc take back"),
    Step("facets", ("F",), "facets"),
    Step("groups", ("b",), "44 groups"),
    Step("statistics", ("i",), "Histogram"),
    Step("plot", ("P",), "against"),
    Step("question", ("g",), "or to row", is_asking=True),
    Step("export", ("w",), "write to which file", is_asking=True),
    Step("palette", ("ctrl+p",), "Search for commands", is_asking=True),
    Step("help", ("question_mark",), "Keys, symbols"),
    Step("compared", ("space", "j", "c"), "2 entries compared"),
)
FROM_THE_ENTRY = (
    Step("entry", (), "Why it failed", ()),
    Step("lineage", ("L",), "› lineage"),
    Step("payload", ("p",), "› text"),
)


async def walk(viewer: Viewer, steps: tuple[Step, ...]) -> AsyncIterator[Step]:
    """Go to each screen, from the first, and give its step once it is there."""
    base = steps[0].words
    for step in steps:
        await viewer.until_shown(base)
        await viewer.pilot.press(*step.keys)
        await viewer.until_shown(step.words)
        await viewer.pilot.pause()
        yield step
        await viewer.pilot.press(*step.back)


def faults(viewer: Viewer, step: Step) -> list[str]:
    """Return what is wrong with the screen: words cut off, no way back on the key line, letters hard to read."""
    *lines, last = viewer.lines
    found = [f"cut off: {line.rstrip()[-30:]!r}" for line in lines if line[-1].isalnum() and step.name != "payload"]
    if not step.is_asking and not any(way in last for way in ("Esc back", "q quit", "Esc take back")):
        found.append(f"no way back: {last!r}")
    # What is under the palette is faded on purpose.
    pale = [] if step.name == "palette" else _pale(viewer)
    return [f"{step.name}: {fault}" for fault in [*found, *pale]]


def _pale(viewer: Viewer) -> list[str]:
    found = []
    for strip in viewer.app.screen._compositor.render_strips(viewer.app.size):
        for segment in strip:
            style = segment.style
            is_read = any(character.isalnum() for character in segment.text)
            if style and is_read and style.color and style.bgcolor and contrast(style) < LEAST_CONTRAST:
                found.append(f"hard to read: {segment.text!r} {Color.from_rich_color(style.color).hex}")
    return found
