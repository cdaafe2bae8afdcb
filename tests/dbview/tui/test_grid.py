"""The grid by itself: it asks for what it is about to draw, keeps little, and redraws only what changed."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.strip import Strip

from dbview.query.relation import Column, Relation, RelationKind, Role
from dbview.query.view import View
from dbview.text import visible
from dbview.values import Row
from dbview.widgets.columns import GAP, Layout, choose_columns
from dbview.widgets.drawing import beside, fit, fit_end, pad, wrap
from dbview.widgets.grid import Grid
from dbview.widgets.grid_lines import NOT_THERE_YET
from dbview.widgets.grid_messages import RowsNeeded
from dbview.widgets.window import BLOCK, BLOCKS_KEPT, Part, RowWindow
from tests.dbview.database import Database

from .conftest import Look

COLUMNS = (Column("id", "INTEGER", Role.ID), Column("a"), Column("b"))
RELATION = Relation("t", RelationKind.PLAIN, COLUMNS)


class CountingGrid(Grid):
    """Notes which lines it draws."""

    drawn: list[int]

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class GridApp(App[None]):
    """Holds a grid and notes what it asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.grid = CountingGrid(choose_columns(RELATION))
        self.grid.drawn = []
        self.asked: list[Part] = []

    def compose(self) -> ComposeResult:
        yield self.grid

    def on_rows_needed(self, message: RowsNeeded) -> None:
        self.asked.append(message.part)

    def answer(self, part: Part) -> None:
        rows = [Row(key, tuple(key for _ in part.columns)) for key in range(part.start, min(part.stop, 1000))]
        self.grid.put_rows(part, rows)

    @property
    def lines(self) -> list[str]:
        return ["".join(s.text for s in strip) for strip in self.screen._compositor.render_strips(self.size)]


async def test_cells_are_dots_until_the_rows_asked_for_come() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show_rows(1000)
        await pilot.pause()
        (part,) = app.asked
        assert (part.start, part.stop, part.columns) == (0, BLOCK, COLUMNS)
        app.answer(part)
        await pilot.pause()
        assert app.lines[3].split() == ["2", "2", "2"]
        assert len(app.asked) == 1
        await pilot.press("end")
        assert app.lines[-1].split() == ["▌", *[NOT_THERE_YET] * 3]
        app.answer(app.asked[-1])
        await pilot.pause()
        assert app.lines[-1].split() == ["▌", "999", "999", "999"]


async def test_rows_that_were_asked_for_before_something_else_are_not_taken() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show_rows(1000)
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        first, last = app.asked
        app.answer(first)
        assert app.grid.rows_kept == 0
        app.answer(last)
        await pilot.pause()
        assert app.lines[-1].split() == ["▌", "999", "999", "999"]


async def test_rows_that_come_late_are_not_taken_for_those_of_another_order() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show_rows(1000)
        await pilot.pause()
        app.grid.show_rows(1000)
        await pilot.pause()
        before, now = app.asked
        assert before == now
        app.answer(before)
        assert app.grid.rows_kept == 0
        app.answer(now)
        await pilot.pause()
        assert app.lines[3].split() == ["2", "2", "2"]


async def test_a_cursor_move_redraws_two_lines_and_a_column_move_the_header() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.grid.show_rows(1000)
        await pilot.pause()
        app.answer(app.asked[0])
        await pilot.press("down", "down")
        await pilot.pause()
        app.grid.drawn.clear()
        await pilot.press("down")
        await pilot.pause()
        assert set(app.grid.drawn) == {3, 4}
        app.grid.drawn.clear()
        await pilot.press("right")
        await pilot.pause()
        assert set(app.grid.drawn) <= {0, 4}


async def test_a_million_rows_scroll_by_the_same_means() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.grid.show_rows(1_000_000)
        await pilot.press("end")
        await pilot.pause()
        assert app.grid.position == 999_999
        assert app.asked[-1].stop >= 1_000_000 > app.asked[-1].start > 999_000
        await pilot.press("pageup", "k", "home")
        assert app.grid.position == 0


async def test_resizing_keeps_the_current_row_in_sight() -> None:
    app = GridApp()
    async with app.run_test(size=(40, 30)) as pilot:
        app.grid.show_rows(1000)
        await pilot.pause()
        app.answer(app.asked[-1])
        await pilot.press(*["down"] * 25)
        await pilot.resize_terminal(20, 8)
        await pilot.pause()
        assert any(line.startswith("▌") for line in app.lines)


cells = st.one_of(st.none(), st.integers(), st.text(max_size=30))


@given(st.text(max_size=40), st.integers(0, 60), st.text(max_size=20))
def test_text_is_fitted_to_the_cell(text: str, width: int, other: str) -> None:
    text, other = visible(text), visible(other)
    assert cell_len(fit(text, width)) <= width
    assert cell_len(fit_end(text, width)) <= width
    assert cell_len(pad(text, width)) == width
    assert cell_len(pad(text, width, right=True)) == width
    assert cell_len(beside(text, other, width)) == width


words = st.text(st.sampled_from("ab  µ日\u0301"), max_size=60)


@given(words, st.integers(2, 12), st.integers(2, 12), st.integers(0, 9))
def test_text_is_wrapped_whole_and_no_word_is_cut_that_fits_on_a_line(
    text: str, width: int, later: int, solid: int
) -> None:
    pieces = wrap(text, width, later, solid)
    assert "".join(pieces) == text
    for number, piece in enumerate(pieces):
        assert cell_len(piece.removesuffix(" ")) <= (later if number else width)
    start = 0
    for before in pieces[:-1]:
        has_space = " " in before[max(1, solid - start) :]
        start += len(before)
        if has_space and not before.endswith(" "):
            word = text[start - len(before.rpartition(" ")[2]) :].partition(" ")[0]
            assert cell_len(word) > later


def test_text_is_wrapped_at_its_spaces_and_a_path_wherever_the_line_is_full() -> None:
    assert wrap("  one two three", 8, 6, 2) == ["  one ", "two ", "three"]
    assert wrap("name  /a/long/path", 10, 4, 6) == ["name  /a/l", "ong/", "path"]
    assert wrap("", 10, 10) == [""]


@given(st.lists(st.lists(cells, max_size=5), min_size=1, max_size=12), st.integers(1, 100), st.integers(0, 12))
def test_columns_stand_side_by_side_and_none_beyond_the_edge(
    contents: list[list[Any]], width: int, current: int
) -> None:
    relation = Relation("t", RelationKind.PLAIN, tuple(Column(f"column_{n}") for n in range(len(contents))))
    layout = Layout(choose_columns(relation))
    for index, column in enumerate(contents):
        layout.measure(index, column)
    current = min(current, len(contents) - 1)
    placed = layout.place(layout.first_showing(current, 0, width), width)
    assert current in [place.column for place in placed]
    for before, after in itertools.pairwise(placed):
        assert before.x + before.width + GAP == after.x
    assert all(place.x >= 0 and place.x + place.width <= width for place in placed)


def test_the_window_holds_a_bounded_number_of_rows_and_asks_again_for_the_others() -> None:
    window = RowWindow()
    for number in range(3 * BLOCKS_KEPT):
        part = window.missing(number * BLOCK, (number + 1) * BLOCK, COLUMNS)
        assert part is not None
        window.put(part, [Row(key, (key, "x" * 10_000, None)) for key in range(part.start, part.stop)])
        assert window.missing(part.start, part.stop, COLUMNS) is None
    assert window.rows_kept == BLOCK * BLOCKS_KEPT
    assert window.missing(0, BLOCK, COLUMNS) is not None
    assert window.key(0) is None
    window.renew()
    last = 3 * BLOCKS_KEPT * BLOCK - 1
    assert window.key(last) == last
    assert window.missing(last, last + 1, COLUMNS) is not None


async def test_null_stands_at_the_right_of_numbers_and_a_path_keeps_its_end(database: Database, look: Look) -> None:
    start = "/sdf/data/lcls/ds/mfx/mfxl1038923/scratch/results/lute_output/"
    rows = [{"n": number, "file": f"{start}run_{number}.list"} for number in (12345, None)]
    database.task("T", {"n": "INTEGER", "file": "TEXT"}, rows)
    async with look(database.path, View("T", columns=("n", "file"))) as viewer:
        await viewer.until_shown("2 entries", "run_12345.list", "run_None.list")
        number, null = (
            next(line for line in viewer.lines if f"run_{n}.list" in line and "…" in line) for n in (12345, None)
        )
        assert null.rindex("∅") == number.index("12345") + 4
