"""Open what a person chose: a payload, the file behind a path, a leaf of a tree, a part of an archive."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NamedTuple

from dbview.payload.archive import Member
from dbview.payload.content import Content, Memory, open_file
from dbview.payload.document import ListDocument, Span
from dbview.payload.files import kept_file, states_of
from dbview.payload.forms import Form, Forms, forms_of
from dbview.payload.recognise import (
    BytesPayload,
    JsonPayload,
    NoPayload,
    NumberPayload,
    PathPayload,
    Payload,
    TextPayload,
    UnreadablePayload,
    is_path,
)
from dbview.text import size_text, visible
from recorder.layout.tagged import tag_of


class Opened(NamedTuple):
    """What was opened: its bytes, to be closed by whoever has it, and the forms it can be looked at in."""

    content: Content
    forms: Forms

    def words(self, form: int, note: str) -> str:
        """Return what it is and how much, what is to be known about it, and how it is looked at.

        Args:
            form: Number of the form.
            note: Of the document in this form; may be empty.
        """
        size = size_text(self.content.size) + ("" if self.content.is_whole else ", its beginning only")
        look = f"as {self.forms.forms[form].name}" if len(self.forms.forms) > 1 else ""
        return " · ".join(filter(None, [self.forms.label, size if self.content.size else "", note, look]))


class Target(NamedTuple):
    """What can be opened.

    Attributes:
        name: A short name of it, not yet visible.
        open: Opens it; may block, and raise DbviewError.
    """

    name: str
    open: Callable[[], Opened]


def target_of_payload(payload: Payload, database: Path) -> Target | None:
    """Return what there is to open of a payload, None if all of it stands on one line anyway."""
    match payload:
        case PathPayload(paths=(path,)):
            return target_of_path(path, database)
        case PathPayload(paths=paths):
            return Target(f"{len(paths)} files", lambda: Opened(Memory(b""), _list_of_files(paths)))
        case TextPayload(text=text, label=label, whole=whole):
            return _in_memory(label, text.encode("utf-8", "surrogatepass"), label, is_whole=whole)
        case JsonPayload(text=text):
            return _in_memory("JSON", text.encode("utf-8", "surrogatepass"))
        case BytesPayload(raw=raw, whole=whole):
            return _in_memory("payload", raw, is_whole=whole)
        case NoPayload() | NumberPayload() | UnreadablePayload():
            return None


def target_of_path(path: str, database: Path) -> Target:
    """Return the file behind an absolute path."""

    def open_it() -> Opened:
        content = open_file(path, database)
        try:
            return Opened(content, forms_of(content, path))
        except BaseException:
            content.close()
            raise

    return Target(os.path.basename(path.rstrip("/")) or path, open_it)  # noqa: PTH119


def target_of_choice(chosen: object, database: Path) -> Target | None:
    """Return what there is to open of what was chosen in a document: a file, a part of an archive, a longer text."""
    match chosen:
        case Member(name=name, content=content):
            return Target(name, lambda: Opened(content, forms_of(content, name)))
        case str() if is_path(chosen):
            return target_of_path(chosen, database)
        case str() if chosen:
            return _in_memory("text", chosen.encode("utf-8", "surrogatepass"))
        case dict() if tag_of(chosen) == "$file" and isinstance(chosen["$file"], str):
            return target_of_path(kept_file(database, chosen["$file"]), database)
        case dict() if tag_of(chosen) == "$path":
            return target_of_path(str(chosen["$path"]), database)
        case dict() if tag_of(chosen) == "$bytes":
            return _in_memory("bytes", base64.b64decode(str(chosen["$bytes"])))
        case _:
            return None


def _in_memory(name: str, raw: bytes, label: str = "", *, is_whole: bool = True) -> Target:
    content = Memory(raw, is_whole=is_whole)
    return Target(name, lambda: Opened(content, forms_of(content, label=label)))


class _ListOfFiles(ListDocument):
    """Files with what is known of them; choosing one gives its path. A long path goes on below: its end matters."""

    wraps: ClassVar[bool] = True
    has_cursor: ClassVar[bool] = True

    def __init__(self, paths: tuple[str, ...]) -> None:
        self._paths = paths
        states = states_of(paths)
        lines: list[tuple[Span, ...]] = [
            ((f"   {visible(path)}", "name"), (f"   {states[path].words()}", "dim")) for path in paths
        ]
        super().__init__(lines)

    def choose(self, start: int) -> object | None:
        """Return the path."""
        return self._paths[start]


def _list_of_files(paths: tuple[str, ...]) -> Forms:
    return Forms("files", (Form("list", lambda: _ListOfFiles(paths)),))
