"""An open database file: its relations and the readers to look into them."""

from __future__ import annotations

import contextlib
import difflib
import os
from pathlib import Path

from dbview.errors import NotFound
from dbview.query.relation import Relation
from dbview.secrets import secrets_are_shown
from dbview.source.entries.waiting import waiting_entries
from dbview.source.file.connection import Connection
from dbview.source.file.copying import Copying
from dbview.source.file.database import Database
from dbview.source.file.guard import LENGTH_LIMIT
from dbview.source.file.opening import shown
from dbview.source.file.scratch import Scratch
from dbview.source.reader import Reader
from dbview.source.relations import read_schema, recognise
from dbview.text import visible


class Source:
    """A database file opened for reading only; made by :func:`open_source`.

    Attributes:
        path: The file, with symbolic links resolved.
        last_written_at: When it had last been written when its clock was looked at last, in seconds since 1970 (UTC).
            What is read from now on is not older than that.
    """

    def __init__(self, database: Database) -> None:
        self.path = database.path
        self._database = database
        self._relations: tuple[Relation, ...] = ()
        self.last_written_at = 0.0

    @property
    def access(self) -> str:
        """Words for how it is read at present: ``live · read-only``, ``snapshot of 14:03 UTC``; and if secrets show."""
        if (share := self._database.copied_share) is not None:
            return f"copying {100 * share:.0f} %"
        words = self._database.access.words
        return f"{words} · secrets shown" if secrets_are_shown() else words

    @property
    def copied_because(self) -> str:
        """Why the file is not read in place but from a private copy, as the end of a sentence; empty if it is."""
        return self._database.access.reason

    def allow_copy(self) -> None:
        """Allow private copies of any size from now on, as far as there is room for them."""
        self._database.allow_copy()

    def close(self) -> None:
        """Let go of the file and remove private copies. Readers must be closed before."""
        self._database.close()

    def reader(self, length_limit: int = LENGTH_LIMIT) -> Reader:
        """Return a new reader with a guarded connection of its own, made when it is first used."""
        return Reader(Connection(self._database, length_limit))

    def load(self, reader: Reader) -> None:
        """Read the file anew: what has its name now, a snapshot of its present state, and its schema.

        Raises:
            DbviewError: It cannot be read; what was read before still can, if it is still there.
        """
        self._database.renew()
        self.written_at()
        self._relations = recognise(reader.with_schema(read_schema))

    def relations(self) -> tuple[Relation, ...]:
        """Return all relations, in the order they were made."""
        return self._relations

    def relation(self, name: str) -> Relation:
        """Return the relation of that name; a difference in letter case alone does not matter.

        Raises:
            NotFound: There is none; the message names the nearest.
        """
        for relation in self._relations:
            if relation.name == name:
                return relation
        for relation in self._relations:
            if relation.name.casefold() == name.casefold():
                return relation
        near = difflib.get_close_matches(name, [relation.name for relation in self._relations], 3, 0.5)
        hint = f" Did you mean {', '.join(map(visible, near))}?" if near else " `dbview tables` lists what there is."
        raise NotFound(f"{shown(self.path)} has no table {visible(name)}.{hint}")

    def written_at(self) -> float:
        """Look at the file's clock: return when it was last written, in seconds since 1970 (UTC)."""
        self.last_written_at = self._database.signature().modified / 1e9
        return self.last_written_at

    def waiting(self) -> int:
        """Return how many entries wait beside the file to be stored; counting ends at a thousand."""
        return waiting_entries(self.path)


def open_source(path: Path, copying: Copying | None = None) -> Source:
    """Open a database file for reading only, and read its schema.

    Nothing is created or changed beside it, whatever the path is.

    Args:
        path: The file.
        copying: What a private copy may cost, where the file cannot be read in place; None for the defaults.

    Raises:
        FileMissing, PermissionDenied, NotADatabase: The path leads to nothing that can be opened.
        UnsupportedState, DatabaseLocked: Nor can it be opened as it is at this moment.
    """
    # Links are followed once: files beside the database are looked for where SQLite would look for them.
    real = Path(os.path.realpath(path))
    copying = copying or Copying(Scratch())
    copying.scratch.remove_stale()
    database = Database(real, copying)
    source = Source(database)
    try:
        with contextlib.closing(source.reader()) as reader:
            source.load(reader)
    except BaseException:
        source.close()
        raise
    return source
