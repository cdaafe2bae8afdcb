"""Write a View as a command line that reopens it, and take apart the lists of names in one."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from dbview.errors import UsageError
from dbview.query.names import columns_of, means
from dbview.query.relation import Relation
from dbview.query.view import SortKey, View
from dbview.text import visible

_NAME = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^",][^,]*))\s*(,|\Z)')
_NEEDS_QUOTES = re.compile(r'[",]|\A\s|\s\Z|\A\Z')


def split_names(text: str) -> list[tuple[str, bool]]:
    """Return the names of a list separated by commas, and whether each was in quotes (as a name with a comma must be).

    Raises:
        UsageError: A name is missing, or a quote is never closed.
    """
    names: list[tuple[str, bool]] = []
    place = 0
    while found := _NAME.match(text, place):
        quoted, bare, comma = found.groups()
        names.append((bare.strip(), False) if quoted is None else (quoted.replace('""', '"'), True))
        if not comma:
            return names
        place = found.end()
    raise UsageError(f"a column's name is missing or its quotes are not closed: {visible(text)}")


def _listed(names: Iterable[tuple[str, bool]]) -> str:
    """Return the list that :func:`split_names` takes apart; of each name whether it is to be in quotes anyway."""
    return ",".join(
        '"' + name.replace('"', '""') + '"' if is_quoted or _NEEDS_QUOTES.search(name) else name
        for name, is_quoted in names
    )


def sort_text(sort: Sequence[SortKey]) -> str:
    """Return the list of a View's sort keys, a ``-`` before one that descends."""
    return _listed((f"-{key.column}" if key.descending else key.column, False) for key in sort)


def columns_text(relation: Relation, names: Sequence[str]) -> str:
    """Return the list of a View's columns; one whose name alone would mean another stands in quotes."""
    columns = columns_of(relation, names)
    return _listed((column.name, not means(relation, column.name, column)) for column in columns)


def view_options(relation: Relation, view: View) -> list[str]:
    """Return the words of a command line that stand for a View's sort and columns."""
    options = [f"--sort={sort_text(view.sort)}"] if view.sort else []
    return options if view.columns is None else [*options, f"--columns={columns_text(relation, view.columns)}"]


def command(words: Sequence[str], filter: str) -> str:
    """Return a command line for ``sh`` with a filter at its end.

    Every word is one for ``sh``, whatever it holds; a filter that begins with ``-`` stands after ``--``.
    """
    last = [filter] if filter.strip() else []
    return shlex.join([*words, *(["--"] if filter.startswith("-") else []), *last])


def link(database: Path, relation: Relation, view: View, *, entry: int | None = None) -> str:
    """Return the command line that reopens a View, or an entry above it.

    Args:
        database: The file.
        relation: The View's relation.
        view: What is shown; its position is where the cursor will be.
        entry: Key of the entry that is shown in full; None for the table.
    """
    words = ["dbview", os.fspath(database), view.relation, *view_options(relation, view)]
    if entry is not None:
        words.append(f"--id={entry}")
    elif view.position is not None:
        words.append(f"--at={view.position}")
    return command(words, view.filter)
