import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dbview.payload.tree import file_names, indented, tree_lines

TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def count_nodes(tree: Any) -> int:
    if isinstance(tree, list) and tree and all(isinstance(item, int | float) for item in tree):
        return 1
    items = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return 1 + sum(map(count_nodes, items))


def test_a_tree_is_laid_out_by_its_levels() -> None:
    tree = {"rate": 0.5, "cells": [{"name": "lyso"}, None], "empty": {}, "text": "1"}
    assert list(indented(tree_lines(tree))) == [
        "rate: 0.5",
        "cells (2 items)",
        "  [0] (1 name)",
        '    name: "lyso"',
        "  [1]: null",
        "empty: empty object",
        'text: "1"',
    ]


def test_a_few_numbers_stand_on_one_line() -> None:
    tree = {"region": [0, 0, 352.5], "names": ["a"], "many": list(range(9)), "nested": [[1, 2], [3]]}
    assert list(indented(tree_lines(tree))) == [
        "region: [0, 0, 352.5]",
        "names (1 item)",
        '  [0]: "a"',
        "many (9 items)",
        *(f"  [{number}]: {number}" for number in range(9)),
        "nested (2 items)",
        "  [0]: [1, 2]",
        "  [1]: [3]",
    ]


def test_names_like_those_of_tagged_values_are_names_in_the_json_of_others() -> None:
    tree = [{"$object": None}, {"$path": "/a", "note": "b"}, {"$set": "ab"}]
    assert list(indented(tree_lines(tree))) == [
        "[0] (1 name)",
        "  $object: null",
        "[1] (2 names)",
        '  $path: "/a"',
        '  note: "b"',
        "[2] (1 name)",
        '  $set: "ab"',
    ]


def test_a_leaf_alone_is_one_line() -> None:
    assert list(indented(tree_lines(5))) == ["5"]


def test_depth_is_limited_by_nothing_but_the_data() -> None:
    tree: list[Any] = []
    for _ in range(5_000):
        tree = [tree]
    assert max(line.depth for line in tree_lines(tree)) == 4_999


@given(st.lists(TREES) | st.dictionaries(st.text(), TREES))
def test_every_node_has_one_line_that_is_safe_to_show(tree: Any) -> None:
    lines = list(indented(tree_lines(tree)))
    assert len(lines) == sum(map(count_nodes, tree.values() if isinstance(tree, dict) else tree))
    assert all(line.isprintable() for line in lines)


@given(st.text())
def test_a_leafs_text_is_the_json_of_it(text: str) -> None:
    (line,) = tree_lines(text)
    if text.isprintable():
        assert json.loads(line.value) == text


def test_a_tagged_value_is_shown_as_what_it_stands_for() -> None:
    tree = {
        "rate": {"$float": "nan"},
        "file": {"$path": "/a/b"},
        "own": {"$dict": {"$x": 1}},
        "foreign": {"$ref": "#/a"},
    }
    assert list(indented(tree_lines(tree))) == [
        "rate: nan",
        "file: /a/b",
        "own (1 name)",
        "  $x: 1",
        "foreign (1 name)",
        '  $ref: "#/a"',
    ]


def test_leaves_kept_as_files_are_found_and_shown_by_their_names() -> None:
    tree = {"a": {"$file": "1.npy"}, "b": [{"$dict": {"$c": {"$file": "2.csv\x1b"}}}, {"$file": 5}], "$d": 1}
    assert file_names(tree) == ["1.npy", "2.csv\x1b"]
    lines = list(indented(tree_lines(tree, file=lambda name: f"<{len(name)}>")))
    assert lines[0] == "a: <5>"
    assert "$c: <6>" in [line.strip() for line in lines]
    assert all(line.isprintable() for line in indented(tree_lines(tree)))


@given(TREES)
def test_a_tree_without_files_names_none(tree: Any) -> None:
    assert file_names(tree) == []
