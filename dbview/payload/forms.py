"""Say in which forms a payload can be looked at, the most telling first, by its beginning and its name."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from dbview.errors import PayloadUnreadable
from dbview.payload.archive import ArchiveDocument, gunzipped
from dbview.payload.array import ArrayDocument
from dbview.payload.content import Content, Memory
from dbview.payload.document import Document, ListDocument
from dbview.payload.folding import FoldingTree
from dbview.payload.hexadecimal import HexDocument
from dbview.payload.image import ImageDocument
from dbview.payload.long_json import LongJson
from dbview.payload.markup import MARKUP_LIMIT, HtmlDocument, MarkdownDocument
from dbview.payload.recognise import (
    ARCHIVE,
    ARRAY,
    ARRAYS,
    GZIP,
    HDF5,
    IMAGES,
    PARQUET,
    TAR,
    UNKNOWN,
    bytes_label,
    text_label,
)
from dbview.payload.table import TableLines, guess_delimiter
from dbview.payload.tar import TarDocument
from dbview.payload.text_lines import TextLines
from dbview.secrets import LONGEST_MASKED, masked_json, masked_tree, secrets_are_shown
from dbview.values import decode_json

_BEGINNING = 64 * 1024
_TEXT_CONTROLS = frozenset("\n\r\t\f\b\x1b")

_TABLES = (".csv", ".tsv")
_PAGES = (".html", ".htm", ".xhtml")
_LINES_OF_JSON = (".jsonl", ".ndjson")
_ADVICE = {
    HDF5: "opened by h5ls, h5dump, h5py, silx view",
    PARQUET: "opened by pyarrow, pandas, duckdb",
}
"""What opens files that are only named here."""


class Form(NamedTuple):
    """One way to look at content.

    Attributes:
        name: What it is called: ``tree``, ``text``, ``hex`` ...
        open: Makes the document; may block, and raise PayloadUnreadable.
    """

    name: str
    open: Callable[[], Document]


class Forms(NamedTuple):
    """What content is, and the forms it can be looked at in; there is at least one."""

    label: str
    forms: tuple[Form, ...]


def forms_of(content: Content, name: str = "", label: str = "") -> Forms:
    """Return the forms of content.

    Args:
        content: The bytes.
        name: Of the file; its suffix helps where content alone does not tell.
        label: What is known of it already: that of a cell's text.
    """
    start = content.read(0, _BEGINNING)
    suffix = os.path.splitext(name.lower())[1]  # noqa: PTH122 - the name may hold what Path refuses
    hexadecimal = Form("hex", lambda: HexDocument(content))
    if not start:
        return Forms("empty", (Form("text", lambda: ListDocument([(("   it holds nothing", "dim"),)])),))
    if is_text(start):
        return _text_forms(content, start.decode("utf-8", "replace"), suffix, label)
    kind = bytes_label(start)
    if kind in IMAGES:
        whole = Form("whole", lambda: ImageDocument(content, kind))
        return Forms(kind, (whole, Form("wide", lambda: ImageDocument(content, kind, whole=False)), hexadecimal))
    if kind == ARRAY:
        return Forms(kind, (Form("array", lambda: ArrayDocument(content)), hexadecimal))
    if kind in (ARRAYS, ARCHIVE):
        return Forms(kind, (Form("parts", lambda: ArchiveDocument(content)), hexadecimal))
    if kind == TAR:
        return Forms(kind, (Form("parts", lambda: TarDocument(content)), hexadecimal))
    if kind == GZIP:
        return _gzip_forms(content, name, hexadecimal)
    forms = [Form("hex", lambda: HexDocument(content, _ADVICE.get(kind, "")))]
    if kind == UNKNOWN:
        forms.append(Form("text", lambda: TextLines(content)))
    return Forms(kind, tuple(forms))


def is_text(start: bytes) -> bool:
    """Tell whether bytes look like text: no NUL, and hardly anything that is neither UTF-8 nor a usual control."""
    if b"\0" in start or bytes_label(start) != UNKNOWN:
        return False
    # The last character may be cut.
    text = start.decode("utf-8", "replace")[:-1] or start.decode("utf-8", "replace")
    odd = text.count("\N{REPLACEMENT CHARACTER}")
    odd += sum(ord(character) < 0x20 and character not in _TEXT_CONTROLS for character in text)
    return odd * 20 <= len(text)


def _text_forms(content: Content, start: str, suffix: str, label: str) -> Forms:
    text = Form("text", lambda: TextLines(content))
    is_json = start.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")
    if is_json and content.size > LONGEST_MASKED and not secrets_are_shown():
        text = Form("text", lambda: LongJson(content))
    elif is_json and content.size <= LONGEST_MASKED:
        text = Form("text", lambda: _masked_text(content))
        tree = None if suffix in _LINES_OF_JSON else _tree_of(content)
        if tree is not None:
            return Forms("JSON", (Form("tree", lambda: FoldingTree(tree)), text))
    label = label or text_label(start)
    is_short = content.size <= MARKUP_LIMIT
    if is_short and (label == "HTML" or suffix in _PAGES):
        return Forms("HTML", (Form("read", lambda: HtmlDocument(content)), text))
    if is_short and (suffix in (".md", ".markdown") or (label == "Markdown" and suffix not in _TABLES)):
        return Forms("Markdown", (Form("read", lambda: MarkdownDocument(content)), text))
    delimiter = guess_delimiter(start)
    # Prose has commas too: only tabs are enough where no suffix says that it is a table.
    if delimiter is not None and (suffix in _TABLES or delimiter == "\t"):
        return Forms("table", (Form("table", lambda: TableLines(content, delimiter)), text))
    return Forms(label, (text,))


def _tree_of(content: Content) -> dict[str, Any] | list[Any] | None:
    if not content.is_whole:
        return None
    tree = decode_json(content.read(0, LONGEST_MASKED).decode("utf-8-sig", "backslashreplace"))
    return None if tree is None else masked_tree(tree)


def _masked_text(content: Content) -> TextLines:
    text = content.read(0, LONGEST_MASKED).decode("utf-8", "surrogateescape")
    return TextLines(Memory(masked_json(text).encode("utf-8", "surrogateescape")))


def _gzip_forms(content: Content, name: str, hexadecimal: Form) -> Forms:
    try:
        inner = forms_of(gunzipped(content), name.removesuffix(".gz"))
    except PayloadUnreadable as error:
        note = str(error)
        return Forms(GZIP, (Form("hex", lambda: HexDocument(content, note)),))
    has_hexadecimal = any(form.name == hexadecimal.name for form in inner.forms)
    return Forms(f"{inner.label}, compressed", inner.forms if has_hexadecimal else (*inner.forms, hexadecimal))
