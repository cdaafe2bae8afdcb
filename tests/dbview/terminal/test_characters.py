"""What a terminal has no characters for is said with those that it has, and no column moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some
from rich.cells import cell_len

from dbview.screens.follow import CHANGED, NEW
from dbview.terminal.characters import encoding_of, fitting, substitute
from dbview.text import NULL
from dbview.widgets.plot import BOTH, NOT_VALID, VALID
from dbview.widgets.symbols import status_symbol


@pytest.mark.parametrize(
    ("environment", "encoding"),
    [
        ({"LC_ALL": "C"}, "ascii"),
        ({"LC_ALL": "POSIX", "LANG": "en_US.UTF-8"}, "ascii"),
        ({"LC_ALL": "en_US.ISO-8859-1"}, "iso8859-1"),
        ({"LC_CTYPE": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LANG": "en_US.UTF-8"}, "utf-8"),
        ({"LC_ALL": "C.utf8"}, "utf-8"),
        ({"LANG": "en_US.NO-SUCH"}, "ascii"),
    ],
)
def test_the_locale_says_what_the_terminal_is_sent(environment: dict[str, str], encoding: str) -> None:
    assert encoding_of(environment) == encoding


@given(some.text(some.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), max_size=20))
def test_what_a_terminal_has_no_character_for_takes_as_much_room(text: str) -> None:
    for character in text:
        stands = substitute(character)
        assert stands.isascii()
        assert stands.isprintable() or not stands
        assert len(stands) == cell_len(character)


def test_the_console_of_linux_keeps_what_its_font_has() -> None:
    assert fitting("utf-8", "linux")("─│█ ✓ ∅ é 漢 ⣿") == "─│█ V - é ?? #"
    assert fitting("utf-8", "xterm")("─│█ ✓") == "─│█ ✓"


def test_without_characters_of_their_own_neither_null_is_a_number_nor_completed_new_nor_both_valid() -> None:
    assert not substitute(NULL).isalnum()
    assert substitute(status_symbol("COMPLETED")) not in (NEW, CHANGED, *"FTCSRPx?!")
    assert len({substitute(sign) for sign in (VALID, NOT_VALID, BOTH)}) == 3
