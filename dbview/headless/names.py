"""The columns that a command was given by name: find them, and say beside the data what is to be known of them."""

from __future__ import annotations

from collections.abc import Iterable

from dbview.errors import FilterError, NotFound
from dbview.output import Say
from dbview.query.conditions import columns_in
from dbview.query.filter import parse
from dbview.query.names import find_column
from dbview.query.relation import Column, Relation, RelationKind
from dbview.query.resolve import resolve
from dbview.source.numbers.distinct import unknown_parts
from dbview.source.reader import Reader
from dbview.source.view.masks import masked_words
from dbview.text import visible


def column_named(relation: Relation, name: str) -> Column:
    """Return the column that a name of the command line means.

    Raises:
        NotFound: There is none, or there are several.
    """
    try:
        return find_column(relation, name)
    except FilterError as error:
        hint = "" if str(error).endswith("?") else ". `dbview show` lists what an entry has."
        raise NotFound(f"{error}{hint}") from error


def nothing_words(relation: Relation) -> str:
    """Return that no row of a relation is found."""
    return f"No {'entry' if relation.kind is RelationKind.TASK else 'row'} of {visible(relation.name)} is found."


def say_of_names(say: Say, reader: Reader, relation: Relation, filter: str, columns: Iterable[Column]) -> None:
    """Say which variables and pairs no row has, and which columns a filter finds nothing in, since they are masked.

    Args:
        say: Told each in a sentence.
        reader: Used by this call alone while it runs.
        relation: Whose columns.
        filter: Makes sense for the relation.
        columns: Those that are named elsewhere.
    """
    node = parse(filter)
    filtered = [] if node is None else list(columns_in(resolve(node, relation)))
    for words in unknown_parts(reader, relation, [*columns, *filtered]):
        say(words)
    if words := masked_words(filtered):
        say(f"{words[0].upper()}{words[1:]}.")
