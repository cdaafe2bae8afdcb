"""What a regular expression says, as a tree."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass


class Edge(enum.Enum):
    """A condition on what stands before and after a place."""

    START = "^"
    END = "$"
    WORD = r"\b"
    NO_WORD = r"\B"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set.

    Attributes:
        single: Characters of the set.
        ranges: First and last characters of ranges of it.
        kinds: Tests for kinds of characters (digits, spaces) that belong to it.
        negated: True if it is any character but these.
    """

    single: frozenset[str] = frozenset()
    ranges: tuple[tuple[str, str], ...] = ()
    kinds: tuple[Callable[[str], bool], ...] = ()
    negated: bool = False

    def accept(self, forms: frozenset[str]) -> bool:
        """Tell whether a character is in the set, in one of its forms (its letter cases)."""
        is_there = not self.single.isdisjoint(forms) or any(
            any(low <= form <= high for low, high in self.ranges) or any(kind(form) for kind in self.kinds)
            for form in forms
        )
        return is_there is not self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One of several."""

    choices: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same several times; ``most`` is None for any number."""

    item: Tree
    least: int
    most: int | None


Tree = Characters | Edge | Sequence | Alternatives | Repeat
"""A regular expression."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression that was read."""

    tree: Tree
    ignores_case: bool


def required_text(expression: Expression) -> str:
    """Return the longest ASCII text without which the expression is found nowhere, letter case not counted."""
    items = expression.tree.items if isinstance(expression.tree, Sequence) else (expression.tree,)
    texts = [""]
    for item in items:
        character = _only_character(item)
        if character is None:
            texts.append("")
        else:
            texts[-1] += character
    return max(texts, key=len)


def _only_character(item: Tree) -> str | None:
    """Return the one ASCII character that an item stands for, None if it stands for anything else."""
    if not isinstance(item, Characters) or item.negated or item.ranges or item.kinds or len(item.single) != 1:
        return None
    (character,) = item.single
    return character if character.isascii() else None


def is_word(character: str) -> bool:
    """Tell whether a character is part of a word: a letter, a digit or ``_``."""
    return character.isalnum() or character == "_"
