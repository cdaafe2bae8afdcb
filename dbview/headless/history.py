"""``dbview history``: the values of one parameter through the entries of its Task."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

from dbview.errors import NotADatabase, UnsupportedState, UsageError
from dbview.headless.cells import plain_value
from dbview.headless.formats import STREAMED, write_rows
from dbview.headless.names import column_named, nothing_words, say_of_names
from dbview.headless.query import WHOLE_VALUES
from dbview.output import Say
from dbview.query.relation import Column, Relation, RelationKind
from dbview.secrets import masked_cell
from dbview.source.entries.history import Stretch, read_history
from dbview.source.reader import Reader
from dbview.source.source import Source
from dbview.text import cell_text, visible
from dbview.values import Cell, Clipped, Unreadable

MOST = 100_000
"""Stretches that are written, at most: each takes a few hundred bytes of memory."""

_Cells = Callable[[Stretch], list[Cell]]
"""What a row says of a stretch, behind its value."""

_OF_ENDS = ("time", "experiment", "run")


def write_history(source: Source, task: str, parameter: str, filter: str, form: str, out: TextIO, say: Say) -> bool:
    """Write the values of a parameter, the newest first; equal ones that follow each other are one row.

    Args:
        source: The file.
        task: The Task's name.
        parameter: The parameter, named as in filters; any other column of an entry as well.
        filter: Which entries count.
        form: One of the formats.
        out: Where to write.
        say: Told how often the value changed, where a person reads that.

    Returns:
        Whether there are any entries.

    Raises:
        UsageError: The table is not that of a Task.
        NotFound, FilterError: There is no such table or column, or the filter makes no sense.
        DbviewError: What was written is not whole; how so is in the message.
    """
    relation = source.relation(task)
    if relation.kind is not RelationKind.TASK:
        raise UsageError(f"{visible(relation.name)} is no Task: its rows are no entries.")
    column = column_named(relation, parameter)
    with contextlib.closing(source.reader(WHOLE_VALUES)) as reader:
        known = read_history(reader, relation, column, lambda _known: None, lambda: False, filter, MOST)
        names, cells = _all_told() if form in STREAMED else _briefly_told(known.stretches)
        rows = _Rows(reader, relation, column, known.stretches, cells)
        if form != "table" or known.stretches:
            names = ["value", *names]
            hidden = len(names) - write_rows(form, out, names, rows, plain_value)
            if hidden:
                say(f"{hidden} more columns do not fit this terminal (a pipe gets all of them)")
        remarks: list[str] = []
        say_of_names(remarks.append, reader, relation, filter, [column])
    noun = "entry" if known.entries == 1 else "entries"
    if not known.stretches:
        say(nothing_words(relation))
    elif form not in STREAMED and not known.has_more:
        say(f"{known.entries:,} {noun} · {known.words}")
    for words in remarks:
        say(words)
    if known.error is not None:
        raise type(known.error)(f"the history is not whole: {known.error}") from known.error
    if rows.unreadable:
        path = visible(str(source.path))
        raise NotADatabase(f"{path} is damaged: {rows.unreadable} of the values written could not be read.")
    if known.has_more:
        raise UnsupportedState(f"{visible(parameter)} {known.words}. A filter (since:30d) chooses fewer entries.")
    return bool(known.stretches)


def _all_told() -> tuple[list[str], _Cells]:
    """Return what programs are told of a stretch: names, and what gives the cells."""

    def cells(one: Stretch) -> list[Cell]:
        of_ends = [getattr(end, name) for name in _OF_ENDS for end in (one.oldest, one.newest)]
        return [one.count, one.valid, one.oldest.key, one.newest.key, *of_ends]

    ends = [f"{end}_{name}" for name in _OF_ENDS for end in ("oldest", "newest")]
    return ["entries", "valid", "oldest", "newest", *ends], cells


def _briefly_told(stretches: Sequence[Stretch]) -> tuple[list[str], _Cells]:
    """Return what people are told of a stretch: first what is asked for first, for a terminal may be narrow."""
    ends = [end for one in stretches for end in (one.oldest, one.newest)]
    has_experiments = len({end.experiment for end in ends}) > 1

    def cells(one: Stretch) -> list[Cell]:
        experiments = [_span(one.oldest.experiment, one.newest.experiment)] if has_experiments else []
        times = [one.oldest.time, one.newest.time]
        runs = _span(one.oldest.run, one.newest.run)
        return [one.count, one.valid, runs, *experiments, *times, one.oldest.key, one.newest.key]

    experiments = ["experiments"] if has_experiments else []
    return ["entries", "valid", "runs", *experiments, "oldest time", "newest time", "oldest", "newest"], cells


def _span(oldest: Cell, newest: Cell) -> Cell:
    return newest if oldest == newest else f"{cell_text(oldest)} … {cell_text(newest)}"


class _Rows:
    """A row for each stretch; a long value is read when it is its turn, so that memory holds one of them.

    Args:
        reader: Used while the rows are taken.
        relation: The Task.
        column: Whose values these are.
        stretches: A row each.
        cells: Gives what stands behind the value.

    Attributes:
        unreadable: Values that the file did not give.
    """

    def __init__(
        self, reader: Reader, relation: Relation, column: Column, stretches: Sequence[Stretch], cells: _Cells
    ) -> None:
        self._reader = reader
        self._relation = relation
        self._column = column
        self._stretches = stretches
        self._cells = cells
        self.unreadable = 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for one in self._stretches:
            yield [self._value(one), *self._cells(one)]

    def _value(self, one: Stretch) -> Cell:
        cell = one.value
        if isinstance(cell, Clipped):
            cell = self._reader.cell(self._relation, self._column, one.newest.key)
        if isinstance(cell, Clipped | Unreadable):
            self.unreadable += 1
        return masked_cell(self._column, cell)
