"""The command line: ``dbview PATH [TABLE] ['filter']`` and the commands that write data.

Textual is imported only when the interface opens. Data goes to standard output, words to standard error.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Sequence

from dbview import errors
from dbview.command import run_command
from dbview.command_line import (
    FILTER_HELP,
    PATH_HELP,
    CommandParser,
    command_parser,
    database_file,
    parse_command,
    pointing_into,
)
from dbview.commands import COMMANDS
from dbview.errors import DbviewError, NotFound, UsageError
from dbview.interruption import interruptible
from dbview.output import abandon_output, flush, prepare_output, say, say_why, standard_output, tell
from dbview.private_copies import opened
from dbview.query.relation import Relation
from dbview.query.view import View
from dbview.settings import Settings, settings_directory
from dbview.source.source import Source, open_source
from dbview.text import visible

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
  dbview diff PATH TASK ID ID                     what differs between entries
  dbview history PATH TASK PARAM ['filter']       the values of a parameter through all entries
  dbview lineage PATH TASK ID                     what an entry was made from, and what from it
  dbview latest PATH TASK PARAM [--run N]         which value the next Task will pick up
  dbview runs PATH                                how each Task went in each run
  dbview group PATH TABLE COLUMN [COLUMN]         rows counted by the values of columns
  dbview stats PATH TABLE COLUMN ['filter']       counts, numbers and a histogram of a column
"""

_WITHOUT_PLACES = ("dumb", "unknown")
"""Terminals on which nothing can be drawn but line after line."""

_REMOTE = ("SSH_CONNECTION", "SSH_TTY")
"""Variables that are set where SSH stands between the program and the terminal."""


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
        say_why(error)
        code = DbviewError.exit_code
    else:
        return code
    abandon_output()
    return code


def _run(arguments: list[str]) -> int:
    try:
        if not arguments or arguments[0] not in COMMANDS:
            return _open_command(arguments)
        with interruptible():
            return run_command(arguments[0], COMMANDS[arguments[0]], arguments[1:])
    except DbviewError as error:
        tell(f"dbview: {error}")
        return error.exit_code
    except SystemExit:
        # argparse has printed the help.
        return 0


def exit_codes() -> dict[int, str]:
    """Return what each exit code means, for the help and the documentation."""
    codes = {0: "Done.", DbviewError.exit_code: "Anything else that went wrong; the message says what."}
    for error in (one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DbviewError)):
        codes.setdefault(error.exit_code, (error.__doc__ or "").splitlines()[0])
    codes[errors.INTERRUPTED_EXIT_CODE] = "Ended by Ctrl-C."
    codes[errors.BROKEN_PIPE_EXIT_CODE] = "The reader of the output went away."
    return dict(sorted(codes.items()))


# The commands


def _open_command(arguments: Sequence[str]) -> int:
    """Open the interface; return its exit code."""
    options = parse_command(_open_parser(), arguments)
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
        return _open_demo(options)
    for option in ("id", "at", "sort", "columns"):
        if getattr(options, option) is not None and table is None:
            raise UsageError(f"--{option} needs a table: dbview PATH TABLE --{option} ...")
    filter_text = " ".join(filter(None, words))
    with opened(database_file(path or "."), options, asks=True) as source:
        view = None if table is None else _view(source, table, filter_text, options)
        return _open(source, options, view)


def _open_parser() -> CommandParser:
    codes = "\n".join(f"  {code:<4} {meaning}" for code, meaning in exit_codes().items())
    parser = command_parser(
        "dbview", "Look at what recorder wrote. Nothing is ever changed.", f"{EXAMPLES}\nexit codes:\n{codes}"
    )
    parser.add_argument("path", nargs="?", metavar="PATH", help=f"{PATH_HELP}; without it, this directory")
    parser.add_argument("table", nargs="?", metavar="TABLE", help="open this table")
    parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=FILTER_HELP)
    parser.add_argument("-p", "--path", dest="path_option", metavar="PATH", help="PATH, as an option")
    parser.add_argument("--id", type=int, metavar="N", help="open this entry of the table")
    parser.add_argument("--at", type=int, metavar="N", help="put the cursor on this entry of the table")
    parser.add_argument("--sort", metavar="a,-b", help="sort by a, then by b descending")
    parser.add_argument("--columns", metavar="a,b", help="show these columns")
    parser.add_argument("--demo", action="store_true", help="open a made-up experiment instead of a file")
    parser.add_argument("--live", action="store_true", help="with --demo: new entries keep arriving")
    parser.add_argument(
        "--reduced",
        action=argparse.BooleanOptionalAction,
        help="spare a slow line: no animation, four frames a second unless you type (default: where SSH is between)",
    )
    parser.add_argument("--no-state", action="store_true", help="read no settings, and remember nothing")
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    return parser


def _open_demo(options: argparse.Namespace) -> int:
    from dbview.demo import demo_database

    say("Recording a made-up experiment to look at ...")
    with demo_database(live=options.live) as file, contextlib.closing(open_source(file)) as source:
        return _open(source, options)


def _view(source: Source, table: str, filter_text: str, options: argparse.Namespace) -> View:
    """Return the View that a command line asks for, once it is known that all of it is there."""
    relation = source.relation(table)
    if not relation.columns:
        raise NotFound(f"{visible(relation.name)} has no columns that can be read.")
    if filter_text:
        _check_filter(filter_text, relation)
    with contextlib.closing(source.reader()) as reader:
        for key in (options.id, options.at):
            if key is not None and not reader.rows(relation, [], [key]):
                raise NotFound(f"{visible(relation.name)} has no entry {key}.")
        if options.sort is None and options.columns is None:
            return View(relation.name, filter_text, position=options.at)
        from dbview.headless.query import named_columns, sort_of

        sort = sort_of(relation, options.sort)
        columns = None if options.columns is None else named_columns(reader, relation, options.columns).values()
    names = None if columns is None else tuple(column.name for column in columns)
    return View(relation.name, filter_text, sort, names, options.at)


def _open(source: Source, options: argparse.Namespace, view: View | None = None) -> int:
    """Open the interface on a source; return its exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the interface needs a terminal. Without one: dbview tables, dbview query, dbview show.")
    if os.environ.get("TERM") in _WITHOUT_PLACES:
        raise UsageError(
            f"the interface needs a terminal on which text can be placed, and TERM={os.environ['TERM']} says that this "
            "is none. If it is one, set TERM to its name; else: dbview tables, dbview query, dbview show."
        )
    # What is loaded stays. Looking it through for garbage, now and each time later, took a twentieth of the start.
    gc.disable()
    from dbview.app import DbviewApp

    gc.freeze()
    gc.enable()
    settings = Settings(None if options.no_state else settings_directory())
    app = DbviewApp(source, view, options.id, settings, is_reduced=_is_reduced(options.reduced))
    app.run()
    return app.return_code or 0


def _is_reduced(asked: bool | None) -> bool:
    """Tell whether the line is to be spared: as was asked for, else where it is one of SSH."""
    return any(map(os.environ.get, _REMOTE)) if asked is None else asked


def _check_filter(filter_text: str, relation: Relation) -> None:
    from dbview.query.filter import parse
    from dbview.query.resolve import resolve

    with pointing_into(filter_text):
        node = parse(filter_text)
        if node is not None:
            resolve(node, relation)
