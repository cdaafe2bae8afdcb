"""Lay a payload out as a few lines of its entry's screen, by the kind of thing it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from dbview.payload.files import FileState
from dbview.payload.hexadecimal import hex_lines
from dbview.payload.recognise import (
    BytesPayload,
    JsonPayload,
    NoPayload,
    NumberPayload,
    PathPayload,
    Payload,
    TextPayload,
    UnreadablePayload,
)
from dbview.payload.tree import tree_lines
from dbview.text import cell_text, size_text, visible, visible_lines
from dbview.widgets.listing import Line

PAYLOAD = "payload"
"""Key of the lines that lead to a screen of the payload's own."""

LINES_SHOWN = 60
"""Lines of a payload at most: it has a screen of its own."""

_BYTES_SHOWN = 1024


def payload_title(payload: Payload) -> str:
    """Return the kind and size of a payload in a few words."""
    match payload:
        case TextPayload(text=text, label=label):
            return f"{label} · {len(text):,} characters{'' if payload.whole else ', cut off'}"
        case BytesPayload(label=label, size=size):
            return f"{label} · {size_text(size) if size is not None else 'size not known'}"
        case JsonPayload(tree=tree, label=label):
            return f"{label} · {'object' if isinstance(tree, dict) else 'list'} of {len(tree):,}"
        case _:
            return payload.label


def payload_lines(payload: Payload, files: Mapping[str, FileState], kept: Callable[[str], str]) -> list[Line]:
    """Return the payload's contents.

    Args:
        payload: What was recognised.
        files: What is known so far of the files it names, by path.
        kept: Returns the words for a file in which the recorder keeps a part of it, by the file's name.
    """
    lines = list(islice(_lines(payload, files, kept), LINES_SHOWN + 1))
    if len(lines) > LINES_SHOWN:
        lines[LINES_SHOWN:] = [Line(((f"   … these are the first {LINES_SHOWN:,} lines (p: all of it)", "dim"),))]
    return [replace(line, key=PAYLOAD) for line in lines]


def _lines(payload: Payload, files: Mapping[str, FileState], kept: Callable[[str], str]) -> Iterator[Line]:
    match payload:
        case NoPayload(label=label):
            yield Line(((f"   {label}", "dim"),))
        case NumberPayload(value=value):
            yield Line(((f"   {cell_text(value)}", ""),))
        case TextPayload(text=text):
            for row in visible_lines(text):
                yield Line(((f"   {row}", ""),), indent=3)
        case JsonPayload(tree=tree):
            for item in tree_lines(tree, file=kept):
                depth = 3 + 2 * item.depth
                tone = "" if item.is_leaf else "dim"
                yield Line(
                    ((f"{' ' * depth}{item.name}", "name"), (f"  {item.value}" if item.name else item.value, tone)),
                    indent=depth + 2,
                )
        case PathPayload(paths=paths):
            for path in paths:
                state = files.get(path)
                words = state.words() if state else "looking for it …"
                yield Line(((f"   {visible(path)}", ""),), indent=5)
                yield Line(((f"     {words}", "" if state else "dim"),), indent=5)
        case BytesPayload(raw=raw, size=size):
            for row in hex_lines(raw[:_BYTES_SHOWN]):
                yield Line(((f" {row}", ""),))
            if size is None or size > _BYTES_SHOWN or not payload.whole:
                shown = size_text(min(len(raw), _BYTES_SHOWN))
                yield Line(((f"   … these are the first {shown} (p: all of it)", "dim"),))
        case UnreadablePayload(reason=reason):
            yield Line(((f"   {visible(reason)}", "error"),), indent=3)
