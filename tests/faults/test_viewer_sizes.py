"""On screens of all sizes, dark and light, nothing that matters is cut off or hard to read."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import View
from tests.dbview.tui.conftest import Look, demo, look
from tests.dbview.tui.screens import FROM_THE_ENTRY, FROM_THE_RUNS, FROM_THE_TABLE, Step, faults, walk

__all__ = ["demo", "look"]

ENTRY, TABLE = (View("FindPeaks"), 20, FROM_THE_ENTRY), (View("FindPeaks"), None, FROM_THE_TABLE)


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "solarized-light"])
@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 60)])
@pytest.mark.parametrize(
    ("view", "key", "steps"), [(None, None, FROM_THE_RUNS), TABLE, ENTRY], ids=["runs", "table", "entry"]
)
async def test_every_screen_fits_and_can_be_read(
    demo: Path,
    look: Look,
    view: View | None,
    key: int | None,
    steps: tuple[Step, ...],
    size: tuple[int, int],
    theme: str,
) -> None:
    found = []
    async with look(demo, view, key, size=size) as viewer:
        viewer.app.theme = theme
        async for step in walk(viewer, steps):
            found += faults(viewer, step)
    assert not found
