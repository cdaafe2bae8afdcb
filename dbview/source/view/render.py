"""Render conditions as SQL: the one place where a filter becomes text and bindings."""

from __future__ import annotations

import re
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
    Finds,
    Matches,
    NewestOfRun,
    NumberCompares,
    Overdue,
    Present,
    Somewhere,
    TextCompares,
    TextEquals,
)
from dbview.query.relation import Column, Relation
from dbview.secrets import is_named_secret, may_have_secret
from dbview.source.view import functions
from dbview.source.view.masks import shown
from dbview.source.view.parts import operand_of, values_of
from recorder.layout.texts import MASK

KeysFulfilling = Callable[[Relation, ColumnIs | NewestOfRun], str]
"""Returns an SQL condition that holds for the rows of a relation that fulfil one that looks beyond the row itself."""

_LONGEST_LIKE = 1_000
_NOT_ASCII = "*[^\x01-\x7f]*"
_NUMBER_CHARACTERS = frozenset("0123456789.+-eEiInNfFaA*?")
"""Characters that a number's text, or a pattern for it, may have."""
_STAYS_IN_JSON = re.compile(r"[\w./-]+(?: [\w./-]+)*", re.ASCII)
"""Words that no mask has, and that stand in masked JSON as they stand in the value, whatever is around them."""
_LIKE_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class Rendering:
    """Collects the bindings while conditions are rendered.

    Args:
        keys_fulfilling: Evaluates conditions on shared rows and on other entries, which the scan does not look at.

    Attributes:
        bindings: Values by parameter name, for the SQL that :meth:`condition` returned.
    """

    def __init__(self, relation: Relation, keys_fulfilling: KeysFulfilling) -> None:
        self._relation = relation
        self._keys_fulfilling = keys_fulfilling
        self.bindings: dict[str, Any] = {}
        self._parameters: dict[tuple[type, Any], str] = {}

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
            case Overdue():
                return self._overdue(condition)
            case NewestOfRun():
                return self._keys_fulfilling(self._relation, condition)

    def _column(self, column: Column, check: Check) -> str:
        if column.via is not None and column.via.leads_to_shared_rows:
            return self._keys_fulfilling(self._relation, ColumnIs(column, check))
        if column.part is not None and column.part.is_pattern:
            parts = values_of("t", column.stored_name, column.part)
            return f"(EXISTS (SELECT 1 FROM {parts} AS p WHERE {self.check('p.value', check)}))"
        return self._of_shown(column, check)

    def _of_shown(self, column: Column, check: Check) -> str:
        """Return the condition that what may be shown of a column's value passes a check."""
        value = operand_of(column)
        masked = shown(column, value)
        if masked == value or (_is_told_by_any_value(check) and not is_named_secret(column)):
            return self.check(value, check)
        passes = self.check(masked, check)
        if _is_told_by_value(check):
            # What the whole value lacks is not looked for in what may be shown of it, which takes far longer to make.
            return f"(CASE WHEN {self.check(value, check)} THEN {passes} ELSE FALSE END)"
        return passes

    def _somewhere(self, check: Contains | Matches) -> str:
        return _balanced([self._column(column, check) for column in self._relation.columns], "OR")

    def _overdue(self, condition: Overdue) -> str:
        since, seconds = operand_of(condition.since), operand_of(condition.seconds)
        age = f"(julianday({self.bind(condition.now)}) - julianday({since})) * 86400"
        # A limit of 0 is none, as the recorder reads it.
        return f"(typeof({since}) = 'text' AND {seconds} > 0 AND {age} > CAST({seconds} AS REAL))"

    def check(self, operand: str, check: Check) -> str:
        """Return an SQL expression, parenthesised, that is true if an operand passes a check; false or NULL if not."""
        match check:
            case Present():
                return f"({operand} IS NOT NULL)"
            case NumberCompares(operator=operator, number=number):
                return self._number(operand, operator, number)
            case TextCompares(operator=operator, text=text):
                return f"(typeof({operand}) = 'text' AND {operand} {operator} {self.bind(text)})"
            case TextEquals(text=text, exact_case=exact_case, of_numbers=of_numbers):
                equals = self._text_equals(operand, text, exact_case)
                return equals if of_numbers else f"({operand} >= '' COLLATE BINARY AND {equals})"
            case Contains(text=text):
                return self._contains(operand, text)
            case Matches(pattern=pattern):
                return self._matches(operand, pattern)
            case Finds():
                return self._finds(operand, check)

    def _number(self, operand: str, operator: str, number: int | float) -> str:
        # A comparison with a NUMERIC operand makes numbers of texts that spell one (https://sqlite.org/datatype3.html,
        # section 4.2). What stays a text or a blob sorts after every number, so it fails the test against infinity.
        bound = f"CAST({self.bind(number)} AS NUMERIC)"
        return f"({operand} {operator} {bound} AND {operand} <= CAST(9e999 AS NUMERIC))"

    def _text_equals(self, operand: str, text: str, exact_case: bool) -> str:
        if exact_case:
            return f"({_text_of(operand, text)} = {self.bind(text)})"
        if text.isascii():
            # On the left it goes before any that the operand has inside.
            return f"({_text_of(operand, text)} COLLATE NOCASE = {self.bind(text)})"
        return self._folded(functions.FOLDED_EQUAL, operand, text)

    def _contains(self, operand: str, text: str) -> str:
        if not text.isascii() or not _suits_like(text):
            return self._folded(functions.FOLDED_CONTAINS, operand, text)
        return self._like(operand, text, f"%{text.translate(_LIKE_SPECIAL)}%")

    def _matches(self, operand: str, pattern: str) -> str:
        if not pattern.isascii() or not _suits_like(pattern):
            return self._folded(functions.FOLDED_LIKE, operand, pattern)
        return self._like(operand, pattern, pattern.translate(_LIKE_SPECIAL).replace("*", "%").replace("?", "_"))

    def _finds(self, operand: str, check: Finds) -> str:
        text = f"CAST({_exact_text(operand)} AS BLOB)"
        found = f"{functions.EXPRESSION_FOUND}({text}, {self.bind(check.expression)})"
        # Most texts need not be searched with the expression.
        return f"({self._contains(operand, check.required_text)} AND {found})" if check.required_text else f"({found})"

    def _like(self, operand: str, text: str, pattern: str) -> str:
        return f"({_text_of(operand, text)} LIKE {self.bind(pattern)} ESCAPE '\\')"

    def _folded(self, function: str, operand: str, text: str) -> str:
        folded = functions.fold(text)
        operand = _text_of(operand, text)
        call = f"{function}(CAST({operand} AS BLOB), {self.bind(folded)})"
        # What folds to other letters than ASCII has such letters itself: most cells need not be folded.
        return call if folded.isascii() else f"({operand} GLOB {self.bind(_NOT_ASCII)} AND {call})"

    def bind(self, value: Any) -> str:
        """Return the parameter that stands for a value; the same for the same value, which may stand in any column."""
        known = self._parameters.get((type(value), value))
        if known is None:
            known = self._parameters[type(value), value] = f"v{len(self.bindings)}"
            self.bindings[known] = value
        return f":{known}"


def _is_told_by_any_value(check: Check) -> bool:
    """Tell whether a value passes a check as it does masked, unless all of it is a secret."""
    match check:
        case Present() | NumberCompares():
            # A mask makes no number, and takes no value away.
            return True
        case TextEquals(text=text):
            # What equals this has nothing to mask, and what is masked does not equal it.
            return MASK not in text and not may_have_secret(text.casefold())
        case _:
            return False


def _is_told_by_value(check: Check) -> bool:
    """Tell whether no value passes a check masked that does not pass it as it is."""
    match check:
        case TextEquals(text=text):
            return MASK not in text
        case Contains(text=text):
            return _STAYS_IN_JSON.fullmatch(text) is not None
        case _:
            return False


def _suits_like(text: str) -> bool:
    """Tell whether LIKE can look for a text: it ends at a NUL, and refuses patterns that are very long."""
    return len(text) <= _LONGEST_LIKE and "\x00" not in text


def _text_of(operand: str, wanted: str) -> str:
    """Return SQL for a cell's text: numbers by their shortest exact text, blobs as the text their bytes spell.

    Where the text looked for has a character that no number has, the exact text of a number does not matter.
    """
    return _exact_text(operand) if _NUMBER_CHARACTERS.issuperset(wanted) else f"CAST({operand} AS TEXT)"


def _exact_text(operand: str) -> str:
    number = f"{functions.NUMBER_TEXT}({operand})"
    return f"CASE typeof({operand}) WHEN 'real' THEN {number} ELSE CAST({operand} AS TEXT) END"


def _balanced(parts: Sequence[str], operator: str) -> str:
    """Return parts joined as a balanced tree: SQLite refuses an expression more than 1,000 levels deep."""
    if len(parts) <= 1:
        return parts[0] if parts else "(0)"
    middle = len(parts) // 2
    return f"({_balanced(parts[:middle], operator)} {operator} {_balanced(parts[middle:], operator)})"
