"""Search texts with a regular expression, in time proportional to the text.

An expression becomes a small program, all of whose ways through a text are followed at once (Thompson 1968). Which ways
are open is a state; where each character leads from a state is worked out once and kept, so that most characters cost
one look into a dictionary. How much is kept is bounded.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dbview.errors import FilterError
from dbview.query.expression import read_expression
from dbview.query.expression_tree import (
    Alternatives,
    Characters,
    Edge,
    Expression,
    Repeat,
    Sequence,
    Tree,
    is_word,
    required_text,
)

MAX_STEPS = 500
"""Most steps of an expression's program; bounded repeats are written out."""

LONGEST_TEXT = 50_000
"""Characters of a text that are searched: while a query runs, no writer can commit."""

_KEPT = 200_000
"""Open ways that are kept in all states together."""

_BETWEEN_QUESTIONS = 1_000
"""Characters."""


@dataclass(frozen=True, slots=True)
class _Fork:
    """Goes on at each of these steps."""

    ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    """The expression was found."""


_Step = Characters | Edge | _Fork | _Match
"""A step of the program; from all but a fork it goes on at the next."""


class _Beside(enum.Enum):
    """What stands beside a place in a text."""

    NOTHING = 0
    WORD = 1
    OTHER = 2


class Automaton:
    """Searches texts with one expression. For one thread at a time.

    Args:
        text: The expression.

    Attributes:
        required_text: ASCII text without which it is found nowhere, letter case not counted; may be empty.

    Raises:
        FilterError: It makes no sense, or is too large; the position is that in the expression.
    """

    def __init__(self, text: str) -> None:
        expression = read_expression(text)
        self.program = _program(expression)
        self.required_text = required_text(expression)
        self._ignores_case = expression.ignores_case
        self._states: dict[tuple[frozenset[int], _Beside], _State] = {}
        self._kept = 0
        self.found = _State(self, frozenset(), _Beside.OTHER)

    def is_in(self, text: str, is_unwanted: Callable[[], bool] = lambda: False) -> bool:
        """Tell whether the expression is found anywhere in the first :data:`LONGEST_TEXT` characters of a text.

        Args:
            text: What to search.
            is_unwanted: Asked now and then; if it says yes, the search ends and whatever it returns does not count.
        """
        state, found = self.state(frozenset((0,)), _Beside.NOTHING), self.found
        end = min(len(text), LONGEST_TEXT)
        for start in range(0, end, _BETWEEN_QUESTIONS):
            for character in text[start : min(start + _BETWEEN_QUESTIONS, end)]:
                state = state[character]
                if state is found:
                    return True
            if is_unwanted():
                return False
        return state.matches_at(_beside(text[end]) if end < len(text) else _Beside.NOTHING)

    def state(self, ways: frozenset[int], before: _Beside) -> _State:
        """Return the state in which these steps are open, after what stands before."""
        known = self._states.get((ways, before))
        if known is None:
            self.keep(len(ways))
            known = self._states[ways, before] = _State(self, ways, before)
        return known

    def keep(self, amount: int) -> None:
        """Count what is kept; if it is too much, forget all of it."""
        self._kept += amount
        if self._kept > _KEPT:
            self._states.clear()
            self._kept = amount

    def forms(self, character: str) -> frozenset[str]:
        """Return the forms of a character that count as it: its letter cases, if they do not matter."""
        return _letter_cases(character) if self._ignores_case else frozenset(character)


class _State(dict[str, "_State"]):
    """Where each character leads to, worked out when it is first met.

    Attributes:
        ways: The steps that are open.
        before: What the last character was.
    """

    __slots__ = ("_automaton", "_open", "before", "ways")

    def __init__(self, automaton: Automaton, ways: frozenset[int], before: _Beside) -> None:
        super().__init__()
        self._automaton = automaton
        self._open: dict[_Beside, frozenset[int] | None] = {}
        self.ways = ways
        self.before = before

    def __missing__(self, character: str) -> _State:
        automaton = self._automaton
        automaton.keep(1)
        after = _beside(character)
        ways = self._followed(after)
        if ways is None:
            state = automaton.found
        else:
            forms, program = automaton.forms(character), automaton.program
            further = {way + 1 for way in ways if _accepts(program[way], forms)}
            # A match may begin at every character.
            state = automaton.state(frozenset((0, *further)), after)
        self[character] = state
        return state

    def matches_at(self, after: _Beside) -> bool:
        """Tell whether the expression has been found, if this stands after it."""
        return self._followed(after) is None

    def _followed(self, after: _Beside) -> frozenset[int] | None:
        """Return the steps that wait for a character, all forks and edges passed; None if one has found a match."""
        if after not in self._open:
            self._open[after] = _follow(self._automaton.program, self.ways, self.before, after)
        return self._open[after]


def _follow(program: list[_Step], ways: Iterable[int], before: _Beside, after: _Beside) -> frozenset[int] | None:
    seen: set[int] = set()
    waiting: set[int] = set()
    todo = list(ways)
    while todo:
        way = todo.pop()
        if way in seen:
            continue
        seen.add(way)
        match program[way]:
            case Characters():
                waiting.add(way)
            case _Fork(ways=further):
                todo.extend(further)
            case Edge() as edge:
                if _holds(edge, before, after):
                    todo.append(way + 1)
            case _Match():
                return None
    return frozenset(waiting)


def _beside(character: str) -> _Beside:
    return _Beside.WORD if is_word(character) else _Beside.OTHER


def _holds(edge: Edge, before: _Beside, after: _Beside) -> bool:
    match edge:
        case Edge.START:
            return before is _Beside.NOTHING
        case Edge.END:
            return after is _Beside.NOTHING
        case Edge.WORD:
            return (before is _Beside.WORD) is not (after is _Beside.WORD)
        case Edge.NO_WORD:
            return (before is _Beside.WORD) is (after is _Beside.WORD)


def _accepts(step: _Step, forms: frozenset[str]) -> bool:
    return isinstance(step, Characters) and step.accept(forms)


def _letter_cases(character: str) -> frozenset[str]:
    upper = character.upper()
    forms = {character, character.lower(), upper, character.casefold(), upper.lower()}
    # ASCII letters are found by ASCII letters, as everywhere in filters.
    return frozenset(form for form in forms if len(form) == 1 and form.isascii() == character.isascii())


# Programs


def _program(expression: Expression) -> list[_Step]:
    program: list[_Step] = []
    _write(expression.tree, program, expression.ignores_case)
    program.append(_Match())
    return program


def _write(tree: Tree, program: list[_Step], ignores_case: bool) -> None:
    """Write the steps of a tree to the end of a program."""
    if len(program) > MAX_STEPS:
        raise FilterError(f"the expression is too large: with its repeats written out, more than {MAX_STEPS} steps", 0)
    match tree:
        case Characters(single=single) if ignores_case:
            program.append(_in_every_case(tree, single))
        case Characters() | Edge():
            program.append(tree)
        case Sequence(items=items):
            for item in items:
                _write(item, program, ignores_case)
        case Alternatives(choices=choices):
            _write_alternatives(choices, program, ignores_case)
        case Repeat():
            _write_repeat(tree, program, ignores_case)


def _in_every_case(tree: Characters, single: frozenset[str]) -> Characters:
    cases = frozenset().union(*map(_letter_cases, single))
    return Characters(cases, tree.ranges, tree.kinds, tree.negated)


def _write_alternatives(choices: tuple[Tree, ...], program: list[_Step], ignores_case: bool) -> None:
    fork = len(program)
    program.append(_Fork(()))
    starts, ends = [], []
    for choice in choices:
        starts.append(len(program))
        _write(choice, program, ignores_case)
        ends.append(len(program))
        program.append(_Fork(()))
    program[fork] = _Fork(tuple(starts))
    for end in ends:
        program[end] = _Fork((len(program),))


def _write_repeat(tree: Repeat, program: list[_Step], ignores_case: bool) -> None:
    def write_one() -> None:
        start = len(program)
        _write(tree.item, program, ignores_case)
        if len(program) == start:
            # Repeating what has no steps comes to an end as well.
            program.append(_Fork((start + 1,)))

    for _ in range(tree.least):
        write_one()
    if tree.most is None:
        fork = len(program)
        program.append(_Fork(()))
        write_one()
        program.append(_Fork((fork,)))
        program[fork] = _Fork((fork + 1, len(program)))
        return
    forks = []
    for _ in range(tree.most - tree.least):
        forks.append(len(program))
        program.append(_Fork(()))
        write_one()
    for fork in forks:
        program[fork] = _Fork((fork + 1, len(program)))
