"""With NO_COLOR no colour is sent, and everything can still be told apart."""

from __future__ import annotations

import re

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from dbview.payload.image import Picture, half_blocks
from dbview.terminal.colourless import Colourless
from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, ESCAPE, Terminal

ATTRIBUTES = {"", "0", "1", "2", "3", "4", "7", "21", "22", "23", "24", "27"}
"""Bold, dim, italic, underlined, in reverse, and what takes them back."""


class Plain(Terminal):
    """A terminal in which it matters what is in reverse."""

    def until_reversed(self, pattern: str) -> None:
        """Wait until what a row has in reverse begins like this."""
        self.wait_for(lambda _text: any(re.match(pattern, line) for line in self._in_reverse()))

    def leave(self, words: str) -> None:
        """Wait for these words, press Escape, and wait until they have gone."""
        self.wait_for(words)
        self.send(ESCAPE)
        self.wait_for(lambda text: words not in text)

    def styles(self) -> set[str]:
        """Return the parameters of all sequences that were sent to say how to draw."""
        sequences = re.findall(rb"\x1b\[([\d;]*)m", bytes(self.raw))
        return {parameter.decode() for sequence in sequences for parameter in sequence.split(b";")}

    def _in_reverse(self) -> list[str]:
        rows, columns = self._screen.lines, self._screen.columns
        cells = [[self._screen.buffer[row][column] for column in range(columns)] for row in range(rows)]
        return ["".join(cell.data for cell in line if cell.reverse) for line in cells]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-ansi"])
def test_no_colour_is_sent_and_where_one_is_stands_in_reverse(database: Database, theme: str) -> None:
    database.insert("gen_cfg", {"experiment": "mfx1", "run": "1"})
    entry = {"gen_cfg_id": 1, "result.task_status": "FAILED", "valid_flag": 0, "text": "one"}
    database.task("Find", {"text": "TEXT"}, [entry, {**entry, "text": "two"}])
    config = database.path.with_name("config")
    config.mkdir()
    remembered = config / "remembered.json"
    remembered.write_text(f'{{"version": 1, "theme": {{"": "{theme}"}}}}')
    environment = {"NO_COLOR": "1", "COLORTERM": "truecolor", "DBVIEW_CONFIG": str(config)}
    with Plain([*DBVIEW, database.path], columns=80, rows=24, environment=environment) as terminal:
        # In its line the current cell is the one that is not in reverse.
        terminal.until_reversed("▌ Find *$")
        terminal.send(ENTER)
        terminal.until_reversed("▌ F +2 +mfx1 ")
        terminal.send("j")
        terminal.until_reversed("▌ F +1 +mfx1 ")
        terminal.send("/ st")
        terminal.leave("│ status")
        terminal.leave("Esc leave")
        terminal.send("v")
        terminal.until_reversed("▌✓")
        terminal.leave("Esc take back")
        terminal.send("\x10")
        terminal.leave("Search for commands")
        terminal.send(ENTER)
        terminal.until_reversed("▌F FAILED")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.styles() <= ATTRIBUTES


def test_a_picture_keeps_its_shades() -> None:
    shades = [0, 64, 128, 192, 255]
    row = b"".join(bytes([shade] * 3) for shade in shades)
    (line,) = half_blocks(Picture((5, 2), (5, 2), row * 2, "a picture"))
    drawn = Colourless().apply([Segment(text, style or None) for text, style in line], Color(0, 0, 0))
    assert "".join(segment.text for segment in drawn) == "  ░▒▓█"
    assert not any(segment.style and segment.style.color for segment in drawn)


def test_words_keep_all_but_their_colours() -> None:
    style = Style.parse("bold reverse dim underline #ff0000 on blue")
    (segment,) = Colourless().apply([Segment("words ▀", style)], Color(0, 0, 0))
    assert (segment.text, segment.style) == ("words ▀", Style.parse("bold reverse dim underline"))
