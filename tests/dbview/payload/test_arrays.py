"""Arrays are described and drawn from their headers and samples, whatever the headers claim."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import Any

import numpy
import pytest

from dbview.errors import PayloadUnreadable
from dbview.payload.array import ArrayDocument, read_header
from dbview.payload.content import Memory

from .showing import shown


def npy(array: Any) -> bytes:
    out = io.BytesIO()
    numpy.save(out, array, allow_pickle=True)
    return out.getvalue()


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "|i1", ">u2", "<i8", "|b1", "<c16"])
def test_the_extremes_of_an_array_are_those_that_numpy_knows(dtype: str) -> None:
    array = numpy.arange(60).reshape(5, 12).astype(dtype)
    text = shown(npy(array))
    assert "5 × 12" in text
    largest = abs(array).max().item() if array.dtype.kind == "c" else array.max().item()
    assert f"largest      {int(largest) if array.dtype.kind == 'b' else largest!r}" in text


def test_the_order_of_an_array_is_heeded() -> None:
    array = numpy.asfortranarray(numpy.array([[0.0, 0.0, 9.0], [0.0, 0.0, 9.0]]))
    assert shown(npy(array)).splitlines()[-2:] == ["    █", "    █"]


def test_not_a_number_is_counted_apart() -> None:
    text = shown(npy(numpy.array([1.0, numpy.nan, numpy.inf, 3.0, 1e308, -1e308])))
    assert "1 NaN, 1 infinite" in text
    assert "smallest     -1e+308" in text


def test_an_array_of_objects_is_named_and_never_loaded() -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, ("loaded",)

    text = shown(npy(numpy.array([Bomb()], dtype=object)))
    assert "never loaded, it could run code" in text
    assert not Path("loaded").exists()


@pytest.mark.parametrize("shape", ["(999999999999, 999999999999)", "(" + "9" * 30 + ",)", "(0, 5)", "()"])
def test_a_header_that_lies_is_told_of(shape: str) -> None:
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    raw = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + struct.pack("<2d", 1, 2)
    text = shown(raw)
    if "9" in shape:
        assert "the file holds 2" in text


@pytest.mark.parametrize(
    "header", [b"", b"{}", b"{'descr': '<f8', 'shape': (" + b"1," * 500 + b"), 'fortran_order': False}"]
)
def test_a_damaged_header_is_refused(header: bytes) -> None:
    with pytest.raises(PayloadUnreadable):
        read_header(Memory(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header))


def test_of_a_large_array_only_a_sample_is_read() -> None:
    class Counting(Memory):
        count = 0

        def read(self, start: int, count: int) -> bytes:
            raw = super().read(start, count)
            self.count += len(raw)
            return raw

    content = Counting(npy(numpy.zeros((1000, 4000))))
    made = ArrayDocument(content)
    made.fit(80, 30)
    assert content.count < 4 * 1024 * 1024
    assert any("of a sample of" in row.text for row in made.rows(0, 50))
