"""Render conditions as SQL: the one place where a filter becomes text and bindings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dbview.query.conditions import (
    AllOf,
    AnyOf,
    Check,
    ColumnIs,
    Condition,
    Contains,
    Except,
    Matches,
    NumberCompares,
    Present,
    Somewhere,
    TextCompares,
    TextEquals,
)
from dbview.query.relation import Column, Join, Relation
from dbview.source import functions
from recorder.layout.tables import quote

KeysPassing = Callable[[Join, Check], str]
"""Returns an SQL condition that holds for the local keys whose joined column passes a check."""

_LONGEST_LIKE = 1_000
_LIKE_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class Rendering:
    """Collects the bindings while conditions are rendered.

    Args:
        keys_passing: Evaluates a check on a joined column; the scan itself never joins.

    Attributes:
        bindings: Values by parameter name, for the SQL that :meth:`condition` returned.
    """

    def __init__(self, relation: Relation, keys_passing: KeysPassing) -> None:
        self._relation = relation
        self._keys_passing = keys_passing
        self.bindings: dict[str, Any] = {}

    def condition(self, condition: Condition) -> str:
        """Return an SQL expression, parenthesised, that is true exactly for the rows that fulfil a condition."""
        match condition:
            case AllOf(parts=parts):
                return _balanced([self.condition(part) for part in parts], "AND")
            case AnyOf(parts=parts):
                return _balanced([self.condition(part) for part in parts], "OR")
            case Except(part=part):
                return f"({self.condition(part)} IS NOT TRUE)"
            case ColumnIs(column=column, check=check):
                return self._column(column, check)
            case Somewhere(check=check):
                return self._somewhere(check)

    def _column(self, column: Column, check: Check) -> str:
        if column.via is not None:
            return self._keys_passing(column.via, check)
        return self.check(f"t.{quote(column.name)}", check)

    def _somewhere(self, check: Contains | Matches) -> str:
        return _balanced([self._column(column, check) for column in self._relation.columns], "OR")

    def check(self, operand: str, check: Check) -> str:
        """Return an SQL expression, parenthesised, that is true if an operand passes a check; false or NULL if not."""
        match check:
            case Present():
                return f"({operand} IS NOT NULL)"
            case NumberCompares(operator=operator, number=number):
                return self._number(operand, operator, number)
            case TextCompares(operator=operator, text=text):
                return f"(typeof({operand}) = 'text' AND {operand} {operator} {self.bind(text)})"
            case TextEquals(text=text, exact_case=exact_case):
                return self._text_equals(operand, text, exact_case)
            case Contains(text=text):
                return self._contains(operand, text)
            case Matches(pattern=pattern):
                return self._matches(operand, pattern)

    def _number(self, operand: str, operator: str, number: int | float) -> str:
        # A comparison with a NUMERIC operand makes numbers of texts that spell one (https://sqlite.org/datatype3.html,
        # section 4.2). What stays a text or a blob sorts after every number, so it fails the test against infinity.
        bound = f"CAST({self.bind(number)} AS NUMERIC)"
        return f"({operand} {operator} {bound} AND {operand} <= CAST(9e999 AS NUMERIC))"

    def _text_equals(self, operand: str, text: str, exact_case: bool) -> str:
        if exact_case:
            return f"({_text_of(operand)} = {self.bind(text)})"
        if text.isascii():
            return f"({_text_of(operand)} = {self.bind(text)} COLLATE NOCASE)"
        return self._function(functions.FOLDED_EQUAL, operand, functions.fold(text))

    def _contains(self, operand: str, text: str) -> str:
        if not text.isascii() or len(text) > _LONGEST_LIKE or "\x00" in text:
            return self._function(functions.FOLDED_CONTAINS, operand, functions.fold(text))
        return self._like(operand, f"%{text.translate(_LIKE_SPECIAL)}%")

    def _matches(self, operand: str, pattern: str) -> str:
        if not pattern.isascii() or len(pattern) > _LONGEST_LIKE or "\x00" in pattern:
            return self._function(functions.FOLDED_LIKE, operand, functions.fold(pattern))
        return self._like(operand, pattern.translate(_LIKE_SPECIAL).replace("*", "%").replace("?", "_"))

    def _like(self, operand: str, pattern: str) -> str:
        return f"({_text_of(operand)} LIKE {self.bind(pattern)} ESCAPE '\\')"

    def _function(self, name: str, operand: str, argument: str) -> str:
        return f"{name}(CAST({_text_of(operand)} AS BLOB), {self.bind(argument)})"

    def bind(self, value: Any) -> str:
        """Return the parameter that stands for a value."""
        name = f"v{len(self.bindings)}"
        self.bindings[name] = value
        return f":{name}"


def _text_of(operand: str) -> str:
    """Return SQL for a cell's text: numbers by their shortest exact text, blobs as the text their bytes spell."""
    return (
        f"CASE typeof({operand}) WHEN 'real' THEN {functions.NUMBER_TEXT}({operand}) ELSE CAST({operand} AS TEXT) END"
    )


def _balanced(parts: Sequence[str], operator: str) -> str:
    """Return parts joined as a balanced tree: SQLite refuses an expression more than 1,000 levels deep."""
    if len(parts) <= 1:
        return parts[0] if parts else "(0)"
    middle = len(parts) // 2
    return f"({_balanced(parts[:middle], operator)} {operator} {_balanced(parts[middle:], operator)})"
