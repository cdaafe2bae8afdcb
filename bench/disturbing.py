"""Measure how long the screen stalls, what memory it takes and how long a writer waits while a table is looked at.

``python -m bench.disturbing --rows N`` measures this alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.entries import TASK, database
from bench.measuring import Ratio
from bench.scale import NUMBER, ROWS
from bench.starting import peak_memory

FILTER = "regions[3]<17"
"""Finds about one row in twenty."""

COMMIT_EVERY = 0.02
"""Seconds between two commits of the writer."""
BUSY_TIMEOUT = 5.0

_TICK = 0.002


def stalls_and_memory(rows: int = ROWS, seconds: float = 20.0) -> Iterator[Ratio]:
    """Compare the longest stall of the screen and its peak memory, filtering and sorting, with what they may be."""
    for what in ("filters", "sorts"):
        seen = look(database(rows), what, seconds)
        yield Ratio(f"longest stall of the screen that {what}, {rows:,} rows / 100", 1, [seen["stall"]], [100], "ms")
        # A whole sort states what it takes: 64 MiB, and eight bytes for each key of the result.
        allowed = 150 if what == "filters" else 150 + 67 + 8 * rows / 1e6
        yield Ratio(f"peak memory, {what} / what is allowed", 1, [seen["memory"]], [allowed], "MB")


def writers_wait(rows: int = ROWS, rounds: int = 5, seconds: float = 6.0) -> Iterator[Ratio]:
    """Compare the 99th percentile of a writer's commits beside a viewer with the same without one."""
    with written(database(rows)) as path:
        beside, alone = [], []
        for _ in range(rounds):
            alone.append(commits(path, seconds))
            viewer = start_looking(path, "both", seconds + 2)
            viewer.stdout.readline()
            beside.append(commits(path, seconds))
            outcome(viewer)
    at_most = max(3.0, 60 / sorted(alone)[len(alone) // 2])
    yield Ratio(
        f"a writer's 99th percentile beside a viewer / alone, {rows:,} rows", round(at_most, 1), beside, alone, "ms"
    )


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Lend a copy of a database that can be written to."""
    copy = path.with_suffix(f".written-{os.getpid()}")
    try:
        shutil.copyfile(path, copy)
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("CREATE TABLE notes(at REAL)")
        yield copy
    finally:
        for left in (copy, Path(f"{copy}-journal")):
            left.unlink(missing_ok=True)


def commits(path: Path, seconds: float) -> float:
    """Commit one row at a time, and return the 99th percentile of how long that took, in milliseconds."""
    took = []
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT)) as connection:
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO notes VALUES (?)", (began,))
            connection.execute("COMMIT")
            took.append((time.perf_counter() - began) * 1000)
            time.sleep(max(0.0, COMMIT_EVERY - took[-1] / 1000))
    return sorted(took)[int(len(took) * 0.99)]


def look(path: Path, what: str, seconds: float) -> dict[str, float]:
    """Look at a database in a process of its own; return its longest stall, in ms, and its peak memory, in MB."""
    viewer = start_looking(path, what, seconds)
    viewer.stdout.readline()
    return outcome(viewer)


def start_looking(path: Path, what: str, seconds: float) -> Any:
    """Start a process that filters, sorts or does both; it writes a line as soon as its screen is there."""
    command = [sys.executable, "-m", "bench.disturbing", "--look", str(path), what, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def outcome(viewer: Any) -> dict[str, float]:
    """Return what such a process found out."""
    told, _ = viewer.communicate()
    if viewer.returncode:
        raise RuntimeError(f"the viewer ended with {viewer.returncode}")
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


async def looking(path: Path, what: str, seconds: float) -> None:
    """Filter, sort and scroll for a while, and tell the longest stall of the event loop meanwhile."""
    from dbview.app import DbviewApp
    from dbview.query.view import SortKey, View
    from dbview.screens.table.screen import TableScreen
    from dbview.source.source import open_source

    filtered, ordered = View(TASK, FILTER), View(TASK, "", (SortKey(NUMBER),))
    views = {"filters": [filtered, View(TASK)], "sorts": [ordered], "both": [filtered, ordered]}
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            longest = max(longest, time.perf_counter() - began - _TICK)

    with closing(open_source(path)) as source:
        app = DbviewApp(source, View(TASK))
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause(1)
            screen = app.screen
            if not isinstance(screen, TableScreen):
                raise RuntimeError("the table did not open")
            print("looking", flush=True)
            ticking = asyncio.create_task(tick())
            for view in views[what]:
                screen.show_view(view)
                end = time.perf_counter() + seconds / len(views[what])
                while time.perf_counter() < end:
                    for key in ("end", "pageup", "up", "home", "pagedown", "down"):
                        await pilot.press(key)
                    await pilot.pause(0.2)
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
    print(json.dumps({"stall": longest * 1000, "memory": peak_memory(os.getpid()) / 1e6}))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.disturbing", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"rows of the table ({ROWS:,})")
    parser.add_argument("--look", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.look:
        path, what, seconds = arguments.look
        asyncio.run(looking(Path(path), what, float(seconds)))
        return
    for ratio in (*stalls_and_memory(arguments.rows), *writers_wait(arguments.rows)):
        print(ratio, flush=True)


if __name__ == "__main__":
    main()
