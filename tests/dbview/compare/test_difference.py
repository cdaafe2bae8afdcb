"""Where nested values differ, item by item, and by how much."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.compare.difference import ABSENT, change, differences

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
TREES = st.dictionaries(
    st.text("abc", min_size=1, max_size=2),
    st.recursive(
        LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner)
    ),
    max_size=4,
)


def found(*trees: Any, **options: bool) -> list[tuple[str, tuple[Any, ...]]]:
    return [(one.name, one.values) for one in differences(trees, **options)]


@given(TREES)
def test_a_tree_does_not_differ_from_itself(tree: dict[str, Any]) -> None:
    assert found(tree, copy.deepcopy(tree)) == []
    assert found(tree, tree, tree, null_is_absent=True) == []


@given(TREES, TREES)
def test_trees_differ_if_their_json_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    def spelled(tree: Any) -> str:
        # Numbers of equal value are equal, as for the hash of parameters.
        return json.dumps(json.loads(json.dumps(tree), parse_int=float), sort_keys=True)

    assert bool(found(one, other)) is (spelled(one) != spelled(other))


@given(TREES, TREES)
def test_a_difference_is_seen_from_both_sides(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert bool(found(one, other)) is bool(found(other, one))


@given(st.lists(st.integers(), max_size=8), st.integers(0, 8), st.integers())
def test_one_item_more_is_one_difference(items: list[int], place: int, item: int) -> None:
    more = [*items[:place], item, *items[place:]]
    ((_name, values),) = found({"l": items}, {"l": more})
    assert values == (ABSENT, item)


def test_items_are_named_by_their_place() -> None:
    assert found({"l": ["a", "b", "c"]}, {"l": ["b", "c", "d"]}) == [("l[0]", ("a", ABSENT)), ("l[2]", (ABSENT, "d"))]
    assert found({"l": [1, 2]}, {"l": [2]}, {"l": [2, 3]}) == [
        ("l[0]", (1, ABSENT, ABSENT)),
        ("l[1]", (ABSENT, ABSENT, 3)),
    ]
    assert found({"l": [{"a": 1, "b": 2}]}, {"l": [{"a": 1, "b": 3}]}) == [("l[0].b", (2, 3))]


def test_very_long_lists_are_compared_place_by_place() -> None:
    one, other = list(range(50_000)), list(range(1, 50_001))
    assert len(found({"l": one}, {"l": other})) == 50_000
    assert found({"l": one}, {"l": [*one, 7]}) == [("l[50000]", (ABSENT, 7))]


def test_null_empty_and_nothing_are_told_apart_unless_columns_cannot() -> None:
    assert found({"a": None, "b": []}, {"b": {}}) == [("b", ([], {})), ("a", (None, ABSENT))]
    assert found({"a": None, "b": [], "c": True}, {"c": 1, "d": {}}, null_is_absent=True) == []
    assert found({"c": True}, {"c": 1}) == [("c", (True, 1))]
    assert found({"l": ["x", None, None]}, {"l": ["x"]}, null_is_absent=True) == []


def test_nesting_has_no_end() -> None:
    tree: Any = 1
    for _ in range(5_000):
        tree = {"a": tree}
    assert len(found(tree, {})) == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (0.70, 0.78, "+0.08 (+11.4 %)"),
        ("133", 120, "-13 (-9.77 %)"),
        (-2, -1, "+1 (+50 %)"),
        (0, 5, "+5"),
        ("1e400", "-1e400", "-2.00E+400 (-200 %)"),
        ("x", 1, None),
        (True, 2, None),
        (1, float("nan"), None),
        (None, 1, None),
        ("1_0", 1, None),
    ],
)
def test_a_change_of_a_number_is_said_in_numbers(old: Any, new: Any, words: str | None) -> None:
    told = change(old, new)
    assert (told and told.words) == words


@pytest.mark.parametrize("name", ["run", "valid", "id", "grid_id", "gridId", "lute.job-id", "use_flag"])
def test_numbers_that_are_no_amounts_have_no_change(name: str) -> None:
    (found,) = differences([{"of": {name: [20]}}, {"of": {name: [21]}}])
    assert found.change is None


@pytest.mark.parametrize(("old", "new"), [(0, 1), (1, 0), (False, True), (True, 0)])
def test_what_may_be_yes_and_no_has_no_change(old: int, new: int) -> None:
    found = list(differences([{"use_mask": old}, {"use_mask": new}]))
    assert [one.change for one in found] == [None]


@pytest.mark.parametrize("name", ["run_time", "n_valid", "width", "humid"])
def test_amounts_with_names_alike_have_a_change(name: str) -> None:
    (found,) = differences([{name: 20}, {name: 21}])
    assert found.change is not None
    assert found.change.words == "+1 (+5 %)"
