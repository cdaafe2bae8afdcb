"""Record finished Tasks into one database, and answer what was recorded last."""

from __future__ import annotations

import datetime
import functools
import getpass
import logging
import os
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from recorder.accept import accept
from recorder.entry import Entry
from recorder.errors import EntryNotKept, RecorderError
from recorder.layout.tables import DATABASE_FILE
from recorder.patience import WAIT
from recorder.spool import Spool
from recorder.storage.base import Recorded, Status, StoredEntry, ValidityChange, Wanted
from recorder.storage.sqlite import SqliteStorage
from recorder.turns import Turns

_log = logging.getLogger("recorder")


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
        timeout: Seconds to wait for another process's lock before an entry goes to the spool.
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = WAIT) -> None:
        self.path = database_path(path)
        self.timeout = timeout
        self.spool = Spool(self.path)
        self._turns = Turns(functools.partial(SqliteStorage, self.path, timeout))

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

    def record(self, cfg: Any, *, timestamp: datetime.datetime | None = None) -> Recorded | Path:
        """Store the entry of a finished Task; if that fails, keep it in the spool.

        Args:
            cfg: What an Executor knows of the Task (see :func:`recorder.accept.accept`). It is only read.
            timestamp: The moment of recording; a naive one is taken as UTC. Now, if not given.

        Returns:
            Where the entry is: its Task and id, or the spool file that holds it until ``recorder replay``.

        Raises:
            EntryNotKept: The spool could not be written either; the error carries the entry.
        """
        return self.store(accept(cfg, timestamp))

    def store(self, entry: Entry) -> Recorded | Path:
        """Store an entry that is already converted, as :meth:`record` does."""
        try:
            with self._turns.turn() as storage:
                return storage.store([entry])[0]
        except RecorderError as error:
            path = self._keep(entry, error)
            _log.error(
                "Entry of Task %r not stored: %s. It waits in %s: run `recorder replay`", entry.task, error, path
            )
        except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the entry either
            path = self._keep(entry, error)
            _log.exception("Entry of Task %r not stored. It waits in %s: run `recorder replay`", entry.task, path)
        except BaseException as error:
            self._keep(entry, error)
            raise
        return path

    def _keep(self, entry: Entry, reason: BaseException) -> Path:
        try:
            return self.spool.keep(entry).absolute()
        except Exception as error:  # noqa: BLE001 - not of the file system only: the entry must go with the error
            raise EntryNotKept(
                f"entry of Task {entry.task!r} lost its places: {reason}; and in the spool: {error}. "
                "The error's `entry.to_json()` is what is to be kept",
                entry,
            ) from reason

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

        Newest is the greatest (timestamp, id). Entries that wait in the spool are not looked at; a warning says so.

        Args:
            task: The Task's name.
            parameter: Flat name of the parameter, such as ``peaks.min[0]``, or a fixed column's name.
            valid_only: Whether entries marked as not valid are left out.
            run: Matched as number or as text; None: any run.
            experiment: None: any; if several have entries of that run, the newest counts and a warning names them all.

        Raises:
            FileMissing: There is no database; none is created.
            NotFound: No such Task has been recorded, or it never had such a parameter.
            RecorderError: The database cannot be read.
        """
        with self._turns.turn() as storage:
            found = storage.latest(Wanted(task, parameter, valid_only, run, experiment))
        self._warn_of_pending()
        if found is None:
            return None
        if experiment is None and run is not None and len(found.experiments) > 1:
            _log.warning(
                "Run %s of Task %r is in experiments %s; took the newest entry, of %s. Name the experiment to be sure",
                run,
                task,
                ", ".join(map(str, found.experiments)),
                found.experiments[0],
            )
        return found.value

    def _warn_of_pending(self) -> None:
        directory = self.spool.directory
        try:
            pending = len(self.spool.pending())
        except RecorderError as error:
            _log.warning("%s; entries may wait there", error)
            return
        if pending:
            _log.warning("%d entries wait in %s and were not looked at; run `recorder replay`", pending, directory)

    def invalidate(self, task: str, ids: Sequence[int], reason: str | None = None) -> None:
        """Mark entries as not valid; who, when and why is kept. Nothing is ever deleted.

        Raises:
            FileMissing: There is no database.
            NotFound: No such Task, or no entry with one of the ids; then nothing was changed.
            RecorderError: The database cannot be written.
        """
        self._set_validity(task, ids, False, reason)

    def revalidate(self, task: str, ids: Sequence[int], reason: str | None = None) -> None:
        """Mark entries as valid; the inverse of :meth:`invalidate`, and with the same errors."""
        self._set_validity(task, ids, True, reason)

    def _set_validity(self, task: str, ids: Sequence[int], valid: bool, reason: str | None) -> None:
        with self._turns.turn() as storage:
            storage.set_validity(task, ids, ValidityChange(valid, _who(), datetime.datetime.now(datetime.UTC), reason))

    def read(self, task: str, entry_id: int) -> StoredEntry:
        """Return an entry as it is kept.

        Raises:
            FileMissing: There is no database.
            NotFound: No such Task, or no entry with that id.
        """
        with self._turns.turn() as storage:
            return storage.read(task, entry_id)

    def status(self) -> Status:
        """Return what the database holds.

        Raises:
            FileMissing: There is no database.
        """
        with self._turns.turn() as storage:
            return storage.status()

    def replay(self) -> Iterator[tuple[Path, Recorded | RecorderError]]:
        """Store what waits in the spool, oldest first and each exactly once, with its original timestamp.

        Yields:
            The spool file, which is gone then, and where its entry is; or one that stays, and why: it cannot be read,
            or its entry was refused.

        Raises:
            RecorderError: The database is locked, or cannot be written at all; the rest stays in the spool.
        """

        def store(entry: Entry) -> Recorded:
            with self._turns.turn() as storage:
                return storage.store([entry])[0]

        return self.spool.replay(store)


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # an account without a name, as in a container
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
