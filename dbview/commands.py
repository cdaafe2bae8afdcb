"""The commands that write data, without the interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from dbview.command_line import (
    FILTER_HELP,
    PATH_HELP,
    command_parser,
    database_file,
    number,
    parse_command,
    pointing_into,
)
from dbview.errors import UsageError
from dbview.output import standard_output, tell
from dbview.private_copies import opened


def _tables_command(arguments: Sequence[str]) -> None:
    from dbview.headless.formats import FORMATS
    from dbview.headless.tables import list_tables

    parser = command_parser("dbview tables", "List the tables of a file: entries, validity, statuses, last activity.")
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help=f"{PATH_HELP} (default: this one)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--all", action="store_true", help="also list bookkeeping tables")
    options = parse_command(parser, arguments)
    with opened(database_file(options.path), options) as source:
        list_tables(source, options.format, standard_output(), tell, with_internal=options.all)


def _query_command(arguments: Sequence[str]) -> None:
    from dbview.headless.export import export, form_of
    from dbview.headless.formats import FORMATS
    from dbview.headless.query import ROWS_FOR_PEOPLE, Request, query

    parser = command_parser(
        "dbview query",
        "Write the rows of a table that fulfil a filter, newest first.",
        "example: dbview query . FindPeaks 'run=14..16 is:valid' --columns id,run,son_min --sort -son_min --format csv",
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TABLE", help="which table")
    parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=FILTER_HELP)
    parser.add_argument("--columns", metavar="a,b", help="which columns, named as in filters: run, p.run, env.NAME")
    parser.add_argument("--sort", metavar="a,-b", help="sort by a, then by b descending")
    many = f"how many rows at most; default: all, {ROWS_FOR_PEOPLE} for table and markdown"
    parser.add_argument("--limit", type=number, metavar="N", help=many)
    parser.add_argument("--format", choices=(*FORMATS, "parquet"), help="default: table, or what FILE's ending says")
    parser.add_argument("--exact", action="store_true", help="json, jsonl: keep value and storage class of every cell")
    parser.add_argument(
        "--output", metavar="FILE", help="write all rows into a file, which is there only when it is whole"
    )
    parser.add_argument("--force", action="store_true", help="also over a file that is there, or beside the database")
    options = parse_command(parser, arguments)
    text = " ".join(options.filter)
    file = None if options.output is None else Path(options.output)
    form = options.format or ("table" if file is None else form_of(file))
    if file is None and form == "parquet":
        raise UsageError("--format parquet goes with --output FILE.")
    request = Request(options.table, text, options.columns, options.sort, options.limit, form, options.exact)
    with opened(database_file(options.path), options) as source, pointing_into(text):
        if file is None:
            query(source, request, standard_output(), tell)
        else:
            export(source, request, file, tell, asked=options.force)


def _show_command(arguments: Sequence[str]) -> None:
    from dbview.headless import show

    parser = command_parser("dbview show", "Write one entry in full: result, parameters, configurations, environment.")
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TABLE", help="which table")
    parser.add_argument("id", type=int, metavar="ID", help="which entry")
    parser.add_argument("--format", choices=show.FORMATS, default="text", help="default: text")
    options = parse_command(parser, arguments)
    with opened(database_file(options.path), options) as source:
        show.show(source, options.table, options.id, options.format, standard_output())


def _diff_command(arguments: Sequence[str]) -> None:
    from dbview.headless import diff

    parser = command_parser(
        "dbview diff", "Write what differs between two or more entries of a Task, and nothing else."
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TASK", help="which Task")
    parser.add_argument("id", type=int, metavar="ID", help="an entry")
    parser.add_argument("ids", type=int, nargs="+", metavar="ID", help="those it is compared with")
    parser.add_argument("--format", choices=diff.FORMATS, default="text", help="default: text")
    options = parse_command(parser, arguments)
    with opened(database_file(options.path), options) as source:
        diff.diff(source, options.table, [options.id, *options.ids], options.format, standard_output())


def _runs_command(arguments: Sequence[str]) -> None:
    from dbview.headless.formats import FORMATS
    from dbview.headless.runs import list_runs

    parser = command_parser("dbview runs", "List how each Task went in each run: a line for each of both.")
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help=f"{PATH_HELP} (default: this one)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    options = parse_command(parser, arguments)
    with opened(database_file(options.path), options) as source:
        list_runs(source, options.format, standard_output())


def _group_command(arguments: Sequence[str]) -> None:
    from dbview.headless.formats import FORMATS
    from dbview.headless.runs import list_groups

    parser = command_parser(
        "dbview group",
        "Count the rows of a table by the values of one column, or of two.",
        "example: dbview group . FindPeaks run status --where 'since:2d'",
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TABLE", help="which table")
    parser.add_argument("columns", nargs="+", metavar="COLUMN", help="one column or two, named as in filters")
    parser.add_argument("--where", default="", metavar="filter", help=FILTER_HELP)
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    options = parse_command(parser, arguments)
    if len(options.columns) > 2:
        raise UsageError("dbview group takes one column or two; a filter goes behind --where.")
    with opened(database_file(options.path), options) as source, pointing_into(options.where):
        list_groups(source, options.table, options.where, options.columns, options.format, standard_output())


def _latest_command(arguments: Sequence[str]) -> None:
    from dbview.headless import latest
    from dbview.source.entries.latest import Wanted

    parser = command_parser(
        "dbview latest",
        "Tell which value of a parameter the next Task will pick up: that of the latest valid entry.",
        "example: dbview latest . FindPeaks out_file --run 12\n"
        "The value goes to standard output, the entry that it is from to standard error.",
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("task", metavar="TASK", help="which Task")
    parser.add_argument("parameter", metavar="PARAM", help="which parameter; or status, summary, payload, schemas")
    parser.add_argument("--run", metavar="N", help="only entries of this run; 12 is 0012, too (default: any)")
    parser.add_argument("--experiment", metavar="X", help="only entries of this experiment (default: any)")
    parser.add_argument("--format", choices=latest.FORMATS, default="text", help="default: text")
    options = parse_command(parser, arguments)
    wanted = Wanted(options.run, options.experiment)
    with opened(database_file(options.path), options) as source:
        latest.latest(source, options.task, options.parameter, wanted, options.format, standard_output(), tell)


def _lineage_command(arguments: Sequence[str]) -> None:
    from dbview.headless import lineage

    parser = command_parser(
        "dbview lineage",
        "Write what an entry was made from and what was made from it: entries of all Tasks that name the same files.",
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TASK", help="which Task")
    parser.add_argument("id", type=int, metavar="ID", help="which entry")
    parser.add_argument("--format", choices=lineage.FORMATS, default="text", help="default: text")
    options = parse_command(parser, arguments)
    with opened(database_file(options.path), options) as source:
        lineage.lineage(source, options.table, options.id, options.format, standard_output())


def _stats_command(arguments: Sequence[str]) -> None:
    from dbview.headless import statistics

    parser = command_parser(
        "dbview stats",
        "Describe the values of a column: counts, numbers, a histogram, the most frequent values.",
        "example: dbview stats . FindPeaks summary.number_of_hits_found 'is:valid since:2d'",
    )
    parser.add_argument("path", metavar="PATH", help=PATH_HELP)
    parser.add_argument("table", metavar="TASK", help="which table")
    parser.add_argument("column", metavar="COLUMN", help="which column, named as in filters")
    parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=FILTER_HELP)
    parser.add_argument("--format", choices=statistics.FORMATS, default="text", help="default: text")
    options = parse_command(parser, arguments)
    text = " ".join(options.filter)
    with opened(database_file(options.path), options) as source, pointing_into(text):
        statistics.write_statistics(source, options.table, options.column, text, options.format, standard_output())


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "tables": _tables_command,
    "query": _query_command,
    "show": _show_command,
    "diff": _diff_command,
    "runs": _runs_command,
    "group": _group_command,
    "stats": _stats_command,
    "latest": _latest_command,
    "lineage": _lineage_command,
}
"""The commands by name; each is given the arguments behind it."""
