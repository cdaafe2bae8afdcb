"""``dbview stats``: what the values of a column are like, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from dbview.headless.cells import json_text, plain_value
from dbview.headless.names import column_named, say_of_names
from dbview.output import Say
from dbview.query.relation import Column
from dbview.secrets import masked_cell
from dbview.source.numbers.statistics import Numbers, Statistics, column_statistics
from dbview.source.numbers.statistics_words import (
    Facts,
    bin_text,
    count_facts,
    histogram_of,
    histogram_words,
    number_facts,
    text_facts,
    values_told,
)
from dbview.source.source import Source
from dbview.text import ELLIPSIS, cell_text
from dbview.values import Cell

_SHORT_CELLS = 60


def write_statistics(source: Source, table: str, name: str, filter: str, form: str, out: TextIO, say: Say) -> bool:
    """Write the statistics of a column in the rows that a filter finds; return whether there are any rows.

    Args:
        source: The file.
        table: The relation's name.
        name: The column, named as in filters.
        filter: Which rows count.
        form: One of the formats.
        out: Where to write.
        say: Told of a column that stands for what no row has.

    Raises:
        NotFound, FilterError: There is no such table or column, or the filter makes no sense.
    """
    relation = source.relation(table)
    column = column_named(relation, name)
    reader = source.reader(10**9)
    try:
        found = column_statistics(reader, relation, filter, column, lambda _partial: None, lambda: False)
        remarks: list[str] = []
        say_of_names(remarks.append, reader, relation, filter, [column])
    finally:
        reader.close()
    if form == "json":
        out.write(json_text(_as_data(found, column), indent=2) + "\n")
    else:
        out.writelines(f"{line}\n" for line in _lines(found, column))
    for words in remarks:
        say(words)
    return found.rows > 0


def _as_data(found: Statistics, column: Column) -> dict[str, Any]:
    data: dict[str, Any] = {
        "rows": found.rows,
        "null": found.nulls,
        "different_values": found.distinct,
        "more_values_than_counted": found.has_more,
        "infinite": found.infinite,
        "blobs": found.blobs,
        "numbers": _of_numbers(found.numbers) if found.numbers else None,
        "texts": None,
        "most_frequent": [
            {"value": plain_value(masked_cell(column, cell)), "rows": rows} for cell, rows in found.frequent
        ],
    }
    if texts := found.texts:
        lengths = {"shortest": texts.shortest, "longest": texts.longest, "mean_length": texts.mean}
        data["texts"] = {"count": texts.count, **lengths}
    return data


def _of_numbers(numbers: Numbers) -> dict[str, Any]:
    return {
        "count": numbers.count,
        "spelled_by_texts": numbers.spelled,
        "min": numbers.low,
        "max": numbers.high,
        "mean": numbers.mean,
        "standard_deviation": plain_value(numbers.deviation),
        "median": numbers.median,
        "histogram_is_logarithmic": numbers.histogram.is_logarithmic,
        "histogram": [
            {"from": plain_value(each.low), "to_before": plain_value(each.high), "rows": rows}
            for each, rows in numbers.histogram.bins
        ],
    }


def _lines(found: Statistics, column: Column) -> Iterator[str]:
    """Yield what the screen of a column's statistics shows, without its bars."""
    yield from _named(count_facts(found))
    if found.numbers:
        yield from _section("Numbers", _named(number_facts(found)))
    if found.texts:
        yield from _section("Texts", _named(text_facts(found.texts)))
    if histogram := histogram_of(found):
        bins = (_counted(rows, bin_text(each)) for each, rows in histogram.bins)
        yield from _section(f"Histogram  {histogram_words(histogram)}", bins)
    if told := values_told(found):
        values = (_counted(rows, _value_text(column, cell)) for cell, rows in told.values)
        yield from _section(f"{told.title}  {told.note}", values)


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield from ("", title.rstrip())
    yield from (f"  {line}" for line in lines)


def _named(facts: Facts) -> list[str]:
    width = max(len(name) for name, _value in facts)
    return [f"{name:{width}}  {value}" for name, value in facts]


def _counted(rows: int, label: str) -> str:
    return f"{rows:>12,}  {label}"


def _value_text(column: Column, cell: Cell) -> str:
    text = cell_text(masked_cell(column, cell)) or '""'
    return text if len(text) <= _SHORT_CELLS else f"{text[: _SHORT_CELLS - 1]}{ELLIPSIS}"
