"""Keep the filters of a table from one session to the next: those applied last, and those that were given names."""

from __future__ import annotations

import re
from typing import Any

from dbview.errors import FilterError
from dbview.query.relation import Relation
from dbview.settings import Settings
from dbview.text import visible

MOST_KEPT = 50
"""Filters, and names, that are kept for a table; the oldest go first."""

_HISTORY = "filters"
_NAMED = "named filters"
_NAME = re.compile(r'@([^\s()"=!<>:,~*?]*)')


class KeptFilters:
    """The filters of one table.

    ``@name=filter`` gives a filter a name, ``@name`` stands for it from then on, ``@name=`` takes the name away.

    Args:
        settings: Remembers them.
        relation: The table's name.
    """

    def __init__(self, settings: Settings, relation: str) -> None:
        self._settings = settings
        self._relation = relation

    @property
    def history(self) -> list[str]:
        """The filters applied, the newest last."""
        found = self._settings.recall(_HISTORY, self._relation)
        return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []

    @property
    def names(self) -> list[str]:
        """The names as they are written, the newest first."""
        return [f"@{name}" for name in reversed(self._named)]

    def note(self, text: str) -> None:
        """Take note of a filter that was applied."""
        if text:
            others = [before for before in self.history if before != text]
            self._settings.remember(_HISTORY, self._relation, [*others, text][-MOST_KEPT:])

    def understood(self, text: str, relation: Relation) -> tuple[str, str]:
        """Return the filter that a text stands for, and the name that it gives to it (else the empty text).

        Raises:
            FilterError: No filter has the name that is to be taken away.
        """
        name, offset = split_name(text)
        if not name or _is_column(relation, f"@{name}"):
            return text, ""
        if text == f"@{name}":
            return self._named.get(name, text), ""
        meant = text[offset:].strip() if offset else text
        if offset and not meant and name not in self._named:
            raise FilterError(f"no filter has the name @{visible(name)}", 0)
        return meant, name if offset else ""

    def give_name(self, name: str, text: str) -> None:
        """Keep a filter under a name; an empty text takes the name away."""
        named = self._named
        named.pop(name, None)
        if text:
            named[name] = text
        for oldest in list(named)[:-MOST_KEPT]:
            del named[oldest]
        self._settings.remember(_NAMED, self._relation, named or None)

    @property
    def _named(self) -> dict[str, str]:
        found: Any = self._settings.recall(_NAMED, self._relation)
        return {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}


def split_name(text: str) -> tuple[str | None, int]:
    """Return the name that a text begins with, None if with none, and where what it is given to begins.

    That is 0 where nothing is given a name.
    """
    match = _NAME.match(text)
    if match is None:
        return None, 0
    gives = text.startswith("=", match.end()) and match[1] != ""
    return match[1], match.end() + 1 if gives else 0


def _is_column(relation: Relation, name: str) -> bool:
    """Tell whether the filter language knows a column of this name; then it is that."""
    # Only here: a table opened without a filter should not wait for the language.
    from dbview.query.names import find_columns, name_of

    try:
        return bool(find_columns(relation, name_of(name)))
    except FilterError:
        return False
