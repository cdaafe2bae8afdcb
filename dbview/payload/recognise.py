"""Say what kind of thing a payload is, by its content: layout v0.1 stores no kind beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbview.paths import Located, paths_in
from dbview.text import decode_escaped
from dbview.values import Cell, Clipped, UndecodableText, Unreadable, decode_json


@dataclass(frozen=True, slots=True)
class NoPayload:
    """Nothing: NULL, an empty text or an empty blob, as ``label`` says."""

    label: str


@dataclass(frozen=True, slots=True)
class NumberPayload:
    """A number."""

    value: int | float
    label: str = "number"


@dataclass(frozen=True, slots=True)
class TextPayload:
    """Text, not yet made visible.

    Attributes:
        label: ``text``, ``HTML``, ``Markdown``, or what is special about its bytes.
        whole: False if this is only the beginning.
    """

    text: str
    label: str = "text"
    whole: bool = True


@dataclass(frozen=True, slots=True)
class JsonPayload:
    """A JSON object or array.

    Attributes:
        tree: The decoded value: dict, list, str, int, float, bool, None.
        text: The JSON as it was stored.
    """

    tree: dict[str, Any] | list[Any]
    text: str
    label: str = "JSON"


@dataclass(frozen=True, slots=True)
class PathPayload:
    """Absolute paths of the files that the Task wrote, usually one; ``files.file_state`` looks for them."""

    paths: tuple[str, ...]
    label: str = "path"


@dataclass(frozen=True, slots=True)
class BytesPayload:
    """Bytes.

    Attributes:
        label: What their first bytes say they are, such as ``PNG image``.
        size: Length of the whole payload in bytes, None if it is not known.
        whole: False if ``raw`` is only the beginning.
    """

    raw: bytes
    label: str
    size: int | None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class UnreadablePayload:
    """A payload the file no longer gives; ``reason`` says why."""

    reason: str
    label: str = "unreadable"


Payload = (
    NoPayload | NumberPayload | TextPayload | JsonPayload | PathPayload | BytesPayload | UnreadablePayload
)  # fmt: skip
"""What a payload may turn out to be."""

Locate = Callable[[str], Located]
"""Says where a path is on this host."""

_PATH_SEPARATOR = ";"
"""Tasks that write several files name them in one text."""

_LONGEST_PATH = 4096

HDF5 = "HDF5 file"
PARQUET = "Parquet table"
PICKLE = "Python pickle (never loaded: it could run code)"
GZIP = "gzip data"
ARRAY = "NumPy array (npy)"
ARRAYS = "NumPy arrays (npz)"
ARCHIVE = "zip archive"
TAR = "tar archive"
UNKNOWN = "bytes of no known kind"
IMAGES = frozenset({"PNG image", "JPEG image", "GIF image", "TIFF image", "PNM image", "WebP image"})

_MAGICS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"%PDF-", "PDF document"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"\x93NUMPY", ARRAY),
    (b"\x89HDF\r\n\x1a\n", HDF5),
    (b"PAR1", PARQUET),
    (b"\x1f\x8b", GZIP),
    (b"SQLite format 3\x00", "SQLite database"),
)
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_PNM = re.compile(rb"P[56]\s+(#|\d+\s)")
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
"""Opcode PROTO and a protocol's number."""

_HTML = re.compile(r"\s*(<!doctype html|<html|<head|<body)\b", re.IGNORECASE)
_MARKDOWN = re.compile(r"^#{1,6} \S|^```", re.MULTILINE)
_TEXT_CONTROLS = frozenset("\n\r\t\f")


def recognise(cell: Cell, kept_beside: Path | None = None, locate: Locate | None = None) -> Payload:
    """Return what a payload cell holds. Never raises: what fits nothing else is text or bytes.

    Args:
        cell: The cell.
        kept_beside: The database's directory, if the recorder says that the cell is the path of a file from there on.
        locate: Says where a path of :func:`paths_in` is; None to take only what begins as absolute paths do for paths.
    """
    match cell:
        case str() if kept_beside is not None:
            return PathPayload((str(kept_beside / cell),), "file")
        case None:
            return NoPayload("none")
        case int() | float():
            return NumberPayload(cell)
        case str():
            return _recognise_text(cell, "text", locate)
        case UndecodableText(raw=raw):
            return TextPayload(decode_escaped(raw), "text that is not UTF-8")
        case bytes():
            return _recognise_bytes(cell)
        case Clipped():
            return _recognise_start(cell)
        case Unreadable(reason=reason):
            return UnreadablePayload(reason)


def _recognise_start(cell: Clipped) -> Payload:
    match cell.start:
        case str() as text:
            return TextPayload(text, whole=False)
        case UndecodableText(raw=raw):
            return TextPayload(decode_escaped(raw), "text that is not UTF-8", whole=False)
        case bytes() as raw:
            return BytesPayload(raw, bytes_label(raw), cell.size, whole=False)


def _recognise_text(text: str, label: str, locate: Locate | None = None) -> Payload:
    if not text:
        return NoPayload("empty text")
    tree = decode_json(text)
    if tree is not None:
        return JsonPayload(tree, text)
    paths = _paths(text) or _located_paths(text, locate)
    if paths:
        return PathPayload(paths)
    found = text_label(text)
    return TextPayload(text, label if found == "text" else found)


def text_label(text: str) -> str:
    """Return what a text that is not JSON looks like: ``HTML``, ``Markdown`` or ``text``."""
    if _HTML.match(text):
        return "HTML"
    return "Markdown" if _MARKDOWN.search(text) else "text"


def _recognise_bytes(raw: bytes) -> Payload:
    if not raw:
        return NoPayload("empty blob")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = None
    if text is not None and all(character.isprintable() or character in _TEXT_CONTROLS for character in text):
        found = _recognise_text(text, "text, stored as bytes")
        # A path is what somebody wrote as text; a blob that happens to begin with a slash is just text.
        return TextPayload(text, "text, stored as bytes") if isinstance(found, PathPayload) else found
    return BytesPayload(raw, bytes_label(raw), len(raw))


def _paths(text: str) -> tuple[str, ...]:
    """Return the absolute paths that a one-line text names, none if any part of it is something else."""
    parts = [part.strip() for part in text.strip().split(_PATH_SEPARATOR)]
    parts = [part for part in parts if part]
    return tuple(parts) if parts and all(map(is_path, parts)) else ()


def _located_paths(text: str, locate: Locate | None) -> tuple[str, ...]:
    """Return where the paths are that a text names, none if that cannot be told of each."""
    places = [locate(path).place for path in paths_in(text)] if locate else []
    return tuple(place for place in places if place is not None) if None not in places else ()


def is_path(text: str) -> bool:
    """Tell whether a text is the absolute path of a file."""
    # "//" and "/*" begin comments more often than paths.
    is_absolute = text.startswith("~/") or (text.startswith("/") and text[1:2] not in ("/", "*"))
    return is_absolute and len(text) <= _LONGEST_PATH and not any(character in text for character in "\n\r\0")


def bytes_label(start: bytes) -> str:
    """Return what the first bytes say that something is."""
    for magic, label in _MAGICS:
        if start.startswith(magic):
            return label
    if start.startswith(_ZIP):
        # The name of the first member follows 30 bytes of header; an npz file is a zip of npy members.
        length = int.from_bytes(start[26:28], "little")
        return ARRAYS if start[30 : 30 + length].endswith(b".npy") else ARCHIVE
    if start.startswith(_EMPTY_ZIP):
        return ARCHIVE
    if start[257:262] == b"ustar":
        return TAR
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP image"
    if _PNM.match(start):
        return "PNM image"
    return PICKLE if _PICKLE.match(start) else UNKNOWN
