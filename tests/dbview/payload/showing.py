"""Look at content as a person would."""

from __future__ import annotations

from dbview.payload.content import Memory
from dbview.payload.document import Document
from dbview.payload.forms import forms_of


def document(raw: bytes, name: str = "", form: str = "") -> Document:
    """Return the first form of content, or the one of that name, laid out for 80 cells."""
    forms = forms_of(Memory(raw), name).forms
    made = next(one for one in forms if form in ("", one.name)).open()
    made.fit(80, 24)
    return made


def shown(raw: bytes, name: str = "", form: str = "") -> str:
    made = document(raw, name, form)
    header = "".join(text for text, _tone in made.header)
    return "\n".join([header, *(row.text.rstrip() for row in made.rows(0, 10_000))])
