"""What the commands share: how a command line is taken apart, and which file it means."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from dbview.errors import FileMissing, FilterError, UsageError
from dbview.headless.formats import LINES, NULL_SEPARATED
from dbview.private_copies import add_copy_options
from dbview.secrets import reveal_secrets
from dbview.text import visible
from recorder.layout.tables import DATABASE_FILE

PATH_HELP = f"a database file, or a directory that holds {DATABASE_FILE}"
NULL_OPTION = "--null"
"""Asks for values parted by NULs; written ``-0``, argparse would take every negative number for an option."""

FILTER_HELP = "which rows (the same language as in the interface); after -- if it begins with -"


class CommandParser(argparse.ArgumentParser):
    """Takes a command line apart; what cannot be understood is a UsageError."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        is_like_a_filter = re.search(r"unrecognized arguments: -[^-]", message)
        hint = " A filter that begins with - goes after --." if is_like_a_filter else ""
        raise UsageError(f"{visible(message)}.{hint} `{self.prog} --help` shows how it is used.")


def command_parser(program: str, description: str, epilog: str | None = None) -> CommandParser:
    """Return a parser with the options that every command has."""
    parser = CommandParser(
        prog=program,
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--reveal", action="store_true", help="show the values of secrets, which are *** otherwise")
    add_copy_options(parser)
    return parser


def parse_command(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Parse options and positional arguments in any order; what stands after ``--`` belongs to the filter."""
    listed = [NULL_OPTION if argument == "-0" else argument for argument in arguments]
    after: list[str] = []
    if "--" in listed:
        place = listed.index("--")
        listed, after = listed[:place], list(arguments[place + 1 :])
    for place, argument in enumerate(listed[:-1]):
        # "--sort -run": the minus belongs to the value.
        if argument == "--sort":
            listed[place : place + 2] = [f"--sort={listed[place + 1]}"]
            break
    options = parser.parse_intermixed_args(listed)
    reveal_secrets(options.reveal)
    if after:
        if "filter" not in options:
            parser.error("-- goes before a filter, and this command takes none")
        options.filter = [*options.filter, *after]
    for name, value in vars(options).items():
        # Paths stay as the system has them: they are encoded the same way when a file is opened.
        if name not in ("path", "path_option", "output"):
            setattr(options, name, _as_utf8(value))
    return options


def _as_utf8(value: object) -> object:
    """Return a text, or texts, of the command line as UTF-8, which names in a file are, whatever the locale is."""
    if isinstance(value, list):
        return [_as_utf8(one) for one in value]
    if not isinstance(value, str):
        return value
    try:
        return os.fsencode(value).decode()
    except UnicodeError:
        return value


# What several commands are given


def add_path(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the argument ``path``."""
    if optional:
        parser.add_argument("path", nargs="?", default=".", metavar="PATH", help=f"{PATH_HELP} (default: this one)")
    else:
        parser.add_argument("path", metavar="PATH", help=PATH_HELP)


def add_table(parser: argparse.ArgumentParser, called: str = "TABLE") -> None:
    """Add the argument ``table``: of any kind, or ``TASK``."""
    parser.add_argument("table", metavar=called, help="which table" if called == "TABLE" else "which Task")


def add_entry(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``id``."""
    parser.add_argument("id", type=int, metavar="ID", help="which entry")


def add_filter(parser: argparse.ArgumentParser, option: str = "") -> None:
    """Add the list of words ``filter``: the last arguments, or what stands behind an option."""
    if option:
        parser.add_argument(option, dest="filter", nargs=1, default=[], metavar="filter", help=FILTER_HELP)
    else:
        parser.add_argument("filter", nargs="*", default=[], metavar="filter", help=FILTER_HELP)


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str], otherwise: str = "") -> None:
    """Add ``--format``; the first format is the default, unless words say that something else is as well.

    Where lines are a format, ``--null`` is one that goes with it.
    """
    default = f"default: {formats[0]}{f', or {otherwise}' if otherwise else ''}"
    parser.add_argument("--format", choices=formats, help=default)
    parser.set_defaults(default_format=formats[0])
    if LINES in formats:
        parser.add_argument(NULL_OPTION, action="store_true", help="lines: the very bytes, a NUL behind each; or -0")


def format_of(options: argparse.Namespace, default: str | None = None) -> str:
    """Return the format that options ask for.

    Args:
        options: As parsed.
        default: For options that ask for none; None for the command's own.

    Raises:
        UsageError: ``--null`` is asked for with another format than lines.
    """
    form: str | None = options.format
    if options.__dict__.get("null"):
        if form not in (None, LINES):
            raise UsageError(f"-0 is a way to write lines: it does not go with --format {form}.")
        return NULL_SEPARATED
    return form or (options.default_format if default is None else default)


def number(text: str) -> int:
    """Return the number that an option was given, which is not negative; argparse names this function otherwise."""
    given = int(text)
    if given < 0:
        raise ValueError(text)
    return given


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


def filter_text(options: argparse.Namespace) -> str:
    """Return the filter that options ask for; empty where there is none."""
    return " ".join(options.filter) if "filter" in options else ""


@contextlib.contextmanager
def pointing_into(filter_text: str) -> Iterator[None]:
    """Add the filter text to an error in it, with a mark under the place that makes no sense."""
    try:
        yield
    except FilterError as error:
        from rich.cells import cell_len

        indent = " " * cell_len(visible(filter_text[: error.position]))
        message = f"the filter cannot be understood: {error}\n  {visible(filter_text)}\n  {indent}^"
        raise FilterError(message, error.position) from error
