"""``dbview tables``: what a file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TextIO

from dbview.errors import DbviewError
from dbview.headless.cells import plain_value
from dbview.headless.formats import LINES, NULL_SEPARATED, write_json, write_jsonl, write_rows
from dbview.output import Say
from dbview.query.relation import Relation, RelationKind, Role
from dbview.source.numbers.tally import Tally, last_activity, tally
from dbview.source.reader import Reader
from dbview.source.source import Source
from dbview.source.view.rows import POSITION_LIMIT
from dbview.text import ELLIPSIS, cell_text, visible
from dbview.values import Cell

_LONGEST_STATUS, _MOST_STATUSES = 20, 8
"""Characters of a status, and statuses of a Task, that are written for people."""


@dataclass(frozen=True, slots=True)
class TableFacts:
    """One line of the list.

    Attributes:
        entries: Number of rows; None if they could not be counted.
        valid: Entries with a valid_flag of 1, None for other tables than those of Tasks.
        not_valid: Entries with a valid_flag of 0. Any other flag is neither.
        statuses: Entries by status.
        last_activity: Newest timestamp text (UTC).
    """

    name: str
    kind: str
    entries: int | None = None
    valid: int | None = None
    not_valid: int | None = None
    statuses: dict[str, int] | None = None
    last_activity: str | None = None

    def cells(self) -> list[Cell]:
        """Return the line for a format that holds no mappings."""
        return self._line([f"{status} {count}" for status, count in (self.statuses or {}).items()])

    def words(self) -> list[Cell]:
        """Return the line for people: the most frequent statuses, long ones cut."""
        statuses = [f"{_cut(status)} {count}" for status, count in (self.statuses or {}).items()]
        more = len(statuses) - _MOST_STATUSES
        line = self._line(statuses[:_MOST_STATUSES] + [f"{more} others"] * (more > 0))
        return ["" if cell is None else cell for cell in line]

    def _line(self, statuses: Sequence[str]) -> list[Cell]:
        counts = (self.entries, self.valid, self.not_valid)
        return [self.name, self.kind, *counts, ", ".join(statuses) or None, self.last_activity]


def _cut(status: str) -> str:
    return status if len(status) <= _LONGEST_STATUS else status[: _LONGEST_STATUS - 1] + ELLIPSIS


def list_tables(source: Source, form: str, out: TextIO, say: Say, *, with_internal: bool = False) -> bool:
    """Write the tables of a file: Tasks first, then shared configuration and others; return whether there are any.

    Args:
        source: The file.
        form: One of the formats.
        out: Where to write.
        say: Told what could not be read, and how many tables were left out.
        with_internal: Also list the bookkeeping tables of tools.

    Raises:
        DbviewError: A table could not be read; the others have been written.
    """
    order = list(RelationKind)
    listed = sorted(source.relations(), key=lambda relation: order.index(relation.kind))
    hidden = [] if with_internal else [one for one in listed if one.kind is RelationKind.INTERNAL]
    facts, failure = [], None
    reader = source.reader()
    try:
        for relation in listed:
            if relation in hidden:
                continue
            try:
                facts.append(_facts(reader, relation))
            except DbviewError as error:
                facts.append(TableFacts(relation.name, relation.kind.value))
                failure = failure or type(error)(f"table {visible(relation.name)}: {error}")
    finally:
        reader.close()
    if form == "table" and not facts:
        say(f"{visible(str(source.path))} holds no tables yet.")
    else:
        _write(form, out, facts)
    if hidden:
        say(f"not listed: bookkeeping tables, {len(hidden)} (--all lists them)")
    if failure:
        raise failure
    return bool(facts)


def _facts(reader: Reader, relation: Relation) -> TableFacts:
    status, valid = relation.of_role(Role.STATUS), relation.of_role(Role.VALID)
    is_task = relation.kind is RelationKind.TASK and status is not None and valid is not None
    columns = [status, valid] if is_task and status and valid else []
    counted = tally(reader, relation, columns, lambda _partial: None, lambda: False)
    if relation.key is None and counted.total == POSITION_LIMIT:
        # There may be more, and no cheap way to know.
        return TableFacts(relation.name, relation.kind.value)
    if not is_task:
        return TableFacts(relation.name, relation.kind.value, counted.total)
    return TableFacts(
        relation.name,
        relation.kind.value,
        counted.total,
        _valid_entries(counted, 1),
        _valid_entries(counted, 0),
        _statuses(counted),
        last_activity(reader, relation),
    )


def _valid_entries(counted: Tally, flag: int) -> int:
    return sum(count for (_status, valid), count in counted.counts.items() if valid == flag)


def _statuses(counted: Tally) -> dict[str, int]:
    statuses: Counter[str] = Counter()
    for (status, _valid), count in counted.counts.items():
        statuses[cell_text(status)] += count
    return dict(statuses.most_common())


def _write(form: str, out: TextIO, facts: list[TableFacts]) -> None:
    names = list(TableFacts.__dataclass_fields__)
    titles = [name.replace("_", " ") for name in names]
    words = [fact.words() for fact in facts]
    if form == "json":
        write_json(out, map(asdict, facts))
    elif form == "jsonl":
        write_jsonl(out, map(asdict, facts))
    elif form in (LINES, NULL_SEPARATED):
        write_rows(form, out, (), ([fact.name] for fact in facts), plain_value)
    elif form == "csv":
        write_rows(form, out, names, (fact.cells() for fact in facts), plain_value)
    else:
        write_rows(form, out, titles, words, plain_value, whole=True)
