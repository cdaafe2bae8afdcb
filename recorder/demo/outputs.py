"""What the demo's Tasks result in: pictures, tables and reports."""

from __future__ import annotations

import math
import struct
import zlib


def powder_picture(rings: list[float], size: int = 96) -> bytes:
    """Return a grey PNG of rings about the centre, their radii given in parts of half the picture's width."""
    center = (size - 1) / 2
    rows = bytearray()
    for y in range(size):
        rows.append(0)  # no filter in this row
        for x in range(size):
            radius = math.hypot(x - center, y - center) / center
            light = sum(math.exp(-(((radius - ring) / 0.02) ** 2)) for ring in rings)
            rows.append(min(255, int(20 + 40 * math.exp(-3 * radius) + 180 * light)))
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def shells(best: float, worst: float, count: int, high_resolution: float) -> list[dict[str, float]]:
    """Return a figure of merit per resolution shell, from the lowest resolution to the highest, in angstroms."""
    return [
        {
            "d_max": round(high_resolution * (count / (index + 0.2)) ** 0.5, 2),
            "d_min": round(high_resolution * (count / (index + 1)) ** 0.5, 2),
            "value": round(best + (worst - best) * (index / (count - 1)) ** 2, 4),
        }
        for index in range(count)
    ]


def refinement_report(title: str, r_work: float, r_free: float, cycles: int) -> str:
    """Return the HTML page a refinement ends with."""
    rows = "\n".join(
        f"<tr><td>{cycle}</td><td>{r_work + 0.12 / cycle:.4f}</td><td>{r_free + 0.14 / cycle:.4f}</td></tr>"
        for cycle in range(1, cycles + 1)
    )
    return (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>\n<h1>{title}</h1>\n"
        f"<p>R-work <b>{r_work:.3f}</b>, R-free <b>{r_free:.3f}</b></p>\n"
        f"<table>\n<tr><th>cycle</th><th>R-work</th><th>R-free</th></tr>\n{rows}\n</table>\n</body></html>\n"
    )
