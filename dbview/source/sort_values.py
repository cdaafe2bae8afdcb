"""Say in SQL what rows are sorted by; every comparison of rows, wherever it takes place, is one of these values.

Numbers come first, by value, a text that spells one among them; then other texts, letter case ignored; then blobs: that
is how SQLite compares values of different storage classes (https://sqlite.org/datatype3.html, section 4.1). NULL is
last in either direction, and rows that are equal keep their natural order.
"""

from __future__ import annotations

from collections.abc import Sequence

from dbview.query.relation import Column, Relation
from dbview.query.resolve import number_of
from dbview.source.functions import fold
from dbview.source.reader import Reader
from dbview.source.rows import KeyRange, rows_of, within
from dbview.text import decode_escaped
from dbview.values import Cell, UndecodableText
from recorder.layout.tables import quote

Sort = Sequence[tuple[Column, bool]]
"""Columns to sort by, the first decides, each with whether it descends."""

SortValue = int | float | str | bytes | None

CHARACTERS = 1_000
"""Characters of a text, or bytes of a blob, that decide its place."""

_SORT_TEXT = "sort_text"
_SHARED_VALUE = "shared_value_"

_MAY_SPELL_A_NUMBER = "0-9+.iI \t-\r\x1c-\x1f-"
"""Characters, as GLOB lists them, with which a text must begin to spell a number."""
_DATE = "[0-9]???-??-*"
"""Texts of this form spell no number."""


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
        self.expressions = [self._expression(place, column) for place, (column, _) in enumerate(sort)]
        # An empty text comes as NULL: substr() makes that of an empty blob.
        reader.register_function(
            _SORT_TEXT, lambda raw: _of_text((raw or b"").decode(reader.encoding, "backslashreplace"))
        )

    @property
    def descends(self) -> bool:
        """Whether the column that decides first descends."""
        return self._sort[0][1]

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

    def prepare(self, step: KeyRange) -> None:
        """Look up what the rows of a key range need of other relations; the expressions do not join."""
        for place, known in self._shared.items():
            via = self._sort[place][0].via
            if via is not None:
                key = f"t.{quote(via.key)}"
                sql = f"SELECT DISTINCT {key} FROM {rows_of(self._relation)} WHERE {within(self._relation, step)}"
                unknown = {found for (found,) in self._reader.query(sql) if found not in known}
                for found, cell in self._reader.shared_cells(via, unknown).items():
                    known[found] = _of_cell(cell)

    def _expression(self, place: int, column: Column) -> str:
        if column.via is None:
            return _stored(f"t.{quote(column.name)}")
        known = self._shared.setdefault(place, {})
        self._reader.register_function(f"{_SHARED_VALUE}{place}", lambda key: known.get(key))
        key = f"t.{quote(column.via.key)}"
        return f"CASE typeof({key}) WHEN 'integer' THEN {_SHARED_VALUE}{place}({key}) END"


def _stored(value: str) -> str:
    """Return the SQL expression for what a stored value is sorted by.

    Most texts are short, ASCII and no number: for those SQLite's own functions give the same as ours, much sooner. As
    many characters as bytes tell that there is neither a character outside ASCII nor a NUL.
    """
    raw = f"CAST({value} AS BLOB)"
    is_simple = f"length({value}) = length({raw}) AND length({raw}) <= {CHARACTERS}"
    is_no_number = f"({value} GLOB '[^{_MAY_SPELL_A_NUMBER}]*' OR {value} GLOB '{_DATE}')"
    ours = f"{_SORT_TEXT}(substr({raw}, 1, {4 * CHARACTERS}))"
    text = f"CASE WHEN {is_simple} AND {is_no_number} THEN lower({value}) ELSE {ours} END"
    # substr() would make NULL of an empty blob.
    blob = f"CASE WHEN length({value}) > {CHARACTERS} THEN substr({value}, 1, {CHARACTERS}) ELSE {value} END"
    return f"CASE typeof({value}) WHEN 'text' THEN {text} WHEN 'blob' THEN {blob} ELSE {value} END"


def _of_text(text: str) -> int | float | str:
    beginning = text[:CHARACTERS]
    number = number_of(beginning.strip())
    return fold(beginning) if number is None else number


def _of_cell(cell: Cell) -> SortValue:
    match cell:
        case str():
            return _of_text(cell)
        case UndecodableText(raw=raw):
            return _of_text(decode_escaped(raw))
        case bytes():
            return cell[:CHARACTERS]
        case int() | float():
            return cell
        case _:
            return None
