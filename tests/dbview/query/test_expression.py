"""Regular expressions: the same answers as Python's, whatever the expression in time proportional to the text."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dbview.errors import FilterError
from dbview.query.automaton import LONGEST_TEXT, Automaton

characters = st.sampled_from(["a", "b", "A", "é", "É", "7", "_", " ", "\n", "x"])
plain = ["a", "b", "é", "7", "A", " ", ".", r"\.", r"\n", r"\x41", r"\u00e9"]
kinds = [r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[ab]", "[^a]", "[a-x]", "[^a-b7]", r"[\d_]", r"[^\w]", r"[\Wé]"]
others = ["[]a]", "[a-]", r"[^\]]", "(?:)", "^", "$", r"\b", r"\B"]
atoms = st.sampled_from([*plain, *kinds, *others])
repeats = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{,2}", "{2,}", "*?", "+?", "??", "{0}", "{1,2}?"])


def grouped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({})".format, inner),
        st.builds("(?:{}){}".format, inner, repeats),
        st.builds("{}|{}".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
    )


expressions = st.recursive(atoms, grouped, max_leaves=12)


def pythons(expression: str) -> re.Pattern[str]:
    """Return Python's expression of the same meaning: `$` is the very end, and `.` is any character."""
    has_a_sensitive_case = expression.startswith("(?-i)")
    flags = re.DOTALL | (re.NOFLAG if has_a_sensitive_case else re.IGNORECASE)
    text = re.sub(r"(?<!\\)\$", r"\\Z", expression.removeprefix("(?-i)"))
    return re.compile(text, flags)


@settings(max_examples=500)
@given(expression=expressions, text=st.text(characters, max_size=12), is_exact=st.booleans())
def test_an_expression_finds_what_pythons_finds(expression: str, text: str, is_exact: bool) -> None:
    assume(text or r"\B" not in expression)  # of an empty text, older Pythons say that \B is not there
    expression = f"(?-i){expression}" if is_exact else expression
    assert Automaton(expression).is_in(text) == (pythons(expression).search(text) is not None)


@given(texts=st.lists(st.text(characters, max_size=8), min_size=2, max_size=5), expression=expressions)
def test_what_was_learnt_from_other_texts_makes_no_difference(texts: list[str], expression: str) -> None:
    automaton = Automaton(expression)
    learnt = [automaton.is_in(text) for text in texts]
    assert learnt == [Automaton(expression).is_in(text) for text in texts]


def place_of_error(text: str) -> int:
    """Return where an expression makes no sense, 0 if it does make sense."""
    try:
        Automaton(text)
    except FilterError as error:
        return error.position
    return 0


@given(st.text() | st.text(alphabet="ab()[]{}*+?|^$\\-,19:"))
def test_any_text_is_an_expression_or_a_filter_error_at_a_place_in_it(text: str) -> None:
    assert 0 <= place_of_error(text) <= len(text)


@pytest.mark.parametrize(
    ("expression", "position", "words"),
    [
        ("a(b", 1, "never closed"),
        ("a)b", 1, "no \\( before"),
        ("[ab", 0, "never closed"),
        ("*a", 0, "nothing to repeat"),
        ("a|*", 2, "nothing to repeat"),
        ("^*", 0, "nothing to repeat"),
        ("a**", 2, "cannot follow"),
        ("a*+", 2, "cannot follow"),
        ("a{3,2}", 1, "smaller number"),
        ("a{1001}", 1, "1000 times"),
        ("[z-a]", 1, "smaller end"),
        (r"[a-\d]", 1, "one character to another"),
        (r"(a)\1", 3, "not supported"),
        ("(?=a)", 0, r"only \(\?:"),
        ("(?P<x>a)", 0, r"only \(\?:"),
        ("a\\", 1, "missing"),
        ("a" * 1_001, 1_000, "at most 1000 characters"),
        ("(" * 51 + ")" * 51, 50, "nested too deeply"),
        ("(a{100}){100}", 0, "too large"),
        ("((){1000}){1000}", 0, "too large"),
    ],
)
def test_an_expression_that_makes_no_sense_is_explained(expression: str, position: int, words: str) -> None:
    with pytest.raises(FilterError, match=words) as caught:
        Automaton(expression)
    assert caught.value.position == position


CATASTROPHIC = ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(a*)*b", "(.*)*x", "(a?){100}a{100}$", "(.*a){12}c", "(a|b|ab)*c"]


@pytest.mark.parametrize("expression", CATASTROPHIC)
def test_what_would_freeze_a_backtracking_engine_does_not(expression: str) -> None:
    # Python's own would take longer than the age of the universe for most of these.
    text = "a" * (LONGEST_TEXT - 1) + "!"
    started = time.process_time()
    assert not Automaton(expression).is_in(text)
    assert time.process_time() - started < 60


def test_an_expression_whose_states_are_without_number_stays_within_bounds() -> None:
    automaton = Automaton("a[ab]{150}c")
    text = "".join("ab"[bit] for bit in itertools.islice(bits(), 5_000))
    assert not automaton.is_in(text)
    assert automaton.is_in(text + "a" + "b" * 150 + "c")


def bits() -> itertools.chain[int]:
    """Return 0 and 1 in an order that does not repeat."""
    return itertools.chain.from_iterable(map(int, f"{number:b}") for number in itertools.count())


def test_only_the_beginning_of_a_very_long_text_is_searched() -> None:
    text = "b" * LONGEST_TEXT + "a"
    assert not Automaton("a").is_in(text)
    assert not Automaton("b$").is_in(text), "where the search ends is not the end of the text"
    assert Automaton("b$").is_in(text[:LONGEST_TEXT])


def test_a_search_that_is_no_longer_wanted_ends() -> None:
    asked = iter([False, True])
    assert not Automaton("a").is_in("b" * 5_000 + "a", lambda: next(asked))
