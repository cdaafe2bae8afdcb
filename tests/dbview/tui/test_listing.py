"""A list whose lines are replaced while somebody reads it: what the cursor is on stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dbview.widgets.listing import Line, Listing


class ListApp(App[None]):
    """A list of thirty lines."""

    def __init__(self) -> None:
        super().__init__()
        self.list = Listing(has_cursor=True, wraps=True)

    def compose(self) -> ComposeResult:
        yield self.list

    def on_mount(self) -> None:
        self.list.focus()
        self.list.show_lines(lines())


def lines(before: int = 0, names: Sequence[str] = ()) -> list[Line]:
    """Return a heading, lines that come late, and thirty named lines; the last three have one key."""
    names = names or [f"name {number}" for number in range(30)]
    late = [Line(((f" late {number} " + "x" * 50, ""),)) for number in range(before)]
    keys = [*names[:-3], *["same"] * 3]
    named = [Line(((f" {name}", ""),), key) for name, key in zip(names, keys, strict=True)]
    return [Line(((" heading", ""),)), *late, *named]


async def screen(pilot: Pilot[None]) -> list[str]:
    """Return the lines on the screen once everything was drawn."""
    await pilot.pause()
    strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return ["".join(segment.text for segment in strip).rstrip(" ▁▂▃▄▅▆▇") for strip in strips]


@pytest.mark.parametrize("keys", [["down"] * 3, ["down"] * 20, ["end"], ["end", "up"], ["end", *["up"] * 12]])
async def test_the_line_under_the_cursor_keeps_its_row_when_lines_come_above_it(keys: list[str]) -> None:
    async with ListApp().run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys)
        seen = await screen(pilot)
        row = next(number for number, line in enumerate(seen) if line.startswith("▌"))
        for before in (1, 4, 2, 5):
            pilot.app.query_one(Listing).show_lines(lines(before))
            now = await screen(pilot)
            assert now[row] == seen[row]


async def test_the_top_stays_in_sight_until_somebody_moves() -> None:
    async with ListApp().run_test(size=(40, 10)) as pilot:
        pilot.app.query_one(Listing).show_lines(lines(2))
        assert (await screen(pilot))[0].startswith(" heading")
        await pilot.press("end", "home")
        pilot.app.query_one(Listing).show_lines(lines(3))
        assert (await screen(pilot))[0].startswith(" heading")


async def test_where_the_line_is_gone_the_cursor_goes_to_the_first() -> None:
    async with ListApp().run_test(size=(40, 10)) as pilot:
        await pilot.press(*["down"] * 3)
        pilot.app.query_one(Listing).show_lines(lines(0, ["a", "b", "c", "d"]))
        assert (await screen(pilot))[1] == "▌a"


async def test_a_line_that_does_not_fit_ends_in_an_ellipsis() -> None:
    app = ListApp()
    app.list = Listing(has_cursor=True)
    async with app.run_test(size=(21, 10)) as pilot:
        app.list.show_lines(
            [
                Line(((text, ""),), text)
                for text in (" exactly twenty cell", " one more than twenty", " blanks" + " " * 40)
            ]
        )
        shown = [line.rstrip() for line in await screen(pilot)]
        assert shown[:3] == ["▌exactly twenty cell", " one more than twen…", " blanks"]
