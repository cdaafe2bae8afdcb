"""The commands that write data, without the interface.

Each loads what it needs only when it is run: the others start no slower for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dbview.command import Command
from dbview.command_line import (
    CommandParser,
    add_entry,
    add_filter,
    add_format,
    add_path,
    add_table,
    filter_text,
    format_of,
    number,
)
from dbview.errors import UsageError
from dbview.headless.formats import FORMATS, LINES
from dbview.output import standard_output, tell
from dbview.source.source import Source

TELLING = ("text", "json")
"""The formats of commands that tell of one thing."""
LISTING = (*TELLING, LINES)
"""The formats of commands that tell of several."""


def _define_tables(parser: CommandParser) -> None:
    add_path(parser, optional=True)
    add_format(parser, FORMATS)
    parser.add_argument("--all", action="store_true", help="also list bookkeeping tables")


def _tables(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.tables import list_tables

    return list_tables(source, format_of(options), standard_output(), tell, with_internal=options.all)


def _define_query(parser: CommandParser) -> None:
    from dbview.headless.query import ROWS_FOR_PEOPLE

    add_path(parser)
    add_table(parser)
    add_filter(parser)
    parser.add_argument("--columns", metavar="a,b", help="which columns, named as in filters: run, p.run, env.NAME")
    parser.add_argument("--sort", metavar="a,-b", help="sort by a, then by b descending")
    many = f"how many rows at most; default: all, {ROWS_FOR_PEOPLE} for table and markdown"
    parser.add_argument("--limit", type=number, metavar="N", help=many)
    add_format(parser, (*FORMATS, "parquet"), "what FILE's ending says")
    parser.add_argument("--exact", action="store_true", help="json, jsonl: keep value and storage class of every cell")
    parser.add_argument(
        "--output", metavar="FILE", help="write all rows into a file, which is there only when it is whole"
    )
    parser.add_argument("--force", action="store_true", help="also over a file that is there, or beside the database")


def _query(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.export import export, form_of
    from dbview.headless.query import Request, query

    file = None if options.output is None else Path(options.output)
    form = format_of(options, "table" if file is None else "") or form_of(file or Path())
    if file is None and form == "parquet":
        raise UsageError("--format parquet goes with --output FILE.")
    text = filter_text(options)
    request = Request(options.table, text, options.columns, options.sort, options.limit, form, options.exact)
    if file is None:
        return query(source, request, standard_output(), tell)
    return export(source, request, file, tell, asked=options.force)


def _define_show(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser)
    add_entry(parser)
    add_format(parser, TELLING)
    parser.add_argument("--alone", action="store_true", help="json: look for no other entries, and no files")


def _show(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.show import show

    show(source, options.table, options.id, format_of(options), standard_output(), alone=options.alone)
    return True


def _define_diff(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser, "TASK")
    add_entry(parser)
    parser.add_argument("ids", type=int, nargs="+", metavar="ID", help="those it is compared with")
    add_format(parser, LISTING)


def _diff(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.diff import diff

    return diff(source, options.table, [options.id, *options.ids], format_of(options), standard_output())


def _define_runs(parser: CommandParser) -> None:
    add_path(parser, optional=True)
    add_format(parser, FORMATS)


def _runs(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.runs import list_runs

    return list_runs(source, format_of(options), standard_output(), tell)


def _define_group(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser)
    parser.add_argument("columns", nargs="+", metavar="COLUMN", help="one column or two, named as in filters")
    add_filter(parser, "--where")
    add_format(parser, FORMATS)


def _group(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.runs import list_groups

    if len(options.columns) > 2:
        raise UsageError("dbview group takes one column or two; a filter goes behind --where.")
    form, text = format_of(options), filter_text(options)
    return list_groups(source, options.table, text, options.columns, form, standard_output(), tell)


def _define_stats(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser)
    parser.add_argument("column", metavar="COLUMN", help="which column, named as in filters")
    add_filter(parser)
    add_format(parser, TELLING)


def _stats(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.statistics import write_statistics

    form, text = format_of(options), filter_text(options)
    return write_statistics(source, options.table, options.column, text, form, standard_output(), tell)


def _define_latest(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser, "TASK")
    parser.add_argument("parameter", metavar="PARAM", help="which parameter; or status, summary, payload, schemas")
    parser.add_argument("--run", metavar="N", help="only entries of this run; 12 is 0012, too (default: any)")
    parser.add_argument("--experiment", metavar="X", help="only entries of this experiment (default: any)")
    add_format(parser, LISTING)


def _latest(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.latest import latest
    from dbview.source.entries.latest import Wanted

    wanted = Wanted(options.run, options.experiment)
    latest(source, options.table, options.parameter, wanted, format_of(options), standard_output(), tell)
    return True


def _define_history(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser, "TASK")
    parser.add_argument("parameter", metavar="PARAM", help="which parameter, or other column, named as in filters")
    add_filter(parser)
    add_format(parser, FORMATS)


def _history(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.history import write_history

    form, text = format_of(options), filter_text(options)
    return write_history(source, options.table, options.parameter, text, form, standard_output(), tell)


def _define_lineage(parser: CommandParser) -> None:
    add_path(parser)
    add_table(parser, "TASK")
    add_entry(parser)
    add_format(parser, LISTING)


def _lineage(source: Source, options: argparse.Namespace) -> bool:
    from dbview.headless.lineage import lineage

    return lineage(source, options.table, options.id, format_of(options), standard_output())


COMMANDS: dict[str, Command] = {
    "tables": Command(
        "List the tables of a file: entries, validity, statuses, last activity.",
        _define_tables,
        _tables,
    ),
    "query": Command(
        "Write the rows of a table that fulfil a filter, newest first.",
        _define_query,
        _query,
        "example: dbview query . FindPeaks 'run=14..16 is:valid' --columns id,run,son_min --sort -son_min --format csv",
    ),
    "show": Command(
        "Write one entry in full: result, parameters, configurations, environment, what is around it.",
        _define_show,
        _show,
    ),
    "diff": Command(
        "Write what differs between two or more entries of a Task, and nothing else.",
        _define_diff,
        _diff,
    ),
    "runs": Command(
        "List how each Task went in each run: a line for each of both.",
        _define_runs,
        _runs,
    ),
    "group": Command(
        "Count the rows of a table by the values of one column, or of two.",
        _define_group,
        _group,
        "example: dbview group . FindPeaks run status --where 'since:2d'",
    ),
    "stats": Command(
        "Describe the values of a column: counts, numbers, a histogram, the most frequent values.",
        _define_stats,
        _stats,
        "example: dbview stats . FindPeaks summary.number_of_hits_found 'is:valid since:2d'",
    ),
    "history": Command(
        "Write the values of a parameter through the entries of a Task, newest first; equal ones that follow are one.",
        _define_history,
        _history,
        "example: dbview history . FindPeaks son_min 'is:valid since:30d'",
    ),
    "latest": Command(
        "Tell which value of a parameter the next Task will pick up: that of the latest valid entry.",
        _define_latest,
        _latest,
        "example: dbview latest . FindPeaks out_file --run 12\n"
        "The value goes to standard output, the entry that it is from to standard error.",
    ),
    "lineage": Command(
        "Write what an entry was made from and what was made from it: entries of all Tasks that name the same files.",
        _define_lineage,
        _lineage,
    ),
}
"""The commands by name."""
