"""Count the entries that could not be stored yet and wait beside the database."""

from __future__ import annotations

import os
from pathlib import Path

from recorder.layout.tables import SPOOL

MOST_COUNTED = 1_000
"""More need no exact number, and counting them would take long."""


def waiting_entries(database: Path) -> int:
    """Return how many entries wait in the spool beside a database, at most :data:`MOST_COUNTED`.

    The directory is listed and nothing in it is opened. One that is not there, or may not be read, holds none.
    """
    count = 0
    try:
        with os.scandir(f"{database}{SPOOL}") as found:
            for file in found:
                count += file.name.endswith(".json")
                if count == MOST_COUNTED:
                    break
    except OSError:
        return 0
    return count
