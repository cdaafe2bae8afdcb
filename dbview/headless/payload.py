"""What a payload holds, as its screen shows it, for programs: facts about it and its first lines."""

from __future__ import annotations

from concurrent.futures import TimeoutError as NotInTime
from pathlib import Path
from typing import Any

from dbview.errors import DbviewError, PayloadUnreadable
from dbview.payload.document import Document
from dbview.payload.image import ImageDocument
from dbview.payload.long_json import LONG_JSON, LongJson
from dbview.payload.looking import PATIENCE, apart
from dbview.payload.opening import Target, target_of_payload
from dbview.payload.recognise import Payload

MOST_LINES = 200
"""Lines of a payload that are written; the value itself stands beside them, or in its file."""

_WIDTH, _HEIGHT = 80, 24


def payload_object(payload: Payload, database: Path) -> dict[str, Any] | None:
    """Return what a payload, or the file behind it, holds; None if its value says all.

    Nothing is waited for longer than a few seconds.

    Args:
        payload: What was recognised, masked.
        database: The file it stands in.
    """
    target = target_of_payload(payload, database)
    if target is None:
        return None
    try:
        return apart(lambda: _contents(target)).result(PATIENCE)
    except NotInTime:
        return {"error": f"no answer within {PATIENCE:g} s"}
    except DbviewError as error:
        return {"error": str(error)}


def _contents(target: Target) -> dict[str, Any]:
    """Return kind, size, note, named facts (shape, type, statistics), and the first lines in the first form."""
    opened = target.open()
    try:
        form = opened.forms.forms[0]
        document = form.open()
        if isinstance(document, LongJson):
            raise PayloadUnreadable(f"{LONG_JSON}. It is written only with --reveal.")
        return {
            "kind": opened.forms.label,
            "size": opened.content.size,
            "whole": opened.content.is_whole,
            "form": form.name,
            **_lines_of(document),
        }
    finally:
        opened.content.close()


def _lines_of(document: Document) -> dict[str, Any]:
    document.fit(_WIDTH, _HEIGHT)
    rows = document.rows(0, MOST_LINES)
    # A picture's rows are colours, which JSON has no use for.
    lines = [] if isinstance(document, ImageDocument) else [row.text.rstrip() for row in rows]
    header = "".join(text for text, _tone in document.header).rstrip()
    facts = {
        row.spans[0][0].strip(): row.spans[1][0].strip()
        for row in rows
        if len(row.spans) == 2 and row.spans[0][1] == "name"
    }
    return {
        "note": document.note or None,
        "header": header or None,
        "facts": facts,
        "lines": lines,
        "more": bool(rows) and rows[-1].stop < document.size,
    }
