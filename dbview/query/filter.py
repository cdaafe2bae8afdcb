"""Read the filter language: text to a tree that knows no table yet. The grammar is one page, ``docs/filters.md``.

filter  = any
any     = all { "or" all }
all     = one { ["and"] one }
one     = ("not" | "-") one | "(" any ")" | comparison | words
comparison    = name operator value
value   = literal { "," literal } | literal ".." literal
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from dbview.errors import FilterError
from dbview.query.signs import BARE_NAME, LIST_WORD, OPERATORS, PREFIX, QUOTED, WORD

MAX_DEPTH = 200
"""Deepest nesting of parentheses and ``not``."""

MAX_WORDS = 100
"""Most words of a filter: each is looked for in every column."""

MAX_VALUES = 1_000
"""Most values of a filter, in all its comparisons together."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A word or a quoted text, with the index at which it stands in the filter text."""

    text: str
    quoted: bool
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    """A column's name as typed: ``run``, ``p.run``, ``env.SLURM_JOB_ID``, ``"result.summary"``.

    Attributes:
        text: The name without prefix and quotes.
        prefix: What stands before a first dot, if it is one of ``p``, ``env``, ``summary``; else empty.
        quoted: True if the name was quoted: exactly this one, no alias and no wildcards.
    """

    text: str
    prefix: str
    quoted: bool
    position: int


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, both included."""

    low: Literal
    high: Literal


@dataclass(frozen=True, slots=True)
class Words:
    """A word or phrase that occurs anywhere in the entry."""

    literal: Literal


@dataclass(frozen=True, slots=True)
class Comparison:
    """One column compared with one of several values; for an operator that begins with ``!`` with none of them."""

    name: Name
    operator: str
    values: tuple[Literal | Range, ...]


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not that."""

    part: Node


Node = Words | Comparison | And | Or | Not
"""A filter as typed."""

_KEYWORD = re.compile(r"(?:and|or|not)(?=[\s()\"]|\Z)", re.IGNORECASE)
_RANGE = re.compile(r"(.+?)\.\.(.+)", re.DOTALL)
_HALF_RANGE = re.compile(r"\.\.[-+]?\d.*|.*\d\.\.")


def parse(text: str) -> Node | None:
    """Return the tree of a filter text, None for an empty one.

    Raises:
        FilterError: The text makes no sense; its position says from where on.
    """
    for position, character in enumerate(text):
        if "\ud800" <= character <= "\udfff":
            raise FilterError("this byte is not part of any text (it is not UTF-8)", position)
    parser = _Parser(text)
    parser.skip_space()
    if parser.at_end:
        return None
    node = parser.any_of()
    if not parser.at_end:
        parser.fail("this ) has no ( before it")
    return node


def quote_literal(text: str) -> str:
    """Return text as a quoted literal of the filter language."""
    return '"' + text.replace('"', '""') + '"'


class _Parser:
    """Reads from the left; the position only ever moves on, but for names that turn out to be words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self.words = 0
        self.values_read = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def fail(self, message: str, position: int | None = None) -> NoReturn:
        raise FilterError(message, self.position if position is None else position)

    def skip_space(self) -> None:
        while not self.at_end and self.text[self.position].isspace():
            self.position += 1

    def take(self, text: str) -> bool:
        if not self.text.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def take_keyword(self, *keywords: str) -> bool:
        found = _KEYWORD.match(self.text, self.position)
        if found is None or found[0].lower() not in keywords:
            return False
        self.position = found.end()
        self.skip_space()
        return True

    # Grammar

    def any_of(self) -> Node:
        parts = [self.all_of()]
        while self.take_keyword("or"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.one()]
        while not self.at_end and self.text[self.position] != ")" and not self._sees("or"):
            self.take_keyword("and")
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _sees(self, keyword: str) -> bool:
        found = _KEYWORD.match(self.text, self.position)
        return found is not None and found[0].lower() == keyword

    def one(self) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("the filter is nested too deeply")
        try:
            node = self._one()
            if not self.at_end and not any(sign.isspace() or sign in "()" for sign in self._around()):
                self.fail("a space is missing here")
            self.skip_space()
            return node
        finally:
            self.depth -= 1

    def _around(self) -> str:
        """Return the characters before and after the position."""
        return self.text[self.position - 1 : self.position + 1]

    def _one(self) -> Node:
        start = self.position
        if self.at_end or self.text[start] == ")" or self._sees("and") or self._sees("or"):
            self.fail("a condition is missing here" if start else "a condition is missing before this")
        if self.take_keyword("not"):
            return Not(self.one())
        if self.text[start] == "-" and start + 1 < len(self.text) and not self.text[start + 1].isspace():
            self.position += 1
            return Not(self.one())
        if self.take("("):
            self.skip_space()
            node = self.any_of()
            if not self.take(")"):
                self.fail("the ( here is never closed", start)
            return node
        comparison = self.comparison()
        if comparison is not None:
            return comparison
        self.words += 1
        if self.words > MAX_WORDS:
            self.fail(f"a filter takes at most {MAX_WORDS} words")
        return Words(self.literal(WORD))

    def comparison(self) -> Comparison | None:
        """Read ``name operator value``; None, at the same place as before, if what stands here is no comparison."""
        start = self.position
        name = self.name()
        if name is not None:
            self.skip_space()
            operator = next((symbol for symbol in OPERATORS if self.take(symbol)), None)
            if operator is not None:
                self.skip_space()
                return Comparison(name, operator, self.values(operator))
            if self.take("!"):
                self.fail("! is not an operator; to search for it, put the words in quotes", self.position - 1)
        self.position = start
        return None

    def name(self) -> Name | None:
        start = self.position
        prefix = PREFIX.match(self.text, start)
        if prefix and self.text.startswith('"', prefix.end()):
            self.position = prefix.end()
            return Name(self.quoted(), prefix[1], True, start)
        if self.text.startswith('"', start):
            return Name(self.quoted(), "", True, start)
        bare = BARE_NAME.match(self.text, start)
        if bare is None:
            return None
        self.position = bare.end()
        if prefix and prefix.end() < bare.end():
            return Name(bare[0][len(prefix[0]) :], prefix[1], False, start)
        return Name(bare[0], "", False, start)

    def values(self, operator: str) -> tuple[Literal | Range, ...]:
        values = [self.value(operator)]
        while self.take(","):
            if operator not in ("=", "!="):
                self.fail(
                    "a list of values goes with = and != only; put a text with commas in quotes", self.position - 1
                )
            values.append(self.value(operator))
        return tuple(values)

    def value(self, operator: str) -> Literal | Range:
        self.values_read += 1
        if self.values_read > MAX_VALUES:
            self.fail(f"a filter takes at most {MAX_VALUES} values")
        if self.text.startswith("(", self.position) and operator.endswith("~"):
            self.fail("an expression with parentheses, spaces or quotes goes in quotes")
        if self.at_end or self.text[self.position] in "()":
            self.fail('a value is missing here; for empty text write ""')
        if self.text[self.position] in "=<>!~":
            hint = "; = stands once" if self.text[self.position] == "=" else ""
            self.fail(f"an operator cannot stand here{hint}; a value that begins so goes in quotes")
        if operator.endswith("~"):
            return self.expression()
        literal = self.literal(LIST_WORD)
        if literal.quoted or operator not in ("=", "!="):
            return literal
        if _HALF_RANGE.fullmatch(literal.text):
            self.fail("a range needs both ends, as in 12..20; use < or > for one end", literal.position)
        found = _RANGE.fullmatch(literal.text)
        if found is None:
            return literal
        low = Literal(found[1], False, literal.position)
        return Range(low, Literal(found[2], False, literal.position + found.start(2)))

    def expression(self) -> Literal:
        literal = self.literal(WORD)
        if not literal.quoted and self.text.startswith("(", self.position):
            self.fail("an expression with parentheses, spaces or quotes goes in quotes", literal.position)
        return literal

    def literal(self, word: re.Pattern[str]) -> Literal:
        start = self.position
        if self.text.startswith('"', start):
            return Literal(self.quoted(), True, start)
        found = word.match(self.text, start)
        if found is None:
            self.fail("a value is missing here")
        self.position = found.end()
        return Literal(found[0], False, start)

    def quoted(self) -> str:
        found = QUOTED.match(self.text, self.position)
        if found is None:
            self.fail('the " here is never closed')
        self.position = found.end()
        return found[1].replace('""', '"')
