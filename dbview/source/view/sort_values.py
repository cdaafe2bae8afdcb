"""Say what rows are sorted by; every comparison of rows, wherever it takes place, is one of these values.

Numbers come first, by value, among them texts that spell one for SQLite, and so for a filter; then other texts, letter
case ignored and characters outside ASCII after those inside; then blobs. NULL is last in either direction, and rows
that are equal keep their natural order.

A value is a number, NULL, or the bytes that a text or a blob goes by. Numbers before blobs is how SQLite compares
values of different storage classes (https://sqlite.org/datatype3.html, section 4.1). SQL only leaves out rows that
surely come later: the values are made here, many at once, which costs less than making each of them in SQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dbview.query.relation import Column, Relation, Role
from dbview.secrets import is_named_secret, masked_cell, secrets_are_shown
from dbview.source.reader import Reader
from dbview.source.view.functions import fold
from dbview.source.view.masks import shown
from dbview.source.view.parts import operand_of
from dbview.source.view.rows import KeyRange, rows_of, within
from dbview.values import Cell, UndecodableText, number_of
from recorder.layout.tables import quote

Sort = Sequence[tuple[Column, bool]]
"""Columns to sort by, the first decides, each with whether it descends."""

SortValue = int | float | bytes | None

CHARACTERS = 1_000
"""Characters of a text, or bytes of a blob, that decide its place."""

_AFTER_TEXTS = b"\xff"
"""No text in UTF-8 begins with this, and all are before it."""

_STAYS_OUTSIDE = {
    ord(letter): f"\x80{letter}"
    for letter in "\xdf\u0130\u017f\u01f0\u1e96\u1e97\u1e98\u1e99\u1e9a\u1e9e\u212a"
    "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
}
"""Folding would make ASCII of these. As they stay outside, texts stand as SQLite's NOCASE has them beside ASCII."""

_SPACES = " \t\n\v\f\r"
"""May stand around a number: those that SQLite passes over, too."""
_BEGINS_NO_NUMBER = re.compile(rb"(?>[ \t\n\v\f\r]*[+-]?[0-9]*\.?[0-9]*(?:e[+-]?[0-9]*)?[ \t\n\v\f\r]*).", re.DOTALL)
"""The shortest beginning of a text, letter case folded, that tells that it spells no number."""
_INFINITY = "CAST(9e999 AS NUMERIC)"
"""A comparison with it makes numbers of texts that spell one, and what stays a text or a blob comes after it."""

_PLAIN_BEGINNING = re.compile(rb"[\x01-\x7f]*")
_LAST = "last_value"


class SortValues:
    """The values that the rows of a relation are sorted by.

    Args:
        reader: Reads what is sorted.
        relation: What is sorted.
        sort: What to sort by.
    """

    def __init__(self, reader: Reader, relation: Relation, sort: Sort) -> None:
        self._reader = reader
        self._relation = relation
        self._sort = sort
        self._shared: dict[int, dict[Cell, SortValue]] = {
            place: {} for place, (column, _) in enumerate(sort) if _is_shared(column)
        }
        ((self._encoding,),) = reader.query("PRAGMA encoding")

    @property
    def directions(self) -> list[bool]:
        """Whether each column descends."""
        return [descends for _, descends in self._sort]

    @property
    def picked(self) -> list[str]:
        """What to select, after the key, so that :meth:`of` can tell the values."""
        return [_picked(column) for column, _ in self._sort]

    def of(self, rows: Sequence[tuple[Any, ...]]) -> list[list[SortValue]]:
        """Return the values of each column, for rows of a prepared key range: the key of each and what was picked."""
        return [self._of_column(place, [row[place + 1] for row in rows]) for place in range(len(self._sort))]

    def before(self, last: SortValue, *, or_equal: bool) -> tuple[str, dict[str, Any]]:
        """Return an SQL condition, with its bindings, for all rows that may come before one with this first value.

        With ``or_equal`` a row with that same value may, too; it may in any case if other columns decide then. The
        condition is cheap: it holds for some rows that come later as well.
        """
        column, descends = self._sort[0]
        or_equal = or_equal or len(self._sort) > 1
        value = f"t.{quote(column.name)}"
        if not _is_stored(column) or self._encoding != "UTF-8":
            return "TRUE", {}
        if not isinstance(last, bytes):
            operator = (">" if descends else "<") + ("=" if or_equal else "")
            # The column may have a collation of its own, which need not even be known here.
            texts = f"{value} >= '' COLLATE BINARY"
            others = texts if descends else f"({texts} AND {value} <= {_INFINITY})"
            return f"({value} {operator} :{_LAST} COLLATE BINARY OR {others})", {_LAST: last}
        found = _PLAIN_BEGINNING.match(last, 0, CHARACTERS - 1)
        plain = found.group().decode() if found else ""
        is_whole = len(plain) == len(last)
        if descends:
            # Numbers come after all texts, so only the letters count.
            if last[len(plain) :] >= b"\x80":
                plain += "\x7f"
            operator = ">" if is_whole and not or_equal else ">="
            return f"{value} COLLATE NOCASE {operator} :{_LAST}", {_LAST: plain}
        if is_whole:
            first = f"{plain}\x01" if or_equal else plain
        elif plain:
            # All with this beginning come before it. The end keeps SQLite from taking it for a number.
            first = f"{plain[:-1]}{chr(ord(plain[-1]) + 1)}\x01"
        else:
            return "TRUE", {}
        is_before = f"WHEN {value} COLLATE NOCASE < :{_LAST} THEN TRUE"
        return f"CASE {is_before} WHEN {value} > {_INFINITY} THEN FALSE ELSE {value} IS NOT NULL END", {_LAST: first}

    def prepare(self, step: KeyRange) -> None:
        """Look up what the rows of a key range need of shared rows; the query of the rows does not join."""
        for place, known in self._shared.items():
            column = self._sort[place][0]
            if (via := column.via) is not None:
                key = f"t.{quote(via.key)}"
                sql = f"SELECT DISTINCT {key} FROM {rows_of(self._relation)} WHERE {within(self._relation, step)}"
                unknown = {found for (found,) in self._reader.query(sql) if found not in known}
                cells = self._reader.shared_cells(via, unknown, column.part)
                shown_cells = [masked_cell(column, cell) for cell in cells.values()]
                known.update(zip(cells, _of_cells(shown_cells), strict=True))

    def _of_column(self, place: int, picked: list[Any]) -> list[SortValue]:
        if place in self._shared:
            return list(map(self._shared[place].get, picked))
        if not _is_stored(self._sort[place][0]):
            return _of_cells(picked)
        if self._encoding == "UTF-8":
            return _values(picked, _utf_8)
        return _values(picked, lambda raw: raw.decode(self._encoding, "backslashreplace"))


def _is_stored(column: Column) -> bool:
    """Tell whether the rows hold what they are sorted by themselves: no part of a text, and no mask of a secret."""
    is_masked = is_named_secret(column) or (column.role is Role.ENVIRONMENT and not secrets_are_shown())
    return column.via is None and column.part is None and not is_masked


def _is_shared(column: Column) -> bool:
    """Tell whether the rows of a step have few values, which are looked up once each."""
    return column.via is not None and column.via.through is None and column.via.leads_to_shared_rows


def _picked(column: Column) -> str:
    """Return the SQL expression that is selected for a column."""
    if _is_stored(column):
        return _beginning(f"t.{quote(column.name)}")
    if column.via is not None and _is_shared(column):
        return f"t.{quote(column.via.key)}"
    return shown(column, operand_of(column))


def _beginning(value: str) -> str:
    """Return the SQL expression for a stored value: a text by its bytes, and a blob by a text that begins with x."""
    # Comparing is much cheaper than typeof(). An empty value stays what it is: substr() makes NULL of an empty blob.
    blob = f"'x' || hex(substr({value}, 1, {CHARACTERS}))"
    text = f"substr(CAST({value} AS BLOB), 1, {4 * CHARACTERS})"
    either = f"CASE WHEN {value} >= x'' COLLATE BINARY THEN {blob} ELSE {text} END"
    return f"CASE WHEN {value} > '' COLLATE BINARY THEN {either} ELSE {value} END"


def _values(picked: Sequence[Any], text: Callable[[bytes], str]) -> list[SortValue]:
    """Return what picked values are sorted by, given how bytes become text."""
    kinds = set(map(type, picked))
    if kinds == {bytes}:
        return _of_texts(picked, text)
    if bytes not in kinds:
        return [_of_other(found) for found in picked] if str in kinds else list(picked)
    texts = iter(_of_texts([found for found in picked if type(found) is bytes], text))
    return [next(texts) if type(found) is bytes else _of_other(found) for found in picked]


def _of_other(found: Any) -> SortValue:
    if isinstance(found, str):
        return _AFTER_TEXTS + bytes.fromhex(found[1:]) if found else b""
    return found  # type: ignore[no-any-return]  # a number or NULL


def _of_texts(raws: Sequence[bytes], text: Callable[[bytes], str]) -> list[SortValue]:
    joined = b"\0".join(raws)
    if text is not _utf_8 or not joined.isascii() or joined.count(b"\0") >= len(raws):
        return [_of_text(text(raw)) for raw in raws]
    # Folding all at once takes a tenth of the time.
    folded = joined.lower().split(b"\0")
    # All are between the first and the last of them: what these two begin with, the others do, too.
    beginning = _BEGINS_NO_NUMBER.match(min(folded))
    if beginning and max(folded).startswith(beginning.group()):
        return list(folded) if max(map(len, folded)) <= CHARACTERS else [one[:CHARACTERS] for one in folded]
    return [one[:CHARACTERS] if _BEGINS_NO_NUMBER.match(one) else _of_text(one.decode()) for one in folded]


def _of_text(text: str) -> int | float | bytes:
    folded = fold(text[:CHARACTERS].translate(_STAYS_OUTSIDE)).encode("utf-8", "surrogatepass")
    if len(text) > CHARACTERS or _BEGINS_NO_NUMBER.match(folded):
        return folded
    number = number_of(text.strip(_SPACES))
    return folded if number is None else number


def _utf_8(raw: bytes) -> str:
    """Return text in UTF-8; of bytes that are none, something outside ASCII."""
    return raw.decode("utf-8", "surrogateescape")


def _of_cells(cells: Iterable[Cell]) -> list[SortValue]:
    """Return what cells that have been read are sorted by."""
    return _values([_as_picked(cell) for cell in cells], _utf_8)


def _as_picked(cell: Cell) -> Any:
    """Return a cell in the form in which stored values are picked."""
    match cell:
        case str():
            return cell.encode("utf-8", "surrogateescape") or ""
        case UndecodableText(raw=raw):
            return raw
        case bytes():
            return f"x{cell[:CHARACTERS].hex()}"
        case _:
            return cell
