"""Choose the numbers of the newest summaries that are worth a column each."""

from __future__ import annotations

from collections import Counter

from dbview.query.relation import Relation, Role
from dbview.source.entries.pipeline import summary_numbers
from dbview.source.reader import Reader
from dbview.summary import folded_name

MOST_NUMBERS = 6
"""So many numbers of a summary are chosen at most."""

_ROWS_LOOKED_AT = 200


def names_of_numbers(reader: Reader, relation: Relation) -> list[str]:
    """Return what the numbers are called that the newest summaries hold, in the order in which these say them.

    A number that fewer than half of the summaries with numbers have is left out: one odd summary makes no column.

    Args:
        reader: Used by this call alone while it runs.
        relation: Whose summaries; without any, there are no numbers.
    """
    summary = relation.of_role(Role.SUMMARY)
    if summary is None:
        return []
    rows = reader.newest(relation, [summary], _ROWS_LOOKED_AT)
    said = [numbers for row in rows if (numbers := summary_numbers(row.cells[0]))]
    counts = Counter(folded for numbers in said for folded in set(map(folded_name, numbers)))
    names: dict[str, str] = {}
    for numbers in said:
        for name in numbers:
            names.setdefault(folded_name(name), name)
    return [name for folded, name in names.items() if 2 * counts[folded] >= len(said)][:MOST_NUMBERS]
