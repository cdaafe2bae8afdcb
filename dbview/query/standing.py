"""Say how an entry stands: what ``is:`` means, and why an entry needs attention. One place for filters and screens."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import NamedTuple

from dbview.errors import FilterError
from dbview.query.conditions import (
    AllOf,
    AnyOf,
    ColumnIs,
    Condition,
    Except,
    NewestOfRun,
    NumberCompares,
    Overdue,
    Present,
    TextEquals,
)
from dbview.query.relation import Column, Join, Relation, Role
from dbview.text import visible
from recorder.layout.tables import COMPLETED, FAILED, GEN_CFG, RUNNING

_TIMED_OUT = "TIMEDOUT"
PENDING = "PENDING"
"""A summary that says so was never filled in."""


class Reason(NamedTuple):
    """Why an entry may need attention.

    Attributes:
        words: What is said of the entry.
        condition: Which entries it is said of.
    """

    words: str
    condition: Condition


class Standing(NamedTuple):
    """What ``is:word`` means.

    Attributes:
        meaning: What is true of the entries that it finds, in words.
        condition: Makes the condition for a relation; raises LookupError, naming it, if the relation has no such thing.
    """

    meaning: str
    condition: Callable[[Relation], Condition]


class _Missing(LookupError):
    """A relation has no column of a role."""


def standing(relation: Relation, word: str, position: int) -> Condition:
    """Return the condition that ``is:word`` sets to a relation.

    Raises:
        FilterError: There is no such word, or the relation knows nothing of it.
    """
    known = STANDINGS.get(word.lower())
    if known is None:
        words = ", ".join(f"is:{name}" for name in STANDINGS)
        raise FilterError(f"is:{visible(word)} is not known; there are {words}", position)
    try:
        return known.condition(relation)
    except _Missing as error:
        raise FilterError(f"{visible(relation.name)} has no {error}", position) from error


def attention_reasons(relation: Relation) -> tuple[Reason, ...]:
    """Return why an entry of a relation may need attention, each with its condition.

    Raises:
        LookupError: The relation is no Task's.
    """
    status, valid = _column(relation, Role.STATUS), _column(relation, Role.VALID)
    completed, is_valid, is_invalid = _text_is(status, COMPLETED), _is(valid, 1), _is(valid, 0)
    return (
        Reason(f"It is valid, but did not end as {COMPLETED}.", AllOf((is_valid, Except(completed)))),
        Reason(f"It ended as {COMPLETED}, but was marked not valid.", AllOf((completed, is_invalid))),
        *_without_result(relation, AnyOf((completed, is_valid))),
        *_overdue(relation, status),
    )


def _without_result(relation: Relation, counts_as_good: Condition) -> list[Reason]:
    summary, payload = relation.of_role(Role.SUMMARY), relation.of_role(Role.PAYLOAD)
    if summary is None or payload is None:
        return []
    # The summary first: a payload may be large.
    nothing = AllOf((counts_as_good, _is_empty(summary), _is_empty(payload)))
    return [
        Reason("It left neither a payload nor a summary.", nothing),
        Reason(f"Its summary still says {PENDING}.", AllOf((counts_as_good, _text_is(summary, PENDING)))),
    ]


def _overdue(relation: Relation, status: Column) -> list[Reason]:
    time, timeout = relation.of_role(Role.TIME), relation.find(f"{GEN_CFG}.task_timeout")
    if time is None or timeout is None:
        return []
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    overdue = AllOf((_text_is(status, RUNNING), Overdue(time, timeout, now)))
    return [Reason(f"It is {RUNNING} for longer than its Task may take.", overdue)]


def _needs_attention(relation: Relation) -> Condition:
    return AnyOf(tuple(reason.condition for reason in attention_reasons(relation)))


def _is_open(relation: Relation) -> Condition:
    return AllOf((_newest(relation, only_valid=False), Except(_is(_column(relation, Role.VALID), 1))))


def latest_of_run(relation: Relation) -> NewestOfRun:
    """Return what is true of the latest valid entry of each run.

    Raises:
        LookupError: The entries of the relation name no run, or have no time or validity.
    """
    return _newest(relation, only_valid=True)


def _newest(relation: Relation, *, only_valid: bool) -> NewestOfRun:
    experiment, run = _joined(relation, Role.EXPERIMENT), _joined(relation, Role.RUN)
    valid = _is(_column(relation, Role.VALID), 1) if only_valid else None
    return NewestOfRun(_column(relation, Role.TIME), experiment, run, valid)


def _column(relation: Relation, role: Role) -> Column:
    column = relation.of_role(role)
    if column is None:
        raise _Missing({Role.VALID: "validity"}.get(role, role.value))
    return column


def _joined(relation: Relation, role: Role) -> Join:
    via = _column(relation, role).via
    if via is None:
        raise _Missing(role.value)
    return via


def _is(column: Column, number: int) -> Condition:
    return ColumnIs(column, NumberCompares("=", number))


def _text_is(column: Column, text: str) -> Condition:
    return ColumnIs(column, TextEquals(text, exact_case=False))


def _is_empty(column: Column) -> Condition:
    return AnyOf((Except(ColumnIs(column, Present())), ColumnIs(column, TextEquals("", exact_case=True))))


def _of_status(*names: str) -> Callable[[Relation], Condition]:
    return lambda relation: AnyOf(tuple(_text_is(_column(relation, Role.STATUS), name) for name in names))


STANDINGS: dict[str, Standing] = {
    "valid": Standing("its validity flag is 1", lambda relation: _is(_column(relation, Role.VALID), 1)),
    "invalid": Standing("its validity flag is 0", lambda relation: _is(_column(relation, Role.VALID), 0)),
    "open": Standing("the newest of its run, and not valid", _is_open),
    "latest": Standing("the newest valid one of its run: what a next Task is given", latest_of_run),
    "attention": Standing("somebody should look at it; the entry says why", _needs_attention),
    "running": Standing("it has not ended", _of_status(RUNNING)),
    "failed": Standing("it failed or timed out", _of_status(FAILED, _TIMED_OUT)),
}
"""What can follow ``is:``."""
