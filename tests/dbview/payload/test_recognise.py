import io
import pickle
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.paths import located
from dbview.payload.recognise import (
    BytesPayload,
    JsonPayload,
    NoPayload,
    NumberPayload,
    PathPayload,
    TextPayload,
    UnreadablePayload,
    recognise,
)
from dbview.values import Cell, Clipped, UndecodableText, Unreadable

PAYLOAD_KINDS = (NoPayload, NumberPayload, TextPayload, JsonPayload, PathPayload, BytesPayload, UnreadablePayload)


def npz_bytes() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("peaks.npy", b"\x93NUMPY\x01\x00")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("cell", "label"), [(None, "none"), ("", "empty text"), (b"", "empty blob")], ids=["null", "text", "blob"]
)
def test_nothing_is_told_apart_from_empty(cell: Cell, label: str) -> None:
    assert recognise(cell) == NoPayload(label)


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG image"),
        (b"\xff\xd8\xff\xe0\x00", "JPEG image"),
        (b"\x93NUMPY\x01\x00\xff", "NumPy array (npy)"),
        (npz_bytes(), "NumPy arrays (npz)"),
        (b"PK\x03\x04\xff\xff", "zip archive"),
        (b"\x89HDF\r\n\x1a\n\x00", "HDF5 file"),
        (b"\x1f\x8b\x08\x00", "gzip data"),
        (pickle.dumps({"rate": 0.5}), "Python pickle (never loaded: it could run code)"),
        (b"\x00\x01\x02", "bytes of no known kind"),
    ],
)
def test_bytes_are_named_by_how_they_begin(raw: bytes, label: str) -> None:
    assert recognise(raw) == BytesPayload(raw, label, len(raw))


def test_a_pickle_is_never_loaded() -> None:
    class Explodes:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return exec, ("raise SystemExit('a payload ran code')",)

    assert isinstance(recognise(pickle.dumps(Explodes())), BytesPayload)


@pytest.mark.parametrize("cell", ['{"rate": [0.5, null]}', b'{"rate": [0.5, null]}', ' {"rate": [0.5, null]}\n'])
def test_json_in_text_or_bytes_is_decoded(cell: Cell) -> None:
    payload = recognise(cell)
    assert isinstance(payload, JsonPayload)
    assert payload.tree == {"rate": [0.5, None]}


@pytest.mark.parametrize("text", ["{1: 2}", '{"a": 1, "a": 2}', "[" * 100_000, '["unfinished"', "[1, 2] and more"])
def test_what_only_looks_like_json_stays_the_text_it_is(text: str) -> None:
    assert recognise(text) == TextPayload(text)


def test_a_json_scalar_is_text() -> None:
    assert recognise("true") == TextPayload("true")


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("/sdf/data/run0012.h5", ("/sdf/data/run0012.h5",)),
        ("~/results/out.stream", ("~/results/out.stream",)),
        ("/out/final.mtz;/out/final.pdb", ("/out/final.mtz", "/out/final.pdb")),
        ("/out/final.mtz;", ("/out/final.mtz",)),
        ("/with a space/in it", ("/with a space/in it",)),
    ],
)
def test_absolute_paths_are_recognised(text: str, paths: tuple[str, ...]) -> None:
    assert recognise(text) == PathPayload(paths)


@pytest.mark.parametrize("text", ["out/relative.h5", "/one\n/two", "/nul\0", "// a comment", "/a;and words", "see /a"])
def test_other_text_is_no_path(text: str) -> None:
    assert recognise(text) == TextPayload(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("<!DOCTYPE html><p>hits", "HTML"),
        ("\n<html>", "HTML"),
        ("<5 hits", "text"),
        ("# Report\n\nfine", "Markdown"),
        ("run #5", "text"),
    ],
)
def test_markup_is_text_with_a_label(text: str, label: str) -> None:
    assert recognise(text) == TextPayload(text, label)


def test_readable_bytes_are_shown_as_text_and_say_so() -> None:
    assert recognise("µ-beam ok\n".encode()) == TextPayload("µ-beam ok\n", "text, stored as bytes")


def test_text_that_is_not_utf8_keeps_what_can_be_read() -> None:
    assert recognise(UndecodableText(b"ok \xff")) == TextPayload("ok \\xff", "text that is not UTF-8")


def test_a_beginning_is_never_taken_for_the_whole() -> None:
    assert recognise(Clipped('{"a": 1}', 10**8)) == TextPayload('{"a": 1}', whole=False)
    assert recognise(Clipped(b"\x89PNG\r\n\x1a\n", 10**8)) == BytesPayload(
        b"\x89PNG\r\n\x1a\n", "PNG image", 10**8, whole=False
    )


def test_an_unreadable_payload_keeps_its_reason() -> None:
    assert recognise(Unreadable("damaged page")) == UnreadablePayload("damaged page")


@given(st.none() | st.integers() | st.floats() | st.text() | st.binary() | st.binary().map(UndecodableText))
def test_every_cell_is_something_with_a_label(cell: Cell) -> None:
    payload = recognise(cell)
    assert isinstance(payload, PAYLOAD_KINDS)
    assert payload.label


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("out/r0001.h5", ("/base/out/r0001.h5",)),
        ("./a.h5, ./b.h5", ("/base/a.h5", "/base/b.h5")),
        ("$SCRATCH/a.h5", ()),
        ("./a.h5;$SCRATCH/a.h5", ()),
        ("812 hits in run/7", ()),
        ("hits", ()),
    ],
)
def test_relative_paths_are_files_where_it_can_be_told_from_where_they_lead(text: str, paths: tuple[str, ...]) -> None:
    found = recognise(text, locate=lambda path: located(path, "/base", {}))
    assert found == (PathPayload(paths) if paths else TextPayload(text))
    assert recognise(text) == TextPayload(text)
    assert recognise(text.encode(), locate=lambda path: located(path, "/base", {})) == TextPayload(
        text, "text, stored as bytes"
    )
