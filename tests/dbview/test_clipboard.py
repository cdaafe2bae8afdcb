"""What reaches a terminal so that its clipboard holds a text."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.clipboard import MOST_BYTES, clipboard_sequence, copied_words, too_long_words

_OSC_52 = re.compile("\x1b]52;c;([A-Za-z0-9+/=]*)\a")


@given(st.text(max_size=50))
def test_a_terminal_is_given_the_text_and_nothing_else(text: str) -> None:
    (content,) = re.fullmatch(_OSC_52, clipboard_sequence(text, {})).groups()  # type: ignore[union-attr]
    assert base64.b64decode(content) == text.encode()


@given(st.text(max_size=50))
def test_tmux_is_given_it_for_itself_and_for_the_terminal_around_it(text: str) -> None:
    written = clipboard_sequence(text, {"TMUX": "/tmp/tmux-1/default,1,0", "STY": ""})
    own = clipboard_sequence(text, {})
    assert written.startswith(own)
    passed_on = re.fullmatch("\x1bPtmux;(.*)\x1b\\\\", written.removeprefix(own), re.DOTALL)
    assert passed_on is not None
    assert passed_on[1].replace("\x1b\x1b", "\x1b") == own


@given(st.integers(0, 3_000))
def test_screen_is_given_parts_that_it_passes_on(size: int) -> None:
    written = clipboard_sequence("x" * size, {"STY": "1.pts"})
    parts = re.findall("\x1bP(.*?)\x1b\\\\", written, re.DOTALL)
    assert "".join(parts) == clipboard_sequence("x" * size, {})
    assert max(map(len, parts)) <= 768


def test_the_bytes_of_a_path_are_its_own_and_other_text_is_escaped() -> None:
    assert base64.b64decode(_OSC_52.findall(clipboard_sequence("/a\udcff", {}))[0]) == b"/a\xff"
    assert base64.b64decode(_OSC_52.findall(clipboard_sequence("\ud800", {}))[0]) == b"\\ud800"


@pytest.mark.parametrize(("text", "is_refused"), [("x" * MOST_BYTES, False), ("é" * (MOST_BYTES // 2 + 1), True)])
def test_what_a_terminal_would_drop_is_refused_in_words(text: str, is_refused: bool) -> None:
    assert bool(too_long_words(text)) == is_refused
    assert not is_refused or "it has 74,996 bytes, and many a terminal's clipboard takes 74,994" in too_long_words(text)


def test_words_tell_of_what_would_be_pasted_as_keys() -> None:
    assert copied_words("the value as it is", "a") == "Copied the value as it is: 1 character."
    assert "4 characters, 2 of them line feeds and the like: look before" in copied_words(
        "the value as it is", "a\nb\x1b"
    )
