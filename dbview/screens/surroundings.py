"""Hold the search for what is around a row: the entries near it, or the rows that point to it."""

from __future__ import annotations

import asyncio

from textual.message import Message
from textual.message_pump import MessagePump

from dbview.query.relation import Relation
from dbview.query.view import EntryPlace
from dbview.screens.around import Around, look_around
from dbview.source.reader import Reader
from dbview.source.record import Record
from dbview.source.references import Uses, count_uses, find_references
from dbview.source.scan import Cancelled
from dbview.source.scheduler import ScanHandle, Scheduler


class Found(Message):
    """More is known of what is around a row.

    Attributes:
        number: Number of the search; those before the last do not count any more.
        found: The entries around an entry, or the rows that point to any other row.
    """

    def __init__(self, number: int, found: Around | list[Uses]) -> None:
        super().__init__()
        self.number = number
        self.found = found


class Surroundings:
    """What is around the row that was asked for last.

    Args:
        scheduler: Runs the searches.
        listener: Is told by :class:`Found`.

    Attributes:
        number: Number of the last search.
    """

    def __init__(self, scheduler: Scheduler, listener: MessagePump) -> None:
        self._scheduler = scheduler
        self._listener = listener
        self._search: ScanHandle[None] | None = None
        self.number = 0

    def cancel(self) -> None:
        """Let the search be."""
        if self._search is not None:
            self._search.cancel()

    async def look(self, relations: tuple[Relation, ...], record: Record, choice: int) -> None:
        """Look around a row, in the place of an earlier one; an error comes out here.

        Args:
            relations: All of the source.
            record: The row.
            choice: Which entry it is compared with; see :func:`~dbview.screens.around.look_around`.
        """
        self.cancel()
        self.number += 1
        number = self.number

        def publish(found: Around | list[Uses]) -> None:
            self._listener.post_message(Found(number, found))

        def job(reader: Reader, cancelled: Cancelled) -> None:
            if record.is_entry:
                publish(look_around(reader, relations, record.relation, record.key, choice, publish, cancelled))
                return
            place = EntryPlace(record.relation.name, record.key)
            references = find_references(reader, relations) if record.relation.key is not None else []
            publish(count_uses(reader, references, place, record.cells, publish, cancelled))

        self._search = self._scheduler.scan(job)
        await asyncio.wrap_future(self._search.future)
