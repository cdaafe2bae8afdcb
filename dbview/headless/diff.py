"""``dbview diff``: what differs between entries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from rich.cells import cell_len

from dbview.compare.difference import ABSENT, Difference
from dbview.compare.entries import Aspect, compare
from dbview.compare.job import job_variables
from dbview.errors import UsageError
from dbview.headless.cells import exact_value, json_text, plain_value
from dbview.headless.formats import LINES, NULL_SEPARATED, write_rows
from dbview.headless.query import WHOLE_VALUES
from dbview.query.relation import RelationKind
from dbview.source.entries.record import Record, read_record
from dbview.source.source import Source
from dbview.text import visible
from dbview.values import Cell
from dbview.widgets.drawing import pad

_WIDEST = 60
"""Cells of a value in text; JSON has all of it."""


def diff(source: Source, table: str, keys: Sequence[int], form: str, out: TextIO) -> bool:
    """Write what differs between entries of a Task; return whether anything does.

    Args:
        source: The file.
        table: The Task's name.
        keys: Ids of two or more entries.
        form: One of its formats.
        out: Where to write.

    Raises:
        UsageError: The table is not that of a Task.
        NotFound: There is no such table or entry.
    """
    relation = source.relation(table)
    if relation.kind is not RelationKind.TASK:
        raise UsageError(f"{visible(relation.name)} is no Task: dbview diff compares entries.")
    with contextlib.closing(source.reader(WHOLE_VALUES)) as reader:
        records = [read_record(reader, source.relations(), relation, key) for key in keys]
    aspects = compare(records, source.path)
    if form == "json":
        out.write(json_text(_object(records, aspects), indent=2) + "\n")
    elif form in (LINES, NULL_SEPARATED):
        write_rows(form, out, (), _rows(aspects), plain_value)
    else:
        for line in _lines(records, aspects):
            out.write(line.rstrip() + "\n")
    return any(aspect.differences for aspect in aspects)


def _rows(aspects: Sequence[Aspect]) -> Iterator[list[Cell]]:
    """Yield a row for each difference: in which respect, the name, and a value for each entry."""
    for aspect in aspects:
        for one in aspect.differences:
            yield [aspect.title.lower(), one.name, *map(_value_cell, one.values)]


def _value_cell(value: Any) -> Cell:
    if isinstance(value, list | dict):
        return json_text(value)
    cell: Cell = None if value is ABSENT else value
    return cell


def _object(records: Sequence[Record], aspects: Sequence[Aspect]) -> dict[str, Any]:
    return {
        "table": records[0].relation.name,
        "ids": [record.key for record in records],
        "differences": {
            aspect.title.lower(): [difference_object(aspect, one) for one in aspect.differences] for aspect in aspects
        },
        "job_variables_left_out": sum(aspect.of_job for aspect in aspects),
        "complete": not any(aspect.has_more for aspect in aspects),
    }


def difference_object(aspect: Aspect, difference: Difference) -> dict[str, Any]:
    """Return a difference; an entry that has no such value is listed as missing, and its value is null."""
    values = difference.values
    return {
        "name": difference.name,
        "values": [None if value is ABSENT else _json_value(value) for value in values],
        "missing": [place for place, value in enumerate(values) if value is ABSENT],
        "change": aspect.change_words(difference) or None,
    }


def _json_value(value: Cell | list[Any] | dict[str, Any]) -> Any:
    return value if isinstance(value, list | dict) else exact_value(value)


def _lines(records: Sequence[Record], aspects: Sequence[Aspect]) -> Iterator[str]:
    titles = [f"#{record.key}" for record in records]
    listed = [(aspect, one) for aspect in aspects for one in aspect.differences]
    name_width = max((cell_len(visible(one.name)) for _aspect, one in listed), default=0)
    widths = [
        min(_WIDEST, max(map(cell_len, [title, *(aspect.texts(one)[place] for aspect, one in listed)])))
        for place, title in enumerate(titles)
    ]
    heads = "  ".join(pad(title, width) for title, width in zip(titles, widths, strict=True))
    yield f"{visible(records[0].relation.name)} {' '.join(titles)}"
    for aspect in aspects:
        if not aspect.differences and not aspect.of_job:
            continue
        yield ""
        left_out = f" ({job_variables(aspect.of_job)} left out)" if aspect.of_job else ""
        yield f"{pad(aspect.title, name_width + 2)}  {heads}{left_out}"
        for one in aspect.differences:
            cells = [pad(text, width) for text, width in zip(aspect.texts(one), widths, strict=True)]
            yield f"  {pad(visible(one.name), name_width)}  {'  '.join(cells)}  {aspect.change_words(one)}"
        if aspect.has_more:
            yield "  … (more differ)"
    same = [aspect.title.lower() for aspect in aspects if not aspect.differences and not aspect.of_job]
    if same:
        yield ""
        yield f"the same: {', '.join(same)}"
