"""Say to a terminal, however far away, what its clipboard is to hold: OSC 52, through tmux and screen as well.

The text goes in base64, so nothing in it reaches the terminal as a command. What is copied is the value as it is: a
line feed in it is pasted as one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

MOST_BYTES = 74_994
"""More is not taken by many terminals: with its base64 a sequence is then 100,000 bytes long."""

_OF_SCREEN = 768
"""Bytes that GNU screen passes on at once."""


def encoded(text: str) -> bytes:
    """Return the bytes that are copied for a text; those of a path that is not UTF-8 are its own."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def too_long_words(text: str) -> str:
    """Return why a text cannot be copied; nothing if it can."""
    size = len(encoded(text))
    if size <= MOST_BYTES:
        return ""
    return f"Not copied: it has {size:,} bytes, and many a terminal's clipboard takes {MOST_BYTES:,} at most."


def clipboard_sequence(text: str, environment: Mapping[str, str]) -> str:
    """Return what to write to the terminal so that its clipboard holds a text.

    Args:
        text: At most :data:`MOST_BYTES` of UTF-8.
        environment: Tells, by ``TMUX`` and ``STY``, what stands between this program and the terminal.
    """
    sequence = f"\x1b]52;c;{base64.b64encode(encoded(text)).decode('ascii')}\a"
    if environment.get("TMUX"):
        # tmux takes the plain one where its set-clipboard is on, and passes the other on where allow-passthrough is.
        escaped = sequence.replace("\x1b", "\x1b\x1b")
        return f"{sequence}\x1bPtmux;{escaped}\x1b\\"
    if environment.get("STY"):
        parts = (sequence[start : start + _OF_SCREEN] for start in range(0, len(sequence), _OF_SCREEN))
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence


def copied_words(what: str, text: str) -> str:
    """Return that a text was copied, and what of it to beware of when it is pasted.

    Args:
        what: What it is and how it was made, such as ``the value as it is``.
        text: What was copied.
    """
    count = len(text)
    controls = sum(not character.isprintable() for character in text)
    marks = f", {controls:,} of them line feeds and the like: look before you paste" if controls else ""
    return f"Copied {what}: {count:,} character{'s' * (count != 1)}{marks}."
