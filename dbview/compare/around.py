"""Say how an entry differs from those around it: the one before, and where it failed the next good one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dbview.compare.entries import Aspect, compare_parameters
from dbview.errors import NotFound
from dbview.query.relation import Relation, Role
from dbview.source.entries.attention import reasons_for_attention
from dbview.source.entries.beside import did_not_complete
from dbview.source.entries.record import Record, read_record
from dbview.source.entries.tries import Tries, find_tries
from dbview.source.reader import Reader
from dbview.source.view.scan import Cancelled
from dbview.text import cell_text


@dataclass(frozen=True)
class Against:
    """Another entry, and how the parameters differ.

    Attributes:
        key: The other entry's.
        words: Which it is, as in ``#9, the one before (run 19)``; of a later one also ``#11 → here``.
        parameters: The differences; the values are first those of the other entry.
    """

    key: int
    words: str
    parameters: Aspect


@dataclass(frozen=True)
class Around:
    """What is known of the entries around one.

    Attributes:
        tries: Which they are.
        before: The one it is compared with; None if there is none.
        good: For an entry that did not complete, the good one whose difference may tell why.
        choices: Number of entries that it can be compared with.
        attention: Why somebody should look at it, in sentences.
    """

    tries: Tries
    before: Against | None
    good: Against | None
    choices: int
    attention: tuple[str, ...] = ()


def look_around(
    reader: Reader,
    relations: Sequence[Relation],
    relation: Relation,
    key: int,
    choice: int,
    publish: Callable[[Around], None],
    cancelled: Cancelled,
) -> Around:
    """Find the entries around one and compare it with them.

    Args:
        reader: Used by this call alone while it runs.
        relations: All relations of the source.
        relation: The Task.
        key: The entry.
        choice: Which of the others it is compared with; beyond the last it begins anew.
        publish: Called with the comparisons, before all of the table was looked at.
        cancelled: Asked between steps.
    """
    # As it is, with its secrets: they are masked once it is known whether they differ.
    record = read_record(reader, relations, relation, key)
    attention = tuple(reasons_for_attention(reader, relation, [key]).get(key, ()))

    def against(place: tuple[int, str] | None) -> Against | None:
        if place is None:
            return None
        other_key, words = place
        try:
            other = read_record(reader, relations, relation, other_key)
        except NotFound:  # removed since it was found
            return None
        run = "" if words.endswith("in this run") else f" ({_run_words(other, record)})"
        # Its own value stands last wherever it is compared; where the other one is later, that is said.
        direction = f", #{other_key} → here" if other_key > key else ""
        return Against(other_key, f"#{other_key}, {words}{run}{direction}", compare_parameters([other, record]))

    compared: list[Against | None] = []

    def around(tries: Tries) -> Around:
        if not compared:
            choices = _choices(tries)
            compared.append(against(choices[choice % len(choices)] if choices else None))
            compared.append(against(_good(tries)) if did_not_complete(record.role(Role.STATUS)) else None)
        before, good = compared
        return Around(tries, before, good, len(_choices(tries)), attention)

    return around(find_tries(reader, record, lambda tries: publish(around(tries)), cancelled))


def _run_words(other: Record, record: Record) -> str:
    """Return the run of another entry, with its experiment if that is another than this one's."""
    experiment = other.role(Role.EXPERIMENT)
    of_experiment = "" if experiment == record.role(Role.EXPERIMENT) else f" of {cell_text(experiment)}"
    return f"run {cell_text(other.role(Role.RUN))}{of_experiment}"


def _choices(tries: Tries) -> list[tuple[int, str]]:
    near = tries.nearest
    named: dict[int, str] = {}
    for key, words in (
        (near.before, "the one before in this run"),
        (near.task_before, "the one before"),
        (near.task_good_before, "the last good one before"),
        (near.good_after, "the next good one in this run"),
        (near.task_good_after, "the next good one"),
    ):
        if key is not None:
            named.setdefault(key, words)
    return list(named.items())


def _good(tries: Tries) -> tuple[int, str] | None:
    near = tries.nearest
    if near.good_after is not None:
        return near.good_after, "the next good one in this run"
    if near.task_good_after is not None:
        return near.task_good_after, "the next good one"
    return None if near.task_good_before is None else (near.task_good_before, "the last good one before")
