"""A table of a Task, and what of it is on the screen."""

from __future__ import annotations

from tests.dbview.database import Database

from .conftest import Viewer


def peaks(database: Database, count: int = 12) -> None:
    """Entries 1 to count; every fourth failed, run is half the id."""
    for run in range(count):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": str(run // 2)})
    statuses = ["COMPLETED", "COMPLETED", "COMPLETED", "FAILED"]
    database.task(
        "Peaks",
        {"son_min": "REAL", "compression.compressor": "TEXT", "note": "TEXT"},
        [
            {
                "gen_cfg_id": number + 1,
                "son_min": (number * 7) % 10 + 0.5,
                "compression.compressor": None if number % 3 == 0 else "qoz",
                "note": f"note {number}",
                "result.task_status": statuses[number % 4],
                "result.summary": f"hits: {number}",
                "valid_flag": int(number % 4 != 3),
            }
            for number in range(count)
        ],
    )


def ids(viewer: Viewer) -> list[int]:
    """Return the ids shown, from the top."""
    found = []
    for line in viewer.lines[6:-5]:
        words = line.removeprefix("▌").split()
        found += [int(word) for word in words[1:2] if word.isdecimal()]
    return found
