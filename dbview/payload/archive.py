"""List what is in a zip archive (an npz file is one), and open a part of it. Pickles inside are named, never loaded."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import ClassVar

from dbview.errors import PayloadUnreadable
from dbview.payload.array import MAGIC, read_header
from dbview.payload.content import Content, Memory, Part
from dbview.payload.document import ListDocument, Span
from dbview.text import size_text, visible

INFLATED_LIMIT = 64 * 1024 * 1024
"""Bytes of a compressed part, or of gzip data, that are read at most."""

_LONGEST_DIRECTORY = 16 * 1024 * 1024
_LONGEST_END = 65_557
_END = b"PK\x05\x06"
_ARRAYS_NAMED = 100
"""So many arrays are described in the list."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, OSError, ValueError, RuntimeError, EOFError, struct.error)
"""What reading a damaged, encrypted or strangely compressed archive raises."""


@dataclass(frozen=True)
class Member:
    """A part of an archive: what is opened where its row is chosen."""

    name: str
    content: Content


class ArchiveDocument(ListDocument):
    """The list of what is in an archive.

    Args:
        content: The archive.

    Raises:
        PayloadUnreadable: It cannot be read.
    """

    has_cursor: ClassVar[bool] = True

    def __init__(self, content: Content) -> None:
        self._content = content
        _check_directory(content)
        try:
            self._archive = zipfile.ZipFile(Stream(content))
        except _DAMAGED as error:
            raise PayloadUnreadable(f"the archive cannot be read: {visible(str(error))}.") from error
        self._members = self._archive.infolist()
        super().__init__(
            [self._line(place) for place in range(len(self._members))], note=parts_words(len(self._members))
        )

    def choose(self, start: int) -> object | None:
        """Return the part to be opened.

        Raises:
            PayloadUnreadable: It is damaged or encrypted.
        """
        info = self._members[start]
        return Member(info.filename, self._member(info, INFLATED_LIMIT))

    def _line(self, place: int) -> tuple[Span, ...]:
        info = self._members[place]
        return (f"   {visible(info.filename)}", "name"), (f"   {self._words(info, place)}", "dim")

    def _words(self, info: zipfile.ZipInfo, place: int) -> str:
        if place < _ARRAYS_NAMED and info.filename.endswith(".npy"):
            try:
                return part_words(self._member(info, 4096), info.filename, info.file_size)
            except PayloadUnreadable as error:
                return f"{size_text(info.file_size)} · {error}"
        return size_text(info.file_size)

    def _member(self, info: zipfile.ZipInfo, limit: int) -> Content:
        """Return a part: in place if it is not compressed, else its beginning inflated."""
        try:
            with self._archive.open(info) as stream:
                if info.compress_type == zipfile.ZIP_STORED:
                    return Part(self._content, _data_start(self._content, info), info.file_size)
                raw = stream.read(limit)
        except _DAMAGED as error:
            raise PayloadUnreadable(f"{visible(info.filename)} cannot be read: {visible(str(error))}.") from error
        return Memory(raw, is_whole=len(raw) == info.file_size)


def parts_words(count: int) -> str:
    """Return how many parts there are."""
    return f"{count:,} part{'s' * (count != 1)}"


def part_words(content: Content, name: str, size: int) -> str:
    """Return what a list says of a part: its size, and of an array what is in it.

    Args:
        content: At least its first 4096 bytes.
        name: Of the part.
        size: Of the whole part, in bytes.
    """
    words = size_text(size)
    try:
        if not name.endswith(".npy") or content.read(0, 6) != MAGIC:
            return words
        header = read_header(content)
    except PayloadUnreadable as error:
        return f"{words} · {error}"
    shape = " × ".join(f"{length:,}" for length in header.shape) or "a single item"
    pickled = " · a Python pickle inside: never loaded" if header.is_object else ""
    return f"{header.type_words} · {shape} · {words}{pickled}"


def gunzipped(content: Content) -> Memory:
    """Return the beginning of what gzip data holds; what is there of it if it is damaged or cut short."""
    inflate = zlib.decompressobj(wbits=31)
    try:
        raw = inflate.decompress(content.read(0, INFLATED_LIMIT), INFLATED_LIMIT)
    except zlib.error as error:
        raise PayloadUnreadable(f"the gzip data is damaged: {error}.") from error
    return Memory(raw, is_whole=inflate.eof)


def _data_start(content: Content, info: zipfile.ZipInfo) -> int:
    names = struct.unpack("<HH", content.read(info.header_offset + 26, 4))
    start: int = info.header_offset + 30 + sum(names)
    return start


def _check_directory(content: Content) -> None:
    """Refuse an archive whose list of parts is itself too long to be held."""
    end = content.read(max(0, content.size - _LONGEST_END), _LONGEST_END)
    place = end.rfind(_END)
    length = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    if length > _LONGEST_DIRECTORY:
        raise PayloadUnreadable("the archive has too many parts to be listed.")


class Stream(io.RawIOBase):
    """Content as a file for ``zipfile`` and ``tarfile``; however much they ask for, what they get is bounded."""

    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content
        self._place = 0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be read from any place on."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place.

        Raises:
            ValueError: It is before the beginning.
        """
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._content.size}[whence]
        if start + offset < 0:
            raise ValueError("a place before the beginning")
        self._place = start + offset
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def read(self, count: int = -1) -> bytes:
        """Return bytes from the place on."""
        left = self._content.size - self._place
        raw = self._content.read(self._place, min(left if count < 0 else count, INFLATED_LIMIT))
        self._place += len(raw)
        return raw
