"""Find entries of a Task by the paths that they name. Which columns hold paths is told by the Task's newest entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbview.paths import located, makes, paths_in
from dbview.query.relation import Column, Relation, Role
from dbview.secrets import masked_cell
from dbview.source.entries.pipeline import is_made
from dbview.source.reader import Reader
from dbview.source.view.rows import key_of, rows_of, within
from dbview.source.view.scan import Cancelled, Scan
from recorder.layout.tables import quote

MOST_FOUND = 100
"""Entries of a Task that are found for a set of paths."""

_CELLS_LOOKED_AT = 4_000
_FEWEST_ROWS, _MOST_ROWS = 3, 60
_MOST_ENDS = 4
"""Names of files that are looked for in each cell; with more of them, comparing whole cells is faster."""
_IS_DIRECTORY = re.compile(r"dir|folder", re.IGNORECASE)

PathName = tuple[str, bool]
"""A path as :meth:`Paths.known_as` gives it, and whether it is what a Task made."""


@dataclass(frozen=True, slots=True)
class PathColumns:
    """The columns of a Task that hold paths."""

    task: Relation
    made: tuple[Column, ...]
    given: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that names a path: the path, the column that holds it, and whether it is what the Task made."""

    task: Relation
    key: int
    path: str
    column: str
    is_made: bool


def is_place_to_write(name: str) -> bool:
    """Tell whether a parameter of this name says where its Task writes, not which file it makes."""
    return makes(name) and _IS_DIRECTORY.search(name) is not None


class Paths:
    """Compares paths; relative ones lead from the database's directory on.

    Args:
        database: The file.
    """

    def __init__(self, database: Path) -> None:
        self._base = str(database.parent)

    def known_as(self, path: str) -> str:
        """Return what is equal for equal paths: where it is, without a slash at the end."""
        place = located(path, self._base, {}).place
        return (place or path).rstrip("/") or "/"

    def spellings(self, known: str) -> set[str]:
        """Return how a cell that holds this path alone may spell it."""
        relative = {known.removeprefix(f"{self._base}/")}
        return {known, f"{known}/", f"file://{known}", *relative}

    def of_cell(self, column: Column, cell: object) -> set[str]:
        """Return the paths that a cell names, known as those that are compared; one that is masked is none."""
        name = "file" if column.role is Role.PAYLOAD else column.name
        shown = masked_cell(column, cell) if isinstance(cell, str) else None
        return set(map(self.known_as, paths_in(shown, name))) if isinstance(shown, str) else set()


def path_columns(reader: Reader, task: Relation) -> PathColumns:
    """Return the columns that hold paths in the newest entries of a Task."""
    payload = task.of_role(Role.PAYLOAD)
    may_be = [column for column in task.parameters if column.declared in ("TEXT", "BLOB", "")]
    columns = [*([payload] if payload else []), *may_be]
    many = max(_FEWEST_ROWS, min(_MOST_ROWS, _CELLS_LOOKED_AT // max(1, len(columns))))
    found = {
        column
        for row in reader.newest(task, columns, many)
        for column, cell in zip(columns, row.cells, strict=True)
        if column is payload or (isinstance(cell, str) and paths_in(cell, column.name))
    }
    made = tuple(column for column in columns if column in found and is_made(column))
    files = tuple(column for column in made if not is_place_to_write(column.name))
    return PathColumns(task, files, tuple(column for column in columns if column in found and column not in made))


def find_paths(
    reader: Reader,
    columns: PathColumns,
    paths: Paths,
    wanted: frozenset[PathName],
    progress: Callable[[float, Sequence[Hit]], None],
    cancelled: Cancelled,
) -> tuple[list[Hit], bool]:
    """Return the entries of a Task that name one of some paths, the newest first, and whether there are more.

    Args:
        reader: Used by this call alone while it runs.
        columns: Of the Task.
        paths: How paths are compared.
        wanted: The paths; each is found only where a Task made it, or only where one was given it.
        progress: Called after each step with the share that was looked at, 0 to 1, and what was found by then.
        cancelled: Asked between steps.
    """
    task, hits = columns.task, list[Hit]()
    asked = [
        (column, {path for path, of_made in wanted if of_made is is_made})
        for group, is_made in ((columns.made, True), (columns.given, False))
        for column in group
    ]
    asked = [(column, names) for column, names in asked if names]
    if not asked:
        return [], False
    tests: list[str] = []
    bindings: list[str] = []
    for column, names in asked:
        test, values = _test(reader, paths, column, names)
        tests.append(f"({test})")
        bindings += values
    found, scan = 0, Scan(reader, task, cancelled)
    for step in scan.steps():
        where = f"{within(task, step)} AND ({' OR '.join(tests)})"
        rows = reader.query(
            f"SELECT {key_of(task)} FROM {rows_of(task)} WHERE {where} ORDER BY 1 DESC LIMIT {MOST_FOUND + 1}", bindings
        )
        hits += _hits(reader, columns, paths, asked, [key for (key,) in rows[: MOST_FOUND - found]])
        found += len(rows)
        progress(scan.scanned, hits)
        if found > MOST_FOUND:
            break
    return hits, found > MOST_FOUND


def _hits(
    reader: Reader, columns: PathColumns, paths: Paths, asked: Sequence[tuple[Column, set[str]]], keys: Sequence[int]
) -> Iterator[Hit]:
    """Yield which of the paths that some columns are asked for the entries with these keys name there."""
    task, read = columns.task, [*(column for column, _names in asked), *columns.made]
    for row in reader.rows(task, read, keys):
        named = [paths.of_cell(column, cell) for column, cell in zip(read, row.cells, strict=True)]
        own = set().union(*named[len(asked) :])
        for (column, names), there in zip(asked, named[: len(asked)], strict=True):
            is_made = column in columns.made
            # What it made is not what it was given, whichever parameters name it.
            found = names & there if is_made else (names & there) - own
            yield from (Hit(task, row.key, path, column.name, is_made) for path in sorted(found))


def _test(reader: Reader, paths: Paths, column: Column, names: set[str]) -> tuple[str, list[str]]:
    """Return the SQL condition for the cells of a column that may name one of some paths, and its values."""
    cell = f"t.{quote(column.name)}"
    spelled = sorted(set().union(*map(paths.spellings, names)))
    # One pattern with a set of characters would take three times as long.
    may_be_several = " OR ".join(f"{cell} GLOB '*{separator}*'" for separator in ";, ")
    # As a blob: no text that is not well-formed can be given to a function.
    names_one = f"{_among_several(reader, paths, column, frozenset(names))}(CAST({cell} AS BLOB))"
    test = f"{cell} IN ({', '.join('?' * len(spelled))}) OR (({may_be_several}) AND {names_one})"
    # However it is spelled, a path ends in the name of its file, and few cells hold that.
    ends = sorted({_end(path) for path in names})
    if len(ends) > _MOST_ENDS:
        return test, spelled
    may_name = " OR ".join([f"instr({cell}, ?)"] * len(ends))
    return f"({may_name}) AND ({test})", [*ends, *spelled]


def _among_several(reader: Reader, paths: Paths, column: Column, names: frozenset[str]) -> str:
    """Make a function for SQL that tells whether one of several paths in a text is among those wanted."""
    name = f"names_path_{abs(hash((column, names))):x}"
    # Most texts hold not even the end of one: taking them apart would take ten times as long.
    may_name = re.compile("|".join(re.escape(_end(path)) for path in names)).search

    def names_one(raw: bytes | None) -> bool:
        text = (raw or b"").decode(reader.encoding, "backslashreplace")
        return may_name(text) is not None and not names.isdisjoint(paths.of_cell(column, text))

    reader.register_function(name, names_one)
    return name


def _end(path: str) -> str:
    """Return the name of a file or directory, without those that it is in."""
    return path.rpartition("/")[2]
