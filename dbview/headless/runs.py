"""``dbview runs`` and ``dbview group``: how each Task went in each run, and rows counted by values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from dbview.errors import UsageError
from dbview.headless.cells import plain_value
from dbview.headless.formats import STREAMED, write_json, write_jsonl, write_rows
from dbview.headless.names import column_named, nothing_words, say_of_names
from dbview.output import Say
from dbview.query.relation import Column
from dbview.secrets import masked_cell
from dbview.source.entries.board import Board
from dbview.source.entries.pipeline import pipeline
from dbview.source.entries.runs import run_tasks
from dbview.source.entries.survey import Surveyed, survey
from dbview.source.numbers.axis import Bin, OfExperiment, Others, Value
from dbview.source.numbers.groups import group
from dbview.source.numbers.value_order import Place, are_numbers, places
from dbview.source.source import Source
from dbview.source.view.outcomes import Outcomes
from dbview.text import cell_text, visible
from dbview.values import Cell


@dataclass(frozen=True, slots=True)
class RunFacts:
    """How a Task went in a run.

    Attributes:
        not_valid: Entries with a valid_flag of 0.
        statuses: Those of the newest entries, oldest first.
        newest: Id of the newest entry.
        latest_valid: Id of the newest valid entry: what a later Task is given.
        attention: Whether somebody should look at the newest entry, as ``is:attention`` has it.
    """

    experiment: Cell
    run: Cell
    task: str
    entries: int
    not_valid: int
    statuses: list[str]
    newest: int
    latest_valid: int | None
    attention: bool

    def json(self) -> dict[str, Any]:
        """Return the object for the JSON formats."""
        return asdict(self) | {"experiment": plain_value(self.experiment), "run": plain_value(self.run)}

    def cells(self) -> list[Cell]:
        """Return the line for a format that holds no lists."""
        named = (self.experiment, self.run, self.task, self.entries, self.not_valid, " ".join(self.statuses))
        return [*named, self.newest, self.latest_valid, int(self.attention)]


def list_runs(source: Source, form: str, out: TextIO, say: Say) -> bool:
    """Write how each Task went in each run: by experiment, the newest run first, Tasks in the order of their pipeline.

    Returns:
        Whether any entry is of a run.

    Args:
        source: The file.
        form: One of the formats.
        out: Where to write.
        say: Told that there is nothing, where that would be a table without rows.

    Raises:
        DbviewError: The file could not be read.
    """
    board = Board()

    def take(found: Surveyed) -> None:
        board.add(found.cells)

    reader = source.reader(10**9)
    try:
        tasks = [task.relation for task in pipeline(reader, run_tasks(source.relations()))]
        survey(reader, tasks, take, lambda: False)
    finally:
        reader.close()
    facts = list(_facts(board, [task.name for task in tasks]))
    names = list(RunFacts.__dataclass_fields__)
    if form == "json":
        write_json(out, (fact.json() for fact in facts))
    elif form == "jsonl":
        write_jsonl(out, (fact.json() for fact in facts))
    elif form == "table" and not facts:
        say(f"No entry in {visible(str(source.path))} is of a run.")
    else:
        headings = names if form == "csv" else [name.replace("_", " ") for name in names]
        write_rows(form, out, headings, (fact.cells() for fact in facts), plain_value, whole=True)
    return bool(facts)


def _facts(board: Board, tasks: Sequence[str]) -> Iterator[RunFacts]:
    for experiment in board.names():
        for run in board.runs(experiment):
            for task in tasks:
                if cell := board.cell(run, task):
                    yield RunFacts(
                        experiment,
                        run.run,
                        task,
                        cell.entries,
                        cell.not_valid,
                        [cell_text(mark.status) for mark in cell.marks],
                        cell.newest.key,
                        cell.valid.key if cell.valid else None,
                        bool(cell.attention),
                    )


def list_groups(
    source: Source, table: str, filter: str, names: Sequence[str], form: str, out: TextIO, say: Say
) -> bool:
    """Write how many rows have each value of one column, or each pair of values of two.

    The largest group stands first; but in a table for people numbers stand in their order, as on the screen. Where the
    runs are of several experiments, a column of these stands first. The counts are headed ``rows``, ``valid`` and
    ``not valid``, with ``count`` behind it where a column is named so.

    Args:
        source: The file.
        table: The relation's name.
        filter: Which rows count.
        names: The columns, named as in filters.
        form: One of the formats.
        out: Where to write.
        say: Told of a column that stands for what no row has.

    Returns:
        Whether there are any rows.

    Raises:
        NotFound, FilterError: There is no such table or column, or the filter makes no sense.
        UsageError: Both names are of one column.
    """
    relation = source.relation(table)
    columns = [column_named(relation, name) for name in names]
    if len(columns) > 1 and columns[0] == columns[1]:
        raise UsageError(f"{visible(names[0])} and {visible(names[1])} are one column: name another, or only one.")
    reader = source.reader(10**9)
    try:
        found = group(reader, relation, filter, columns, lambda _partial: None, lambda: False, by_experiment=True)
        remarks: list[str] = []
        say_of_names(remarks.append, reader, relation, filter, columns)
    finally:
        reader.close()
    experiment = next((one.column for values in found.counts for one in values if isinstance(one, OfExperiment)), None)
    asked = names if experiment is None else [_apart(experiment.label, names), *names]
    headings = [*asked, *(_apart(count, asked) for count in ("rows", "valid", "not valid"))]
    lines: list[list[Cell]] = []
    by_value = form not in STREAMED and are_numbers(first for first, *_others in found.counts)
    for values, outcomes in sorted(found.counts.items(), key=_by_value if by_value else _largest_first):
        shown = [_shown(column, value) for column, value in zip(columns, values, strict=True)]
        of = [_shown(one.column, one.experiment) for one in values if isinstance(one, OfExperiment)]
        lines.append([*of[:1], *shown, *_counts(outcomes)])
    if form != "table" or lines:
        write_rows(form, out, headings, lines, plain_value, whole=True)
    else:
        say(nothing_words(relation))
    for words in remarks:
        say(words)
    return bool(lines)


def _by_value(counted: tuple[tuple[Value, ...], Outcomes]) -> tuple[tuple[Place, ...], ...]:
    return tuple(map(places, counted[0]))


def _largest_first(counted: tuple[tuple[Value, ...], Outcomes]) -> tuple[int, *tuple[tuple[Place, ...], ...]]:
    values, outcomes = counted
    return (-sum(outcomes.values()), *map(places, values))


def _apart(count: str, names: Sequence[str]) -> str:
    while count in names:
        count += " count"
    return count


def _shown(column: Column, value: Value) -> Cell:
    match value:
        case OfExperiment():
            return _shown(column, value.run)
        case Others():
            return value.value
        case Bin(low=low, high=high):
            return f"{cell_text(low)}..<{cell_text(high)}"
        case _:
            return masked_cell(column, value)


def _counts(outcomes: Outcomes) -> list[int]:
    valid, not_valid = (sum(count for outcome, count in outcomes.items() if outcome.valid == flag) for flag in (1, 0))
    return [sum(outcomes.values()), valid, not_valid]
