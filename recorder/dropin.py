"""Stand in for the facility's own three functions: same names, same arguments, same meaning."""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from recorder.accept import work_directory
from recorder.ending import Ending, entry_of
from recorder.errors import EntryNotKept, FileMissing, UnknownTask
from recorder.layout.tables import DATABASE_FILE
from recorder.recorder import Recorder
from recorder.saying import say

if TYPE_CHECKING:
    from typing import Unpack


class _Default(enum.Enum):
    ENVIRONMENT = enum.auto()


_ENVIRONMENT: Final = _Default.ENVIRONMENT
"""Stands for a value of the environment, read when the function is called."""


def record_analysis_db(cfg: Any, *, work_dir: str | os.PathLike[str] | None = None, **ending: Unpack[Ending]) -> None:
    """Record a finished Task into ``lute.db`` of its working directory.

    Args:
        cfg: What the Executor knows of the Task (see :meth:`recorder.Recorder.record`). It is only read.
        work_dir: The working directory. The header's ``work_dir``, if not given; without parameters, ``LUTE_WORK_DIR``.
        **ending: What else it knows: see :class:`recorder.ending.Ending`.

    Raises:
        TypeError: There is no such keyword.
        EntryNotKept: No working directory is known, or neither the database nor its spool could be written; the error
            carries the entry.
    """
    directory = work_dir or work_directory(cfg)
    entry = entry_of(cfg, ending, "record_analysis_db")
    if directory is None:
        raise EntryNotKept(
            f"entry of Task {entry.task!r}: its header names no work_dir, and LUTE_WORK_DIR is not set; set one", entry
        )
    with Recorder(Path(directory) / DATABASE_FILE) as recorder:
        recorder.store(entry)


def read_latest_db_entry(
    db_dir: str | os.PathLike[str],
    task_name: str,
    param: str,
    valid_only: bool = True,
    for_run: str | int | _Default | None = _ENVIRONMENT,
    *,
    for_experiment: str | _Default | None = _ENVIRONMENT,
) -> Any:
    """Return a parameter's value in the newest entry of a Task, or None if there is none.

    Args:
        db_dir: The directory that holds ``lute.db``. It is not created by reading.
        task_name: The Task's name.
        param: Flat name of the parameter.
        valid_only: Whether entries marked as not valid are left out.
        for_run: Matched as number or as text; None: any; if not given, the environment's ``RUN`` at the call.
        for_experiment: None: any; if not given, the environment's ``EXPERIMENT`` at the call.

    Returns:
        The value as its column holds it. None if that is NULL (older entries are not consulted), if no entry matches,
        if the Task has not been recorded yet, or if there is no database.

    Raises:
        UnknownParameter: No entry of the Task has such a parameter.
        RecorderError: The database cannot be read.
    """
    run = os.environ.get("RUN") or None if for_run is _ENVIRONMENT else for_run
    experiment = os.environ.get("EXPERIMENT") or None if for_experiment is _ENVIRONMENT else for_experiment
    with Recorder(db_dir) as recorder:
        try:
            return recorder.latest(task_name, param, valid_only=valid_only, run=run, experiment=experiment)
        except (FileMissing, UnknownTask) as nothing_yet:
            say.info("%s", nothing_yet)
            return None


def invalidate_entry(
    db_dir: str | os.PathLike[str], task_name: str, entry_ids: int | Iterable[int], *, reason: str | None = None
) -> None:
    """Mark entries of a Task as not valid; who, when and why is kept beside them. Nothing is ever deleted.

    Args:
        db_dir: The directory that holds ``lute.db``, or the file itself.
        task_name: The Task's name.
        entry_ids: One id, or several.
        reason: Why; shown by the viewer.

    Raises:
        TypeError: An id is no whole number.
        FileMissing: There is no database.
        NotFound: No such Task, or no entry with one of the ids; then nothing was changed.
        RecorderError: The database cannot be written.
    """
    with Recorder(db_dir) as recorder:
        recorder.invalidate(task_name, entry_ids, reason)
