"""Record many entries at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Unpack

from recorder.ending import Ending
from recorder.entry import Entry
from recorder.storage.base import Recorded


class Batch:
    """Collect entries, and store them in one transaction when the block ends.

    A context manager. Nothing is on a disk before the block's end: what is not acknowledged yet is in memory alone. An
    exception in the block does not cost what was recorded before it.

    Args:
        entry_of: Makes the entry of what is recorded.
        deliver: Stores entries or spools them; says where each is.

    Attributes:
        recorded: After the block: for each entry, in order, its Task and id, or the file in the spool.
    """

    def __init__(
        self, entry_of: Callable[[Any, Ending], Entry], deliver: Callable[[Sequence[Entry]], list[Recorded | Path]]
    ) -> None:
        self.recorded: list[Recorded | Path] = []
        self._entry_of = entry_of
        self._deliver = deliver
        self._entries: list[Entry] = []

    def record(self, cfg: Any, **ending: Unpack[Ending]) -> None:
        """Take the entry of a finished Task; arguments as for :meth:`recorder.Recorder.record`."""
        self._entries.append(self._entry_of(cfg, ending))

    def store(self, entry: Entry) -> None:
        """Take an entry that is already converted."""
        self._entries.append(entry)

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        entries, self._entries = self._entries, []
        self.recorded += self._deliver(entries)
