"""Record finished Tasks into one database, and answer what was recorded last."""

from __future__ import annotations

import datetime
import functools
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Unpack

from recorder.batch import Batch
from recorder.delivery import Delivery, OnError
from recorder.ending import Ending, entry_ids, entry_of
from recorder.entry import END, START, Entry, is_key
from recorder.layout.tables import DATABASE_FILE
from recorder.origin import host_name, user_name
from recorder.patience import WAIT, Patience, seconds_to_wait
from recorder.payloads import PAYLOAD_LIMIT
from recorder.pending import newest
from recorder.recorded import Model, RecordedEntry, go_through, load, tagged_lists
from recorder.replay import Outcome, replay_places
from recorder.saying import say
from recorder.signals import held_back
from recorder.spool.chain import Spool
from recorder.spool.places import absolute
from recorder.storage.base import Found, Recorded, Selection, Status, StoredEntry, ValidityChange, Wanted
from recorder.storage.payload_files import sweep_unfinished
from recorder.storage.sqlite import SqliteStorage
from recorder.turns import Turns

if TYPE_CHECKING:
    from recorder.storage.check import Finding


def database_path(path: str | os.PathLike[str]) -> Path:
    """Return the database a path means: the file itself, or the database of a directory."""
    named = Path(path)
    # Not Path.is_dir, which raises where one may not look; opening the file says so in our own words.
    return named / DATABASE_FILE if os.path.isdir(named) else named  # noqa: PTH112


class Recorder:
    """Record finished Tasks into one database.

    A context manager. May be used by several threads, and on both sides of a fork; a fork waits for an entry that
    another thread is just storing.

    Args:
        path: The database file, or the directory that holds ``lute.db``. The first entry creates the file.
        timeout: Seconds to wait for other processes before an entry stays in the spool.
        on_error: ``spool``: an entry that cannot be stored is kept in the spool, and the caller goes on. ``raise``: the
            error is raised, and what becomes of its ``entry`` is the caller's to decide; nothing is in the spool, but
            for an entry that a signal interrupts.
        secrets: Words beside the usual ones that tell a secret by its variable's name.
        payload_limit: Bytes beyond which a result is kept as a file beside the database.

    Raises:
        ValueError: The timeout is no number of seconds, negative, or without an end.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        timeout: float = WAIT,
        on_error: OnError = "spool",
        secrets: Iterable[str] = (),
        payload_limit: int = PAYLOAD_LIMIT,
    ) -> None:
        self.path = absolute(database_path(path))
        self.timeout = seconds_to_wait(timeout)
        self.spool = Spool(self.path)
        self._turns = Turns(functools.partial(SqliteStorage, self.path, self.timeout))
        self._accepting: dict[str, Any] = {"secrets": tuple(secrets), "payload_limit": payload_limit}
        self._delivery = Delivery(self._turns, self.spool, self.timeout, on_error)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. A closed recorder opens it again when it is used."""
        with self._turns.turn() as storage:
            storage.close()

    # Recording

    def record(self, cfg: Any, **ending: Unpack[Ending]) -> Recorded | Path:
        """Store the entry of a finished Task; if that fails, keep it in the spool.

        Args:
            cfg: What an Executor knows of the Task (see :func:`recorder.accept.accept`). It is only read.
            **ending: What else it knows: see :class:`recorder.ending.Ending`.

        Returns:
            Where the entry is: its Task and id, or the spool file that holds it until the next entry is stored.

        Raises:
            TypeError: There is no such keyword.
            EntryNotKept: The spool could not be written either; the error carries the entry.
            RecorderError: It was not stored, and ``on_error`` is ``raise``; the error carries the entry.
        """
        with held_back():
            return self.store(self._entry_of(cfg, ending))

    def start(self, cfg: Any, *, timestamp: Any = None, code_version: str | None = None) -> str:
        """Store that a Task begins: its entry is RUNNING and not valid until :meth:`finish` completes it.

        Returns:
            The token for :meth:`finish`, which another process may call as well: text of 32 hex digits.

        Raises:
            RecorderError: As :meth:`record` does.
        """
        with held_back():
            entry = self._entry_of(cfg, {"timestamp": timestamp, "code_version": code_version}, stage=START)
            self.store(entry)
        return entry.key

    def finish(self, token: str, cfg: Any, **ending: Unpack[Ending]) -> Recorded | Path:
        """Complete the entry of a Task that was begun, in place; arguments and errors as of :meth:`record`.

        What ``cfg`` leaves out stays as the start said it: parameters, fields of the header, the environment, the job.
        If its start was never stored, this is an entry like any other. So it is, with a warning, if the Task has ended
        already at another moment, as when a batch system runs its job anew, or if ``cfg`` names another Task. An entry
        that somebody marked as not valid meanwhile stays so.
        """
        if is_key(token):
            with held_back():
                return self.store(self._entry_of(cfg, ending, "finish", stage=END, key=token))
        say.warning("What was handed to `finish` is no token of `start`: recorded as an entry of its own")
        return self.record(cfg, **ending)

    def batch(self) -> Batch:
        """Return a block in which many entries are recorded in one transaction: ``with recorder.batch() as batch``.

        ``batch.record(cfg)`` takes what :meth:`record` takes. The entries are stored when the block ends, and after it
        ``batch.recorded`` says where each is. What the storage refuses costs no other entry.
        """
        return Batch(self._entry_of, self._delivery.deliver)

    def store(self, entry: Entry) -> Recorded | Path:
        """Store an entry that is already converted, as :meth:`record` does."""
        return self._delivery.deliver([entry])[0]

    def _entry_of(self, cfg: Any, ending: Ending, call: str = "record", **how: Any) -> Entry:
        return entry_of(cfg, ending, call, **self._accepting, **how)

    # Asking and mending

    def latest(
        self,
        task: str,
        parameter: str,
        *,
        valid_only: bool = True,
        run: str | int | None = None,
        experiment: str | None = None,
    ) -> Any:
        """Return a parameter's value in the newest entry that matches; None if none does, or if the value is NULL.

        Newest is the greatest (timestamp, id). Entries that wait in the spool count as if they were stored already.
        :meth:`newest` tells a NULL from no entry.

        Args:
            task: The Task's name.
            parameter: Flat name of the parameter, such as ``peaks.min[0]``; or ``status``, ``summary``, ``payload``,
                ``schemas``, ``valid`` or ``timestamp``, where no parameter has that name.
            valid_only: Whether entries marked as not valid are left out.
            run: Matched as number or as text; None: any run.
            experiment: None: any; if several have entries of that run, the newest counts and a warning names them all.

        Raises:
            FileMissing: There is no database, nor an entry that waits for one; none is created.
            NotFound: No such Task has been recorded, or it never had such a parameter.
            RecorderError: The database cannot be read.
        """
        found = self.newest(task, parameter, valid_only=valid_only, run=run, experiment=experiment)
        return None if found is None else found.value

    def newest(
        self,
        task: str,
        parameter: str,
        *,
        valid_only: bool = True,
        run: str | int | None = None,
        experiment: str | None = None,
    ) -> Found | None:
        """Return the value that :meth:`latest` returns with its entry's id, 0 if it waits; None if no entry matches."""
        with self._turns.turn() as storage:
            return newest(Wanted(task, parameter, valid_only, run, experiment), storage, self.spool)

    def invalidate(self, task: str, ids: int | Iterable[int], reason: str | None = None) -> None:
        """Mark entries as not valid; who, when and why is kept. Nothing is ever deleted.

        Args:
            task: Their Task.
            ids: One id, or several.
            reason: Why; shown by the viewer.

        Raises:
            TypeError: An id is no whole number.
            FileMissing: There is no database.
            NotFound: No such Task, or no entry with one of the ids; then nothing was changed.
            RecorderError: The database cannot be written.
        """
        self._set_validity(task, ids, False, reason)

    def revalidate(self, task: str, ids: int | Iterable[int], reason: str | None = None) -> None:
        """Mark entries as valid; the inverse of :meth:`invalidate`, and with the same errors."""
        self._set_validity(task, ids, True, reason)

    def _set_validity(self, task: str, ids: int | Iterable[int], valid: bool, reason: str | None) -> None:
        with self._turns.turn() as storage:
            storage.set_validity(
                task,
                entry_ids(ids),
                ValidityChange(valid, f"{user_name()}@{host_name()}", datetime.datetime.now(datetime.UTC), reason),
            )

    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept.

        Raises:
            FileMissing: There is no database.
            NotFound: No such Task, or no entry with that id.
        """
        with self._turns.turn() as storage:
            return storage.read(task, entry_id)

    def load(self, task: str, entry_id: int, model: type[Model]) -> Model:
        """Return a model equal to the one whose parameters an entry holds, header included.

        Args:
            task: The Task's name.
            entry_id: The entry's id.
            model: A pydantic model of either version, a dataclass, or a plain class that takes the parameters and
                ``lute_config`` by keyword.

        Raises:
            RecorderError: There is no database, no such Task, or no entry with that id.
            UnreadableEntry: The entry has no parameters, or the model does not take them.
        """
        return load(self.read(task, entry_id), model, self.path)

    def entries(
        self,
        task: str,
        *,
        where: Mapping[str, Any] | None = None,
        run: str | int | None = None,
        experiment: str | None = None,
        valid_only: bool = False,
    ) -> Iterator[RecordedEntry]:
        """Iterate over the entries of a Task that match, the oldest id first.

        They are read some at a time, and nothing is held in between: no writer waits for it.

        Args:
            task: Their Task.
            where: By flat name or fixed column (``result.task_status``) a value, or a list of values of which the entry
                holds one; compared as the column holds them.
            run: Matched as number or as text.
            experiment: The experiment's name.
            valid_only: Leave out what is not valid.

        Raises:
            RecorderError: There is no database, no such Task, or no entry of it has one of the names.
        """
        selection = Selection(task, tagged_lists(where or {}), run, experiment, valid_only)
        return go_through(self._turns, selection, self.path)

    def check(self) -> Iterator[Finding]:
        """Say what is damaged, missing or contradictory, where, and what to do; nothing is changed.

        Raises:
            RecorderError: There is no database, or it cannot be read at all.
        """
        from recorder.storage.check import check_database, check_spool  # only here: who records does without

        waiting, refused = self.spool.pending(), self.spool.refused()
        yield from check_database(self.path, self.timeout, self.spool.result_files([*waiting, *refused]))
        yield from check_spool(waiting, refused)

    def status(self) -> Status:
        """Return what the database holds.

        Raises:
            FileMissing: There is no database.
        """
        with self._turns.turn() as storage:
            return storage.status()

    def replay(self, directory: Path | None = None, *, refused: bool = False) -> Iterator[Outcome]:
        """Store what waits in the spool, oldest first and each exactly once, with its original timestamp.

        Files of results that somebody left half written are removed a day later.

        Args:
            directory: Only what waits there, such as the spool of a database that was moved. Every known place, if
                not given.
            refused: Try also what was set aside before.

        Yields:
            The file that waited, and where its entry is; or why it is not stored: it cannot be read, it is no entry,
            it was refused, or there is no room for it. What is no entry or was refused is kept in the directory
            ``refused`` of its place; the rest stays.

        Raises:
            RecorderError: The database is locked, or cannot be written at all, and the rest stays; or a place of the
                spool cannot be read.
        """

        def store(entries: Iterable[Entry]) -> list[Recorded]:
            with self._turns.turn() as storage:
                return storage.store(entries, Patience(self.timeout))

        sweep_unfinished(self.path)
        places = self.spool.places() if directory is None else [directory]
        return replay_places(places, store, refused=refused)
