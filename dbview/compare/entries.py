"""Compare entries in every respect: result, parameters, payload, configurations, environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from dbview.compare.difference import ABSENT, Difference, differences
from dbview.compare.job import is_of_job
from dbview.compare.own_paths import are_own_names, are_own_paths
from dbview.payload.recognise import JsonPayload, recognise
from dbview.query.relation import Role
from dbview.secrets import is_masked, masked_value
from dbview.source.entries.record import Record
from dbview.summary import summary_pairs
from dbview.text import NULL, cell_text, decode_escaped, visible
from dbview.values import Cell, UndecodableText, decode_json
from recorder.layout import tables
from recorder.layout.flatten import unflatten, unspell
from recorder.layout.tagged import compact_json, from_json_value, tag_of
from recorder.layout.texts import MASK, env_variables

MOST_DIFFERENCES = 5_000
"""Differences of one aspect that are listed."""

CONFIGURATION = "Configuration"
"""Title of the aspect that tells how headers differ."""

NOT_THERE = "—"
"""Shown for what an entry does not have, where that can be told from NULL."""


@dataclass(frozen=True)
class Aspect:
    """How entries differ in one respect.

    Attributes:
        title: In which respect.
        differences: Where; values of secrets are masked. What differs by the run's number alone stands last: paths,
            and names in the environment.
        of_run: Number of these.
        of_job: Number of variables that differ, as they do in every job, and are left out.
        has_more: True if there are more differences than are listed.
        of_columns: True if the values come from columns, where NULL and nothing cannot be told apart.
    """

    title: str
    differences: tuple[Difference, ...] = ()
    of_job: int = 0
    has_more: bool = False
    of_columns: bool = False
    of_run: int = 0

    @property
    def telling(self) -> tuple[Difference, ...]:
        """The differences but for those by the run's number alone."""
        return self.differences[: len(self.differences) - self.of_run]

    def texts(self, difference: Difference) -> tuple[str, ...]:
        """Return the values of a difference as visible text, those that differ told apart where text can."""
        texts = tuple(map(self._text, difference.values))
        spelled = tuple(map(_spelled, difference.values))
        return spelled if len(set(texts)) == 1 and len(set(spelled)) > 1 else texts

    def change_words(self, difference: Difference) -> str:
        """Return by how much the last value is another than the first; that they differ, where no text says so."""
        if len(set(self.texts(difference))) == 1:
            return "differs"
        found = difference.change
        return "" if found is None else found.words

    def _text(self, value: Any) -> str:
        if value is ABSENT:
            return NULL if self.of_columns else NOT_THERE
        if isinstance(value, list | dict):
            return _spelled(value)
        return "empty" if value in ("", b"") else cell_text(value)


def compare(records: Sequence[Record], database: Path) -> tuple[Aspect, ...]:
    """Return how entries differ, in every respect, those without a difference too.

    Args:
        records: Two or more, of one Task or of several.
        database: The file they stand in.
    """
    environment = _aspect("Environment", [_environment(record) for record in records], is_of_job)
    return (
        _own_last(_aspect("Result", _results(records)), records),
        compare_parameters(records),
        _own_last(_payload_aspect(records, database), records),
        _aspect(CONFIGURATION, [_shared(record, tables.GEN_CFG) for record in records]),
        _aspect("Executor", [_shared(record, tables.EXEC_CFG) for record in records]),
        _own_last(environment, records, are_own_names),
    )


def compare_parameters(records: Sequence[Record]) -> Aspect:
    """Return how the parameters of entries differ: as they were recorded, or where that is not kept as columns do."""
    of_columns = any(record.beside.exact is None for record in records)
    trees = [_columns(record) if of_columns else record.beside.exact for record in records]
    found = _aspect("Parameters", trees, of_columns=of_columns)
    return replace(_own_last(found, records), of_columns=of_columns)


def _own_last(
    aspect: Aspect, records: Sequence[Record], are_own: Callable[[Sequence[Any], Sequence[str]], bool] = are_own_paths
) -> Aspect:
    """Return an aspect with what differs by the run's number alone behind the rest."""
    runs = [cell_text(record.role(Role.RUN)) for record in records]
    own = [one for one in aspect.differences if are_own(one.values, runs)]
    telling = [one for one in aspect.differences if not are_own(one.values, runs)]
    return replace(aspect, differences=(*telling, *own), of_run=len(own))


def _aspect(
    title: str,
    trees: Sequence[Any],
    is_left_out: Callable[[str], bool] = lambda _name: False,
    *,
    of_columns: bool = False,
) -> Aspect:
    found = list(islice(differences(trees, null_is_absent=of_columns), MOST_DIFFERENCES + 1))
    listed = [one for one in found[:MOST_DIFFERENCES] if not is_left_out(str(one.steps[0]) if one.steps else "")]
    of_job = len(found[:MOST_DIFFERENCES]) - len(listed)
    return Aspect(title, tuple(map(_masked, listed)), of_job, len(found) > MOST_DIFFERENCES)


def _results(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return the result of each entry: its summary by the names of its values, or as a whole where it has none."""
    summaries = [_summary(record) for record in records]
    pairs = [_named_values(summary) for summary in summaries]
    # Beside one with names, an empty one has none of them: a line on it would read as if the other were empty.
    wholes: list[dict[str, Any]] = [
        {} if named or (any(pairs) and not summary) else {"summary": summary}
        for named, summary in zip(pairs, summaries, strict=True)
    ]
    return [
        {
            "status": record.role(Role.STATUS),
            "valid": record.role(Role.VALID),
            **named,
            **whole,
            "schemas": record.role(Role.SCHEMA),
        }
        for record, named, whole in zip(records, pairs, wholes, strict=True)
    ]


def _summary(record: Record) -> Cell:
    summary = record.role(Role.SUMMARY)
    if isinstance(summary, bytes | UndecodableText):
        return decode_escaped(summary if isinstance(summary, bytes) else summary.raw)
    return summary


def _named_values(summary: Cell) -> Mapping[str, Any]:
    # One that is JSON has no pairs: it is compared, and masked, as a whole.
    return summary_pairs(summary) if isinstance(summary, str) and decode_json(summary) is None else {}


def _columns(record: Record) -> dict[str, Any]:
    return unflatten((unspell(column.name), record.cells[column.name]) for column in record.relation.parameters)


def _shared(record: Record, table: str) -> dict[str, Any]:
    row = record.shared.get(table)
    cells = (row.cells if row else None) or {}
    return {name: cell for name, cell in cells.items() if name not in (tables.ID, "env")}


def _environment(record: Record) -> dict[str, str]:
    row = record.shared.get(tables.EXEC_CFG)
    text = (row.cells or {}).get("env") if row else None
    if isinstance(text, UndecodableText):
        text = decode_escaped(text.raw)
    return env_variables(text) if isinstance(text, str) else {}


def _payload_aspect(records: Sequence[Record], database: Path) -> Aspect:
    cells = [record.role(Role.PAYLOAD) for record in records]
    kinds = [
        recognise(cell, record.beside.payload_directory(database)) for cell, record in zip(cells, records, strict=True)
    ]
    trees = [kind.tree for kind in kinds if isinstance(kind, JsonPayload)]
    if len(trees) == len(kinds):
        try:
            return _aspect("Payload", trees)
        except RecursionError:  # it nests too deeply to be compared but as text
            pass
    return _aspect("Payload", [{"payload": cell} for cell in cells])


# Values that are not to be shown, and values as text


def _masked(difference: Difference) -> Difference:
    if any(isinstance(step, str) and is_masked(step) for step in difference.steps):
        values = tuple(_hidden(value) for value in difference.values)
    else:
        values = tuple(map(masked_value, difference.values))
    return replace(difference, values=values)


def _hidden(value: Any) -> Any:
    """Return what is shown of a secret: numbers, NULL and nothing at all stay, as everywhere."""
    return value if value is ABSENT or isinstance(value, int | float) or not value else MASK


def _spelled(value: Any) -> str:
    """Return a value as JSON spells it, so that ``"1"`` and ``1`` differ."""
    if value is ABSENT:
        return NOT_THERE
    if tag_of(value):
        try:
            return visible(str(from_json_value(value)))
        except ValueError:
            return visible(compact_json(value))
    if value is None or isinstance(value, str | int | float | list | dict):
        return visible(_json(value))
    return cell_text(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
