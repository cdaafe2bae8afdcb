r"""Read regular expressions: text to a tree. ``dbview.query.automaton`` searches with it, in linear time.

alternatives = sequence { "|" sequence }
sequence     = { item [repeat] }
item         = character | "." | class | "\d" and the like | "^" | "$" | "\b" | "(" alternatives ")"
repeat       = ("*" | "+" | "?" | "{" [least] [","] [most] "}") ["?"]

What would need backtracking (references to groups, looking ahead or behind, possessive repeats) is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from dbview.errors import FilterError
from dbview.query.expression_tree import Alternatives, Characters, Edge, Expression, Repeat, Sequence, Tree, is_word

MAX_LENGTH = 1_000
"""Longest expression, in characters."""

MAX_REPEAT = 1_000
"""Greatest number in a repeat."""

MAX_DEPTH = 50
"""Deepest nesting of groups."""


_ANY = Characters(negated=True)
_KINDS = {"d": str.isdecimal, "w": is_word, "s": str.isspace}
_EDGES = {"b": Edge.WORD, "B": Edge.NO_WORD, "A": Edge.START, "Z": Edge.END}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})")
_COUNTS = re.compile(r"\{(\d{1,6})\}|\{(\d{0,6}),(\d{0,6})\}")
_SIGNS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def read_expression(text: str) -> Expression:
    """Return the tree of a regular expression; letter case is ignored unless it begins with ``(?-i)``.

    Raises:
        FilterError: It makes no sense, or is not supported; the position is that in the expression.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(f"an expression has at most {MAX_LENGTH} characters", MAX_LENGTH)
    reader = _Reader(text)
    ignores_case = not reader.take("(?-i)")
    reader.take("(?i)")
    tree = reader.alternatives()
    if not reader.at_end:
        reader.fail("this ) has no ( before it")
    return Expression(tree, ignores_case)


class _Reader:
    """Reads from the left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    def fail(self, message: str, position: int | None = None) -> NoReturn:
        raise FilterError(message, self.position if position is None else position)

    def take(self, text: str) -> bool:
        if not self.text.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def next(self) -> str:
        character = self.text[self.position]
        self.position += 1
        return character

    def alternatives(self) -> Tree:
        choices = [self.sequence()]
        while self.take("|"):
            choices.append(self.sequence())
        return choices[0] if len(choices) == 1 else Alternatives(tuple(choices))

    def sequence(self) -> Tree:
        items: list[Tree] = []
        while not self.at_end and self.text[self.position] not in "|)":
            items.append(self.repeated())
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeated(self) -> Tree:
        start = self.position
        item = self.item()
        counts = self.counts()
        if counts is None:
            return item
        if isinstance(item, Edge):
            self.fail("there is nothing to repeat here", start)
        # Whether as many or as few as possible are tried first makes no difference to whether there is a match.
        self.take("?")
        if not self.at_end and (self.text[self.position] in "*+?" or _COUNTS.match(self.text, self.position)):
            self.fail("one repeat cannot follow another; put the first one in a group")
        return Repeat(item, *counts)

    def counts(self) -> tuple[int, int | None] | None:
        if not self.at_end and self.text[self.position] in _SIGNS:
            return _SIGNS[self.next()]
        found = _COUNTS.match(self.text, self.position)
        if found is None or found[0] == "{,}":
            return None
        least, most = (found[1], found[1]) if found[1] else (found[2] or "0", found[3])
        if max(int(least), int(most or 0)) > MAX_REPEAT:
            self.fail(f"an expression repeats at most {MAX_REPEAT} times")
        if most and int(least) > int(most):
            self.fail("the smaller number goes first")
        self.position = found.end()
        return int(least), int(most) if most else None

    def item(self) -> Tree:
        start = self.position
        character = self.next()
        match character:
            case "(":
                return self.group(start)
            case "[":
                return self.set(start)
            case "\\":
                return self.escape(start)
            case ".":
                return _ANY
            case "^" | "$":
                return Edge(character)
            case "*" | "+" | "?":
                self.fail("there is nothing to repeat here", start)
        return Characters(frozenset(character))

    def group(self, start: int) -> Tree:
        if not self.take("?:") and self.take("?"):
            self.fail("of the groups with (? there is only (?:", start)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("the expression is nested too deeply", start)
        tree = self.alternatives()
        self.depth -= 1
        if not self.take(")"):
            self.fail("the ( here is never closed", start)
        # As a sequence, so that a group of an edge can be repeated.
        return Sequence((tree,))

    def escape(self, start: int) -> Characters | Edge:
        if not self.at_end and self.text[self.position] in _EDGES:
            return _EDGES[self.next()]
        return self.escaped_characters(start)

    def escaped_characters(self, start: int) -> Characters:
        if self.at_end:
            self.fail("a character is missing after the \\", start)
        if code := _CODE.match(self.text, self.position):
            self.position = code.end()
            return Characters(frozenset(chr(int(code[1] or code[2], 16))))
        character = self.next()
        if kind := _KINDS.get(character.lower()):
            return Characters(kinds=(kind,), negated=character.isupper())
        if character in _CONTROLS:
            return Characters(frozenset(_CONTROLS[character]))
        if character.isalnum():
            self.fail(f"\\{character} is not supported", start)
        return Characters(frozenset(character))

    def set(self, start: int) -> Characters:
        negated = self.take("^")
        single: set[str] = set()
        ranges: list[tuple[str, str]] = []
        kinds: list[Callable[[str], bool]] = []
        is_first = True
        while is_first or not self.take("]"):
            is_first = False
            place = self.position
            low = self.member(start)
            if self.text.startswith("-", self.position) and not self.text.startswith("-]", self.position):
                self.next()
                high = self.member(start)
                ranges.append((self.one(low, place), self.one(high, place)))
                if ranges[-1][0] > ranges[-1][1]:
                    self.fail("the smaller end of a range goes first", place)
            elif low.kinds:
                kinds.append(_without(low.kinds[0]) if low.negated else low.kinds[0])
            else:
                single |= low.single
        return Characters(frozenset(single), tuple(ranges), tuple(kinds), negated)

    def member(self, start: int) -> Characters:
        if self.at_end:
            self.fail("the [ here is never closed", start)
        place = self.position
        character = self.next()
        return self.escaped_characters(place) if character == "\\" else Characters(frozenset(character))

    def one(self, member: Characters, place: int) -> str:
        if member.kinds:
            self.fail("a range goes from one character to another", place)
        return next(iter(member.single))


def _without(kind: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda character: not kind(character)
