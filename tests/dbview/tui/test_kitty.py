"""Images in a terminal that draws them: sent once, seen in the right cells, taken back."""

from __future__ import annotations

import base64
import io
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy
import pytest
from PIL import Image

from dbview.payload.kitty import MARKS, is_spoken
from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, ESCAPE, Terminal

KITTY = {
    "TERM": "xterm-kitty",
    "COLORTERM": "truecolor",
    "NO_COLOR": None,
    "TMUX": None,
    "STY": None,
    "DBVIEW_IMAGES": None,
    "LC_ALL": "C.UTF-8",
}
COMMAND = re.compile(rb"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\")
CELL = "\U0010eeee"


class Sent(NamedTuple):
    """An image as the terminal has it: its number, size in pixels and in cells, and its pixels."""

    number: int
    size: tuple[int, int]
    cells: tuple[int, int]
    pixels: bytes


class Kitty:
    """Understands what a program sent as the terminal does, by the protocol's own description."""

    def __init__(self, raw: bytes) -> None:
        self.images: dict[int, Sent] = {}
        self.received = 0
        keys: dict[str, str] = {}
        text = b""
        for match in COMMAND.finditer(raw):
            now = dict(pair.split("=") for pair in match[1].decode().split(","))
            assert now["q"] == "2", "an answer would be taken for keys"
            assert len(match[2]) <= 4096
            if now.get("a") == "d":
                assert now["d"] == "I"
                del self.images[int(now["i"])]
                continue
            keys, text = keys or now, text + match[2]
            if now["m"] == "0":
                self._keep(keys, base64.b64decode(text))
                keys, text = {}, b""
            else:
                assert len(match[2]) % 4 == 0

    def _keep(self, keys: dict[str, str], data: bytes) -> None:
        assert (keys["a"], keys["U"], keys["f"], keys["o"]) == ("T", "1", "24", "z")
        number, width, height, columns, rows = (int(keys[name]) for name in "isvcr")
        pixels = zlib.decompress(data)
        assert len(pixels) == 3 * width * height
        self.images[number] = Sent(number, (width, height), (columns, rows), pixels)
        self.received += 1


def picture(width: int, height: int) -> tuple[bytes, bytes]:
    """Return a PNG and its pixels."""
    pixels = numpy.random.default_rng(1).integers(0, 255, (height, width, 3), dtype="uint8")
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue(), pixels.tobytes()


@pytest.fixture
def entry(database: Database) -> tuple[str, ...]:
    """A command line that opens an entry whose payload is an image, and the pixels of that."""
    database.task("Find", {}, [{"result.task_status": "COMPLETED", "result.payload": picture(40, 21)[0]}])
    return (*DBVIEW, str(database.path), "Find", "--id", "1", "--no-state")


def opened(terminal: Terminal) -> Sent:
    """Open the payload and return the one image that the terminal has then."""
    terminal.wait_for("COMPLETED")
    terminal.send("p")
    terminal.wait_for(lambda text: "40 × 21 pixels" in text and CELL in text)
    (image,) = Kitty(terminal.raw).images.values()
    return image


def place(terminal: Terminal) -> tuple[int, int]:
    """Return row and column of the first cell of an image; it is an error if there is none."""
    rows = terminal.cells()
    return next((y, x) for y, row in enumerate(rows) for x, (text, _) in enumerate(row) if text.startswith(CELL))


def test_an_image_is_sent_once_and_its_parts_stand_in_the_right_cells(entry: tuple[str, ...]) -> None:
    with Terminal(entry, environment=KITTY) as terminal:
        image = opened(terminal)
        assert (image.size, image.cells, image.pixels) == ((40, 21), (40, 11), picture(40, 21)[1])
        top, left = place(terminal)
        cells = [row[left : left + 40] for row in terminal.cells()[top : top + 11]]
        expected = [[CELL + row + column for column in MARKS[:40]] for row in MARKS[:11]]
        assert [[text for text, _colour in row] for row in cells] == expected
        assert {colour for row in cells for _text, colour in row} == {f"{image.number:06x}"}
        assert terminal.text.count(CELL) == 40 * 11


def test_what_covers_an_image_cuts_it_between_cells_and_leaves_it_whole(entry: tuple[str, ...]) -> None:
    # So narrow and low that what is said covers a part of it.
    with Terminal(entry, environment=KITTY, columns=60, rows=16) as terminal:
        image = opened(terminal)
        before = terminal.cells()
        top, left = place(terminal)
        terminal.send("/zzz" + ENTER)
        terminal.wait_for("No zzz below.")
        covered = terminal.cells()
        marked = [(y, x) for y, row in enumerate(covered) for x, (text, _) in enumerate(row) if len(text) > 1]
        assert 0 < len(marked) < sum(text.startswith(CELL) for row in before for text, _ in row)
        assert all(covered[y][x] == before[y][x] for y, x in marked)
        terminal.send("?")
        terminal.wait_for(lambda text: CELL not in text)
        terminal.send(ESCAPE)
        terminal.wait_for(lambda text: CELL in text)
        assert place(terminal) == (top, left)
        assert Kitty(terminal.raw).images == {image.number: image}
        terminal.send("l")
        terminal.wait_for(lambda text: CELL + MARKS[0] * 2 not in text)
        scrolled = terminal.cells()[top]
        assert [text for text, _ in scrolled[:20]] == [CELL + MARKS[0] + column for column in MARKS[10:30]]
        assert Kitty(terminal.raw).received == 1


@pytest.mark.parametrize("keys", [ESCAPE, "v", "q"])
def test_the_terminal_forgets_an_image_that_is_not_shown_any_more(entry: tuple[str, ...], keys: str) -> None:
    with Terminal(entry, environment=KITTY) as terminal:
        opened(terminal)
        # Of the next form the image has another size, or none.
        terminal.send("vv" if keys == "v" else keys)
        if keys == "q":
            assert terminal.wait_for_exit() == 0
            assert 0 < terminal.raw.rfind(b"\x1b_Ga=d") < terminal.raw.rfind(b"\x1b[?1049l")
        else:
            terminal.wait_for("as hex" if keys == "v" else "COMPLETED")
            terminal.wait_for(lambda _text: not Kitty(terminal.raw).images)
        assert Kitty(terminal.raw).images == {}


@pytest.mark.parametrize(
    "changes", [{"DBVIEW_IMAGES": "blocks"}, {"TERM": "xterm-256color"}, {"TMUX": "/tmp/tmux,1,0"}]
)
def test_everywhere_else_an_image_is_drawn_in_half_blocks(entry: tuple[str, ...], changes: dict[str, str]) -> None:
    with Terminal(entry, environment={**KITTY, **changes}) as terminal:
        terminal.wait_for("COMPLETED")
        terminal.send("p")
        assert terminal.wait_for("40 × 21 pixels").count("▀") == 40 * 11
        assert b"\x1b_G" not in terminal.raw


def test_a_large_image_comes_in_pieces_and_in_detail(database: Database, tmp_path: Path) -> None:
    raw, _pixels = picture(1000, 800)
    (tmp_path / "large.png").write_bytes(raw)
    database.task("Find", {}, [{"result.task_status": "COMPLETED", "result.payload": str(tmp_path / "large.png")}])
    command = (*DBVIEW, str(database.path), "Find", "--id", "1", "--no-state")
    with Terminal(command, environment={**KITTY, "TERM": "xterm-256color", "DBVIEW_IMAGES": "kitty"}) as terminal:
        terminal.wait_for("COMPLETED")
        terminal.send("p")
        terminal.wait_for("1,000 × 800 pixels")
        (image,) = Kitty(terminal.raw).images.values()
        columns, rows = image.cells
        assert columns <= 98
        assert rows <= 26
        assert image.size[0] > 4 * columns
        assert terminal.text.count(CELL) == columns * rows


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty", "COLORTERM": "truecolor"}, True),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1", "COLORTERM": "24bit"}, True),
        ({"TERM": "xterm-kitty"}, False),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor", "LC_ALL": "C"}, False),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor", "NO_COLOR": "1"}, False),
        ({"TERM": "tmux-256color", "KITTY_WINDOW_ID": "1", "COLORTERM": "truecolor", "TMUX": "/tmp/x"}, False),
        ({"TERM": "screen", "KITTY_WINDOW_ID": "1", "COLORTERM": "truecolor", "STY": "1.x"}, False),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, False),
        ({"TERM": "xterm-256color", "DBVIEW_IMAGES": "kitty"}, True),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor", "DBVIEW_IMAGES": "blocks"}, False),
        ({"TERM": "xterm-kitty", "COLORTERM": "truecolor", "DBVIEW_IMAGES": "no such word"}, True),
    ],
)
def test_what_the_environment_says_of_the_terminal(environment: dict[str, str], expected: bool) -> None:
    assert is_spoken(environment) == expected
