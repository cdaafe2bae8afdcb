"""The commands that write data, without the interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbview.command_line import (
    FILTER_HELP,
    PATH_HELP,
    command_parser,
    database_file,
    number,
    parse_command,
    pointing_into,
)
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
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--exact", action="store_true", help="json, jsonl: keep value and storage class of every cell")
    options = parse_command(parser, arguments)
    text = " ".join(options.filter)
    request = Request(options.table, text, options.columns, options.sort, options.limit, options.format, options.exact)
    with opened(database_file(options.path), options) as source, pointing_into(text):
        query(source, request, standard_output(), tell)


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


COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "tables": _tables_command,
    "query": _query_command,
    "show": _show_command,
}
"""The commands by name; each is given the arguments behind it."""
