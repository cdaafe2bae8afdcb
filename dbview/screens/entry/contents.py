"""Hold what a row's screen shows, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dbview.compare.around import Around
from dbview.paths import located
from dbview.payload.files import FileState, file_words, files_in, files_of_payload, kept_file
from dbview.payload.looking import Wanted
from dbview.payload.recognise import PathPayload, Payload, recognise
from dbview.query.relation import Role
from dbview.query.view import EntryPlace
from dbview.source.entries.entry_paths import NamedPath, locating, paths_of_entry
from dbview.source.entries.record import Record
from dbview.source.entries.references import Uses


@dataclass(frozen=True)
class Contents:
    """What an entry's screen shows.

    Attributes:
        database: The file it stands in.
        record: The row.
        payload: What its payload is.
        named: The paths that it names.
        wanted: The files to look for: those, and the ones that the recorder keeps for it.
        targets: The rows that its keys lead to, by column.
        files: What is known so far of these files, by path.
        around: What is known so far of the entries around it; None while nothing is.
        uses: The rows that point to it, as far as they are counted; None while nothing is known of them.
    """

    database: Path
    record: Record
    payload: Payload
    named: Sequence[NamedPath]
    wanted: Sequence[Wanted]
    targets: Mapping[str, EntryPlace] = field(default_factory=dict)
    files: Mapping[str, FileState] = field(default_factory=dict)
    around: Around | None = None
    uses: Sequence[Uses] | None = None

    @property
    def listed_payload(self) -> frozenset[str]:
        """The payload's paths that stand in full among the files, and nowhere else; none of what the recorder keeps."""
        if not isinstance(self.payload, PathPayload) or self.record.beside.payload_directory(self.database) is not None:
            return frozenset()
        paths = {*self.payload.paths}
        return frozenset(one.path for one in self.named if paths & {one.path, one.located.place})

    def kept_file_words(self, name: str) -> str:
        """Return the words for a file that the recorder keeps, by its name."""
        return file_words(kept_file(self.database, name), self.files)


def contents_of(record: Record, database: Path, targets: Mapping[str, EntryPlace]) -> Contents:
    """Return a record with its payload recognised; decoding may take a moment, so this belongs in a worker."""
    record = record.masked()
    locate = locating(record, database) if record.is_entry else None
    payload = recognise(record.role(Role.PAYLOAD), record.beside.payload_directory(database), locate)
    named = paths_of_entry(record, database) if record.is_entry else []
    kept = (*files_of_payload(payload, database), *files_in(record.beside.exact, database))
    wanted = {path: Wanted(path, located(path, str(database.parent), {})) for path in kept}
    wanted |= {one.path: Wanted(one.path, one.located) for one in named}
    return Contents(database, record, payload, named, tuple(wanted.values()), targets)
