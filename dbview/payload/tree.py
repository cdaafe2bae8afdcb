"""Lay a tree of mappings and lists out as lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dbview.text import visible

_MOST_BRIEF = 8
"""Numbers of a list that stand on one line."""


class TreeLine(NamedTuple):
    """One line of a tree.

    Attributes:
        depth: Levels it stands in from the left, 0 for the outermost.
        name: The key, or ``[0]`` for an item of a list; visible.
        value: A leaf's text, visible; for a branch its size in words.
        is_leaf: False for a mapping or list whose items follow one level deeper.
    """

    depth: int
    name: str
    value: str
    is_leaf: bool


def json_leaf(value: Any) -> str:
    """Return a JSON leaf as JSON spells it, so that ``"1"`` and ``1`` differ; visible."""
    return visible(json.dumps(value, ensure_ascii=False))


def tree_lines(tree: Any, leaf: Callable[[Any], str] = json_leaf) -> Iterator[TreeLine]:
    """Yield the lines of a tree, outermost first, in its own order. A short list of numbers is one line.

    Args:
        tree: Nested dicts and lists; a tree that is a leaf itself gives one line without a name.
        leaf: Returns a leaf's visible text.
    """
    if not isinstance(tree, dict | list):
        yield TreeLine(0, "", leaf(tree), True)
        return
    # A stack of our own: data may nest deeper than Python's calls.
    open_branches = [_items(tree)]
    while open_branches:
        item = next(open_branches[-1], None)
        if item is None:
            open_branches.pop()
            continue
        name, value = item
        depth = len(open_branches) - 1
        brief = _brief_numbers(value, leaf) if isinstance(value, list) else ""
        if brief:
            yield TreeLine(depth, name, brief, True)
        elif isinstance(value, dict | list):
            yield TreeLine(depth, name, _size(value), False)
            open_branches.append(_items(value))
        else:
            yield TreeLine(depth, name, leaf(value), True)


def indented(lines: Iterator[TreeLine], indent: str = "  ") -> Iterator[str]:
    """Yield the lines of a tree as plain text, ``name: value`` for a leaf."""
    for line in lines:
        label = f"{line.name}: {line.value}" if line.name else line.value
        yield f"{indent * line.depth}{label if line.is_leaf else f'{line.name} ({line.value})'}"


def _items(branch: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(branch, dict):
        return ((visible(str(key)), value) for key, value in branch.items())
    return ((f"[{index}]", value) for index, value in enumerate(branch))


def _brief_numbers(items: list[Any], leaf: Callable[[Any], str]) -> str:
    """Return a list on one line if it holds a few numbers and nothing else; empty if it does not."""
    if not 0 < len(items) <= _MOST_BRIEF or not all(isinstance(item, int | float) for item in items):
        return ""
    return f"[{', '.join(map(leaf, items))}]"


def _size(branch: dict[str, Any] | list[Any]) -> str:
    if not branch:
        return "empty object" if isinstance(branch, dict) else "empty list"
    noun = "name" if isinstance(branch, dict) else "item"
    return f"{len(branch)} {noun}{'' if len(branch) == 1 else 's'}"
