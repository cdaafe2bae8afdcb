"""``dbview stats``: what the values of a column are like, as text and as JSON."""

from __future__ import annotations

from typing import Any, TextIO

from dbview.headless.cells import json_text, plain_value
from dbview.headless.names import column_named, say_of_names
from dbview.output import Say
from dbview.query.relation import Column
from dbview.secrets import masked_cell
from dbview.source.numbers.statistics import Numbers, Statistics, column_statistics
from dbview.source.source import Source
from dbview.text import cell_text

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
    data = _as_data(found, column)
    if form == "json":
        out.write(json_text(data, indent=2) + "\n")
    else:
        out.writelines(f"{line}\n" for line in _lines(data))
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


def _lines(data: dict[str, Any]) -> list[str]:
    """Return a name and a value a line, then the histogram and the most frequent values."""
    numbers, texts = data["numbers"] or {}, data["texts"] or {}
    named = {name: value for name, value in data.items() if not isinstance(value, list | dict) and name != "texts"}
    named |= {f"numbers.{name}": value for name, value in numbers.items() if name != "histogram"}
    named |= {f"texts.{name}": value for name, value in texts.items()}
    named.pop("numbers", None)
    width = max(map(len, named))
    lines = [f"{name.replace('_', ' '):{width}}  {_word(value)}" for name, value in named.items()]
    for title, bars in (
        ("histogram", [(_bin_text(each), each["rows"]) for each in numbers.get("histogram", [])]),
        ("most frequent", [(cell_text(each["value"])[:_SHORT_CELLS], each["rows"]) for each in data["most_frequent"]]),
    ):
        if bars:
            lines += ["", title]
            lines += [f"  {rows:>12,}  {label}" for label, rows in bars]
    return lines


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else cell_text(value)


def _bin_text(each: dict[str, Any]) -> str:
    return f"{each['from']} to < {each['to_before']}"
