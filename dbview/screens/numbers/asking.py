"""Ask for a column by its name, or by a part of it that no other has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbview.errors import FilterError
from dbview.query.filter import quote_literal
from dbview.query.names import PAIR, columns_of, find_column
from dbview.query.relation import Column, Relation
from dbview.screens.ask import AskScreen
from dbview.screens.base import ViewerScreen
from dbview.source.numbers.distinct import summary_keys
from dbview.text import visible
from recorder.layout.flatten import unspell

_MOST_NAMED = 3


def ask_for_column(screen: ViewerScreen, relation: Relation, question: str, take: Callable[[Column], None]) -> None:
    """Ask for a column; a name that means none is told of on the screen, and what was shown stays.

    Args:
        screen: Asks, and reads what the summaries name.
        relation: Whose column it is.
        question: What is asked for.
        take: Called with the column.
    """

    def look_for(name: str | None) -> None:
        if not name:
            return
        try:
            column = find_column(relation, name)
        except FilterError as error:
            unknown = error
            screen.start(lambda: _look_further(screen, relation, name, unknown, take), "column")
        else:
            take(column)

    screen.app.push_screen(AskScreen(question), look_for)


async def _look_further(
    screen: ViewerScreen, relation: Relation, text: str, unknown: FilterError, take: Callable[[Column], None]
) -> None:
    """Find the column that alone has a text in its name, among the named values of summaries, too."""
    keys = await screen.read(lambda reader: summary_keys(reader, relation))
    pairs = columns_of(relation, (f"{PAIR}.{quote_literal(key)}" for key in keys))
    found = [column for column in dict.fromkeys((*relation.columns, *pairs)) if _has_in_name(column, text)]
    if len(found) == 1:
        take(found[0])
    else:
        words = _several_words(text, found) if found else str(unknown)
        screen.notify(visible(words), severity="warning", markup=False)


def _has_in_name(column: Column, text: str) -> bool:
    name = column.part.name if column.part else unspell(column.name)
    return text.casefold() in name.casefold()


def _several_words(text: str, found: Sequence[Column]) -> str:
    names = ", ".join(column.label for column in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    return f"Several columns have {text} in their names: {names}{more}. Name one of them."
