"""Read what the recorder keeps beside an entry, in its side tables. Files of others have none, older ones fewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbview.query.relation import Relation
from dbview.source.reader import Reader
from dbview.source.view.parts import plain_text, seconds_between
from dbview.source.view.rows import key_of, rows_of
from dbview.text import cell_text, duration_text, moment_text, visible_lines
from dbview.values import Cell
from recorder.layout import tables
from recorder.layout.side_text import read_side_text
from recorder.layout.tagged import from_json_value, tag_of

KEPT_AS_FILE = "file"
"""The kind of a payload whose cell is the path of a file, from the database's directory on."""


@dataclass(frozen=True, slots=True)
class ValidityChange:
    """One change of an entry's validity, as the recorder keeps it."""

    valid: Cell
    changed_at: str
    changed_by: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """How a Task ended, as its Executor knew it; None is what it did not say.

    Attributes:
        return_code: What the Task's process ended with, a signal being negative.
        signal: The signal's name.
        log: Path of the Task's log.
        output: The end of what the Task said.
    """

    return_code: Cell = None
    signal: Cell = None
    log: Cell = None
    output: Cell = None

    def output_lines(self) -> list[str]:
        """Return the output's lines, each visible."""
        if isinstance(self.output, str):
            return visible_lines(self.output.rstrip("\n")) if self.output else []
        return [] if self.output is None else [cell_text(self.output)]

    def facts(self) -> list[tuple[str, str]]:
        """Return all but the output by name, visible; what is not known is left out."""
        cells = {"return code": self.return_code, "signal": self.signal, "log": self.log}
        return [(name, cell_text(cell)) for name, cell in cells.items() if cell is not None]


@dataclass(frozen=True, slots=True)
class Recording:
    """Who recorded an entry, where, in which job, with which version, and when; None is what is not known.

    Attributes:
        started_at: When the Task began, where that was said.
        recorded_at: When the entry was recorded, as it stands there now.
    """

    user: Cell = None
    host: Cell = None
    pid: Cell = None
    job: Cell = None
    recorder_version: Cell = None
    code_version: Cell = None
    started_at: Cell = None
    recorded_at: Cell = None

    @property
    def seconds(self) -> float | None:
        """How long the Task took, None unless both moments are known; at its start it has not taken any time yet."""
        return seconds_between(self.started_at, self.recorded_at)

    def facts(self) -> list[tuple[str, str]]:
        """Return what is known by name, visible."""
        cells = {
            "process": self.pid,
            "job": self.job,
            "recorder version": self.recorder_version,
            "code version": self.code_version,
        }
        named = [cell_text(cell) for cell in (self.user, self.host) if cell is not None]
        facts = [("user", "@".join(named))] if named else []
        facts += [(name, cell_text(cell)) for name, cell in cells.items() if cell is not None]
        if self.started_at is not None:
            began = moment_text(self.started_at) if isinstance(self.started_at, str) else cell_text(self.started_at)
            facts.append(("started at", began))
        if self.seconds is not None:
            facts.append(("duration", duration_text(self.seconds)))
        return facts


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside an entry.

    Attributes:
        validity: Changes of its validity, the newest first.
        exact: The nested parameters exactly as they were recorded, as tagged JSON; None where no recorder kept them.
        payload_kind: How the payload's cell is to be read, None where no recorder said it.
        failure: None if nothing is known of one.
        recording: None if nothing is known of it.
    """

    validity: Sequence[ValidityChange] = ()
    exact: dict[str, Any] | None = None
    payload_kind: Cell = None
    failure: Failure | None = None
    recording: Recording | None = None

    def payload_directory(self, database: Path) -> Path | None:
        """Return from where the payload's cell is the path of a file; None if it is no such path."""
        return database.parent if self.payload_kind == KEPT_AS_FILE else None


NOTHING = Beside()
"""What is kept beside a row that is no entry."""


def is_failure(status: Cell) -> bool:
    """Tell whether a Task with this status failed: one that was stopped, or never got to run, did not."""
    return status in ("FAILED", "TIMEDOUT")


def did_not_complete(status: Cell) -> bool:
    """Tell whether a Task with this status ended, and not well: it failed, or was stopped."""
    return status is not None and status not in (tables.COMPLETED, "RUNNING", "PENDING")


def how_it_ended(status: Cell) -> str:
    """Return the heading over what the Executor told of a Task's end."""
    return "Why it failed" if is_failure(status) else "How it ended"


_ENTRY_COLUMNS = ("parameters", "payload_kind", "recorded_at", "started_at", "origin_id", "gen_cfg_id", "timestamp")
_ORIGIN_COLUMNS = tuple(name for name in tables.side_columns(tables.ORIGIN) if name != tables.ID)
_FAILURE_COLUMNS = ("return_code", "signal", "log", "output")

_MOST_ROWS = 100
"""Changes of one entry's validity, at most."""


def read_beside(reader: Reader, known: Mapping[str, Relation], task: str, key: int, row: Mapping[str, Cell]) -> Beside:
    """Read what is kept beside an entry; whatever is missing or in an unknown form counts as not kept.

    Args:
        reader: Used by this call alone while it runs.
        known: The relations of the file by name.
        task: The Task table's name.
        key: The entry's id there.
        row: Its cells; where another program's row has taken the place of one, what is kept is about that.
    """
    side = _SideTables(reader, known)
    entry = side.row(tables.ENTRY, _ENTRY_COLUMNS, task=task, id=key)
    if not tables.is_about(entry, row):
        return NOTHING
    failure = side.row(tables.FAILURE, _FAILURE_COLUMNS, task=task, entry_id=key)
    origin_id = entry.get("origin_id")
    origin = side.row(tables.ORIGIN, _ORIGIN_COLUMNS, id=origin_id) if isinstance(origin_id, int) else {}
    moments = {name: entry.get(name) for name in ("started_at", "recorded_at")}
    return Beside(
        validity=_validity(side, task, key),
        exact=_exact_parameters(entry.get("parameters")),
        payload_kind=entry.get("payload_kind"),
        failure=Failure(**_told(failure)) if any(cell is not None for cell in failure.values()) else None,
        recording=Recording(**_told(origin), **moments) if origin or moments["started_at"] is not None else None,
    )


@dataclass(frozen=True)
class _SideTables:
    """Reads rows of side tables, as far as this file has such tables and columns."""

    reader: Reader
    known: Mapping[str, Relation]

    def rows(self, table: str, columns: Sequence[str], **place: str | int) -> list[dict[str, Cell]]:
        """Return the rows with these values, the newest first, each with those of the columns that there are."""
        side = self.known.get(table)
        if side is None or side.key is None or any(side.find(name) is None for name in place):
            return []
        condition = " AND ".join(f"t.{tables.quote(name)} = ?" for name in place)
        keys = self.reader.query(
            f"SELECT {key_of(side)} FROM {rows_of(side)} WHERE {condition} "
            f"ORDER BY {key_of(side)} DESC LIMIT {_MOST_ROWS}",
            tuple(place.values()),
        )
        found = [column for column in map(side.find, columns) if column is not None]
        rows = self.reader.rows(side, found, [key for (key,) in keys], clip=False)
        return [{column.name: cell for column, cell in zip(found, row.cells, strict=True)} for row in rows]

    def row(self, table: str, columns: Sequence[str], **place: str | int) -> dict[str, Cell]:
        """Return the one row with these values; empty if there is none."""
        rows = self.rows(table, columns, **place)
        return rows[0] if rows else {}


def _validity(side: _SideTables, task: str, key: int) -> list[ValidityChange]:
    columns = ("valid", "changed_at", "changed_by", "reason")
    rows = side.rows(tables.VALIDITY, columns, task=task, entry_id=key)
    return [
        ValidityChange(
            row["valid"],
            _plain(row["changed_at"]),
            _plain(row["changed_by"]),
            None if row["reason"] is None else _plain(row["reason"]),
        )
        for row in rows
        if row.keys() == set(columns)
    ]


def _exact_parameters(cell: Cell) -> dict[str, Any] | None:
    """Return the parameters kept beside the entry, None if there are none that can be read."""
    try:
        tree = read_side_text(cell) if isinstance(cell, str) else None
        from_json_value(tree)
    except (ValueError, RecursionError):
        # The columns hold them too, if not so exactly.
        return None
    return tree if isinstance(tree, dict) and tag_of(tree) in ("", "$dict") else None


def _told(cells: Mapping[str, Cell]) -> dict[str, Any]:
    """Return cells with their texts as they were given."""
    return {name: _plain(cell) if isinstance(cell, str) else cell for name, cell in cells.items()}


def _plain(cell: Cell) -> str:
    """Return text of a side table as it was given; text that is not in its form is returned as it stands."""
    if not isinstance(cell, str):
        return "" if cell is None else cell_text(cell)
    return plain_text(cell)
