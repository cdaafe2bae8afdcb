"""Layouts of columns: whatever is done to one, no column is lost, and what is remembered comes back."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbview.query.column_layout import NARROWEST, WIDEST, ColumnLayout, remembered_layout

NAMES = tuple("abcdefgh")

names = st.lists(st.sampled_from(NAMES), unique=True)
changes = st.lists(
    st.one_of(
        st.tuples(st.just("hide"), names, st.booleans()),
        st.tuples(st.just("move"), names, names, st.booleans()),
        st.tuples(st.just("pin"), st.sampled_from(NAMES)),
        st.tuples(st.just("width"), st.sampled_from(NAMES), st.none() | st.integers()),
    ),
    max_size=12,
)


def changed(layout: ColumnLayout, change: Any) -> ColumnLayout:
    match change:
        case ("hide", chosen, hides):
            return layout.with_hidden(chosen, hides)
        case ("move", chosen, others, behind):
            return layout.moved(chosen, others, behind)
        case ("pin", name):
            return layout.pinned_to(name)
        case ("width", name, width):
            return layout.with_width(name, width)
    raise AssertionError(change)


def after(steps: list[Any]) -> ColumnLayout:
    layout = ColumnLayout(NAMES)
    for step in steps:
        layout = changed(layout, step)
    return layout


@given(changes)
def test_no_column_is_lost_and_none_comes_twice(steps: list[Any]) -> None:
    layout = after(steps)
    assert sorted(layout.order) == sorted(NAMES)
    assert set(layout.shown) == set(NAMES) - layout.hidden
    assert 0 <= layout.pinned <= len(layout.shown)
    assert all(NARROWEST <= width <= WIDEST for width in layout.widths.values())


@given(changes)
def test_what_is_remembered_comes_back(steps: list[Any]) -> None:
    layout = after(steps)
    assert remembered_layout(json.loads(json.dumps(layout.to_json())), NAMES) == layout


@given(changes, names)
def test_hiding_and_showing_again_changes_nothing(steps: list[Any], chosen: list[str]) -> None:
    layout = after(steps)
    shown = [name for name in chosen if name in layout.shown]
    again = layout.with_hidden(shown).with_hidden(shown, hides=False)
    assert again.shown == layout.shown
    assert again.pinned <= layout.pinned


@given(changes, st.sampled_from(NAMES), st.sampled_from(NAMES), st.booleans())
def test_a_moved_column_stands_beside_the_other(steps: list[Any], name: str, other: str, behind: bool) -> None:
    layout = after(steps).moved([name], [other], behind)
    if name != other:
        assert layout.order.index(name) - layout.order.index(other) == (1 if behind else -1)


def test_columns_that_are_new_since_are_shown_at_the_end() -> None:
    layout = remembered_layout(ColumnLayout(("b", "a"), frozenset("a")).to_json(), ("a", "b", "new"))
    assert layout == ColumnLayout(("b", "a", "new"), frozenset("a"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
parts = st.sampled_from(["order", "hidden", "pinned", "widths"])


@given(json_values | st.dictionaries(parts, json_values))
def test_whatever_stands_in_the_file_is_a_layout_or_is_left(remembered: Any) -> None:
    layout = remembered_layout(remembered, NAMES)
    if layout is not None:
        assert set(NAMES) <= set(layout.order)
        assert 0 <= layout.pinned <= len(layout.shown)
