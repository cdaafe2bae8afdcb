from hypothesis import given
from hypothesis import strategies as st

from dbview.payload.hexadecimal import hex_lines


def test_offset_bytes_and_ascii_stand_in_columns() -> None:
    lines = list(hex_lines(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR!\x7f", start=0x10))
    assert lines == [
        "00000010  89 50 4e 47 0d 0a 1a 0a  00 00 00 0d 49 48 44 52  |.PNG........IHDR|",
        "00000020  21 7f                                             |!.|",
    ]


@given(st.binary(max_size=200))
def test_the_bytes_can_be_read_back(raw: bytes) -> None:
    lines = list(hex_lines(raw))
    assert b"".join(bytes.fromhex(line[10:58]) for line in lines) == raw
    assert all(line.isprintable() and len(line) <= 78 for line in lines)
