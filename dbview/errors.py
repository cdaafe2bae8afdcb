"""Everything that can go wrong, in one tree, with the exit code each ends the program with.

DbviewError (1)
├── UsageError (2)                the command line cannot be understood
│   └── FilterError               the filter text cannot be understood, with the position
├── FileMissing (3)               nothing is at that path, or no database in that directory
├── PermissionDenied (4)          the file may not be read
├── NotADatabase (5)              not a database, empty, not a regular file, or damaged
├── DatabaseLocked (6)            a writer holds the file longer than we wait
├── UnsupportedState (7)          a state that cannot be read in place, and no private copy could be made
│   ├── CopyTooLarge              a private copy would be larger than allowed
│   ├── ScratchUnusable           there is no place for a private copy
│   └── ValueTooLong              a value is longer than a query may load
├── NotFound (8)                  no such table, column or entry
│   └── NothingGiven              a next Task would be given no value
├── SourceChanged (9)             the file was replaced, cut short or altered under a running query
├── OutputRefused                 a file that was to be written is there already, or cannot be written
│   └── Abandoned                 writing it was stopped by hand
└── PayloadUnreadable             what a Task left is no regular file, or cannot be read
    └── NoAnswer                  it does not come in time
"""

from __future__ import annotations


class DbviewError(Exception):
    """Say what happened, to which file or entry, and what to do; the base of every error of this program."""

    exit_code = 1


class UsageError(DbviewError):
    """The command line cannot be understood."""

    exit_code = 2


class FilterError(UsageError):
    """A filter text cannot be understood.

    Attributes:
        position: Index of the character in the filter text at which it stops making sense.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


class FileMissing(DbviewError):
    """Nothing is at that path, or the directory holds no database."""

    exit_code = 3


class PermissionDenied(DbviewError):
    """The file, or a directory on the way to it, may not be read."""

    exit_code = 4


class NotADatabase(DbviewError):
    """The file is not a database, is empty, is no regular file, or is damaged."""

    exit_code = 5


class DatabaseLocked(DbviewError):
    """A writer holds the file for longer than we wait."""

    exit_code = 6


class UnsupportedState(DbviewError):
    """The file cannot be read in place without writing beside it, and no private copy could be made."""

    exit_code = 7


class CopyTooLarge(UnsupportedState):
    """The file must be read from a private copy, which would be larger than allowed.

    Attributes:
        size: Bytes of the copy.
    """

    def __init__(self, message: str, size: int) -> None:
        super().__init__(message)
        self.size = size


class ScratchUnusable(UnsupportedState):
    """There is no place, or not enough of it, for a private copy."""


class ValueTooLong(UnsupportedState):
    """A value is longer than a query may load."""


class NotFound(DbviewError):
    """There is no such table, column or entry."""

    exit_code = 8


class NothingGiven(NotFound):
    """No valid entry matches, or the value in it is NULL: a next Task would be given none."""


class SourceChanged(DbviewError):
    """The file was replaced, cut short or altered in a way that ended the query."""

    exit_code = 9


class OutputRefused(DbviewError):
    """A file that was to be written is there already, stands beside the database, or cannot be written."""


class Abandoned(OutputRefused):
    """Writing a file was stopped by hand; nothing of it is left."""


class PayloadUnreadable(DbviewError):
    """What a Task left is no regular file, or cannot be read."""


class NoAnswer(PayloadUnreadable):
    """The file system that holds what a Task left does not answer in time."""


NOTHING_FOUND_EXIT_CODE, FAILED_EXIT_CODE = 1, 2
"""With ``--exit-code``, as grep has it: nothing was found, and anything that went wrong."""

INTERRUPTED_EXIT_CODE = 130
"""Ended by Ctrl-C, as shells report it."""

BROKEN_PIPE_EXIT_CODE = 141
"""The reader of our output went away, as shells report it."""
