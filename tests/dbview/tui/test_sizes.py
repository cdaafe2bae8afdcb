"""At 80 by 24 nothing that matters is cut off on any screen, and the way back stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbview.query.view import View

from .conftest import Look
from .screens import FROM_THE_ENTRY, FROM_THE_RUNS, FROM_THE_TABLE, Step, faults, walk


@pytest.mark.parametrize(
    ("view", "key", "steps"),
    [(None, None, FROM_THE_RUNS), (View("FindPeaks"), None, FROM_THE_TABLE), (View("FindPeaks"), 20, FROM_THE_ENTRY)],
    ids=["runs", "table", "entry"],
)
async def test_every_screen_fits(
    demo: Path, look: Look, view: View | None, key: int | None, steps: tuple[Step, ...]
) -> None:
    found = []
    async with look(demo, view, key, size=(80, 24)) as viewer:
        async for step in walk(viewer, steps):
            found += faults(viewer, step)
    assert not found
