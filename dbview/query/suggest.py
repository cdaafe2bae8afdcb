"""Suggest how a filter that is being typed may go on: columns, then operators, then values. Reads nothing itself."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dbview.errors import FilterError
from dbview.query.filter import Name, quote_literal
from dbview.query.names import ALIASES, PAIR, PARAMETER, VARIABLE, column_term, find_columns
from dbview.query.relation import Column, Form, Relation, Role
from dbview.query.signs import BARE_NAME, KEYWORDS, LIST_WORD, OPERATORS, PREFIX, QUOTED, WORD
from dbview.query.standing import STANDINGS
from dbview.summary import folded_name
from dbview.values import Cell
from recorder.layout.flatten import unspell

_USUAL_ORDER = ("=", *(sign for sign in OPERATORS if sign != "="))
"""The operators as they are suggested: that of most filters first."""

MOST = 50
"""Most suggestions."""

_WORDS = ("is:", "since:", "before:", "not ", "or ")

TIMES = ("1h", "1d", "2d", "1w")
"""Suggested after ``since:`` and ``before:``."""

Values = Callable[[Column], Iterable[Cell]]
"""Returns values that a column has, the likeliest first."""

PartNames = Callable[[Form], Iterable[str]]
"""Returns names of the parts that a relation's texts of a form have: of variables, of pairs."""


class Kind(enum.Enum):
    """What is being typed."""

    NAME = "name"
    OPERATOR = "operator"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may stand at the cursor.

    Attributes:
        kind: What is being typed there.
        start: Where it begins; the text from there to the cursor is replaced by a suggestion.
        texts: What may stand there, the likeliest first.
    """

    kind: Kind
    start: int
    texts: tuple[str, ...]


def suggest(relation: Relation, text: str, cursor: int, values: Values, part_names: PartNames) -> Suggestions:
    """Return how a filter may go on at the cursor; what is behind the cursor does not count.

    Args:
        relation: What is filtered.
        text: The filter as far as it is typed.
        cursor: Index of the character that the cursor is on.
        values: Asked only where a value is being typed.
        part_names: Asked only where a name with the prefix of a part is being typed.
    """
    typed = _typed(text[:cursor])
    if typed.kind is Kind.VALUE:
        texts = _values(relation, typed, values)
    elif typed.kind is Kind.OPERATOR:
        texts = iter(_USUAL_ORDER if typed.name and _first_column(relation, typed.name) else ())
    else:
        texts = _names(relation, typed.text, part_names)
    return Suggestions(typed.kind, typed.start, tuple(islice(dict.fromkeys(texts), MOST)))


# What is being typed


@dataclass(frozen=True, slots=True)
class _Typed:
    """The end of a text.

    Attributes:
        start: Where what is being typed begins.
        text: How far it is typed.
        name: The name that stands before it.
        operator: The operator between, if a value is being typed.
    """

    kind: Kind
    start: int
    text: str
    name: Name | None = None
    operator: str = ""


def _typed(text: str) -> _Typed:
    """Read a filter that may be cut anywhere; nothing in it is an error."""
    position = 0
    before: Name | None = None
    while True:
        while position < len(text) and _stands_between(text, position):
            before = before if text[position].isspace() else None
            position += 1
        if position == len(text):
            may_begin = position == 0 or text[-1].isspace() or text[-1] in "(-"
            kind = Kind.NAME if before is None and may_begin else Kind.OPERATOR
            return _Typed(kind, position, "", before)
        start = position
        name, position = _name(text, start)
        if name is None:
            return _Typed(Kind.NAME, start, text[start:])
        if position == len(text) and not name.quoted:
            return _Typed(Kind.NAME, start, text[start:])
        behind = _skip_space(text, position)
        operator = next((sign for sign in OPERATORS if text.startswith(sign, behind)), None)
        if operator is None:
            is_keyword = not name.quoted and name.text.lower() in KEYWORDS
            before, position = None if is_keyword else name, max(position, start + 1)
            continue
        before = None
        found = _value(text, behind + len(operator), operator)
        if isinstance(found, tuple):
            return _Typed(Kind.VALUE, found[0], found[1], name, operator)
        position = found


def _stands_between(text: str, position: int) -> bool:
    """Tell whether a space, a parenthesis or a ``-`` before a condition stands here."""
    is_first = position == 0 or text[position - 1].isspace() or text[position - 1] in "(-"
    return text[position].isspace() or text[position] in "()" or (text[position] == "-" and is_first)


def _skip_space(text: str, position: int) -> int:
    while position < len(text) and text[position].isspace():
        position += 1
    return position


def _name(text: str, start: int) -> tuple[Name | None, int]:
    """Read a name; None if its quotes are not closed."""
    prefix = PREFIX.match(text, start)
    opens = prefix.end() if prefix else start
    if text.startswith('"', opens):
        quoted = QUOTED.match(text, opens)
        if quoted is None:
            return None, len(text)
        return Name(quoted[1].replace('""', '"'), prefix[1] if prefix else "", True, start), quoted.end()
    bare = BARE_NAME.match(text, start)
    if bare is None:
        return Name("", "", False, start), start
    if prefix and prefix.end() < bare.end():
        return Name(bare[0][len(prefix[0]) :], prefix[1], False, start), bare.end()
    return Name(bare[0], "", False, start), bare.end()


def _value(text: str, position: int, operator: str) -> int | tuple[int, str]:
    """Read the values after an operator; return where they end, or start and text of the one that is being typed."""
    position = _skip_space(text, position)
    while True:
        start = position
        if text.startswith('"', start):
            quoted = QUOTED.match(text, start)
            position = quoted.end() if quoted else len(text)
            if quoted is None:
                return start, text[start:]
        else:
            word = (WORD if operator.endswith("~") else LIST_WORD).match(text, start)
            position = word.end() if word else start
            if position == len(text):
                start = max(start, text.rfind("..", start) + 2) if ".." in text[start:] else start
                return start, text[start:]
        if not text.startswith(",", position):
            return position
        position += 1


# What may stand there


def _names(relation: Relation, typed: str, part_names: PartNames) -> Iterator[str]:
    """Yield names that begin with what is typed, then what goes on behind a whole one, then names that contain it."""
    for prefix, form in ((VARIABLE, Form.VARIABLES), (PAIR, Form.PAIRS)):
        if typed.startswith(f"{prefix}."):
            rest = typed.removeprefix(f"{prefix}.").removeprefix('"')
            names = list(part_names(form))
            yield from _begun((_part_term(prefix, name) for name in names), f"{prefix}.", rest)
            alike = folded_name if form is Form.PAIRS else str
            if alike(rest) in map(alike, names) and not typed.endswith('"'):
                yield from (f"{typed}{operator}" for operator in _USUAL_ORDER)
            return
    folded = typed.removeprefix('"').casefold()
    named = list(_all_names(relation, typed))
    beginning = [term for name, term in named if name.casefold().startswith(folded)]
    yield from beginning
    if not typed.startswith('"') and _first_column(relation, Name(typed, "", False, 0)):
        yield from (f"{typed}{operator}" for operator in _USUAL_ORDER)
    if typed:
        yield from (term for name, term in named if folded in name.casefold())


def _all_names(relation: Relation, typed: str) -> Iterator[tuple[str, str]]:
    """Yield what columns are called, each with its term: short names, prefixes, words, parameters, all others."""
    for alias, role in ALIASES.items():
        if relation.of_role(role):
            yield alias, alias
    if relation.of_role(Role.ENVIRONMENT):
        yield f"{VARIABLE}.", f"{VARIABLE}."
    if relation.of_role(Role.SUMMARY):
        yield f"{PAIR}.", f"{PAIR}."
    yield from ((word, word) for word in _WORDS)
    folded = typed.removeprefix('"').casefold()
    matching = 0
    for column in (*relation.parameters, *relation.columns, *relation.beside):
        for name in dict.fromkeys((column.name, unspell(column.name), f"{PARAMETER}.{unspell(column.name)}")):
            # The term of each column takes a look at all others, so it is found for a few only.
            if folded in name.casefold() and matching < 2 * MOST:
                matching += 1
                yield name, column_term(relation, column)
                break


def _begun(terms: Iterable[str], prefix: str, rest: str) -> Iterator[str]:
    folded = rest.casefold()
    named = [(term.removeprefix(prefix).strip('"').casefold(), term) for term in terms]
    yield from (term for name, term in named if name.startswith(folded))
    yield from (term for name, term in named if folded in name)


def _part_term(prefix: str, name: str) -> str:
    is_plain = BARE_NAME.fullmatch(name) and not any(sign in name for sign in "*?")
    return f"{prefix}.{name if is_plain else quote_literal(name)}"


def _values(relation: Relation, typed: _Typed, values: Values) -> Iterator[str]:
    name = typed.name
    if name is None:
        return
    if typed.operator == ":" and not name.prefix and not name.quoted:
        special = {"is": tuple(STANDINGS), "since": TIMES, "before": TIMES}.get(name.text)
        if special is not None:
            yield from (word for word in special if word.startswith(typed.text.lower()))
            return
    column = _first_column(relation, name)
    if column is None or typed.operator.endswith("~"):
        return
    folded = typed.text.removeprefix('"').casefold()
    terms = [(term.strip('"').casefold(), term) for term in map(value_term, values(column)) if term]
    yield from (term for name, term in terms if name.startswith(folded))
    yield from (term for name, term in terms if folded in name)
    if typed.operator in ("=", "!=") and "null".startswith(folded):
        yield "null"


def value_term(cell: Cell) -> str | None:
    """Return the literal of a value in the filter language; None for one that none stands for."""
    match cell:
        case int() | float():
            return repr(cell)
        case str():
            return cell if _is_plain(cell) else quote_literal(cell)
        case _:
            return None


def _is_plain(text: str) -> bool:
    """Tell whether a text means itself without quotes."""
    has_signs = any(sign in text for sign in "*?") or ".." in text or text.lower() == "null"
    return LIST_WORD.fullmatch(text) is not None and not has_signs and text[0] not in "=<>!~"


def _first_column(relation: Relation, name: Name) -> Column | None:
    try:
        columns: Sequence[Column] = find_columns(relation, name)
    except FilterError:
        return None
    return columns[0]
