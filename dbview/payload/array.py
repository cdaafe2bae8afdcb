"""Show NumPy arrays from the header of their file, without NumPy: what they are, statistics, a map of one slice.

Only the items that are shown, or a bounded sample, are read. An array of objects is a pickle: named, never loaded.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from dbview.errors import PayloadUnreadable
from dbview.payload.content import Content
from dbview.payload.document import ListDocument, Span
from dbview.text import cell_text, size_text, visible

MAGIC = b"\x93NUMPY"

_LONGEST_HEADER = 1024 * 1024
_MOST_AXES = 64
_SAMPLE_BLOCKS = 128
_SAMPLE_ITEMS = 2048
_RAMP = " ░▒▓█"
_FIELD = re.compile(r"'(descr|fortran_order|shape)':\s*('[^']*'|True|False|\([0-9, ]*\)|\[.*\])")
_DTYPE = re.compile(r"([<>|=])([a-zA-Z?])(\d+)")
_CODES = {
    **{("i", size): code for size, code in ((1, "b"), (2, "h"), (4, "i"), (8, "q"))},
    **{("u", size): code for size, code in ((1, "B"), (2, "H"), (4, "I"), (8, "Q"))},
    **{("f", size): code for size, code in ((2, "e"), (4, "f"), (8, "d"))},
    ("b", 1): "B",
    ("c", 8): "ff",
    ("c", 16): "dd",
}
_NAMES = {"i": "int", "u": "uint", "f": "float", "c": "complex", "b": "bool"}


@dataclass(frozen=True)
class Header:
    """What the file says of its array.

    Attributes:
        descr: The type as NumPy writes it: ``<f8``, or a list of fields.
        shape: Items along each axis; its product may be anything.
        fortran: True if the first axis is the one along which items lie next to each other.
        start: Where the items begin in the file.
    """

    descr: str
    shape: tuple[int, ...]
    fortran: bool
    start: int

    @property
    def code(self) -> str | None:
        """How ``struct`` reads an item; None if it is no number."""
        found = _DTYPE.fullmatch(self.descr)
        code = _CODES.get((found[2], int(found[3]))) if found and len(found[3]) < 3 else None
        return None if found is None or code is None else {">": ">"}.get(found[1], "<") + code

    @property
    def type_words(self) -> str:
        """The type as people write it: ``float64``; visible."""
        found = _DTYPE.fullmatch(self.descr)
        if self.is_object:
            return "Python objects"
        if found is None or found[2] not in _NAMES:
            return visible(self.descr)
        size = "" if found[2] == "b" else str(8 * int(found[3][:4]))
        return f"{_NAMES[found[2]]}{size}{', big-endian' if found[1] == '>' else ''}"

    @property
    def is_object(self) -> bool:
        """True if the items are pickled Python objects, or records that hold some."""
        return re.search(r"(^|')[|<>=]?O", self.descr) is not None

    @property
    def items(self) -> int:
        """How many items the header says there are."""
        return math.prod(self.shape)

    def strides(self) -> list[int]:
        """Return how many items lie between neighbours along each axis."""
        strides, step = [], 1
        for length in self.shape if self.fortran else reversed(self.shape):
            strides.append(step)
            step *= length
        return strides if self.fortran else strides[::-1]


def read_header(content: Content) -> Header:
    """Return the header of an npy file.

    Raises:
        PayloadUnreadable: It is none, or damaged.
    """
    start = content.read(0, 12)
    if not start.startswith(MAGIC) or len(start) < 12:
        raise PayloadUnreadable("the array is damaged: it has no header.")
    length, begin = struct.unpack("<H", start[8:10])[0], 10
    if start[6] > 1:
        length, begin = struct.unpack("<I", start[8:])[0], 12
    text = content.read(begin, min(length, _LONGEST_HEADER)).decode("utf-8", "replace")
    fields = {found[1]: found[2] for found in _FIELD.finditer(text)}
    if length > _LONGEST_HEADER or fields.keys() != {"descr", "fortran_order", "shape"}:
        raise PayloadUnreadable("the array is damaged: its header does not say type, order and shape.")
    numbers = [number for number in re.split(r"[(), ]+", fields["shape"]) if number]
    if len(numbers) > _MOST_AXES or any(len(number) > 30 for number in numbers) or fields["shape"][0] != "(":
        raise PayloadUnreadable("the array is damaged: its header says no possible shape.")
    descr = fields["descr"].strip("'") if fields["descr"].startswith("'") else fields["descr"]
    return Header(descr, tuple(map(int, numbers)), fields["fortran_order"] == "True", begin + length)


class ArrayDocument(ListDocument):
    """An array: its header, statistics, and a map of a slice along its last two axes.

    Args:
        content: The npy file.

    Attributes:
        slices: How many slices there are; 1 for an array of up to two axes.
    """

    wraps: ClassVar[bool] = True

    def __init__(self, content: Content) -> None:
        super().__init__(indent=16)
        self._content = content
        self._header = header = read_header(content)
        self._slice = 0
        code = header.code
        self._reader = struct.Struct(code) if code else None
        size = self._reader.size if self._reader else 0
        self._there = max(0, content.size - header.start) // size if size else 0
        self.slices = math.prod(header.shape[:-2]) if self._readable else 1
        self._facts = [*self._described(), *self._statistics()]

    @property
    def _readable(self) -> bool:
        return self._reader is not None and min(self._there, self._header.items) > 0

    def step(self, slices: int) -> None:
        """Show another slice."""
        self._slice = (self._slice + slices) % self.slices

    def fit(self, width: int, height: int) -> None:
        """Draw the map anew."""
        lines: list[tuple[Span, ...]] = [(), *self._facts, ()]
        if self._readable:
            lines += self._map(max(8, width - 4), max(4, height - len(lines) - 2))
        self.show(lines)

    # What it is

    def _described(self) -> list[tuple[Span, ...]]:
        header = self._header
        shape = " × ".join(f"{length:,}" for length in header.shape) or "a single item"
        facts = [
            ("type", header.type_words),
            ("shape", shape),
            ("order", "Fortran (first axis together)" if header.fortran else "C (last axis together)"),
        ]
        if header.is_object:
            facts.append(("items", "a Python pickle inside: never loaded, it could run code"))
        elif self._reader is None:
            facts.append(("items", f"{size_text(max(0, self._content.size - header.start))}, not shown as numbers"))
        elif self._there < header.items:
            facts.append(("items", f"the header says {header.items:,}, the file holds {self._there:,}"))
        return [_fact(name, value) for name, value in facts]

    def _statistics(self) -> list[tuple[Span, ...]]:
        if not self._readable:
            return []
        values, count = list(self._sample()), min(self._there, self._header.items)
        finite = [value for value in values if math.isfinite(value)]
        part = "" if len(values) == count else f"of a sample of {len(values):,} of {count:,} items"
        facts = [("statistics", part)] if part else []
        if finite:
            mean = math.fsum(value / len(finite) for value in finite)
            spread = _spread(finite, mean)
            facts += [
                ("smallest", cell_text(min(finite))),
                ("largest", cell_text(max(finite))),
                ("mean", f"{mean:.6g}   standard deviation {spread:.6g}"),
            ]
        nans = sum(map(math.isnan, values))
        if len(finite) < len(values):
            facts.append(("not finite", f"{nans:,} NaN, {len(values) - len(finite) - nans:,} infinite"))
        return [_fact(name, value) for name, value in facts]

    # Its items

    def _sample(self) -> Iterator[float]:
        """Yield all items of a small array; of a larger one blocks that lie evenly all over it."""
        count = min(self._there, self._header.items)
        if count <= _SAMPLE_BLOCKS * _SAMPLE_ITEMS:
            yield from self._items(0, count)
            return
        for block in range(_SAMPLE_BLOCKS):
            yield from self._items(block * (count - _SAMPLE_ITEMS) // (_SAMPLE_BLOCKS - 1), _SAMPLE_ITEMS)

    def _items(self, place: int, count: int) -> list[float]:
        """Return the numbers from a place in the file on; of complex ones the magnitude."""
        reader = self._reader
        if reader is None or place >= self._there:
            return []
        raw = self._content.read(self._header.start + place * reader.size, count * reader.size)
        raw = raw[: len(raw) // reader.size * reader.size]
        found = reader.iter_unpack(raw)
        return [math.hypot(*item) if len(item) > 1 else item[0] for item in found]

    def _map(self, width: int, height: int) -> list[tuple[Span, ...]]:
        shape, strides = self._header.shape, self._header.strides()
        rows, columns = (1, *shape)[-2:] if shape else (1, 1)
        down, across = (0, *strides)[-2:] if strides else (0, 1)
        shown_rows, shown_columns = _picked(rows, height), _picked(columns, width)
        base, index = self._slice_start(strides)
        values = [[self._item(base + row * down + column * across) for column in shown_columns] for row in shown_rows]
        finite = [value for line in values for value in line if value is not None and math.isfinite(value)]
        low, high = (min(finite), max(finite)) if finite else (0, 0)
        words = f"{len(shown_rows):,} of {rows:,} rows, {len(shown_columns):,} of {columns:,} columns"
        title = f"   slice [{', '.join(map(str, index))}]   {words}" if index else f"   {words}"
        scale = f"   {_RAMP[0]!r} {low:.6g} to {_RAMP[-1]} {high:.6g}" if finite else "   no finite numbers"
        drawn = [(("  ", ""), ("".join(_shade(value, low, high) for value in line), "accent")) for line in values]
        return [((" Map", "heading"), (title + scale, "dim")), *drawn]

    def _slice_start(self, strides: Sequence[int]) -> tuple[int, list[int]]:
        """Return where the slice begins, and its index along the axes before the last two."""
        index, left = [], self._slice
        for length in reversed(self._header.shape[:-2]):
            index.append(left % length)
            left //= length
        index.reverse()
        return sum(place * stride for place, stride in zip(index, strides, strict=False)), index

    def _item(self, place: int) -> float | None:
        return next(iter(self._items(place, 1)), None)


def _spread(values: Sequence[float], mean: float) -> float:
    """Return the standard deviation."""
    # In units of the farthest, so that no square is too large for a float.
    unit = max(abs(value - mean) for value in values) or 1.0
    return unit * math.sqrt(math.fsum(((value - mean) / unit) ** 2 / len(values) for value in values))


def _picked(length: int, room: int) -> list[int]:
    """Return indexes that lie evenly all over an axis: all, if there is room."""
    count = min(length, room)
    return [place * length // count for place in range(count)]


def _shade(value: float | None, low: float, high: float) -> str:
    if value is None or math.isnan(value):
        return "?"
    # Halves: the difference of two floats may be too large for one.
    share = 1.0 if high <= low else (min(max(value, low), high) / 2 - low / 2) / (high / 2 - low / 2)
    return _RAMP[min(len(_RAMP) - 1, int(share * len(_RAMP)))]


def _fact(name: str, value: str) -> tuple[Span, ...]:
    return (f"   {name:<13}", "name"), (value, "")
