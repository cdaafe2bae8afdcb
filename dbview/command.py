"""A command that writes data: what it is, and how one is run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dbview.command_line import (
    CommandParser,
    command_parser,
    database_file,
    filter_text,
    parse_command,
    pointing_into,
)
from dbview.errors import FAILED_EXIT_CODE, NOTHING_FOUND_EXIT_CODE, DbviewError, NothingGiven
from dbview.output import abandon_output, flush, say_why, tell
from dbview.private_copies import opened
from dbview.source.source import Source


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        words: What it does.
        define: Adds its arguments to a parser.
        run: Writes what the options ask for; returns whether there was anything.
        epilog: An example, and what is to be known.
    """

    words: str
    define: Callable[[CommandParser], None]
    run: Callable[[Source, argparse.Namespace], bool]
    epilog: str | None = None


def run_command(name: str, command: Command, arguments: Sequence[str]) -> int:
    """Run a command and return its exit code; an error is a message on standard error."""
    parser = command_parser(f"dbview {name}", command.words, command.epilog)
    command.define(parser)
    parser.add_argument(
        "--exit-code", action="store_true", help="exit as grep does: 0 something found, 1 nothing found, 2 an error"
    )
    options = parse_command(parser, arguments)
    try:
        with opened(database_file(options.path), options) as source, pointing_into(filter_text(options)):
            found = command.run(source, options)
        flush()
    except DbviewError as error:
        if not options.exit_code:
            raise
        tell(f"dbview: {error}")
        return NOTHING_FOUND_EXIT_CODE if isinstance(error, NothingGiven) else FAILED_EXIT_CODE
    except OSError as error:
        if not options.exit_code or isinstance(error, BrokenPipeError):
            raise
        say_why(error)
        abandon_output()
        return FAILED_EXIT_CODE
    return 0 if found or not options.exit_code else NOTHING_FOUND_EXIT_CODE
