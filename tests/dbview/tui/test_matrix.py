"""The matrix by itself: headings that stay, a current cell that stays, lines that fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from dbview.widgets.matrix import Matrix
from dbview.widgets.matrix_lines import Heading, MatrixLayout, MatrixLook, Table

from .conftest import Viewer

PLAIN = MatrixLook(Style.null(), Style.null(), Style.null(), Style.null(), lambda _tone: Style.null())


def headings(names: Iterable[object]) -> list[Heading]:
    return [Heading(str(name), name) for name in names]


def table(rows: Iterable[object], columns: Iterable[object], width: int = 5) -> Table:
    """Return a table whose cells say which they are."""
    return Table(
        ("row", "column"),
        headings(rows),
        headings(columns),
        width,
        lambda row, column: (f"{row.label}{column.label}", ""),
    )


class MatrixApp(App[None]):
    """Nothing but a matrix; what it tells is kept."""

    def __init__(self, shown: Table | None = None) -> None:
        super().__init__()
        self.matrix = Matrix("nothing yet")
        self.chosen: list[tuple[str, str]] = []
        self._shown = shown

    def compose(self) -> ComposeResult:
        yield self.matrix

    def on_mount(self) -> None:
        self.matrix.focus()
        if self._shown:
            self.matrix.show(self._shown)

    def on_matrix_selected(self) -> None:
        self.chosen.append(self.current)

    @property
    def current(self) -> tuple[str, str]:
        """The labels of the current row and column."""
        row, column = self.matrix.row, self.matrix.column
        return (row.label if row else "", column.label if column else "")

    @property
    def lines(self) -> list[str]:
        """What is on the screen."""
        return [self.matrix.render_line(y).text.rstrip() for y in range(self.matrix.size.height)]


@asynccontextmanager
async def matrix(
    shown: Table | None = None, size: tuple[int, int] = (40, 10)
) -> AsyncIterator[tuple[MatrixApp, Pilot[None]]]:
    app = MatrixApp(shown)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


async def test_headings_stay_and_the_current_cell_is_bracketed() -> None:
    async with matrix(table("abcdefghijklmnopq", range(40))) as (app, pilot):
        assert app.lines[0].split() == ["row", "column", "0", "1", "2", "3→"]
        assert "[a0]" in app.lines[1]
        await pilot.press("G", "end")
        assert app.current == ("q", "39")
        assert app.lines[0].split()[:2] == ["row", "column←"]
        assert app.lines[0].split()[-1] == "39"
        assert app.lines[-1].startswith("▌ q")
        assert "[q39]" in app.lines[-1]
        await pilot.press("home", "pageup", "pageup", "pageup")
        assert app.current == ("a", "0")


async def test_every_column_on_the_screen_has_room_for_both_brackets() -> None:
    for width in range(40, 46):
        async with matrix(size=(width, 10)) as (app, pilot):
            app.matrix.show(table(range(40), range(40)))
            await pilot.pause()
            for _column in range(8):
                assert f"[{''.join(app.current)}]" in app.lines[1]
                await pilot.press("right")


async def test_the_current_cell_stays_when_rows_and_columns_come_around_it() -> None:
    async with matrix(table("bd", "xz")) as (app, pilot):
        app.matrix.show(table("abcd", "wxz"))
        assert app.current == ("a", "w"), "nobody has moved it: it is the first"
        await pilot.press("down", "right")
        assert app.current == ("b", "x")
        app.matrix.show(table("0123abcd", "uvwxyz"))
        assert app.current == ("b", "x")
        app.matrix.show(table("cd", "yz"))
        assert app.current == ("c", "y"), "what it stood for is gone: the first again"


async def test_the_cursor_passes_over_what_belongs_to_the_row_above() -> None:
    shown = table("ab", "x")
    first, second = shown.rows
    below = Heading("of a", None, is_passed_over=True)
    async with matrix(replace(shown, rows=[first, below, second], foot=[Heading("foot")])) as (app, pilot):
        assert [line.split()[0] for line in app.lines[1:5]] == ["▌", "of", "b", "foot"]
        await pilot.press("down")
        assert app.current == ("b", "x")
        await pilot.press("up")
        assert app.current == ("a", "x")


async def test_what_belongs_to_a_row_never_stands_first_without_it() -> None:
    shown = table("abcdef", "xy")
    rows = [line for row in shown.rows for line in (row, Heading(f"of {row.label}", None, is_passed_over=True))]
    async with matrix(replace(shown, rows=rows), size=(40, 8)) as (app, pilot):
        seen = [app.lines[1].strip("▌ ")[0]]
        for _row in "bcdef":
            await pilot.press("down")
            seen.append(app.lines[1].strip("▌ ")[0])
        assert "o" not in seen
        assert app.lines[-1].startswith("  of f")
        for scrolled in (1, 3, 5):
            app.matrix.scroll_to(y=scrolled, animate=False, force=True)
            await pilot.pause()
            label = rows[scrolled - 1].label
            assert app.lines[1].strip("▌ ").startswith(label)
            await pilot.click(Matrix, offset=(3, 1))
            await pilot.pause()
            assert app.current[0] == label
            assert app.lines[1].startswith(f"▌ {label}")
            await pilot.press("down")
            assert not app.lines[1].startswith("▌")


async def test_a_place_is_gone_to_by_its_keys_and_chosen() -> None:
    async with matrix(table("abc", range(30))) as (app, pilot):
        app.matrix.go_to("c", 17)
        await pilot.press("enter")
        app.matrix.go_to("nowhere", 3)
        await pilot.press("enter")
        await pilot.click(Matrix, offset=(app.lines[0].index("4"), 1), times=2)
        await pilot.pause()
        assert app.chosen == [("c", "17"), ("c", "3"), ("a", "4")]


async def test_nothing_is_said_in_words_and_takes_keys() -> None:
    async with matrix() as (app, pilot):
        assert "nothing yet" in "\n".join(app.lines)
        await pilot.press("down", "right", "G", "end", "pagedown", "enter")
        await pilot.click(Matrix, offset=(3, 3))
        app.matrix.empty_words = "none at all"
        assert "none at all" in "\n".join(app.lines)
        assert app.chosen == []


async def test_what_stands_on_the_screen_is_what_was_shown_last() -> None:
    async with matrix(table("abc", "xyz")) as (app, pilot):
        viewer = Viewer(app, pilot)
        await viewer.until_shown("[ax]", "cz")
        changed = replace(table("abc", "xyz"), cell=lambda row, _column: ("new" if row.key == "b" else "", ""))
        app.matrix.show(changed)
        await viewer.until(lambda: "cz" not in viewer.text)
        assert viewer.text.count("new") == 3
        await pilot.press("down", "right")
        await viewer.until(lambda: "[new]" in viewer.cursor_line)
        assert viewer.cursor_line.startswith("▌ b")
        assert viewer.text.count("[") == 1
        app.matrix.show(table("b", "y"))
        await viewer.until_shown("[by]")
        assert "new" not in viewer.text
        app.matrix.show(table("", ""))
        await viewer.until_shown("nothing yet")


LABELS = st.lists(st.text(st.sampled_from("aé日 ·"), max_size=40), max_size=8)


@given(LABELS, LABELS, st.integers(1, 14), st.integers(12, 60), st.data())
def test_every_line_is_as_wide_as_there_is_room(
    rows: list[str], columns: list[str], width: int, room: int, data: st.DataObject
) -> None:
    layout = MatrixLayout(table(rows, columns, width), room)
    first = data.draw(st.integers(0, max(0, len(columns) - 1)))
    lines = [layout.header(first, first, PLAIN)]
    lines += [layout.line(row, first, current, PLAIN) for row in headings(rows) for current in (None, first)]
    assert {line.cell_length for line in lines} == {room}


@given(st.integers(1, 40), st.integers(1, 9), st.integers(30, 90), st.data())
def test_a_column_is_found_where_its_cells_stand(count: int, width: int, room: int, data: st.DataObject) -> None:
    names = [chr(0x4E00 - 0x3000 + place) for place in range(count)]
    layout = MatrixLayout(replace(table(["row"], names, width), corner=("", "")), room)
    first = data.draw(st.integers(0, count - 1))
    drawn = layout.header(first, first, PLAIN).text
    for place, column in enumerate(layout.in_sight(first), first):
        assert layout.column_at(drawn.index(column.label), first) == place
    assert layout.column_at(0, first) is None
