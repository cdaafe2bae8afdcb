"""List what is in a tar archive, and open a part of it in place."""

from __future__ import annotations

import tarfile
from typing import ClassVar

from dbview.errors import PayloadUnreadable
from dbview.payload.archive import Member, Stream, part_words, parts_words
from dbview.payload.content import Content, Part
from dbview.payload.document import ListDocument, Span
from dbview.text import visible

_MOST_PARTS = 10_000
"""Parts that are listed: each is found only behind the one before."""

_DAMAGED = (tarfile.TarError, OSError, ValueError, EOFError, OverflowError)


class TarDocument(ListDocument):
    """The list of what is in an archive, as far as it goes.

    Args:
        content: The archive.

    Raises:
        PayloadUnreadable: It cannot be read.
    """

    has_cursor: ClassVar[bool] = True

    def __init__(self, content: Content) -> None:
        self._content = content
        self._members: list[tarfile.TarInfo] = []
        self._lines_made: list[tuple[Span, ...]] = []
        told = self._read()
        note = parts_words(len(self._members))
        super().__init__(self._lines_made, note=f"{note}, {told}" if told else note)

    def choose(self, start: int) -> object | None:
        """Return the part to be opened; None for what is no file."""
        info = self._members[start]
        return Member(info.name, self._part(info)) if _is_plain(info) else None

    def _read(self) -> str:
        """Take the parts there are; return what is to be told of the others."""
        try:
            with tarfile.open(fileobj=Stream(self._content), mode="r:") as archive:
                for info in archive:
                    if len(self._members) == _MOST_PARTS:
                        return "and more"
                    self._members.append(info)
                    self._lines_made.append(self._line(info))
                # tarfile takes half a header for the end.
                is_cut = self._content.read(archive.offset, tarfile.BLOCKSIZE).strip(b"\0") != b""
        except _DAMAGED as error:
            if not self._members:
                raise PayloadUnreadable(f"the archive cannot be read: {visible(str(error))}.") from error
            is_cut = True
        if not self._content.is_whole:
            return "and more"
        return "cut short" if is_cut else ""

    def _line(self, info: tarfile.TarInfo) -> tuple[Span, ...]:
        return (f"   {visible(info.name)}", "name"), (f"   {self._words(info)}", "dim")

    def _words(self, info: tarfile.TarInfo) -> str:
        if _is_plain(info):
            return part_words(self._part(info), info.name, info.size)
        if info.issym() or info.islnk():
            return f"link to {visible(info.linkname)}"
        return "directory" if info.isdir() else "special file"

    def _part(self, info: tarfile.TarInfo) -> Content:
        return Part(self._content, info.offset_data, info.size)


def _is_plain(info: tarfile.TarInfo) -> bool:
    """Tell whether a part is a file that stands in the archive as it is; of one with holes they are left out."""
    return info.isreg() and not info.issparse()
