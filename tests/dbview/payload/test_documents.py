"""What payloads look like, and that none of them, however hostile, takes more than its share."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.errors import FileMissing, PayloadUnreadable
from dbview.payload.array import read_header
from dbview.payload.content import Memory, open_file
from dbview.payload.folding import GROUP, FoldingTree
from dbview.payload.forms import forms_of
from dbview.payload.table import guess_delimiter

from .showing import document, shown


def always() -> bool:
    return True


def names_of(raw: bytes, name: str = "") -> tuple[str, list[str]]:
    label, forms = forms_of(Memory(raw), name)
    return label, [form.name for form in forms]


# What is recognised


def test_content_is_known_by_itself_and_by_its_name() -> None:
    assert names_of(b"plain words") == ("text", ["text"])
    assert names_of(b'{"a": 1}') == ("JSON", ["tree", "text"])
    assert names_of(b"a,b\n1,2\n", "x.csv") == ("table", ["table", "text"])
    assert names_of(b"a\tb\n1\t2\n") == ("table", ["table", "text"])
    assert names_of(b"one, two\nthree, four\n") == ("text", ["text"])
    assert names_of(b"words", "x.md") == ("Markdown", ["read", "text"])
    assert names_of(b"<html><p>x") == ("HTML", ["read", "text"])
    assert names_of(b"\x89HDF\r\n\x1a\n" + bytes(100)) == ("HDF5 file", ["hex"])
    assert names_of(b"PAR1" + bytes(100)) == ("Parquet table", ["hex"])
    assert names_of(pickle.dumps([1])) == ("Python pickle (never loaded: it could run code)", ["hex"])
    assert names_of(bytes(range(256))) == ("bytes of no known kind", ["hex", "text"])
    assert names_of(gzip.compress(b"a,b\n1,2\n"), "x.csv.gz") == ("table, compressed", ["table", "text", "hex"])
    assert names_of(b"") == ("empty", ["text"])


def test_what_opens_a_file_that_is_only_named_is_said() -> None:
    assert "h5py" in document(b"\x89HDF\r\n\x1a\n" + bytes(100)).note
    assert "pyarrow" in document(b"PAR1" + bytes(100)).note


@given(st.binary(max_size=400), st.sampled_from(["", "x.csv", "x.json", "x.md", "x.html", "x.npy", "x.gz"]))
def test_anything_can_be_looked_at_in_every_form(raw: bytes, name: str) -> None:
    for form in forms_of(Memory(raw), name).forms:
        try:
            made = form.open()
            made.fit(60, 20)
        except PayloadUnreadable:
            # It says what is wrong; that is all there is to see.
            continue
        for row in made.rows(0, 50):
            assert row.text.isprintable()


@given(st.sampled_from(["x.csv", "x.md", "x.html", "x.json", "x.txt"]), st.text(max_size=200))
def test_nothing_in_text_reaches_the_terminal_unseen(name: str, text: str) -> None:
    for form in forms_of(Memory(text.encode("utf-8", "surrogatepass")), name).forms:
        made = form.open()
        made.fit(60, 20)
        assert all(row.text.isprintable() for row in made.rows(0, 1_000))


# Trees


def test_a_long_list_unfolds_in_groups() -> None:
    tree = FoldingTree({"all": list(range(25)) and [{"n": n} for n in range(2 * GROUP + 5)]})
    assert [row.text.split() for row in tree.rows(0, 9)] == [["▸", "all", "2005", "items"]]
    tree.choose(0)
    assert [row.text.split()[1:4] for row in tree.rows(1, 9)] == [
        ["[0]", "…", "[999]"],
        ["[1000]", "…", "[1999]"],
        ["[2000]", "…", "[2004]"],
    ]
    tree.choose(3)
    assert tree.size == 4 + 5


def test_what_is_deep_inside_is_found_and_unfolded() -> None:
    deep: Any = "needle"
    for _ in range(80):
        deep = {"inner": [deep, {}]}
    tree = FoldingTree({"first": [{"n": n} for n in range(300)], "deep": deep})
    place = tree.find("needle", 0, backwards=False, wanted=always)
    assert place is not None
    assert "needle" in tree.rows(place, 1)[0].text
    assert tree.find("needle", place + 1, backwards=False, wanted=always) is None
    assert tree.find("first", place, backwards=True, wanted=always) == 0
    assert tree.find("absent", 0, backwards=False, wanted=always) is None


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_all_of_a_tree_can_be_unfolded_and_folded_again(tree: Any) -> None:
    folding = FoldingTree(tree if isinstance(tree, dict | list) else [tree])
    while True:
        closed = [row.start for row in folding.rows(0, 10**6) if row.text.lstrip().startswith("▸")]
        if not closed:
            break
        folding.unfold(closed[0])
    assert folding.rows_before(folding.size, 10**6) == folding.rows(0, 10**6)
    while any(row.text.startswith(" ▾") for row in folding.rows(0, 10**6)):
        folding.fold(next(row.start for row in folding.rows(0, 10**6) if row.text.startswith(" ▾")))
    assert folding.size == max(len(tree) if isinstance(tree, dict | list) else 1, 0)


def test_json_that_nests_too_deep_is_text() -> None:
    assert names_of(b"[" * 10**6) == ("text", ["text"])
    assert names_of(b'{"a": 1, "a": 2}') == ("text", ["text"])


# Tables


def test_columns_stand_below_each_other_and_numbers_at_the_right() -> None:
    text = 'run,name,rate\n1,lyso,0.25\n12,"a, b",-1\n'
    assert shown(text.encode(), "x.csv").splitlines() == [
        " run  name  rate ",
        "   1  lyso  0.25",
        "  12  a, b    -1",
    ]


RECORDS = st.lists(st.lists(st.text("ab ,;\"'\n漢", max_size=5), min_size=2, max_size=2), min_size=1, max_size=6)


@given(RECORDS)
def test_every_record_that_was_written_is_a_row(records: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["first", "second"], *records])
    assert len(document(out.getvalue().encode(), "x.csv", "table").rows(0, 100)) == len(records)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_guessed(delimiter: str) -> None:
    assert guess_delimiter(f"a{delimiter}b\n1{delimiter}2\n") == delimiter


# Markup


def test_html_is_read_without_its_scripts() -> None:
    page = (
        b"<html><title>T</title><script>alert(1)</script><h1>Head</h1><p>Some <b>bold</b> text<ul><li>one<li>two</ul>"
    )
    assert [line for line in shown(page).splitlines() if line] == [
        " T",
        " Head",
        " Some bold text",
        "   • one",
        "   • two",
    ]


def test_a_link_in_html_is_written_out() -> None:
    page = (
        b"<html><p>See <a href='http://x.y/z'>the <b>report</b></a> or <a href='#top'>above</a>."
        b"<p><a href='http://x.y'>http://x.y</a> <a name=here>x</a> <a href='data:" + b"A" * 9999 + b"'>image</a>"
    )
    first, second = (line.strip() for line in shown(page).splitlines() if line)
    assert first == "See the report (http://x.y/z) or above."
    assert second == f"http://x.y x image (data:{'A' * 195}…)"


def test_a_link_in_markdown_is_written_out_and_cannot_be_followed() -> None:
    made = document(b"# Head\n\n[here](http://evil) \x1b]8;;http://evil\x07x", "x.md")
    text = shown(b"# Head\n\n[here](http://evil) \x1b]8;;http://evil\x07x", "x.md")
    assert "here (http://evil)" in text
    assert "\x1b" not in text
    styles = [tone for row in made.rows(0, 100) for _text, tone in row.spans if not isinstance(tone, str)]
    assert not any(style.link for style in styles)


# Archives


def test_a_part_is_read_as_far_as_is_sensible_however_much_it_holds() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as part:
        for _ in range(80):
            part.write(bytes(1024 * 1024))
    made = document(out.getvalue())
    assert made.rows(0, 1)[0].text.split() == ["zeros", "80", "MiB"]
    member: Any = made.choose(0)
    assert member.content.size == 64 * 1024 * 1024
    assert not member.content.is_whole


def test_arrays_of_an_archive_are_described_compressed_or_not() -> None:
    for save in (numpy.savez, numpy.savez_compressed):
        out = io.BytesIO()
        save(out, hits=numpy.arange(12).reshape(3, 4))
        made = document(out.getvalue())
        assert "int64 · 3 × 4" in made.rows(0, 1)[0].text
        member: Any = made.choose(0)
        assert read_header(member.content).shape == (3, 4)


@given(st.binary(max_size=200))
def test_a_damaged_archive_is_refused_in_words(rest: bytes) -> None:
    with pytest.raises(PayloadUnreadable, match="archive"):
        document(b"PK\x03\x04" + rest)


# Tar archives


def tar(*names: str, content: bytes = b"text of a part", mode: str = "w:") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("newest")
        link.type, link.linkname = tarfile.SYMTYPE, "a.txt"
        archive.addfile(link)
    return out.getvalue()


@pytest.mark.parametrize("mode", ["w:", "w:gz"])
def test_a_part_of_a_tar_archive_is_opened_compressed_or_not(mode: str) -> None:
    raw = tar("logs/a.txt", "x\x1b[31m", mode=mode)
    label, forms = names_of(raw, "logs.tar.gz")
    assert (label.partition(",")[0], forms) == ("tar archive", ["parts", "hex"])
    made = document(raw, "logs.tar.gz")
    assert made.note == "3 parts"
    assert [row.text.strip() for row in made.rows(0, 9)] == [
        "logs/a.txt   14 B",
        "x␛[31m   14 B",
        "newest   link to a.txt",
    ]
    member: Any = made.choose(0)
    assert (member.name, member.content.read(0, 99)) == ("logs/a.txt", b"text of a part")
    assert made.choose(2) is None


def test_of_a_tar_archive_that_is_cut_short_the_parts_that_are_there_are_listed() -> None:
    raw = tar("a.txt", "b.txt", "c.txt")
    made = document(raw[: 4 * 512 + 100])
    assert made.rows(0, 1)[0].text.split() == ["a.txt", "14", "B"]
    assert "cut short" in made.note


@given(st.binary(min_size=1, max_size=40), st.integers(0, 511))
def test_a_damaged_tar_archive_is_told_of(damage: bytes, place: int) -> None:
    raw = bytearray(tar("a.txt", "b.txt"))
    raw[place : place + len(damage)] = damage
    raw[257:262] = b"ustar"
    try:
        made = document(bytes(raw))
    except PayloadUnreadable:
        return
    assert all(row.text.isprintable() for row in made.rows(0, 10))


def test_a_part_that_claims_more_than_there_is_costs_no_more_than_the_file() -> None:
    raw = bytearray(tar("a.txt"))
    raw[124:136] = b"77777777777\0"
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    made = document(bytes(raw))
    member: Any = made.choose(0)
    assert member.content.size == len(raw) - 512


# Files


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, words in ((tmp_path / "pipe", "a pipe"), (tmp_path, "a directory"), (Path("/dev/zero"), "a device")):
        with pytest.raises(PayloadUnreadable, match=words):
            open_file(str(path), tmp_path / "lute.db")
    with pytest.raises(FileMissing, match="nothing is at"):
        open_file(str(tmp_path / "gone"), tmp_path / "lute.db")
    with pytest.raises(PayloadUnreadable, match="cannot be opened"):
        open_file(f"{tmp_path}/a\0b", tmp_path / "lute.db")


def test_the_database_is_never_opened_by_another_name(tmp_path: Path) -> None:
    (tmp_path / "lute.db").write_bytes(b"x")
    (tmp_path / "other").symlink_to(tmp_path / "lute.db")
    with pytest.raises(PayloadUnreadable, match="belongs to the database"):
        open_file(str(tmp_path / "other"), tmp_path / "lute.db")


def test_json_of_any_size_is_masked() -> None:
    text = json.dumps({"password": "hidden", "list": [{"api_key": "hidden"}], "n": 1})
    assert "hidden" not in shown(text.encode(), form="text") + shown(text.encode(), form="tree")
