"""``dbview query``: the rows of a View, as data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TextIO

from dbview.errors import (
    FilterError,
    NotADatabase,
    NotFound,
    SourceChanged,
    UnsupportedState,
    UsageError,
)
from dbview.headless.cells import exact_value, plain_value
from dbview.headless.formats import LINES, NULL_SEPARATED, STREAMED, write_rows
from dbview.headless.names import nothing_words, say_of_names
from dbview.headless.rows import Rows, Watch, unwatched
from dbview.output import Say
from dbview.query.link import split_names
from dbview.query.names import find_column
from dbview.query.relation import Column, Relation, RelationKind, Role, left_out_words
from dbview.query.view import SortKey, View
from dbview.query.wildcards import has_wildcards
from dbview.source.numbers.distinct import columns_fitting
from dbview.source.reader import Reader
from dbview.source.source import Source
from dbview.source.view.arrange import arrange
from dbview.source.view.order import MARK_ROWS
from dbview.source.view.rows import POSITION_LIMIT
from dbview.source.view.snapshot import Snapshot
from dbview.text import visible

WHOLE_VALUES = 10**9
"""Length limit, in bytes, for reading values in full: the most SQLite stores."""

ROWS_FOR_PEOPLE = 50
"""Rows of a table or Markdown without ``--limit``."""

_JOINED_BY_DEFAULT = (Role.EXPERIMENT, Role.RUN)

_FIRST = (Role.ID, Role.EXPERIMENT, Role.RUN, Role.TIME, Role.STATUS, Role.VALID, Role.SUMMARY)
"""What matters first; the other columns follow in the table's order."""


@dataclass(frozen=True, slots=True)
class Request:
    """What ``dbview query`` was asked for.

    Attributes:
        table: Name of the relation.
        filter: Filter text; empty for all rows.
        columns: Column names as typed, separated by commas; None for the default ones.
        sort: Column names as typed, separated by commas, ``-`` before one that descends; None for newest first.
        limit: Most rows to write; None for the format's own limit.
        form: One of the formats.
        exact: Keep value and storage class of every cell (JSON formats only).
        whole: Write all rows, whatever the format's own limit.
    """

    table: str
    filter: str = ""
    columns: str | None = None
    sort: str | None = None
    limit: int | None = None
    form: str = "table"
    exact: bool = False
    whole: bool = False


def query(source: Source, request: Request, out: TextIO, say: Say) -> bool:
    """Write the rows that a request asks for; return whether there are any.

    Raises:
        UsageError, FilterError, NotFound: The request makes no sense for this file.
        SourceChanged, NotADatabase: What was written is not whole; how so is in the message.
    """
    to_json = exact_value if request.exact else plain_value

    def write(names: Sequence[str], rows: Rows) -> int:
        if request.form == "table" and not rows.found:
            # Headings alone would be a long line about nothing.
            return len(names)
        return write_rows(request.form, out, names, rows, to_json)

    return query_rows(source, request, write, say)


def query_rows(source: Source, request: Request, write: Write, say: Say, watch: Watch = unwatched) -> bool:
    """Have the rows written that a request asks for; return whether there are any.

    Args:
        source: Where they are.
        request: Which rows.
        write: Given a heading for each column and the rows, writes them; returns how many columns it wrote.
        say: Told what is to be known beside the data.
        watch: Told how far it is; may end it.

    Raises:
        UsageError, FilterError, NotFound: The request makes no sense for this file.
        SourceChanged, NotADatabase: What was written is not whole; how so is in the message.
    """
    if request.exact and request.form not in ("json", "jsonl"):
        raise UsageError("--exact goes with --format json or jsonl: no other format can tell 1 from the text 1.")
    relation = source.relation(request.table)
    sort = sort_of(relation, request.sort)
    reader = source.reader(WHOLE_VALUES)
    try:
        columns = _columns(reader, relation, request)
        view = View(relation.name, request.filter, sort, tuple(columns))
        before = reader.token()
        snapshot = _arrange(reader, relation, view, request, watch)
        rows = Rows(
            reader, relation, list(columns.values()), snapshot, _limit(request), watch, masked=not request.exact
        )
        shown = write(list(columns), rows)
        if request.form not in STREAMED and not request.whole:
            _say_how_much(say, relation, rows, len(columns) - shown)
        sorted_by = [find_column(relation, key.column) for key in view.sort]
        say_of_names(say, reader, relation, view.filter, [*columns.values(), *sorted_by])
        if relation.left_out:
            say(left_out_words(relation))
        _refuse_partial(source, relation, rows, snapshot)
        if reader.token() != before:
            say("The file was written to meanwhile: rows may have changed since, and newer ones are left out.")
        return rows.found > 0
    finally:
        reader.close()


# What is asked for


def _columns(reader: Reader, relation: Relation, request: Request) -> dict[str, Column]:
    """Return the columns to write by their headings: the names asked for, else the columns' own unique names."""
    if request.columns is not None:
        return named_columns(reader, relation, request.columns)
    if request.form in (LINES, NULL_SEPARATED):
        return {"id": _key_column(relation)}
    chosen = list(relation.stored) if request.exact else default_columns(relation)
    if not chosen:
        raise NotFound(f"{visible(relation.name)} has no columns that can be read.")
    return {column.name: column for column in chosen}


def _key_column(relation: Relation) -> Column:
    key = None if relation.key is None else relation.find(relation.key)
    if key is None:
        raise UsageError(f"the rows of {visible(relation.name)} have no ids to list: name columns with --columns.")
    return key


def default_columns(relation: Relation) -> list[Column]:
    """Return the columns that are written if none are named: stored ones, experiment and run; what matters first."""
    joined = [column for column in relation.columns if column.via and column.role in _JOINED_BY_DEFAULT]
    place = {role: index for index, role in enumerate(_FIRST)}
    return sorted([*relation.stored, *joined], key=lambda column: place.get(column.role, len(_FIRST)))


def named_columns(reader: Reader, relation: Relation, text: str) -> dict[str, Column]:
    """Return the columns of a list as ``--columns`` takes it, by the names they are called there.

    Raises:
        UsageError, NotFound: The list makes no sense, or names what is not there.
    """
    columns: dict[str, Column] = {}
    for name, is_quoted in split_names(text):
        if has_wildcards(name) and not is_quoted and '"' not in name:
            columns |= {column.name: column for column in _fitting(reader, relation, name)}
            continue
        if name in columns:
            raise UsageError(f"--columns names {visible(name)} twice.")
        columns[name] = _find(relation, name, "--columns", is_quoted=is_quoted)
    return columns


def sort_of(relation: Relation, text: str | None) -> tuple[SortKey, ...]:
    """Return the sort keys of a list as ``--sort`` takes it; none for None.

    Raises:
        UsageError, NotFound: The list makes no sense, or names what is not there.
    """
    keys = []
    for name, _is_quoted in split_names(text) if text is not None else ():
        descending = name.startswith("-")
        _find(relation, name.removeprefix("-"), "--sort")
        keys.append(SortKey(name.removeprefix("-"), descending))
    return tuple(keys)


def _find(relation: Relation, name: str, option: str, *, is_quoted: bool = False) -> Column:
    exact = relation.find(name) if is_quoted else None
    try:
        return exact or find_column(relation, name)
    except FilterError as error:
        raise NotFound(f"{option} {visible(name)}: {error}") from error


def _fitting(reader: Reader, relation: Relation, name: str) -> list[Column]:
    try:
        return columns_fitting(reader, relation, name)
    except FilterError as error:
        raise NotFound(f"--columns {visible(name)}: {error}") from error


def _limit(request: Request) -> int | None:
    is_for_people = request.form not in STREAMED and not request.whole
    return ROWS_FOR_PEOPLE if request.limit is None and is_for_people else request.limit


# What is there


def _arrange(reader: Reader, relation: Relation, view: View, request: Request, watch: Watch) -> Snapshot:
    """Put the rows in order, but only until there are enough, unless their number is to be told."""
    latest: Snapshot | None = None

    def publish(snapshot: Snapshot) -> None:
        nonlocal latest
        latest = snapshot

    def has_enough() -> bool:
        if watch(0, 0):
            return True
        wanted = request.limit if request.form in STREAMED else None
        if wanted is None or wanted > MARK_ROWS or latest is None:
            return False
        return latest.is_settled and latest.order.length >= wanted

    return arrange(reader, relation, view, publish, has_enough)


Write = Callable[[Sequence[str], Rows], int]


# What is said about it


def _say_how_much(say: Say, relation: Relation, rows: Rows, hidden: int) -> None:
    is_task, is_one = relation.kind is RelationKind.TASK, rows.found == 1
    noun = ("entry" if is_one else "entries") if is_task else ("row" if is_one else "rows")
    if not rows.found:
        say(nothing_words(relation))
        return
    more = " (--limit N for more)" if rows.written < rows.found else ""
    say(f"{rows.written} of {rows.found} {noun}{more}")
    if hidden:
        say(f"{hidden} more columns do not fit this terminal (--columns a,b chooses; a pipe gets all of them)")


def _refuse_partial(source: Source, relation: Relation, rows: Rows, snapshot: Snapshot) -> None:
    path = visible(str(source.path))
    if rows.error is not None:
        raise type(rows.error)(f"the result ends early, after {rows.written} rows: {rows.error}") from rows.error
    if snapshot.error is not None:
        raise type(snapshot.error)(f"the result is not whole: {snapshot.error}") from snapshot.error
    if rows.unreadable:
        raise NotADatabase(f"{path} is damaged: {rows.unreadable} of the cells written could not be read.")
    if relation.key is None and snapshot.total == POSITION_LIMIT and rows.written == rows.found:
        raise UnsupportedState(
            f"{visible(relation.name)} has no row ids, so only the first {POSITION_LIMIT} of its rows could be read."
        )
    if snapshot.order.exact and rows.written < rows.wanted:
        gone = rows.wanted - rows.written
        raise SourceChanged(
            f"{gone} of the rows found were gone from {path} when they were read. Run the command again."
        )
