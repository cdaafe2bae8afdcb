"""``dbview latest``: which value of a parameter the next Task will pick up, and from which entry."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any, TextIO

from dbview.errors import NotFound, NothingGiven
from dbview.headless.cells import exact_value, json_text, plain_value
from dbview.headless.formats import LINES, NULL_SEPARATED, write_rows
from dbview.headless.query import WHOLE_VALUES
from dbview.output import Say
from dbview.query.relation import Column, Relation, RelationKind, Role
from dbview.secrets import masked_cell
from dbview.source.entries.latest import Latest, Wanted, find_latest
from dbview.source.entries.pending import Pending, Spool, read_spool
from dbview.source.relations import TASK_ROLES
from dbview.source.source import Source
from dbview.text import cell_text, decode_escaped, visible
from dbview.values import Cell, Clipped, UndecodableText, Unreadable
from recorder.layout.flatten import unspell
from recorder.layout.tables import SHORT_NAMES


@dataclass(frozen=True)
class _Answer:
    """What a next Task is given.

    Attributes:
        entry: Id of the entry; None if it waits to be stored.
        file: Name of the file in which it waits.
        run: Of which run it is; None where that is not known.
        experiment: Of which experiment, likewise.
        experiments: Every experiment that has valid entries of the run, the entry's own first.
    """

    task: str
    parameter: str
    value: Cell
    entry: int | None
    file: str | None
    time: Cell
    run: Cell
    experiment: Cell
    experiments: tuple[Cell, ...]

    @property
    def words(self) -> str:
        """Which entry it is."""
        where = f"#{self.entry}" if self.file is None else f"waiting to be stored ({visible(self.file)})"
        run = "" if self.run is None else f" · run {cell_text(self.run)}"
        experiment = "" if self.experiment is None else f" · {cell_text(self.experiment)}"
        return f"{visible(self.task)} {where}{run}{experiment} · {cell_text(self.time)} UTC"


def latest(source: Source, task: str, parameter: str, wanted: Wanted, form: str, out: TextIO, say: Say) -> None:
    """Write the value of a parameter in the latest valid entry of a Task.

    Entries that wait beside the file to be stored count as if they were stored already.

    Args:
        source: The file.
        task: The Task's name.
        parameter: The parameter's flat name; or ``status``, ``summary``, ``payload`` and so on.
        wanted: Which runs count.
        form: One of its formats.
        out: Where to write.
        say: Told which entry it is, and what is uncertain.

    Raises:
        NotFound: There is no such Task or parameter.
        NothingGiven: There is no valid entry, or it holds NULL.
        NotADatabase: The file is damaged where the value stands.
    """
    with contextlib.closing(source.reader(WHOLE_VALUES)) as reader:
        relation, missing = _task(source, task)
        name = task if relation is None else unspell(relation.name)
        spool = read_spool(reader, source.relations(), source.path, name)
        stored = None
        try:
            if relation is None:
                raise missing or NotFound(f"{visible(task)} is no Task.")
            stored = find_latest(reader, source.relations(), relation, parameter, wanted)
        except NotFound:
            if not any(entry.knows(parameter) for entry in spool.entries):
                raise
    waiting = spool.latest(wanted)
    _tell_of_spool(say, spool)
    answer = _answer(name, parameter, stored, waiting, wanted)
    if answer is None:
        raise NothingGiven(f"{visible(name)} has no valid entry{_of_run(wanted)}: a next Task is given no value.")
    if form == "json":
        out.write(json_text(_object(answer, spool), indent=2) + "\n")
    elif answer.value is not None and form in (LINES, NULL_SEPARATED):
        write_rows(form, out, (), [[_shown(answer)]], plain_value)
    elif answer.value is not None:
        out.write(_text(answer, is_for_terminal=out.isatty()) + "\n")
    say(answer.words)
    if wanted.run is not None and wanted.experiment is None and len(answer.experiments) > 1:
        names = ", ".join(map(cell_text, answer.experiments))
        say(f"Run {visible(wanted.run)} is in experiments {names}: this is of the first. --experiment names one.")
    if answer.value is None:
        raise NothingGiven(f"{answer.words} holds NULL for {visible(parameter)}: a next Task is given no value.")


def _task(source: Source, task: str) -> tuple[Relation | None, NotFound | None]:
    """Return the Task's relation; without one, why not: entries may wait for it all the same."""
    tasks = [relation for relation in source.relations() if relation.kind is RelationKind.TASK]
    # The name may be spelled otherwise as that of a table.
    for relation in tasks:
        if unspell(relation.name) == task:
            return relation, None
    try:
        relation = source.relation(task)
    except NotFound as missing:
        return None, missing
    if relation not in tasks:
        return None, NotFound(f"{visible(relation.name)} is no Task: its rows are no entries.")
    return relation, None


def _answer(
    task: str, parameter: str, stored: Latest | None, waiting: Pending | None, wanted: Wanted
) -> _Answer | None:
    """Return the later of both; within a second, what waits."""
    own = () if waiting is None or wanted.is_any else (waiting.header_cell("experiment"),)
    others = () if stored is None else stored.experiments
    if waiting is not None and (stored is None or waiting.time >= str(stored.time)):
        place = waiting.header_cell("run"), waiting.header_cell("experiment")
        experiments = tuple(dict.fromkeys([*own, *others]))
        value = waiting.value(parameter)
        return _Answer(task, parameter, value, None, waiting.file, waiting.time, *place, experiments)
    if stored is None:
        return None
    place = stored.run, stored.experiment
    experiments = tuple(dict.fromkeys([*others, *own]))
    return _Answer(task, parameter, stored.value, stored.key, None, stored.time, *place, experiments)


def _of_run(wanted: Wanted) -> str:
    run = f" of run {visible(wanted.run)}" if wanted.run is not None else ""
    return f"{run} in {visible(wanted.experiment)}" if wanted.experiment is not None else run


def _tell_of_spool(say: Say, spool: Spool) -> None:
    if spool.entries:
        names = ", ".join(visible(entry.file) for entry in spool.entries[:3])
        more = f" and {len(spool.entries) - 3} more" if len(spool.entries) > 3 else ""
        say(f"waiting to be stored, and counted: {names}{more}")
    if spool.unread:
        say(f"{spool.unread} of the files that wait beside the database could not be read: they do not count here.")


# The value


def _shown(answer: _Answer) -> Cell:
    """Return the value as it may be shown."""
    column = SHORT_NAMES.get(answer.parameter, answer.parameter)
    return masked_cell(Column(answer.parameter, role=TASK_ROLES.get(column, Role.PARAMETER)), answer.value)


def _object(answer: _Answer, spool: Spool) -> dict[str, Any]:
    return {
        "task": answer.task,
        "parameter": answer.parameter,
        "value": exact_value(_shown(answer)),
        "entry": answer.entry,
        "file": answer.file,
        "time": exact_value(answer.time),
        "run": exact_value(answer.run),
        "experiment": exact_value(answer.experiment),
        "experiments": [exact_value(experiment) for experiment in answer.experiments],
        "waiting": [entry.file for entry in spool.entries],
    }


def _text(answer: _Answer, *, is_for_terminal: bool) -> str:
    """Return the value as text: as it is, but for a terminal made visible; a blob in hexadecimal."""
    match _shown(answer):
        case str(text):
            return visible(text) if is_for_terminal else text
        case UndecodableText(raw=raw):
            return visible(decode_escaped(raw)) if is_for_terminal else decode_escaped(raw)
        case bytes(raw):
            return raw.hex()
        case Clipped() | Unreadable() as cell:
            raise NotFound(
                f"{answer.words}: the value of {visible(answer.parameter)} cannot be read: {cell_text(cell)}."
            )
        case number:
            return repr(number)
