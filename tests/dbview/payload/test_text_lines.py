from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dbview.payload.content import Memory, open_file
from dbview.payload.hexadecimal import HexDocument
from dbview.payload.text_lines import BLOCK, TextLines, find_bytes

TEXTS = st.lists(
    st.one_of(
        st.binary(max_size=40), st.sampled_from([b"x" * BLOCK, b"\n", b"\xc3\xa4" * BLOCK, b"y" * (3 * BLOCK + 7)])
    ),
    max_size=8,
).map(b"\n".join)


def always() -> bool:
    return True


def texts(content: bytes) -> list[str]:
    lines = TextLines(Memory(content))
    return [row.text for row in lines.rows(0, 10**6)]


def test_lines_are_made_visible_and_tabs_expanded() -> None:
    assert texts(b"a\tb\r\n\x1b[31mred\n\xff\xfe\nlast") == ["a       b", "␛[31mred", "\\xff\\xfe", "last"]


def test_an_empty_line_at_the_end_is_no_row() -> None:
    assert texts(b"one\n\ntwo\n") == ["one", "", "two"]
    assert texts(b"") == []


@given(TEXTS)
def test_rows_are_the_same_from_the_beginning_from_the_end_and_from_any_byte(raw: bytes) -> None:
    lines = TextLines(Memory(raw))
    rows = lines.rows(0, 10**6)
    assert lines.rows_before(len(raw), 10**6) == rows
    assert [row.start for row in rows] == [0, *(row.stop for row in rows)][: len(rows)]
    assert sum(row.stop - row.start for row in rows) == len(raw)
    assert all(row.stop - row.start <= 2 * BLOCK for row in rows)
    for row in rows:
        assert {lines.start_of(place) for place in {row.start, (row.start + row.stop) // 2, row.stop - 1}} == {
            row.start
        }
        assert lines.rows_before(row.start, 2) == [other for other in rows if other.stop <= row.start][-2:]


@given(st.text("aä漢\U0001f600", min_size=1, max_size=9), st.integers(0, 3))
def test_characters_are_whole_where_a_long_line_is_cut(some: str, shift: int) -> None:
    text = some * (2 * BLOCK // len(some))
    assert "".join(texts(b"x" * shift + text.encode())) == "x" * shift + text


@given(st.text("abA", max_size=60), st.text("abA", min_size=1, max_size=3), st.integers(0, 60))
def test_what_is_searched_is_found_in_either_direction(text: str, needle: str, start: int) -> None:
    folded = text if needle != needle.lower() else text.lower()
    places = [place for place in range(len(text)) if folded.startswith(needle, place)]
    after = min((place for place in places if place >= start), default=None)
    before = max((place for place in places if place < start), default=None)
    content = Memory(text.encode())
    assert find_bytes(content, needle.encode(), start, backwards=False, wanted=always) == after
    assert find_bytes(content, needle.encode(), start, backwards=True, wanted=always) == before


def test_a_search_ends_when_it_is_no_longer_wanted() -> None:
    assert TextLines(Memory(b"a\nneedle")).find("needle", 0, backwards=False, wanted=lambda: False) is None


def test_a_file_of_gigabytes_opens_at_both_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "large.log"
    with path.open("wb") as file:
        file.write(b"the first line\n")
        # One line of gigabytes; the file system keeps its zeros for nothing.
        file.seek(5 * 10**9)
        file.write(b"end of it\nthe last line\n")
    content = open_file(str(path), tmp_path / "lute.db")
    try:
        lines = TextLines(content)
        assert lines.rows(0, 1)[0].text == "the first line"
        assert [row.text for row in lines.rows_before(lines.size, 2)][-1] == "the last line"
        assert all(len(row.text) <= 2 * BLOCK for row in lines.rows(0, 20))
        assert HexDocument(content).rows_before(content.size, 1)[0].text.endswith("|")
    finally:
        content.close()


def test_bytes_have_a_ruler_and_are_found_by_text_or_by_hexadecimal() -> None:
    hexadecimal = HexDocument(Memory(bytes(range(256)) * 10))
    assert "".join(text for text, _tone in hexadecimal.header).endswith(
        "0  1  2  3  4  5  6  7   8  9  a  b  c  d  e  f"
    )
    assert hexadecimal.rows(16, 1)[0].text.startswith(" 00000010  10 11")
    assert hexadecimal.find("0xfeff00", 0, backwards=False, wanted=always) == 240
    assert hexadecimal.find("ABC", 0, backwards=False, wanted=always) == 64
    assert hexadecimal.find("0xzz", 0, backwards=False, wanted=always) is None
