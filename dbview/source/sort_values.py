"""Say in SQL what rows are sorted by; every comparison of rows, wherever it takes place, is one of these values.

Numbers come first, by value, a text that spells one among them; then other texts, letter case ignored; then blobs. NULL
is last in either direction, and rows that are equal keep their natural order.

A value is a number, NULL, or the bytes that a text or a blob goes by. Numbers before blobs is how SQLite compares
values of different storage classes (https://sqlite.org/datatype3.html, section 4.1); bytes it compares as Python does,
whatever the database's encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbview.query.relation import Column, Relation
from dbview.query.resolve import number_of
from dbview.source.functions import fold
from dbview.source.parts import operand_of
from dbview.source.reader import Reader
from dbview.source.rows import KeyRange, rows_of, within
from dbview.text import decode_escaped
from dbview.values import Cell, UndecodableText
from recorder.layout.tables import quote

Sort = Sequence[tuple[Column, bool]]
"""Columns to sort by, the first decides, each with whether it descends."""

SortValue = int | float | bytes | None

CHARACTERS = 1_000
"""Characters of a text, or bytes of a blob, that decide its place."""

_SORT_TEXT = "sort_text"
_SORT_BLOB = "sort_blob"
_SORT_VALUE = "sort_value"
_SHARED_VALUE = "shared_value_"

_SPELL_NO_NUMBER = (("/", "0"), (":", "I"), ("J", "i"), ("j", "\x7f"))
"""ASCII texts from one to before the other spell no number: none begins with a digit, a sign, a space or ``inf``."""
_DATE = "[0-9]???-??-*"
"""Texts of this form spell no number."""

_AFTER_TEXTS = b"\xff"
"""No text in UTF-8 begins with this, and all are before it."""
_LAST, _LAST_TEXT = "last_value", "last_text"


class SortValues:
    """The values that the rows of a relation are sorted by.

    Args:
        reader: Whose queries will use the expressions.
        relation: What is sorted.
        sort: What to sort by.

    Attributes:
        names: What the values are called, one for each column.
        expressions: SQL for them.
    """

    def __init__(self, reader: Reader, relation: Relation, sort: Sort) -> None:
        self._reader = reader
        self._relation = relation
        self._sort = sort
        self._shared: dict[int, dict[Cell, SortValue]] = {}
        self.names = [f"value_{place}" for place in range(len(sort))]
        ((encoding,),) = reader.query("PRAGMA encoding")
        self._is_utf_8 = encoding == "UTF-8"
        self.expressions = [self._expression(place, column) for place, (column, _) in enumerate(sort)]
        # An empty value comes as NULL: substr() makes that of an empty blob.
        reader.register_function(_SORT_TEXT, lambda raw: _of_text((raw or b"").decode(encoding, "backslashreplace")))
        reader.register_function(_SORT_VALUE, _of_cell)
        reader.register_function(_SORT_BLOB, lambda raw: _AFTER_TEXTS + (raw or b""))

    @property
    def directions(self) -> list[bool]:
        """Whether each column descends."""
        return [descends for _, descends in self._sort]

    @property
    def picked(self) -> list[str]:
        """What to select, after the key, to get the values by their names."""
        return [f"{expression} AS {name}" for expression, name in zip(self.expressions, self.names, strict=True)]

    @property
    def ordering(self) -> str:
        """ORDER BY for a query of the key, and maybe more, that knows the values by their names."""
        directions = ("DESC" if descends else "ASC" for _, descends in self._sort)
        terms = [f"{name} {direction} NULLS LAST" for name, direction in zip(self.names, directions, strict=True)]
        return f"ORDER BY {', '.join([*terms, '1 DESC'])}"

    def before(self, last: SortValue, *, or_equal: bool) -> tuple[str, dict[str, Any]]:
        """Return the SQL condition for rows that may come before one with this first value, with its bindings.

        With ``or_equal`` a row with that same value may, too; it may in any case if other columns decide then.
        """
        column, descends = self._sort[0]
        operator = (">" if descends else "<") + ("=" if or_equal or len(self._sort) > 1 else "")
        exact = f"{self.expressions[0]} {operator} :{_LAST}"
        if column.via is not None or column.part is not None:
            return exact, {_LAST: last}
        # Most rows are told apart by a cheaper comparison of what is stored.
        value = f"t.{quote(column.name)}"
        if not isinstance(last, bytes):
            return f"({value} {operator} :{_LAST} OR {_is_text_or_blob(value)}) AND {exact}", {_LAST: last}
        try:
            text = last.decode()
        except UnicodeDecodeError:
            return exact, {_LAST: last}
        cheaper = f"({value} COLLATE NOCASE {operator} :{_LAST_TEXT} OR NOT ({_is_plain(value)}))"
        return f"{cheaper} AND {exact}", {_LAST: last, _LAST_TEXT: text}

    def prepare(self, step: KeyRange) -> None:
        """Look up what the rows of a key range need of other relations; the expressions do not join."""
        for place, known in self._shared.items():
            column = self._sort[place][0]
            if (via := column.via) is not None:
                key = f"t.{quote(via.key)}"
                sql = f"SELECT DISTINCT {key} FROM {rows_of(self._relation)} WHERE {within(self._relation, step)}"
                unknown = {found for (found,) in self._reader.query(sql) if found not in known}
                for found, cell in self._reader.shared_cells(via, unknown, column.part).items():
                    known[found] = _of_cell(cell)

    def _expression(self, place: int, column: Column) -> str:
        if column.part is None and column.via is None:
            return _stored(f"t.{quote(column.name)}", self._is_utf_8)
        if column.via is None or column.via.through is not None or not column.via.leads_to_shared_rows:
            return f"{_SORT_VALUE}({operand_of(column)})"
        known = self._shared.setdefault(place, {})
        self._reader.register_function(f"{_SHARED_VALUE}{place}", lambda key: known.get(key))
        key = f"t.{quote(column.via.key)}"
        return f"CASE typeof({key}) WHEN 'integer' THEN {_SHARED_VALUE}{place}({key}) END"


def _stored(value: str, is_utf_8: bool) -> str:
    """Return the SQL expression for what a stored value is sorted by."""
    text = f"{_SORT_TEXT}(substr(CAST({value} AS BLOB), 1, {4 * CHARACTERS}))"
    plain = f"WHEN {_is_plain(value)} THEN CAST(lower({value}) AS BLOB)" if is_utf_8 else ""
    blob = f"{_SORT_BLOB}(substr({value}, 1, {CHARACTERS}))"
    either = f"CASE WHEN {value} >= x'' THEN {blob} {plain} ELSE {text} END"
    return f"CASE WHEN {_is_text_or_blob(value)} THEN {either} ELSE {value} END"


def _is_text_or_blob(value: str) -> str:
    # Much cheaper than typeof(). The column may have a collation of its own, which need not even be known here.
    return f"{value} >= '' COLLATE BINARY"


def _is_plain(value: str) -> str:
    """Return the SQL condition for a text that is short, ASCII and no number.

    Most are; for those SQLite's own functions give the same as ours, much sooner. As many characters as bytes tell that
    there is neither a character outside ASCII nor a NUL.
    """
    # Comparing is much cheaper than GLOB with the characters that may begin a number.
    ranges = [
        f"{value} >= '{low}' COLLATE BINARY AND {value} < '{high}' COLLATE BINARY" for low, high in _SPELL_NO_NUMBER
    ]
    is_no_number = f"({' OR '.join(ranges)} OR {value} GLOB '{_DATE}')"
    is_ascii = f"length({value}) = length(CAST({value} AS BLOB))"
    return f"{is_ascii} AND length({value}) <= {CHARACTERS} AND {is_no_number}"


def _of_text(text: str) -> int | float | bytes:
    beginning = text[:CHARACTERS]
    number = number_of(beginning.strip())
    return fold(beginning).encode("utf-8", "backslashreplace") if number is None else number


def _of_cell(cell: Cell) -> SortValue:
    match cell:
        case str():
            return _of_text(cell)
        case UndecodableText(raw=raw):
            return _of_text(decode_escaped(raw))
        case bytes():
            return _AFTER_TEXTS + cell[:CHARACTERS]
        case int() | float():
            return cell
        case _:
            return None
