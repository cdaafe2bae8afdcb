"""Tell why entries need attention: the conditions of ``is:attention``, asked of the rows of any query."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from dbview.query.relation import Relation, RelationKind
from dbview.query.standing import attention_reasons
from dbview.source.reader import Reader
from dbview.source.view.joins import KeysOfJoins
from dbview.source.view.render import Rendering
from dbview.source.view.rows import key_of, rows_of
from dbview.source.view.scan import Cancelled


class Attention:
    """Why entries of a relation need attention, for a query to pick.

    Args:
        reader: The reader of the query.
        relation: What the entries are of; only those of a Task ever need attention.
        cancelled: Asked while it is found out what the query needs to know.

    Attributes:
        picked: SQL for a number that says which reasons there are, 0 for none.
        bindings: Its values.
    """

    def __init__(self, reader: Reader, relation: Relation, cancelled: Cancelled) -> None:
        reasons = attention_reasons(relation) if relation.kind is RelationKind.TASK else ()
        rendering = Rendering(relation, KeysOfJoins(reader, cancelled).condition)
        # CASE looks at no more of a condition than it must; most entries need a look at status and validity alone.
        bits = [
            f"CASE WHEN {rendering.condition(reason.condition)} THEN {1 << place} ELSE 0 END"
            for place, reason in enumerate(reasons)
        ]
        self.picked = f"({' + '.join(bits) or '0'})"
        self.bindings = rendering.bindings
        self._sentences = [reason.words for reason in reasons]
        self._known: dict[int, tuple[str, ...]] = {0: ()}

    def words(self, picked: int) -> tuple[str, ...]:
        """Return the reasons that a picked number stands for, in sentences."""
        known = self._known.get(picked)
        if known is None:
            holds = (picked >> place & 1 for place in range(len(self._sentences)))
            known = self._known[picked] = tuple(compress(self._sentences, holds))
        return known


def reasons_for_attention(reader: Reader, relation: Relation, keys: Sequence[int]) -> dict[int, list[str]]:
    """Return why entries need attention, in sentences, by key; an entry that needs none is left out.

    Args:
        reader: Used by this call alone while it runs.
        relation: What the entries are of; only those of a Task ever need attention.
        keys: A few hundred keys at most.
    """
    if not keys:
        return {}
    attention = Attention(reader, relation, lambda: False)
    key, listed = key_of(relation), ",".join(str(int(key)) for key in keys)
    rows = reader.query(
        f"SELECT {key}, {attention.picked} FROM {rows_of(relation)} WHERE {key} IN ({listed})",
        attention.bindings,
    )
    return {key: list(attention.words(picked)) for key, picked in rows if picked}
