"""Hold the search for what is around a row: the entries near it, or the rows that point to it, and its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.compare.around import Around, look_around
from dbview.payload.files import FileState
from dbview.payload.looking import LookInto, Looks, Wanted, apart
from dbview.query.relation import Relation
from dbview.query.view import EntryPlace
from dbview.screens.last_scan import LastScan
from dbview.source.entries.record import Record
from dbview.source.entries.references import Uses, count_uses, find_references
from dbview.source.reader import Reader
from dbview.source.scheduler import Scheduler
from dbview.source.view.scan import Cancelled, Publisher

_LOOKS = Looks()
"""One for all screens: the threads that hang, and may not become too many, are those of the process."""


class FilesFound(Message):
    """More is known of the files that a row names.

    Attributes:
        number: Number of the search; those before the last do not count any more.
        states: What is known of them, by path.
    """

    def __init__(self, number: int, states: Mapping[str, FileState]) -> None:
        super().__init__()
        self.number = number
        self.states = states


class Surroundings:
    """What is around the row that was asked for last.

    Args:
        scheduler: Runs the searches.
        listener: Is told by :class:`~dbview.screens.last_scan.Found` and :class:`FilesFound`.

    Attributes:
        rows: The search for the entries around an entry, or the rows that point to any other row.
        number_of_files: Number of the last search for files.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._listener = listener
        self.rows: LastScan[Around | list[Uses]] = LastScan(scheduler, listener)
        self.number_of_files = 0

    def cancel(self) -> None:
        """Let the searches be."""
        self.number_of_files += 1
        self.rows.cancel()

    async def look(self, relations: tuple[Relation, ...], record: Record, choice: int) -> None:
        """Look around a row, in the place of an earlier one; an error comes out here.

        Args:
            relations: All of the source.
            record: The row.
            choice: Which entry it is compared with; see :func:`~dbview.compare.around.look_around`.
        """

        def job(
            reader: Reader, publish: Callable[[Around | list[Uses]], None], cancelled: Cancelled
        ) -> Around | list[Uses]:
            found: Around | list[Uses]
            if record.is_entry:
                found = look_around(reader, relations, record.relation, record.key, choice, publish, cancelled)
            else:
                place = EntryPlace(record.relation.name, record.key)
                references = find_references(reader, relations) if record.relation.key is not None else []
                found = count_uses(reader, references, place, record.cells, publish, cancelled)
            publish(found)
            return found

        self.rows.begin(job)
        await self.rows.result()

    def look_for_files(self, wanted: Sequence[Wanted], database: Path) -> None:
        """Look for the files of a row, in the place of those of an earlier one; some may never be answered for.

        Args:
            wanted: The files.
            database: The file that is looked at.
        """
        number = self.number_of_files = self.number_of_files + 1

        def job() -> None:
            states: dict[str, FileState] = {}
            publisher = Publisher()
            for state in _LOOKS.states(wanted, LookInto(database)):
                if number != self.number_of_files:
                    return
                states[state.path] = state
                if publisher.is_due():
                    self._listener.post_message(FilesFound(number, dict(states)))
            self._listener.post_message(FilesFound(number, states))

        if wanted:
            apart(job)
