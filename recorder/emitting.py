"""Record from an environment that cannot take the recorder's dependencies: hand entries to its command.

In ``recorder/emit.py``, :class:`Recorder` stands in for :class:`recorder.recorder.Recorder` under the facility's
functions (:mod:`recorder.dropin`). Standard library only, for Python 3.8 and later.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shlex
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from recorder.ending import entry_ids
from recorder.entry import Entry
from recorder.errors import (
    CommandFailed,
    DatabaseLocked,
    EntryNotKept,
    FileMissing,
    NotADatabase,
    PermissionDenied,
    RecorderError,
    StorageFailed,
    UnknownEntry,
    UnknownParameter,
    UnknownTask,
    UnsupportedLayout,
)
from recorder.layout.flatten import unspell
from recorder.layout.tables import DATABASE_FILE, FIXED_COLUMNS, GEN_CFG, SHORT_NAMES, is_task_table, quote
from recorder.layout.tagged import from_json_value
from recorder.saying import say
from recorder.signals import held_back
from recorder.spool.chain import Spool
from recorder.spool.places import absolute
from recorder.storage.base import Wanted

COMMAND_VARIABLE = "RECORDER_COMMAND"
"""Environment variable that names the command, with arguments of its own if need be."""

ANSWER_WITHIN = 60.0
"""Seconds the command has: 20 of them it may wait for a lock, and starting takes long where its disk is far away."""

_HANDED_ON = ("HOME", "LANG", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER", "XDG_STATE_HOME")
_ANSWERED = (DatabaseLocked, FileMissing, NotADatabase, PermissionDenied, UnsupportedLayout)
_NOT_FOUND = (UnknownEntry, UnknownParameter, UnknownTask)

logging.getLogger("recorder").addHandler(logging.NullHandler())


class Recorder:
    """Record into one database, and ask it, through the command ``recorder`` in an environment of its own.

    Args:
        path: The database file, or the directory that holds ``lute.db``.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        named = absolute(Path(path))
        self.path = named / DATABASE_FILE if os.path.isdir(named) else named  # noqa: PTH112
        self.spool = Spool(self.path)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing: nothing is held open."""

    def store(self, entry: Entry) -> None:
        """Hand an entry to the command; keep it in the spool until that has said where the entry is.

        The file comes first, so that whatever ends this process while the command runs costs nothing. An entry that
        the command stored although its answer got lost is replayed to no effect: its key tells.

        Raises:
            EntryNotKept: The spool could not be written, and the command failed too; the error carries the entry.
        """
        kept, fault = None, None
        try:
            with held_back():
                kept = self.spool.keep(entry)
        except Exception as error:  # noqa: BLE001 - whatever it is, there is still the command
            fault = error
        try:
            file, why = self._handed_over(entry)
        except CommandFailed as error:
            if kept is None:
                raise EntryNotKept(
                    f"entry of Task {entry.task!r} lost its places: {error}; and in the spool: {fault}. "
                    "The error's `entry.to_json()` is what is to be kept",
                    entry,
                ) from error
            file, why = str(kept), str(error)
        if file:
            say.error(
                "entry of Task %r not stored: %s. Waiting in %s until the next one is stored, or for `recorder replay`",
                entry.task,
                why,
                kept or file,
            )
        elif kept is not None:
            with contextlib.suppress(OSError):  # its entry is stored; a replay removes the file
                kept.unlink()

    def _handed_over(self, entry: Entry) -> tuple[str, str]:
        """Hand an entry to the command; return the file in which it waits now, and why, or two empty texts."""
        answer = _asked(["record", str(self.path), "-"], entry.to_json() + "\n")
        said = str(answer.get("message", ""))
        if answer.get("key") == entry.key and type(answer.get("id")) is int:
            return "", ""
        if answer.get("key") == entry.key and answer.get("spooled"):
            return str(answer["spooled"]), said
        raise CommandFailed(said or "the command's answer is about something else")

    def latest(
        self,
        task: str,
        parameter: str,
        *,
        valid_only: bool = True,
        run: str | int | None = None,
        experiment: str | None = None,
    ) -> Any:
        """Return a parameter's value in the newest entry that matches, as the command finds it; None if none does.

        Where the command cannot be had, the file is read as it stands: what waits in the spool and what is beyond the
        column limit is not seen, and a warning says so.

        Raises:
            FileMissing: There is no database; none is created.
            NotFound: No such Task has been recorded, or it never had such a parameter.
            RecorderError: The database cannot be read.
        """
        options = ["--json"] + ([] if valid_only else ["--any"])
        options += [] if run is None else [f"--run={run}"]
        options += [] if experiment is None else [f"--experiment={experiment}"]
        try:
            answer = _asked(["latest", *options, "--", str(self.path), task, parameter])
            if "value" in answer:
                return from_json_value(answer["value"])
            raise _answered_error(answer)
        except (CommandFailed, ValueError) as error:
            say.warning("%s: read without the recorder's command, its spool left out: %s", self.path, error)
            return _read(self.path, Wanted(task, parameter, valid_only, run, experiment))

    def invalidate(self, task: str, ids: int | Iterable[int], reason: str | None = None) -> None:
        """Mark entries as not valid; who, when and why is kept. Nothing is ever deleted.

        Raises:
            RecorderError: The command refused, or cannot be had; then nothing was changed.
        """
        options = ["--json", f"--reason={reason or ''}"]
        answer = _asked(["invalidate", *options, "--", str(self.path), task, *map(str, entry_ids(ids))])
        if "error" in answer:
            raise _answered_error(answer)


# The command


def _asked(arguments: list[str], text: str = "") -> dict[str, Any]:
    """Run the command and return its answer, one line of JSON.

    Raises:
        CommandFailed: It is missing, failed, did not answer in time, or its answer is none.
    """
    command = _command()
    name = command[0]
    try:
        # Nothing of the caller's environment that would lead another Python astray, and no secret of it.
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: value for name, value in os.environ.items() if _is_handed_on(name)},
        )
    except (OSError, ValueError) as error:
        raise CommandFailed(f"{name}: cannot be run: {error}; {COMMAND_VARIABLE} is to name the command") from error
    try:
        answer, words = process.communicate(text.encode("ascii"), timeout=ANSWER_WITHIN)
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(f"{name}: no answer within {ANSWER_WITHIN:g} s") from error
    finally:
        _let_go(process)
    said = words.decode("utf-8", "backslashreplace").splitlines()[-5:]
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        last = " ".join(said)[-500:] or "no words"
        raise CommandFailed(f"{name}: no answer, ended with {process.returncode}: {last}") from error
    if not isinstance(found, dict):
        raise CommandFailed(f"{name}: its answer is none of the recorder's")
    if "error" not in found and "spooled" not in found:
        for line in said:
            say.warning("%s", line)
    return {"message": " ".join(said), **found}


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """End the command if it has not, without waiting for one that the kernel holds in a file system that hangs."""
    if process.poll() is None:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _command() -> list[str]:
    """Return the command and its own arguments.

    On the path it is known by its text: there are other programs of that name, above all where the caller's own
    environment comes first.
    """
    named = os.environ.get(COMMAND_VARIABLE)
    if named:
        try:
            return shlex.split(named)
        except ValueError as error:
            raise CommandFailed(f"{COMMAND_VARIABLE} cannot be understood ({error}): {named}") from error
    for directory in os.get_exec_path():
        candidate = os.path.join(directory, "recorder")  # noqa: PTH118
        try:
            with open(candidate, "rb") as script:  # noqa: PTH123
                if b"recorder.cli" in script.read(4096) and os.access(candidate, os.X_OK):
                    return [candidate]
        except OSError:
            continue
    raise CommandFailed(f"no command `recorder` on the path; {COMMAND_VARIABLE} is to name it")


def _is_handed_on(name: str) -> bool:
    return name in _HANDED_ON or name.startswith(("LC_", "RECORDER_"))


def _answered_error(answer: dict[str, Any]) -> RecorderError:
    kinds = {kind.__name__: kind for kind in (*_ANSWERED, *_NOT_FOUND)}
    return kinds.get(str(answer.get("error")), StorageFailed)(str(answer.get("message")))


# Without the command


def _read(database: Path, wanted: Wanted) -> Any:
    if not database.exists():
        raise FileMissing(f"{database}: no such database")
    try:
        with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            table, column = _place(connection, database, wanted)
            rows = connection.execute(
                f"SELECT entry.{quote(column)}, header.experiment, header.run FROM {quote(table)} AS entry "
                f"LEFT JOIN {GEN_CFG} AS header ON header.id = entry.gen_cfg_id "
                f"{'WHERE entry.valid_flag' if wanted.valid_only else ''} ORDER BY entry.timestamp DESC, entry.id DESC"
            )
            return next((value for value, experiment, run in rows if wanted.matches(experiment, run)), None)
    except sqlite3.Error as error:
        raise StorageFailed(f"{database}: cannot be read: {error}") from error


def _place(connection: sqlite3.Connection, database: Path, wanted: Wanted) -> tuple[str, str]:
    """Return the table and column that hold what is wanted. A spelled name gives way to one that stands as it is."""
    named = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in sorted((name for name in named if unspell(name) == wanted.task), key=lambda name: name != wanted.task):
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({quote(table)})")]
        if is_task_table(columns):
            parameters = [name for name in columns if name not in FIXED_COLUMNS and unspell(name) == wanted.parameter]
            fixed = wanted.parameter if wanted.parameter in columns else SHORT_NAMES.get(wanted.parameter)
            if not parameters and fixed is None:
                raise UnknownParameter(f"{database}: {wanted.task} has no parameter {wanted.parameter!r}")
            return table, parameters[0] if parameters else str(fixed)
    raise UnknownTask(f"{database}: no entry of Task {wanted.task!r}")
