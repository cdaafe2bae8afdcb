"""The filter language as text: what is valid, what is an error and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.errors import FilterError
from dbview.query.filter import And, Comparison, Literal, Not, Or, Range, Words, parse, quote_literal


def test_empty_text_is_no_filter() -> None:
    assert parse("") is None
    assert parse("  \t ") is None


def test_words_are_a_conjunction_and_quotes_make_a_phrase() -> None:
    assert parse("beam loss") == And((Words(Literal("beam", False, 0)), Words(Literal("loss", False, 5))))
    assert parse('"beam loss"') == Words(Literal("beam loss", True, 0))


def test_and_binds_closer_than_or_and_not_closest() -> None:
    node = parse("a or b not c")
    assert isinstance(node, Or)
    second = node.parts[1]
    assert isinstance(second, And)
    assert isinstance(second.parts[1], Not)
    assert parse("a and b") == And((Words(Literal("a", False, 0)), Words(Literal("b", False, 6))))


@pytest.mark.parametrize("text", ["run=12", "run = 12", "run= 12", "run =12"])
def test_spaces_around_an_operator_do_not_matter(text: str) -> None:
    node = parse(text)
    assert isinstance(node, Comparison)
    assert (node.name.text, node.operator) == ("run", "=")
    assert [value.text for value in node.values if isinstance(value, Literal)] == ["12"]


def test_lists_and_ranges_are_values_unless_quoted() -> None:
    node = parse("run=1,14..16")
    assert isinstance(node, Comparison)
    assert isinstance(node.values[1], Range)
    quoted = parse('x="1,14..16"')
    assert isinstance(quoted, Comparison)
    assert quoted.values == (Literal("1,14..16", True, 2),)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("a=", 2),
        ("run>=10 status=", 15),
        ("(a or b", 0),
        ("a)", 1),
        ("a or", 4),
        ("or a", 0),
        ("not", 3),
        ("a or or b", 5),
        ("x~", 2),
        ("x~a(b)", 2),
        ("x~(a)", 2),
        ("x~~y", 2),
        ("x!~=y", 3),
        ('title:"open', 6),
        ("x<1,2", 3),
        ("x=12..", 2),
        ("x=..12", 2),
        ('a=b"c"', 3),
        ('"a"b', 3),
        ("a=(b)", 2),
        ("a ! b", 2),
        ("status==FAILED", 7),
        ("x=>3", 2),
        ("x<>3", 2),
        ("ab \udcff", 3),
        ("word " * 101, 500),
        (f"id={','.join('7' * 1_001)}", 2_003),
    ],
)
def test_an_error_says_where(text: str, position: int) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert caught.value.position == position


def test_an_expression_is_one_value_whatever_signs_it_has() -> None:
    node = parse(r"a x!~^r\d{1,3}=*[,<]$ b")
    assert isinstance(node, And)
    comparison = node.parts[1]
    assert isinstance(comparison, Comparison)
    assert comparison.operator == "!~"
    assert comparison.values == (Literal(r"^r\d{1,3}=*[,<]$", False, 5),)


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    with pytest.raises(FilterError):
        parse("(" * 5_000 + "a" + ")" * 5_000)
    with pytest.raises(FilterError):
        parse("not " * 5_000 + "a")


def place_of_error(text: str) -> int:
    """Return where a filter text makes no sense, 0 if it does make sense."""
    try:
        parse(text)
    except FilterError as error:
        return error.position
    return 0


@given(st.text())
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    assert 0 <= place_of_error(text) <= len(text)


@given(st.text(alphabet=st.sampled_from('ab10=<>!:~,.()*?"- \n') | st.characters()))
def test_text_made_of_the_languages_own_signs(text: str) -> None:
    assert 0 <= place_of_error(text) <= len(text)


@given(st.text())
def test_a_quoted_literal_means_exactly_its_text(text: str) -> None:
    node = parse(f"col={quote_literal(text)}")
    assert isinstance(node, Comparison)
    assert node.values == (Literal(text, True, 4),)
