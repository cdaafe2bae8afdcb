"""What a payload looks like as rows, of which only those asked for are made: what a screen scrolls over."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias

if TYPE_CHECKING:
    # A command that writes data has no styles to load.
    from rich.style import Style

Span: TypeAlias = "tuple[str, str | Style]"
"""Visible text, and the name of its tone or a style of its own."""

Wanted = Callable[[], bool]
"""Tells whether the result of a long search is still wanted."""


class Row(NamedTuple):
    """One row.

    Attributes:
        start: Its position: an index, or the offset of its first byte.
        stop: The position of the row after it.
        spans: Its text, all of it visible.
        indent: Cells by which its continuation is indented where it is wrapped.
    """

    start: int
    stop: int
    spans: tuple[Span, ...]
    indent: int = 0

    @property
    def text(self) -> str:
        """Its text without tones."""
        return "".join(text for text, _tone in self.spans)


class Graphics(NamedTuple):
    """What a terminal is sent beside text.

    Attributes:
        show: Control codes, sent before the rows are drawn.
        forget: Control codes that take it back.
    """

    show: str
    forget: str


class Document(ABC):
    """Rows in an order, found by position. All methods may block.

    Attributes:
        size: The position behind the last row.
        header: A row that stays above the others.
        note: What is to be known about it, in a few visible words; empty if there is nothing.
        wraps: True if rows that are wider than the screen are wrapped, unless somebody wants it otherwise.
        has_cursor: True if a row can be chosen.
        graphics: What its rows are seen by, where they are more than text.
    """

    wraps: ClassVar[bool] = False
    has_cursor: ClassVar[bool] = False
    size: int = 0
    header: tuple[Span, ...] = ()
    note: str = ""
    graphics: Graphics | None = None

    def fit(self, width: int, height: int) -> None:  # noqa: B027 - rows of most do not depend on the screen
        """Take the room there is, in cells, for those whose rows depend on it."""

    @abstractmethod
    def rows(self, start: int, count: int) -> list[Row]:
        """Return rows from the one that starts at a position on; fewer only at the end."""

    @abstractmethod
    def rows_before(self, stop: int, count: int) -> list[Row]:
        """Return the rows, in their order, that end where another starts; fewer only at the beginning."""

    @abstractmethod
    def find(self, words: str, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
        """Return the position of the first row at or behind one, or the last before it, that holds words."""

    def choose(self, start: int) -> object | None:
        """Choose the row that starts there; return what is to be opened then, if anything."""
        return None


class ListDocument(Document):
    """Rows that are all known; positions are their indexes."""

    def __init__(self, lines: Sequence[tuple[Span, ...]] = (), *, indent: int = 0, note: str = "") -> None:
        self._indent = indent
        self.note = note
        self.show(lines)

    def show(self, lines: Sequence[tuple[Span, ...]]) -> None:
        """Take other rows in the place of those there are."""
        self._lines = lines
        self.size = len(lines)

    def rows(self, start: int, count: int) -> list[Row]:
        """Return rows from an index on."""
        return [
            Row(index, index + 1, self._lines[index], self._indent)
            for index in range(max(0, start), min(start + count, self.size))
        ]

    def rows_before(self, stop: int, count: int) -> list[Row]:
        """Return the rows before an index."""
        start = max(0, stop - count)
        return self.rows(start, stop - start)

    def find(self, words: str, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
        """Look at each row's text; capitals count only if the words have some."""
        fold = folding(words)
        places = range(min(start, self.size) - 1, -1, -1) if backwards else range(start, self.size)
        for index in places:
            if words in fold("".join(text for text, _tone in self._lines[index])):
                return index
        return None


def folding(words: str) -> Callable[[str], str]:
    """Return what is to be done to text before words are looked for in it: capitals count only if these have some."""
    return str if words != words.lower() else str.lower
