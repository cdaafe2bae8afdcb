"""The contract between the recorder and what keeps its entries, in terms of entries and Tasks only."""

from __future__ import annotations

import abc
import datetime
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recorder.entry import WHOLE, Entry
from recorder.layout.values import StoredValue, as_column
from recorder.patience import Patience


@dataclass(frozen=True)
class Recorded:
    """Where an entry is: its Task and its id, unique within the Task."""

    task: str
    id: int


@dataclass(frozen=True)
class Wanted:
    """Which value is looked for.

    Attributes:
        run: Matched as number or as text (12, "12" and "0012" are the same); None: any run.
        experiment: None: any experiment.
    """

    task: str
    parameter: str
    valid_only: bool = True
    run: str | int | None = None
    experiment: str | None = None

    def matches(self, experiment: StoredValue, run: StoredValue) -> bool:
        """Tell whether this is the experiment and run of an entry. One that has none is of no experiment or run."""
        if self.experiment is not None and (experiment is None or str(experiment) != self.experiment):
            return False
        return self.run is None or (run is not None and _number_or_text(run) == _number_or_text(self.run))


@dataclass(frozen=True)
class Found:
    """The newest entry's value.

    Attributes:
        value: As the parameter's column holds it.
        experiments: Every experiment whose entries matched, the value's own first; several only if none was asked for.
    """

    value: StoredValue
    id: int
    experiments: tuple[StoredValue, ...]


@dataclass(frozen=True)
class ValidityChange:
    """Mark entries as valid or not: who, when and why."""

    valid: bool
    by: str
    at: datetime.datetime
    reason: str | None = None


@dataclass(frozen=True)
class StoredEntry:
    """An entry as it is kept.

    Attributes:
        key: None for an entry that another program wrote.
        header: Cells of the shared configuration, by column.
        executor: Cells of the Executor's configuration, by column.
        parameters: Cells of the parameters, by flat name; a parameter this entry does not have is None.
        result: Cells of the fixed columns (timestamp, status, summary, payload, schemas, validity), by column.
        exact: The parameters as the tagged tree they were, or None where only the cells are known.
        parameters_hash: Their canonical hash.
        payload_kind: How the payload's cell is to be read (see :attr:`recorder.entry.Entry.payload_kind`).
        extra: Tagged values for which there is no column.
        recorded_at: The timestamp to the microsecond, in ISO 8601; None for an entry that another program wrote.
        stage: ``whole``, ``start`` or ``end``.
        started_at: When the Task began, in ISO 8601, where that was said.
        origin: Who recorded it, where, in which job, with which version; what is not known is left out.
        failure: What the Executor knew of a failure; what is not known is left out.
    """

    task: str
    id: int
    key: str | None
    header: dict[str, StoredValue]
    executor: dict[str, StoredValue]
    parameters: dict[str, StoredValue]
    result: dict[str, StoredValue]
    exact: Any = None
    parameters_hash: str | None = None
    payload_kind: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    recorded_at: str | None = None
    stage: str = WHOLE
    started_at: str | None = None
    origin: dict[str, StoredValue] = field(default_factory=dict)
    failure: dict[str, StoredValue] = field(default_factory=dict)


@dataclass(frozen=True)
class TaskCount:
    """How many entries a Task has.

    Attributes:
        valid: How many of them a next Task may use.
        running: How many are RUNNING.
        stale: How many of these for longer than their ``task_timeout``, so that nobody will complete them.
    """

    task: str
    entries: int
    valid: int
    running: int = 0
    stale: int = 0


@dataclass(frozen=True)
class Selection:
    """Which entries of a Task are looked for.

    Attributes:
        where: Tagged values by flat name, of which an entry must hold one; also by name of a fixed column.
        run: Matched as number or as text; None: any run.
        experiment: None: any experiment.
        valid_only: Leave out what is not valid.
    """

    task: str
    where: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    run: str | int | None = None
    experiment: str | None = None
    valid_only: bool = False

    @property
    def wanted(self) -> Wanted:
        """The same run, experiment and validity."""
        return Wanted(self.task, "", self.valid_only, self.run, self.experiment)


@dataclass(frozen=True)
class Window:
    """Some entries of a Task.

    Attributes:
        entries: In the order of their ids.
        last: The id after which the next window begins; None if there is no further one.
    """

    entries: list[StoredEntry]
    last: int | None


def is_stale(since: StoredValue, timeout: StoredValue, now: datetime.datetime) -> bool:
    """Tell whether a Task that is RUNNING since then should have ended.

    Args:
        since: In ISO 8601; UTC where it does not say otherwise. What is no moment is never stale.
        timeout: Seconds after which the Task is stopped.
        now: The moment of asking.
    """
    try:
        began = datetime.datetime.fromisoformat(str(since))
        seconds = float(timeout or math.inf)
    except ValueError:
        return False
    if began.tzinfo is None:
        began = began.replace(tzinfo=datetime.UTC)
    return (now - began).total_seconds() > seconds


@dataclass(frozen=True)
class Status:
    """What a storage holds.

    Attributes:
        side_layout: Version of the layout of what is kept beside the tables of v0.1; None if nothing is.
        counts: The Tasks that have been recorded, by name.
    """

    side_layout: str | None
    counts: tuple[TaskCount, ...]


class Storage(abc.ABC):
    """Keep entries.

    Guarantees, which :class:`recorder.testing.StorageContract` holds every implementation to: an entry is stored as a
    whole or not at all; an entry's key is stored once, however often and from however many processes it is tried; ids
    grow and are never used again; equal shared configurations are kept once.

    Every method raises a :class:`~recorder.errors.RecorderError` when it cannot do its work.
    """

    @abc.abstractmethod
    def store(self, entries: Iterable[Entry], patience: Patience | None = None) -> list[Recorded]:
        """Store entries, all of them or none; return where each is, also one that already was.

        An entry of stage ``end`` completes the entry of its key in place if that is of stage ``start``; it stays not
        valid if it was marked so. If that has ended already, at another moment, it is an entry of its own, once too.

        Args:
            entries: In the order in which they are to be stored. What is no sequence, but may be iterated again, is
                asked for them only when the storage is held.
            patience: How long to wait for other processes, and what is to be done meanwhile.
        """

    @abc.abstractmethod
    def find(self, entries: Sequence[Entry], patience: Patience | None = None) -> list[Recorded | None]:
        """Return where entries are that storing again would not change; None for each that is not stored so far."""

    @abc.abstractmethod
    def latest(self, wanted: Wanted) -> Found | None:
        """Return the value of the newest entry, that of the greatest (timestamp, id); None if no entry matches.

        Raises:
            UnknownTask: No entry of the Task was ever stored.
            UnknownParameter: No entry of the Task ever had the parameter.
        """

    @abc.abstractmethod
    def set_validity(self, task: str, ids: Sequence[int], change: ValidityChange) -> None:
        """Mark entries as valid or not, all of them or none. Nothing is ever deleted.

        Raises:
            UnknownTask: No entry of the Task was ever stored.
            UnknownEntry: The Task has no entry with one of the ids.
        """

    @abc.abstractmethod
    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept.

        Raises:
            UnknownTask: No entry of the Task was ever stored.
            UnknownEntry: The Task has no entry with that id.
        """

    @abc.abstractmethod
    def window(self, selection: Selection, after: int) -> Window:
        """Return the next entries that match: so few that neither memory nor a writer suffers from it.

        Args:
            selection: Which entries.
            after: Only entries with a greater id; 0 to begin.

        Raises:
            UnknownTask: No entry of the Task was ever stored.
            UnknownParameter: No entry of the Task ever had one of the names.
        """

    @abc.abstractmethod
    def status(self) -> Status:
        """Return which Tasks have been recorded, and how often."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of files and connections. A closed storage opens itself again when it is used."""


def _number_or_text(run: StoredValue) -> StoredValue:
    return as_column(run, "INTEGER")
