"""Tell why entries need attention: the conditions of ``is:attention``, asked of a few entries."""

from __future__ import annotations

from collections.abc import Sequence

from dbview.query.relation import Relation, RelationKind
from dbview.query.standing import attention_reasons
from dbview.source.joins import KeysOfJoins
from dbview.source.reader import Reader
from dbview.source.render import Rendering
from dbview.source.rows import key_of, rows_of


def reasons_for_attention(reader: Reader, relation: Relation, keys: Sequence[int]) -> dict[int, list[str]]:
    """Return why entries need attention, in sentences, by key; an entry that needs none is left out.

    Args:
        reader: Used by this call alone while it runs.
        relation: What the entries are of; only those of a Task ever need attention.
        keys: A few hundred keys at most.
    """
    if relation.kind is not RelationKind.TASK or not keys:
        return {}
    reasons = attention_reasons(relation)
    rendering = Rendering(relation, KeysOfJoins(reader, lambda: False).condition)
    asked = ", ".join([key_of(relation), *(rendering.condition(reason.condition) for reason in reasons)])
    listed = ",".join(str(int(key)) for key in keys)
    rows = reader.query(
        f"SELECT {asked} FROM {rows_of(relation)} WHERE {key_of(relation)} IN ({listed})", rendering.bindings
    )
    told = {key: [reason.words for reason, holds in zip(reasons, held, strict=True) if holds] for key, *held in rows}
    return {key: words for key, words in told.items() if words}
