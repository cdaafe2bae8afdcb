"""Find why an entry failed, or was stopped, in its result, where nobody recorded the reason itself."""

from __future__ import annotations

from typing import NamedTuple

from dbview.paths import paths_in
from dbview.query.relation import Role
from dbview.query.standing import PENDING
from dbview.source.entries.beside import KEPT_AS_FILE, did_not_complete
from dbview.source.entries.record import Record
from dbview.summary import name_and_value, summary_parts
from dbview.text import visible_lines
from dbview.values import number_of

_LONGEST = 2_000
"""Characters of a payload that is read as a reason; a longer one is what the Task made."""

_BEGINS_DATA = ("{", "[", "<")


class Told(NamedTuple):
    """What a result says of an end that was not good.

    Attributes:
        by: Which part of the result: ``summary`` or ``payload``.
        text: What it says, as it stands there.
    """

    by: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines, each visible."""
        return visible_lines(self.text.strip("\n"))


def told_reason(record: Record) -> Told | None:
    """Return why an entry failed, or was stopped, as far as its result says it; None if it does not.

    Its summary goes before its payload. A summary says it unless it holds nothing but numbers, or that it is pending; a
    payload if it is a short text of several words, and no path, JSON or HTML. What the Executor recorded of the failure
    goes before both: this is None then.

    Args:
        record: The entry, masked.
    """
    if record.beside.failure is not None or not did_not_complete(record.role(Role.STATUS)):
        return None
    summary, payload = record.role(Role.SUMMARY), record.role(Role.PAYLOAD)
    if isinstance(summary, str) and summary.strip() and not _only_counts(summary):
        return Told("summary", summary)
    if isinstance(payload, str) and record.beside.payload_kind != KEPT_AS_FILE and _is_sentence(payload):
        return Told("payload", payload)
    return None


def _only_counts(summary: str) -> bool:
    """Tell whether a summary says how far a Task came, in numbers, but nothing that could be a reason."""
    parts = [name_and_value(part) for part in summary_parts(summary)]
    return summary.strip().upper() == PENDING or all(pair and number_of(pair[1]) is not None for pair in parts)


def _is_sentence(payload: str) -> bool:
    if len(payload) > _LONGEST or payload.lstrip().startswith(_BEGINS_DATA) or paths_in(payload):
        return False
    return sum(any(map(str.isalpha, word)) for word in payload.split()) > 1
