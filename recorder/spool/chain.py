"""The spool of one database: all the places in which its entries wait."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from recorder.entry import Entry
from recorder.errors import RecorderError, StorageFailed
from recorder.spool import files, places


class Spool:
    """Keep entries of a database until it can take them.

    Args:
        database: The database file that the entries belong into.
    """

    def __init__(self, database: Path) -> None:
        self.database = database

    @property
    def directory(self) -> Path:
        """The place beside the database, as the links to it lead now."""
        return places.beside(self.database)

    def keep(self, entry: Entry) -> Path:
        """Write an entry into the first place that takes it, so that it survives a power loss; return its file.

        Writing into a network file system that hangs waits with it: nothing in user space can end that.

        Raises:
            StorageFailed: No place takes it; the message says why of each.
            ValueError, TypeError: The entry is not what JSON can hold.
        """
        text = entry.to_json()
        faults = []
        for place in places.chain(self.database):
            try:
                places.make(place, self.database)
                return files.write(entry, text, place).absolute()
            except OSError as error:
                faults.append(f"{place}: {error.strerror or error}")
        raise StorageFailed("; ".join(faults))

    def places(self) -> list[Path]:
        """Return the directories in which entries may wait, the one beside the database first. Some may not exist."""
        return places.known(self.database)

    def waiting(self, place: Path | None = None, *, refused: bool = False) -> list[Path]:
        """Return the files that wait, in one place or in all of them; with ``refused`` also those that were set aside.

        Oldest first.

        Raises:
            RecorderError: A place cannot be read.
        """
        places_ = self.places() if place is None else [place]
        found = [path for directory in places_ for path in files.waiting(directory)]
        if refused:
            found += [path for directory in places_ for path in files.waiting(directory / files.REFUSED)]
        return sorted(found, key=lambda path: path.name)

    def pending(self) -> list[Path]:
        """Return the files that wait, oldest first, wherever they are.

        Raises:
            RecorderError: A place cannot be read.
        """
        return self.waiting()

    def refused(self) -> list[Path]:
        """Return the files that were set aside, wherever they are.

        Raises:
            RecorderError: A place cannot be read.
        """
        return [path for place in self.places() for path in files.waiting(place / files.REFUSED)]

    def result_files(self, paths: Iterable[Path]) -> set[str]:
        """Return the names of the files that the results of entries are, of those entries that can be read."""
        names: set[str] = set()
        for path in paths:
            with contextlib.suppress(RecorderError):
                names.update(files.read(path).files)
        return names
