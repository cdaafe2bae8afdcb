"""Say what is to be known of the columns that a command was given by name, beside the data."""

from __future__ import annotations

from collections.abc import Iterable

from dbview.output import Say
from dbview.query.conditions import columns_in
from dbview.query.filter import parse
from dbview.query.relation import Column, Relation
from dbview.query.resolve import resolve
from dbview.source.numbers.distinct import unknown_parts
from dbview.source.reader import Reader
from dbview.source.view.masks import masked_words


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
