"""Know where what belongs to a database stands: beside its file, whatever links lead there.

SQLite puts its journal beside the file itself, and so do we: whoever reaches it by another link finds the same spool,
the same queue and the same results, and who copies its directory has all of them.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path


def neighbour(database: Path, suffix: str) -> Path:
    """Return what stands beside a database and has its name with something added to it."""
    return _named(real_file(database), suffix)


@functools.lru_cache(maxsize=64)
def _named(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)  # asked once an entry, and it takes longer than asking for a link


def real_file(database: Path) -> Path:
    """Return the file that a link stands for, and any other path as it is: what is beside that is the same."""
    try:
        os.readlink(database)  # noqa: PTH115 - the cheapest form; it runs several times an entry
    except OSError:  # no link, or nothing at all
        return database
    return Path(os.path.realpath(database))  # it never raises, also where a part is missing
