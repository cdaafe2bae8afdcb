"""Every terminal gets what it has colours and characters for, and one on which nothing can be drawn a word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, Terminal

MESSAGE = "a message from root"
TABLE = ("Task", "--columns=status,id,hits,note")


@pytest.fixture
def file(database: Database) -> Path:
    statuses = ("COMPLETED", "FAILED", "TIMEDOUT", "RUNNING")
    rows = [
        {
            "result.task_status": statuses[row % 4],
            "valid_flag": int(row % 4 == 0),
            "hits": row * row % 17,
            "note": "déjà vu 漢",
        }
        for row in range(40)
    ]
    database.task("Task", {"hits": "INTEGER", "note": "TEXT"}, rows)
    return database.path


@contextmanager
def viewer(file: Path, *arguments: str, **environment: str | None) -> Iterator[Terminal]:
    """Open the viewer on a terminal that is told nothing but what is said here."""
    told = dict.fromkeys(("COLORTERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG"))
    command: list[str | Path] = [*DBVIEW, file, *arguments]
    settings = {"DBVIEW_CONFIG": str(file.parent / "config")}
    with Terminal(command, columns=80, rows=24, environment={**told, **settings, **environment}) as terminal:
        yield terminal


def leave(terminal: Terminal) -> None:
    terminal.send("q")
    assert terminal.wait_for_exit() == 0
    assert terminal.restored()


def colours(terminal: Terminal) -> set[bytes]:
    """Return the first parameters of the colours that were sent: ``2`` is one of 24 bits, ``5`` one of 256."""
    return set(re.findall(rb"[34]8;([25]);", terminal.raw))


@pytest.mark.parametrize(
    ("name", "theme", "depth"),
    [
        ("screen", "textual-dark", set()),
        ("xterm", "textual-light", set()),
        ("xterm", "nord", set()),
        ("xterm-256color", "solarized-light", {b"5"}),
    ],
)
def test_few_colours_are_enough_to_read_all(file: Path, name: str, theme: str, depth: set[bytes]) -> None:
    (file.parent / "config").mkdir()
    (file.parent / "config" / "remembered.json").write_text(json.dumps({"version": 1, "theme": {"": theme}}))
    with viewer(file, *TABLE, TERM=name) as terminal:
        terminal.wait_for(lambda text: "40 entries" in text and "F  " in text and "▌" in text)
        assert not terminal.unreadable()
        terminal.send(ENTER)
        terminal.wait_for("› #40")
        assert not terminal.unreadable()
        assert colours(terminal) == depth
        leave(terminal)


@pytest.mark.parametrize(
    ("theme", "good", "bad", "text"),
    [
        ("textual-dark", "brightgreen", "brightred", "brightwhite"),
        ("textual-light", "green", "red", "black"),
        ("gruvbox", "brightbrown", "brightred", "brightwhite"),
    ],
)
def test_good_and_bad_have_colours_of_their_own_among_sixteen(
    file: Path, theme: str, good: str, bad: str, text: str
) -> None:
    (file.parent / "config").mkdir()
    (file.parent / "config" / "remembered.json").write_text(json.dumps({"version": 1, "theme": {"": theme}}))
    with viewer(file, *TABLE, TERM="xterm") as terminal:
        terminal.wait_for(lambda shown: "40 entries" in shown and "F  " in shown and "▌" in shown)
        ends = {" ✓ ": good, " F ": bad, " 38 ": text}
        terminal.wait_for(lambda shown: all(terminal.colour_of(word) == colour for word, colour in ends.items()))
        leave(terminal)


def test_a_locale_without_utf8_gets_ascii_and_no_column_moves(file: Path) -> None:
    with viewer(file, *TABLE, LC_ALL="C") as terminal:
        ascii_text = terminal.wait_for(lambda text: "40 entries" in text and "F  " in text and "|" not in text[:80])
        assert re.search(r"^> .x? +40 ", ascii_text, re.MULTILINE)
        assert "deja vu ??" in ascii_text
        assert "-" * 80 in ascii_text
        assert terminal.raw.isascii()
        terminal.send("P")
        terminal.wait_for("Esc back")
        assert terminal.raw.isascii()
        places = {line.find("deja") for line in ascii_text.splitlines() if "deja" in line}
    with viewer(file, *TABLE, LC_ALL="C.UTF-8") as terminal:
        text = terminal.wait_for(lambda text: "40 entries" in text and "F  " in text)
        assert {line.find("déjà") for line in text.splitlines() if "déjà" in line} == places


def test_a_terminal_of_latin_letters_gets_those(file: Path) -> None:
    with viewer(file, *TABLE, LC_ALL="en_US.ISO-8859-1") as terminal:
        terminal.wait_for("40 entries")
        terminal.wait_for(lambda text: b"d\xe9j\xe0 vu ??" in terminal.raw)


def test_the_console_gets_what_its_font_has(file: Path) -> None:
    with viewer(file, *TABLE, TERM="linux", LC_ALL="C.UTF-8") as terminal:
        terminal.wait_for(lambda text: "40 entries" in text and "▌" in text and "déjà vu ??" in text)
        terminal.raw.decode().encode("cp437")


@pytest.mark.parametrize("name", ["dumb", "unknown"])
def test_where_nothing_can_be_drawn_it_is_said(file: Path, name: str) -> None:
    with viewer(file, *TABLE, TERM=name) as terminal:
        assert terminal.wait_for_exit() == 2
        words = terminal.text.replace("\n", "")
        assert f"TERM={name}" in words
        assert "dbview query" in words
        assert b"\x1b[?1049h" not in terminal.raw


def test_words_of_others_on_standard_error_leave_the_screen_alone(file: Path, tmp_path: Path) -> None:
    words = tmp_path / "words"
    command: list[str | Path] = ["sh", "-c", '"$@" 2>"$0"', words, *DBVIEW, "--no-state", file, "Task"]
    with Terminal(command, columns=80, rows=24) as terminal:
        terminal.wait_for("40 entries")
        leave(terminal)
    assert words.read_bytes() == b""


def test_something_written_over_the_screen_goes_with_a_key(file: Path) -> None:
    with viewer(file, *TABLE) as terminal:
        terminal.wait_for("40 entries")
        other = Path(f"/proc/{terminal.process.pid}/fd/1")
        # Again if the viewer drew over it: it may still be about to.
        terminal.wait_for(lambda text: MESSAGE in text or not other.write_text(f"\x1b[10;1H{MESSAGE}\r\n"))
        terminal.send("\x0c")
        terminal.wait_for(lambda text: MESSAGE not in text)
