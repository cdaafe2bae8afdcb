"""Keep the numbers of summaries that stand under the Tasks of the overview, and which of them a person wants to see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping

from dbview.query.relation import Role
from dbview.settings import Settings
from dbview.source.entries.pipeline import PipelineTask, summary_numbers
from dbview.source.reader import Reader
from dbview.values import Cell

Read = Callable[[Callable[[Reader], dict[int, Cell]]], Awaitable[dict[int, Cell]]]
"""Runs a short job on the reading thread."""

_KIND = "summary number"
_NONE = ""
"""Remembered for a Task under which no number is to stand."""

_KEPT = 5_000
"""Entries whose numbers are kept, so that going back does not read them again."""


class RunNumbers:
    """The numbers of the entries that have been in sight.

    Args:
        settings: Remembers for each Task which number is wanted.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: OrderedDict[tuple[str, int], Mapping[str, int | float]] = OrderedDict()

    def wanted(self, task: PipelineTask) -> str | None:
        """Return which number is shown of a Task, None for none: the one that was chosen, else the first."""
        chosen = self._settings.recall(_KIND, task.relation.name)
        if chosen == _NONE:
            return None
        return chosen if chosen in task.numbers else next(iter(task.numbers), None)

    def want_next(self, task: PipelineTask) -> None:
        """Show the next of a Task's numbers; after the last none, then the first again."""
        shown = self.wanted(task)
        place = task.numbers.index(shown) + 1 if shown is not None else 0
        self._settings.remember(_KIND, task.relation.name, [*task.numbers, _NONE][place])

    def number(self, task: PipelineTask, key: int) -> int | float | None:
        """Return the number that is shown of an entry, None if it has none or that is not known."""
        wanted, known = self.wanted(task), self._known.get((task.relation.name, key))
        return known.get(wanted) if known and wanted is not None else None

    def lacks(self, task: PipelineTask, key: int) -> bool:
        """Tell whether a number is to be shown of an entry that has not been read."""
        return self.wanted(task) is not None and (task.relation.name, key) not in self._known

    async def fetch(self, task: PipelineTask, keys: Iterable[int], read: Read) -> None:
        """Read the numbers of some entries of a Task."""
        listed, summary = list(keys), task.relation.of_role(Role.SUMMARY)

        def job(reader: Reader) -> dict[int, Cell]:
            rows = reader.rows(task.relation, [summary], listed) if summary else []
            return {row.key: row.cells[0] for row in rows}

        found = await read(job)
        self._known.update({(task.relation.name, key): summary_numbers(found.get(key)) for key in listed})
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Take note that entries may have changed."""
        self._known.clear()

    def forget_entry(self, task: str, key: int) -> None:
        """Take note that an entry may have changed."""
        self._known.pop((task, key), None)
