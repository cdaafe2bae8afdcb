"""What a terminal is sent makes it show what was drawn, and what it shows already is not sent."""

from __future__ import annotations

import re
import unicodedata

import pyte
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from dbview.terminal.canvas import Canvas, is_frame
from dbview.terminal.styles import switch

COLUMNS, ROWS = 12, 3

STYLES = ("0", "1", "4;31", "1;38;2;255;0;0;48;2;0;0;40", "38;5;120", "7;97;44", "2;3;38;2;255;0;0", "30;107")

WIDE = set("漢字")

Piece = tuple[tuple[int, int], str, str]
"""Row and column, counted from one; style; text."""

places = some.tuples(some.integers(1, ROWS), some.integers(1, COLUMNS))
pieces = some.tuples(places, some.sampled_from(STYLES), some.text("ab─▌é漢字 ", min_size=1, max_size=8))
frames = some.lists(pieces, min_size=1, max_size=8)


def frame_of(drawn: list[Piece]) -> str:
    """Return a frame as Textual writes it; text that does not fit is cut off by it."""
    parts = []
    for (row, column), style, text in drawn:
        while column - 1 + cell_len(text) > COLUMNS:
            text = text[:-1]
        parts.append(f"\x1b[{row};{column}H\x1b[{style}m{text}\x1b[0m")
    return "".join(parts)


def screen() -> tuple[pyte.Screen, pyte.Stream]:
    made = pyte.Screen(COLUMNS, ROWS)
    return made, pyte.Stream(made)


def seen(shown: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """Return text and style of each cell; in a blank only what can be seen of it."""
    cells = [[shown.buffer[y][x] for x in range(COLUMNS)] for y in range(ROWS)]
    return [[tuple(cell if cell.data != " " else _of_blank(cell)) for cell in line] for line in cells]


def _of_blank(cell: pyte.screens.Char) -> pyte.screens.Char:
    text = cell.fg if cell.reverse else "default"
    return cell._replace(fg=text, bold=False, italics=False, blink=False)


def sent_by(canvas: Canvas) -> str:
    changes = "".join(canvas.changes(row) for row in canvas.take_touched())
    return changes and changes + canvas.end()


@given(some.lists(frames, min_size=1, max_size=5))
def test_the_terminal_shows_what_was_drawn_whatever_was_there_before(drawn: list[list[Piece]]) -> None:
    (stepwise, stream), (direct, everything) = screen(), screen()
    canvas = Canvas()
    canvas.resize(COLUMNS, ROWS)
    for frame in map(frame_of, drawn):
        assert is_frame(frame)
        canvas.draw(frame)
        stream.feed(sent_by(canvas))
        everything.feed(frame)
    if any(WIDE & set(text) for frame in drawn for _place, _style, text in frame):
        # What is left of wide characters that are written over differs between terminals.
        canvas.forget()
        direct, everything = screen()
        everything.feed(sent_by(canvas))
    assert seen(stepwise) == seen(direct)


@given(pieces)
def test_what_is_there_already_is_not_sent_again(drawn: Piece) -> None:
    canvas = Canvas()
    canvas.resize(COLUMNS, ROWS)
    canvas.draw(frame_of([drawn]))
    assert sent_by(canvas)
    canvas.draw(frame_of([drawn]))
    assert not sent_by(canvas)


@given(some.sampled_from(STYLES), some.sampled_from(STYLES))
def test_going_from_style_to_style_ends_in_the_second(before: str, after: str) -> None:
    (direct, first), (stepwise, second) = screen(), screen()
    first.feed(f"\x1b[0;{after}mx")
    start, end = ("" if style == "0" else style for style in (before, after))
    second.feed(f"\x1b[0;{before}m{switch(start, end)}x")
    assert seen(direct) == seen(stepwise)


@given(some.text(max_size=30))
def test_nothing_in_a_text_drives_the_terminal(text: str) -> None:
    canvas = Canvas()
    canvas.resize(COLUMNS, ROWS)
    canvas.draw(f"\x1b[1;1H{text}")
    sent = sent_by(canvas)
    sent = re.sub(r"\x1b\[\d+(;\d+H|G)", "", sent)
    assert not [one for one in sent if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")], repr(sent)


def test_hidden_commands_in_a_text_go_nowhere() -> None:
    canvas = Canvas()
    canvas.resize(COLUMNS, ROWS)
    canvas.draw("\x1b[1;1Hab\x1b]52;c;UFdORUQ=\x07cd\x9b5mef\x1b[2J")
    sent = sent_by(canvas)
    assert "52;c" not in sent
    assert "\x07" not in sent
    assert "\x9b" not in sent
    assert "2J" not in sent


def test_after_another_size_all_is_sent_again() -> None:
    canvas = Canvas()
    canvas.resize(COLUMNS, ROWS)
    canvas.draw("\x1b[1;1Hstays")
    sent_by(canvas)
    canvas.resize(COLUMNS + 1, ROWS)
    assert "stays" in sent_by(canvas)
