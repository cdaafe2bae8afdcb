"""Keys that are typed before the screen has answered do what they would have done after."""

from __future__ import annotations

import pytest

from tests.dbview.database import Database
from tests.terminal import DBVIEW, ENTER, Terminal

from .peaks import peaks

_TAKEN = b"\x1b[?1049h"
"""What is sent as soon as the terminal is taken; nothing is drawn then."""


@pytest.mark.parametrize("more", [(), ("Peaks",), ("Peaks", "--id", "3")])
def test_keys_typed_before_the_first_screen_is_there_are_commands_on_it(
    database: Database, more: tuple[str, ...]
) -> None:
    peaks(database)
    with Terminal((*DBVIEW, database.path, *more)) as terminal:
        terminal.wait_for(lambda _text: _TAKEN in terminal.raw)
        terminal.send("?")
        assert "/ ?" not in terminal.wait_for("Keys, symbols and filters")
    with Terminal((*DBVIEW, database.path, *more)) as terminal:
        terminal.wait_for(lambda _text: _TAKEN in terminal.raw)
        terminal.send("q")
        assert terminal.wait_for_exit() == 0


def test_enter_ends_what_is_typed_before_the_next_key_is_looked_at(database: Database) -> None:
    peaks(database)
    database.task("Index", {"note": "TEXT"}, [{"note": "one"}])
    with Terminal((*DBVIEW, database.path)) as terminal:
        terminal.wait_for("find a Task")
        terminal.send("t")
        terminal.wait_for("find a table")
        # A letter too many is taken back; the last key sorts the table that is opened.
        terminal.send(f"/Indexx\x7f{ENTER}s")
        text = terminal.wait_for(lambda text: "lute.db › Index" in text and "▴" in text)
        assert "/ Index" not in text


def test_an_error_of_a_filter_typed_at_once_stays_to_be_read(database: Database) -> None:
    peaks(database)
    with Terminal((*DBVIEW, database.path, "Peaks")) as terminal:
        terminal.wait_for("/ filter")
        terminal.send(f"/nosuch=1{ENTER}")
        terminal.wait_for("^ ")
        # The cursor is in the bar again: what is typed goes there.
        terminal.send("7")
        terminal.wait_for("/ nosuch=17")
