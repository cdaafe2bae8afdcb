"""Fold and unfold a tree of mappings and lists; only what is unfolded has rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from dbview.payload.document import Document, Row, Span, Wanted, folding
from dbview.payload.tree import branches_of, brief_text, count_words, is_brief, leaf_text, step_name
from dbview.text import ELLIPSIS

GROUP = 1_000
"""Items of a branch that unfold together; a longer one unfolds into groups of so many first."""

_OPENED_AT_FIRST = 200
"""Rows up to which a tree comes unfolded, level by level."""

_DEEPEST_INDENT = 24
"""Levels that are indented; below them the depth stands in front as a number."""

Path = tuple[int, ...]
"""From the outermost branch on, the place of each item among its siblings. Sorted, paths are in the tree's order."""

Item = tuple[str | int, Any]


class _Node(NamedTuple):
    """One row.

    Attributes:
        value: What the tree has there; None for a group of items of a long branch.
        text: A leaf's text; of a branch how much is below it.
        items: What is below it; empty for a leaf.
    """

    path: Path
    name: str
    value: Any
    text: str
    items: Sequence[Item]


class FoldingTree(Document):
    """A tree, a row for each node whose branches are all unfolded; positions are indexes of rows.

    Args:
        tree: Nested dicts and lists, tagged JSON among them.
    """

    has_cursor: ClassVar[bool] = True

    def __init__(self, tree: dict[str, Any] | list[Any]) -> None:
        self._root = _Node((), "", tree, "", branches_of(tree) or [])
        self._open: set[Path] = set()
        self._nodes = _below(self._root)
        self._unfold_first_levels()

    @property
    def size(self) -> int:  # type: ignore[override]
        """How many rows there are at present."""
        return len(self._nodes)

    # Rows

    def rows(self, start: int, count: int) -> list[Row]:
        """Return rows from an index on."""
        start = max(0, start)
        nodes = self._nodes[start : start + count]
        return [Row(row, row + 1, self._spans(node)) for row, node in enumerate(nodes, start)]

    def rows_before(self, stop: int, count: int) -> list[Row]:
        """Return the rows before an index."""
        start = max(0, stop - count)
        return self.rows(start, stop - start)

    def _spans(self, node: _Node) -> tuple[Span, ...]:
        depth = len(node.path) - 1
        indent = "  " * depth if depth <= _DEEPEST_INDENT else f"{'  ' * _DEEPEST_INDENT}({depth}) "
        mark = ("▾" if node.path in self._open else "▸") if node.items else " "
        tone = "dim" if node.items else ""
        return ((f" {indent}{mark} ", "dim"), (node.name, "name"), (f"  {node.text}", tone))

    # Folding

    def choose(self, start: int) -> object | None:
        """Fold or unfold a branch; return a leaf's value."""
        node = self._nodes[start]
        if not node.items:
            leaf: object = node.value
            return leaf
        (self.fold if node.path in self._open else self.unfold)(start)
        return None

    def fold(self, start: int) -> int:
        """Fold a branch, or go from a leaf or folded branch to the one it is in; return the row to be on then."""
        path = self._nodes[start].path
        if path not in self._open:
            return self._row_of(path[:-1]) if len(path) > 1 else start
        stop = start + 1
        while stop < len(self._nodes) and self._nodes[stop].path[: len(path)] == path:
            stop += 1
        # What was unfolded inside will be so again when this is unfolded: only its rows go.
        self._nodes[start + 1 : stop] = []
        self._open.discard(path)
        return start

    def unfold(self, start: int) -> int:
        """Unfold a branch, or go into one that is unfolded; return the row to be on then."""
        node = self._nodes[start]
        if node.path in self._open:
            return start + 1
        if node.items:
            self._open.add(node.path)
            self._nodes[start + 1 : start + 1] = self._shown_below(node)
        return start

    def _shown_below(self, node: _Node) -> list[_Node]:
        shown: list[_Node] = []
        left = _below(node)[::-1]
        while left:
            inner = left.pop()
            shown.append(inner)
            if inner.path in self._open:
                left += _below(inner)[::-1]
        return shown

    def _unfold_first_levels(self) -> None:
        level = self._nodes
        while level and len(self._nodes) + sum(min(len(node.items), GROUP) for node in level) <= _OPENED_AT_FIRST:
            self._open.update(node.path for node in level if node.items)
            level = [inner for node in level for inner in _below(node)]
            self._nodes = sorted([*self._nodes, *level], key=lambda node: node.path)

    def _row_of(self, path: Path) -> int:
        return next(row for row, node in enumerate(self._nodes) if node.path == path)

    # Searching

    def find(self, words: str, start: int, *, backwards: bool, wanted: Wanted) -> int | None:
        """Look through names and leaves, folded ones too; what is found is unfolded."""
        fold = folding(words)
        edge = self._nodes[start].path if start < len(self._nodes) else (len(self._root.items),)
        found: Path | None = None
        for node in self._all_nodes():
            if not wanted() or (backwards and node.path >= edge):
                break
            if (backwards or node.path >= edge) and words in fold(f"{node.name} {node.text}"):
                found = node.path
                if not backwards:
                    break
        return None if found is None else self._show(found)

    def _all_nodes(self) -> Iterator[_Node]:
        left = [iter(_below(self._root))]
        while left:
            node = next(left[-1], None)
            if node is None:
                left.pop()
                continue
            yield node
            if node.items:
                left.append(iter(_below(node)))

    def _show(self, path: Path) -> int:
        for depth in range(1, len(path)):
            if path[:depth] not in self._open:
                self.unfold(self._row_of(path[:depth]))
        return self._row_of(path)


def _below(node: _Node) -> list[_Node]:
    """Return the nodes right below a branch; those of a long one are groups."""
    items, is_group = node.items, node.value is None
    if len(items) <= GROUP or is_group:
        return [_node((*node.path, place), step, value) for place, (step, value) in enumerate(items)]
    groups = [items[start : start + GROUP] for start in range(0, len(items), GROUP)]
    return [
        _Node((*node.path, place), _group_name(group), None, f"{len(group):,}", group)
        for place, group in enumerate(groups)
    ]


def _group_name(group: Sequence[Item]) -> str:
    return f"{step_name(group[0][0])} {ELLIPSIS} {step_name(group[-1][0])}"


def _node(path: Path, step: str | int, value: Any) -> _Node:
    items = branches_of(value)
    if items is None:
        return _Node(path, step_name(step), value, leaf_text(value), ())
    if not items or is_brief(value):
        return _Node(path, step_name(step), value, brief_text(value), ())
    return _Node(path, step_name(step), value, count_words(value, len(items)), items)
