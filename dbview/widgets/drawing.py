"""Fit text into cells of a terminal: wide characters take two, combining ones none."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from dbview.text import ELLIPSIS


def fit(text: str, width: int) -> str:
    """Return text that takes at most width cells, cut off with an ellipsis if it is longer."""
    if width <= 0:
        return ""
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + ELLIPSIS


def fit_end(text: str, width: int) -> str:
    """Return text that takes at most width cells, its beginning cut off: what matters in a path is its end."""
    if cell_len(text) <= width:
        return text
    text = text[-width:] if width > 0 else ""
    while text and cell_len(text) > width - 1:
        text = text[1:]
    return ELLIPSIS + text if width > 0 else ""


def pad(text: str, width: int, right: bool = False) -> str:
    """Return text that takes exactly width cells."""
    text = fit(text, width)
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def beside(left: str, right: str, width: int) -> str:
    """Return a line with one text at its left and one at its right end; the left one gives way."""
    right = fit(right, width)
    room = width - cell_len(right)
    return pad(left, max(0, room - 1)) + (" " if room else "") + right
