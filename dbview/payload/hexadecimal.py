"""Show bytes as hexadecimal and visible ASCII."""

from __future__ import annotations

from collections.abc import Iterator

BYTES_A_LINE = 16
"""Makes a line of 78 characters, which fits a terminal of 80."""


def hex_lines(raw: bytes, start: int = 0) -> Iterator[str]:
    """Yield one line for each 16 bytes: offset, the bytes in two groups of eight, their ASCII.

    Args:
        raw: The bytes to show.
        start: Offset of the first of them in the whole value.
    """
    for place in range(0, len(raw), BYTES_A_LINE):
        line = raw[place : place + BYTES_A_LINE]
        left, right = line[:8].hex(" "), line[8:].hex(" ")
        ascii_text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in line)
        yield f"{start + place:08x}  {left:<23}  {right:<23}  |{ascii_text}|"
