"""Read rows and cells through one connection, in short bounded queries that leave no cursor behind."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

from dbview.errors import NotFound, ValueTooLong
from dbview.query.relation import Column, Join, Part, Relation
from dbview.source.file.connection import Connection
from dbview.source.file.disk import Signature
from dbview.source.view.parts import operand_of, value_of
from dbview.source.view.rows import KeyRange, beginning, key_of, rows_of, within
from dbview.values import Cell, Clipped, Row, UndecodableText, Unreadable
from recorder.layout.tables import quote

T = TypeVar("T")

CLIP = 4000
"""Characters of a text, or bytes of a blob, that a window holds; a longer value is :class:`Clipped`."""

_COLUMNS_A_QUERY = 500
_KEYS_A_QUERY = 500


class ChangeToken(NamedTuple):
    """Equal tokens mean that nothing was committed in between."""

    data_version: int
    signature: Signature


class Reader:
    """Reads through one connection. Every method blocks and raises DbviewError; use a reader in one thread at a time.

    Args:
        connection: Used by this reader alone, and closed with it.

    Attributes:
        scratch: Where what does not fit into memory may lie for a while.
        counted: What is known of the numbers of rows; shared by all readers of a source.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.scratch, self.counted = connection.scratch, connection.counted

    @property
    def encoding(self) -> str:
        """The database's text encoding, known within a query: that of a text cast to a blob."""
        return self._connection.encoding

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def query(self, sql: str, bindings: Mapping[str, Any] | Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one bounded query; the lock it takes is gone when this returns."""
        return self._connection.use(lambda connection: connection.execute(sql, bindings).fetchall())

    def register_set(self, keys: frozenset[int]) -> str:
        """Make ``name(key)`` a test for membership in a set of keys too large to write out; return the name."""
        name = f"in_keys_{abs(hash(keys)):x}"
        self._connection.define(name, 1, keys.__contains__)
        return name

    def register_function(self, name: str, function: Callable[[Any], str | bytes | int | float | None]) -> None:
        """Make ``name(value)`` a function for SQL; for the same value it must return the same within a query."""
        self._connection.define(name, 1, function)

    def break_off_when(self, is_unwanted: Callable[[], bool]) -> None:
        """Make a query fail once its result is no longer wanted, however long it would have taken."""
        self._connection.is_unwanted = is_unwanted

    def with_schema(self, use: Callable[[sqlite3.Connection], T]) -> T:
        """Return what a function reads of the schema through the connection."""
        return self._connection.use(use)

    def token(self) -> ChangeToken:
        """Return what changes with every commit to the file."""
        return ChangeToken(self.query("PRAGMA data_version")[0][0], self.signature())

    def signature(self) -> Signature:
        """Return what ``stat`` tells of the file and its log: cheaper than a token, and takes no lock."""
        return self._connection.signature()

    # Keys

    def bounds(self, relation: Relation) -> KeyRange | None:
        """Return the smallest and greatest key, None for an empty relation."""
        # Two statements: SQLite looks up a minimum or a maximum directly, but scans for both together.
        ((low,),) = self.query(f"SELECT min({key_of(relation)}) FROM {rows_of(relation)}")
        ((high,),) = self.query(f"SELECT max({key_of(relation)}) FROM {rows_of(relation)}")
        # In a damaged tree either may be missing, or the first be the greater.
        ends = [key for key in (low, high) if key is not None]
        return KeyRange(min(ends), max(ends)) if ends else None

    def count(self, relation: Relation, keys: KeyRange) -> int:
        """Return the number of rows with keys in a range."""
        ((count,),) = self.query(f"SELECT count(*) FROM {rows_of(relation)} WHERE {within(relation, keys)}")
        return int(count)

    def key_below(self, relation: Relation, key: int, rows: int) -> int | None:
        """Return the key that stands ``rows`` rows below ``key`` (itself being 0 below), None past the end."""
        name = key_of(relation)
        found = self.query(
            f"SELECT {name} FROM {rows_of(relation)} WHERE {name} <= ? ORDER BY {name} DESC LIMIT 1 OFFSET ?",
            (key, rows),
        )
        return int(found[0][0]) if found else None

    # Rows

    def newest(
        self,
        relation: Relation,
        columns: Sequence[Column],
        limit: int,
        *,
        below: int | None = None,
        skip: int = 0,
        clip: bool = True,
    ) -> list[Row]:
        """Return rows in natural order, newest (greatest key) first.

        Args:
            relation: What to read.
            columns: Columns to read, stored or joined.
            limit: Number of rows at most.
            below: Only rows with a key not greater than this.
            skip: Number of rows to leave out first.
            clip: As for :meth:`rows`.
        """
        name = key_of(relation)
        bound = f"WHERE {name} <= {int(below)}" if below is not None else ""
        found = self.query(
            f"SELECT {name} FROM {rows_of(relation)} {bound} ORDER BY {name} DESC LIMIT {int(limit)} OFFSET {int(skip)}"
        )
        return self.rows(relation, columns, [key for (key,) in found], clip=clip)

    def rows(
        self, relation: Relation, columns: Sequence[Column], keys: Sequence[int], *, clip: bool = True
    ) -> list[Row]:
        """Return the rows of these keys, in their order; rows that are gone are left out.

        With ``clip`` a text or blob longer than :data:`CLIP` comes as :class:`Clipped`; without it, whole up to the
        reader's length limit.
        """
        rows: list[Row] = []
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            found = self._local_cells(relation, _local_columns(columns), part, clip)
            # Of each column, the name its cell or its key is found by, and what keys stand for.
            picks: list[tuple[str, Mapping[Cell, Cell] | None]] = [
                (via.key, self.shared_cells(via, {cells[via.key] for cells in found.values()}, column.part))
                if (via := column.via)
                else (column.name, None)
                for column in columns
            ]
            rows.extend(Row(key, _pick(picks, found[key])) for key in part if key in found)
        return rows

    def cell(self, relation: Relation, column: Column, key: int) -> Cell:
        """Return one whole value, :class:`Clipped` if it is longer than the reader's length limit.

        Raises:
            NotFound: The row is gone.
        """
        rows = self.rows(relation, [column], [key], clip=False)
        if not rows:
            raise NotFound(f"{relation.name} has no row {key} any more.")
        return rows[0].cells[0]

    def _local_cells(
        self, relation: Relation, columns: Sequence[Column], keys: Sequence[int], clip: bool
    ) -> dict[int, dict[str, Cell]]:
        """Return ``{key: {column: cell}}`` of what rows hold themselves; a few hundred columns a query."""
        found: dict[int, dict[str, Cell]] = {}
        # SQLite takes a limited number of columns in a query.
        for start in range(0, max(1, len(columns)), _COLUMNS_A_QUERY):
            part = columns[start : start + _COLUMNS_A_QUERY]
            picked = ", ".join([key_of(relation), *(_picked(column, clip) for column in part)])
            try:
                rows = self.query(f"SELECT {picked} FROM {_of_keys(relation, keys)}")
            except ValueTooLong:
                present = self.query(f"SELECT {key_of(relation)} FROM {_of_keys(relation, keys)}")
                rows = [(key, *self._cells_one_by_one(relation, part, key)) for (key,) in present]
            for key, *row in rows:
                values = found.setdefault(key, {})
                for column, cell in zip(part, row, strict=True):
                    values[column.name] = self._clip(relation, column, key, cell) if clip and _is_long(cell) else cell
        return found

    def _cells_one_by_one(self, relation: Relation, columns: Sequence[Column], key: int) -> list[Cell]:
        """Return the cells of a row that holds a value over the length limit; that value as its beginning."""
        cells: list[Cell] = []
        for column in columns:
            try:
                cells.append(self.query(f"SELECT {operand_of(column)} FROM {_of_keys(relation, [key])}")[0][0])
            except ValueTooLong:
                cells.append(self._clip(relation, column, key, None))
        return cells

    def _clip(self, relation: Relation, column: Column, key: int, start: Any) -> Cell:
        """Return a long value's beginning and size, read without loading the value."""
        if column.part is not None:
            return _clipped(start) if start is not None else Unreadable("part of a text too long to read")
        name = column.name

        def beginning_and_size(connection: sqlite3.Connection) -> tuple[bytes, int] | str:
            try:
                with connection.blobopen(relation.name, name, key, readonly=True) as blob:
                    return blob.read(CLIP) if start is None else b"", len(blob)
            except sqlite3.Error as error:
                return str(error)

        found = self._connection.use(beginning_and_size)
        if isinstance(found, str):
            return Clipped(_start(start), None) if start is not None else Unreadable(found)
        raw, size = found
        if start is not None:
            return Clipped(_start(start), size)
        is_text = self.query(f"SELECT typeof(t.{quote(name)}) FROM {_of_keys(relation, [key])}") == [("text",)]
        if is_text and self._connection.encoding != "UTF-8":
            raw = raw.decode(self._connection.encoding, "ignore").encode()
        return Clipped(_start(UndecodableText(raw)) if is_text else raw, size)

    def shared_cells(self, via: Join, keys: Iterable[Cell], part: Part | None = None) -> dict[Cell, Cell]:
        """Return ``{key: cell}`` of a joined column, or a part of it, for local keys; one without a row is left out."""
        return {key: cell for key, (cell,) in self.shared_rows(via, keys, [(via.column, part)]).items()}

    def shared_rows(
        self, via: Join, keys: Iterable[Cell], columns: Sequence[tuple[str, Part | None]]
    ) -> dict[Cell, tuple[Cell, ...]]:
        """Return the cells of joined columns, or parts of them, by local key; a key without a row is left out."""
        if via.through is not None:
            ways = self.shared_cells(via.through, keys)
            found = self.shared_rows(replace(via, through=None), ways.values(), columns)
            return {key: found[end] for key, end in ways.items() if end in found}
        wanted = sorted({key for key in keys if isinstance(key, int)})
        cells = ", ".join(value_of("t", column, part) for column, part in columns)
        picked = f"t.{quote(via.by)}, {cells} FROM {quote(via.relation)} AS t"
        of_task, bound = ("", ()) if via.task is None else ("t.task = ? AND", (via.task,))
        rows: dict[Cell, tuple[Cell, ...]] = {}
        for start in range(0, len(wanted), _KEYS_A_QUERY):
            listed = ",".join(map(str, wanted[start : start + _KEYS_A_QUERY]))
            queried = self.query(f"SELECT {picked} WHERE {of_task} t.{quote(via.by)} IN ({listed})", bound)
            rows.update((row[0], row[1:]) for row in queried)
        return rows


def _is_long(cell: Cell) -> bool:
    match cell:
        case str() | bytes():
            return len(cell) > CLIP
        case UndecodableText(raw=raw):
            return len(raw) > CLIP
        case _:
            return False


def _clipped(whole: str) -> Clipped:
    return Clipped(whole[:CLIP], len(whole.encode("utf-8", "surrogatepass")))


def _start(cut: str | bytes | UndecodableText) -> str | bytes | UndecodableText:
    """Return the first :data:`CLIP` characters or bytes of a value that may be cut through a character."""
    if not isinstance(cut, UndecodableText):
        return cut[:CLIP]
    for missing in range(4):
        with contextlib.suppress(UnicodeDecodeError):
            return cut.raw[: len(cut.raw) - missing].decode("utf-8")[:CLIP]
    return UndecodableText(cut.raw[:CLIP])


def _of_keys(relation: Relation, keys: Sequence[int]) -> str:
    return f"{rows_of(relation)} WHERE {key_of(relation)} IN ({','.join(str(int(key)) for key in keys)})"


def _local_columns(columns: Sequence[Column]) -> list[Column]:
    """Return what to read of the rows themselves: what stands there, and the keys that joined columns are found by."""
    return list(dict.fromkeys(column if column.via is None else Column(column.via.key) for column in columns))


def _picked(column: Column, clip: bool) -> str:
    return beginning(column.name, CLIP) if clip and column.part is None else operand_of(column)


def _pick(picks: Sequence[tuple[str, Mapping[Cell, Cell] | None]], cells: Mapping[str, Cell]) -> tuple[Cell, ...]:
    return tuple(
        [
            cells[name] if shared is None else shared.get(key) if isinstance(key := cells[name], int) else None
            for name, shared in picks
        ]
    )
