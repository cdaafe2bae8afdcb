"""Measure the way from starting the viewer to the first rows on a terminal, and the memory it takes."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import bare
from bench.entries import TASK, database
from bench.measuring import Ratio, in_turn
from tests.terminal import DBVIEW, Terminal

COLUMNS, ROWS = 120, 36


@dataclass(frozen=True)
class Start:
    """One start of a program.

    Attributes:
        seconds: From starting the process to the wanted text on its screen.
        peak_memory: The most memory it had by then, in bytes.
    """

    seconds: float
    peak_memory: int


def start(command: Sequence[str | Path], wanted: str) -> Start:
    """Start a program in a terminal, and end it as soon as a line of its screen matches the wanted pattern."""
    pattern = re.compile(wanted, re.MULTILINE)
    began = time.perf_counter()
    # Compiled modules must be kept between starts, as they are for people.
    kept = {"PYTHONDONTWRITEBYTECODE": None}
    with Terminal(command, columns=COLUMNS, rows=ROWS, environment=kept) as terminal:
        terminal.wait_for(pattern.search)
        seconds = time.perf_counter() - began
        return Start(seconds, peak_memory(terminal.process.pid))


def peak_memory(process: int) -> int:
    """Return the most memory a process has had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if not found:
        raise RuntimeError(f"/proc/{process}/status does not tell the peak memory")
    return int(found.group(1)) * 1024


def viewer(entries: int) -> Start:
    """Start the viewer on a table of so many entries, until the newest one's row is there."""
    return start([*DBVIEW, database(entries), TASK], rf"^▌?\s*\S+\s+{entries}\s")


def bare_app() -> Start:
    """Start the least a Textual program can be."""
    return start([sys.executable, "-m", "bench.bare"], bare.READY)


def first_rows(rounds: int) -> list[Ratio]:
    """Compare the viewer's first rows with a bare app's first text."""
    ours, theirs = in_turn(lambda: viewer(1000), bare_app, rounds)
    return [Ratio("first rows / first text of a bare Textual app", 1.8, seconds(ours), seconds(theirs), "s")]


def size(rounds: int, entries: int = 1_000_000) -> list[Ratio]:
    """Compare a large table with one of 1,000 entries: the time to the first rows, and the memory by then."""
    large, small = in_turn(lambda: viewer(entries), lambda: viewer(1000), rounds)
    return [
        Ratio(f"first rows of {entries:,} entries / of 1,000", 1.25, seconds(large), seconds(small), "s"),
        Ratio(f"peak memory at {entries:,} entries / at 1,000", 1.3, megabytes(large), megabytes(small), "MB"),
    ]


def seconds(starts: Sequence[Start]) -> list[float]:
    """Return how long each start took."""
    return [start.seconds for start in starts]


def megabytes(starts: Sequence[Start]) -> list[float]:
    """Return the peak memory of each start, in MB."""
    return [start.peak_memory / 1e6 for start in starts]
