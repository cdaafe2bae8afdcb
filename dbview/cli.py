"""The command line: ``dbview PATH [TABLE] ['filter']`` and the commands that write data.

Textual is imported only when the interface opens. Data goes to standard output, words to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from dbview import errors
from dbview.errors import DbviewError, FileMissing, FilterError, NotFound, UsageError
from dbview.interruption import interruptible
from dbview.output import abandon_output, flush, prepare_output, say, standard_output, tell
from dbview.private_copies import add_copy_options, opened
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.source.source import Source, open_source
from dbview.text import visible
from recorder.layout.tables import DATABASE_FILE

EXAMPLES = """\
examples:
  dbview .                                        the lute.db of this directory
  dbview lute.db FindPeaks 'status!=COMPLETED'    a table, filtered
  dbview lute.db FindPeaks --id 8                 one entry
  dbview --demo                                   a made-up experiment to try the viewer on

without the interface (each with --help of its own; a file called like a command is opened as ./tables):
  dbview tables PATH                              what the file holds
  dbview query PATH TABLE ['filter'] [options]    rows as a table, JSON, CSV or Markdown
  dbview show PATH TABLE ID                       one entry in full
"""

_PATH_HELP = f"a database file, or a directory that holds {DATABASE_FILE}"
_FILTER_HELP = "which rows (the same language as in the interface); after -- if it begins with -"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return the exit code. Every error is one readable message on standard error."""
    try:
        prepare_output()
        code = _run(list(sys.argv[1:] if arguments is None else arguments))
        flush()
    except KeyboardInterrupt:
        code = errors.INTERRUPTED_EXIT_CODE
    except BrokenPipeError:
        code = errors.BROKEN_PIPE_EXIT_CODE
    except OSError as error:
        say(f"dbview: {visible(str(error.filename or 'the output'))}: {error.strerror}.")
        code = DbviewError.exit_code
    else:
        return code
    abandon_output()
    return code


def _run(arguments: list[str]) -> int:
    command = _COMMANDS.get(arguments[0]) if arguments else None
    try:
        if command is None:
            return _open_command(arguments)
        with interruptible():
            command(arguments[1:])
    except DbviewError as error:
        tell(f"dbview: {error}")
        return error.exit_code
    except SystemExit:
        # argparse has printed the help.
        return 0
    return 0


def exit_codes() -> dict[int, str]:
    """Return what each exit code means, for the help and the documentation."""
    codes = {0: "Done.", DbviewError.exit_code: "Anything else that went wrong; the message says what."}
    for error in (one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DbviewError)):
        codes.setdefault(error.exit_code, (error.__doc__ or "").splitlines()[0])
    codes[errors.INTERRUPTED_EXIT_CODE] = "Ended by Ctrl-C."
    codes[errors.BROKEN_PIPE_EXIT_CODE] = "The reader of the output went away."
    return dict(sorted(codes.items()))


# What is asked for


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        is_like_a_filter = re.search(r"unrecognized arguments: -[^-]", message)
        hint = " A filter that begins with - goes after --." if is_like_a_filter else ""
        raise UsageError(f"{visible(message)}.{hint} `{self.prog} --help` shows how it is used.")


def _parser(program: str, description: str, epilog: str | None = None) -> _Parser:
    parser = _Parser(
        prog=program,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_copy_options(parser)
    return parser


def _parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse options and positional arguments in any order; what stands after ``--`` belongs to the filter."""
    listed = list(arguments)
    after: list[str] = []
    if "--" in listed:
        place = listed.index("--")
        listed, after = listed[:place], listed[place + 1 :]
    for place, argument in enumerate(listed[:-1]):
        # "--sort -run": the minus belongs to the value.
        if argument == "--sort":
            listed[place : place + 2] = [f"--sort={listed[place + 1]}"]
            break
    options = parser.parse_intermixed_args(listed)
    if after:
        if "filter" not in options:
            parser.error("-- goes before a filter, and this command takes none")
        options.filter = [*options.filter, *after]
    return options


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


_number.__name__ = "number"  # argparse names it in its message


def database_file(path: str) -> Path:
    """Return the file that a path on the command line means: itself, or the ``lute.db`` of a directory.

    Raises:
        FileMissing: It is a directory without one.
    """
    directory = Path(path)
    if not os.path.isdir(directory):  # noqa: PTH112 - Path.is_dir raises where the way there is closed
        return directory
    file = directory / DATABASE_FILE
    try:
        file.lstat()
    except FileNotFoundError:
        raise FileMissing(_no_database(directory)) from None
    except OSError:
        # Whatever it is, opening the file tells it better.
        return file
    return file


def _no_database(directory: Path) -> str:
    try:
        others = sorted(file.name for file in directory.iterdir() if file.suffix in (".db", ".sqlite", ".sqlite3"))
    except OSError:
        others = []
    hint = f"It holds {', '.join(map(visible, others[:3]))}: name the file itself."
    if not others:
        hint = "Name another directory or a file, or try dbview --demo."
    return f"the directory {visible(str(directory.absolute()))} holds no {DATABASE_FILE}. {hint}"


# The commands


def _open_command(arguments: Sequence[str]) -> int:
    """Open the interface; return its exit code."""
    options = _parse(_open_parser(), arguments)
    if options.version:
        from importlib.metadata import version

        standard_output().write(f"dbview {version('recorder-dbview')}\n")
        return 0
    given = [options.path, options.table, *options.filter]
    path, table, *words = [options.path_option, *given] if options.path_option else given
    if options.live and not options.demo:
        raise UsageError("--live goes with --demo.")
    if options.demo:
        if path is not None:
            raise UsageError("--demo opens its own file; leave PATH out.")
        return _open_demo(live=options.live)
    if options.id is not None and table is None:
        raise UsageError("--id needs a table: dbview PATH TABLE --id N.")
    filter_text = " ".join(filter(None, words))
    with opened(database_file(path or "."), options, asks=True) as source:
        return _open(source, table, filter_text, options.id)


def _open_parser() -> _Parser:
    codes = "\n".join(f"  {code:<4} {meaning}" for code, meaning in exit_codes().items())
    parser = _parser(
        "dbview", "Look at what recorder wrote. Nothing is ever changed.", f"{EXAMPLES}\nexit codes:\n{codes}"
    )
    parser.add_argument("path", nargs="?", metavar="PATH", help=f"{_PATH_HELP}; without it, this directory")
    parser.add_argument("table", nargs="?", metavar="TABLE", help="open this table")
    parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=_FILTER_HELP)
    parser.add_argument("-p", "--path", dest="path_option", metavar="PATH", help="PATH, as an option")
    parser.add_argument("--id", type=int, metavar="N", help="open this entry of the table")
    parser.add_argument("--demo", action="store_true", help="open a made-up experiment instead of a file")
    parser.add_argument("--live", action="store_true", help="with --demo: new entries keep arriving")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def _open_demo(*, live: bool) -> int:
    from dbview.demo import demo_database

    say("Recording a made-up experiment to look at ...")
    with demo_database(live=live) as file, contextlib.closing(open_source(file)) as source:
        return _open(source)


def _open(source: Source, table: str | None = None, filter_text: str = "", key: int | None = None) -> int:
    """Open the interface on a source, once it is known that what was asked for is there; return its exit code."""
    view = None
    if table is not None:
        relation = source.relation(table)
        if not relation.columns:
            raise NotFound(f"{visible(relation.name)} has no columns that can be read.")
        if filter_text:
            _check_filter(filter_text, relation)
        with contextlib.closing(source.reader()) as reader:
            if key is not None and not reader.rows(relation, [], [key]):
                raise NotFound(f"{visible(relation.name)} has no entry {key}.")
        view = View(relation.name, filter_text)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the interface needs a terminal. Without one: dbview tables, dbview query, dbview show.")
    from dbview.app import DbviewApp

    app = DbviewApp(source, view, key)
    app.run()
    return app.return_code or 0


def _tables_command(arguments: Sequence[str]) -> None:
    from dbview.headless.formats import FORMATS
    from dbview.headless.tables import list_tables

    parser = _parser("dbview tables", "List the tables of a file: entries, validity, statuses, last activity.")
    parser.add_argument("path", nargs="?", default=".", metavar="PATH", help=f"{_PATH_HELP} (default: this one)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--all", action="store_true", help="also list bookkeeping tables")
    options = _parse(parser, arguments)
    with opened(database_file(options.path), options) as source:
        list_tables(source, options.format, standard_output(), tell, with_internal=options.all)


def _query_command(arguments: Sequence[str]) -> None:
    from dbview.headless.formats import FORMATS
    from dbview.headless.query import ROWS_FOR_PEOPLE, Request, query

    parser = _parser(
        "dbview query",
        "Write the rows of a table that fulfil a filter, newest first.",
        "example: dbview query . FindPeaks 'run=14..16 is:valid' --columns id,run,son_min --sort -son_min --format csv",
    )
    parser.add_argument("path", metavar="PATH", help=_PATH_HELP)
    parser.add_argument("table", metavar="TABLE", help="which table")
    parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=_FILTER_HELP)
    parser.add_argument("--columns", metavar="a,b", help="which columns, named as in filters: run, p.run, env.NAME")
    parser.add_argument("--sort", metavar="a,-b", help="sort by a, then by b descending")
    many = f"how many rows at most; default: all, {ROWS_FOR_PEOPLE} for table and markdown"
    parser.add_argument("--limit", type=_number, metavar="N", help=many)
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument("--exact", action="store_true", help="json, jsonl: keep value and storage class of every cell")
    options = _parse(parser, arguments)
    text = " ".join(options.filter)
    request = Request(options.table, text, options.columns, options.sort, options.limit, options.format, options.exact)
    with opened(database_file(options.path), options) as source, _pointing_into(text):
        query(source, request, standard_output(), tell)


def _show_command(arguments: Sequence[str]) -> None:
    from dbview.headless import show

    parser = _parser("dbview show", "Write one entry in full: result, parameters, configurations, environment.")
    parser.add_argument("path", metavar="PATH", help=_PATH_HELP)
    parser.add_argument("table", metavar="TABLE", help="which table")
    parser.add_argument("id", type=int, metavar="ID", help="which entry")
    parser.add_argument("--format", choices=show.FORMATS, default="text", help="default: text")
    options = _parse(parser, arguments)
    with opened(database_file(options.path), options) as source:
        show.show(source, options.table, options.id, options.format, standard_output())


_COMMANDS: dict[str, Callable[[Sequence[str]], None]] = {
    "tables": _tables_command,
    "query": _query_command,
    "show": _show_command,
}


def _check_filter(filter_text: str, relation: Relation) -> None:
    from dbview.query.filter import parse
    from dbview.query.resolve import resolve

    with _pointing_into(filter_text):
        node = parse(filter_text)
        if node is not None:
            resolve(node, relation)


@contextlib.contextmanager
def _pointing_into(filter_text: str) -> Iterator[None]:
    """Add the filter text to an error in it, with a mark under the place that makes no sense."""
    try:
        yield
    except FilterError as error:
        from rich.cells import cell_len

        indent = " " * cell_len(visible(filter_text[: error.position]))
        message = f"the filter cannot be understood: {error}\n  {visible(filter_text)}\n  {indent}^"
        raise FilterError(message, error.position) from error
