"""What a filter means for one relation: conditions on its columns. Each is true or false for a row, never unknown.

Every check is false for NULL, and :class:`Except` turns what is not true into true; so ``col!=v`` holds for NULL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbview.query.relation import Column, Join

Number = int | float


@dataclass(frozen=True, slots=True)
class Present:
    """Is not NULL."""


@dataclass(frozen=True, slots=True)
class Contains:
    """Its text contains this; letter case of all of Unicode is ignored."""

    text: str


@dataclass(frozen=True, slots=True)
class Matches:
    """Its whole text matches ``*`` (any characters) and ``?`` (one character); letter case is ignored."""

    pattern: str


@dataclass(frozen=True, slots=True)
class TextEquals:
    """Its text is this; numbers are compared as the text they are shown as, if they are compared at all."""

    text: str
    exact_case: bool
    of_numbers: bool = True


@dataclass(frozen=True, slots=True)
class NumberCompares:
    """Is a number, or a text spelling one, and compares so with this. The operator is one of ``= < <= > >=``."""

    operator: str
    number: Number


@dataclass(frozen=True, slots=True)
class TextCompares:
    """Is a text and comes before or after this by code points. The operator is one of ``< <= > >=``."""

    operator: str
    text: str


@dataclass(frozen=True, slots=True)
class Finds:
    """A regular expression is found in its text (``dbview.query.automaton``), for which it must contain another."""

    expression: str
    required_text: str = ""


Check = Present | Contains | Matches | TextEquals | NumberCompares | TextCompares | Finds


@dataclass(frozen=True, slots=True)
class ColumnIs:
    """A column passes a check."""

    column: Column
    check: Check


@dataclass(frozen=True, slots=True)
class Somewhere:
    """Some value of the entry, its shared configuration included, passes a check."""

    check: Contains | Matches


@dataclass(frozen=True, slots=True)
class Overdue:
    """The moment in one column is longer ago than the seconds in another; ``now`` is in UTC, as SQLite writes it."""

    since: Column
    seconds: Column
    now: str


@dataclass(frozen=True, slots=True)
class NewestOfRun:
    """Of the entries of its experiment and run it is the newest: by time, then by key.

    Attributes:
        time: The column of its time.
        experiment: How its experiment is found.
        run: How its run is found, with the same key.
        valid: Only entries that fulfil this count; None for all.
    """

    time: Column
    experiment: Join
    run: Join
    valid: Condition | None


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Except:
    """The part does not hold."""

    part: Condition


Condition = ColumnIs | Somewhere | Overdue | NewestOfRun | AllOf | AnyOf | Except
"""A filter bound to a relation."""


def columns_in(condition: Condition) -> Iterator[Column]:
    """Yield the columns that a condition looks at by their names, each as often as it does."""
    match condition:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from columns_in(part)
        case Except(part=part):
            yield from columns_in(part)
        case ColumnIs(column=column):
            yield column
