"""Lay a tree of mappings and lists out as lines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dbview.text import visible
from recorder.layout.tagged import branches, from_json_value, tag_of

_MOST_BRIEF = 8
"""Numbers of a list that stand on one line."""


class TreeLine(NamedTuple):
    """One line of a tree.

    Attributes:
        depth: Levels it stands in from the left, 0 for the outermost.
        name: The key, or ``[0]`` for an item of a list; visible.
        value: A leaf's text, visible; for a branch its size in words.
        is_leaf: False for a mapping or list whose items follow one level deeper; an empty one is a leaf.
    """

    depth: int
    name: str
    value: str
    is_leaf: bool


def json_leaf(value: Any) -> str:
    """Return a JSON leaf as JSON spells it, so that ``"1"`` and ``1`` differ; visible."""
    return visible(json.dumps(value, ensure_ascii=False))


def tree_lines(
    tree: Any, leaf: Callable[[Any], str] = json_leaf, file: Callable[[str], str] = visible
) -> Iterator[TreeLine]:
    """Yield the lines of a tree, outermost first, in its own order. A short list of numbers is one line.

    Args:
        tree: Nested dicts and lists, tagged JSON among them; one that is a leaf itself gives one line without a name.
        leaf: Returns the visible text of a leaf that is not tagged.
        file: Returns the visible text of a leaf that is kept as a file, by the file's name.
    """
    items = branches_of(tree)
    if items is None:
        yield TreeLine(0, "", leaf_text(tree, leaf, file), True)
        return
    # A stack of our own: data may nest deeper than Python's calls.
    open_branches = [iter(items)]
    while open_branches:
        item = next(open_branches[-1], None)
        if item is None:
            open_branches.pop()
            continue
        step, value = item
        name = step_name(step)
        depth = len(open_branches) - 1
        items = branches_of(value)
        if items is None:
            yield TreeLine(depth, name, leaf_text(value, leaf, file), True)
        elif not items or is_brief(value):
            yield TreeLine(depth, name, brief_text(value, leaf), True)
        else:
            yield TreeLine(depth, name, count_words(value, len(items)), False)
            open_branches.append(iter(items))


def leaf_text(value: Any, leaf: Callable[[Any], str] = json_leaf, file: Callable[[str], str] = visible) -> str:
    """Return a leaf's text; of a tagged one that of the value it stands for; of one kept as a file what that gives."""
    name = file_name(value)
    if name is not None:
        return file(name)
    return visible(str(from_json_value(value))) if tag_of(value) else leaf(value)


def file_names(tree: Any) -> list[str]:
    """Return the names of the files that a tree's leaves are kept in, in its order."""
    found: list[str] = []
    left = [tree]
    while left:
        value = left.pop()
        name = file_name(value)
        if name is not None:
            found.append(name)
        left += [inner for _step, inner in reversed(branches_of(value) or [])]
    return found


def indented(lines: Iterator[TreeLine], indent: str = "  ") -> Iterator[str]:
    """Yield the lines of a tree as plain text, ``name: value`` for a leaf."""
    for line in lines:
        label = f"{line.name}: {line.value}" if line.name else line.value
        yield f"{indent * line.depth}{label if line.is_leaf else f'{line.name} ({line.value})'}"


def branches_of(value: Any) -> list[tuple[str | int, Any]] | None:
    """Return names or indexes with what is below them, None for a leaf."""
    if tag_of(value) and not _is_tagged(value):
        return list(value.items())
    return branches(value)


def _is_tagged(value: Any) -> bool:
    """Tell whether a mapping that looks like a tagged value is one: other people's JSON may have such keys too."""
    try:
        from_json_value(value)
    except (ValueError, RecursionError):
        return False
    return True


def file_name(value: Any) -> str | None:
    """Return the name of the file that a leaf points to, None if it is any other leaf."""
    name = value["$file"] if tag_of(value) == "$file" else None
    return name if isinstance(name, str) else None


def step_name(step: str | int) -> str:
    """Return the name of what is below a branch: the key, or ``[0]`` for an item of a list; visible."""
    return f"[{step}]" if isinstance(step, int) else visible(step)


def is_brief(branch: Any) -> bool:
    """Tell whether a branch is a list of numbers that stands on one line."""
    is_short = isinstance(branch, list) and len(branch) <= _MOST_BRIEF
    return is_short and all(isinstance(value, int | float) for value in branch)


def brief_text(branch: Any, leaf: Callable[[Any], str] = json_leaf) -> str:
    """Return a branch that is empty, or a few numbers, on one line."""
    if not branch or not isinstance(branch, list):
        return "empty list" if isinstance(branch, list) else "empty object"
    return f"[{', '.join(map(leaf, branch))}]"


def count_words(branch: Any, count: int) -> str:
    """Return how much is below a branch, in words."""
    return f"{count} {'item' if isinstance(branch, list) else 'name'}{'' if count == 1 else 's'}"
