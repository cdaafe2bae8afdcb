"""An open database file: its relations and the readers to look into them."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from dbview.errors import NotFound
from dbview.query.relation import Relation
from dbview.source import opening
from dbview.source.connection import Connection
from dbview.source.guard import LENGTH_LIMIT
from dbview.source.reader import Reader
from dbview.source.relations import read_schema, recognise
from dbview.text import visible


class Source:
    """A database file opened for reading only; made by :func:`open_source`.

    Attributes:
        path: The file, with symbolic links resolved.
        access: Words for how it is open.
    """

    access = "live · read-only"

    def __init__(self, path: Path, header: int) -> None:
        self.path = path
        self._header = header
        self._relations: tuple[Relation, ...] = ()

    def close(self) -> None:
        """Let go of the file. Readers must be closed before."""
        os.close(self._header)

    def reader(self, length_limit: int = LENGTH_LIMIT) -> Reader:
        """Return a new guarded connection.

        Raises:
            UnsupportedState: The file has meanwhile gone into a state whose opening could write beside it.
            DbviewError: Whatever else stands in the way.
        """
        return Reader(
            Connection(self.path, lambda: opening.refuse_changed_state(self.path, self._header), length_limit)
        )

    def load(self, reader: Reader) -> None:
        """Read the schema anew; :meth:`relations` then tells what is there now."""
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
        raise NotFound(f"{opening.shown(self.path)} has no table {visible(name)}.{hint}")

    def written_at(self) -> float:
        """Return when the file was last written, in seconds since 1970 (UTC)."""
        return self.path.stat().st_mtime


def open_source(path: Path) -> Source:
    """Open a database file for reading only, and read its schema.

    Nothing is created or changed, whatever the path is.

    Raises:
        FileMissing, PermissionDenied, NotADatabase: The path leads to nothing that can be opened.
        UnsupportedState, DatabaseLocked: Nor can it be opened as it is at this moment.
    """
    # Links are followed once: files beside the database are looked for where SQLite would look for them.
    real = Path(os.path.realpath(path))
    source = Source(real, opening.open_header(real))
    try:
        reader = source.reader()
        try:
            source.load(reader)
        finally:
            reader.close()
    except BaseException:
        source.close()
        raise
    return source
