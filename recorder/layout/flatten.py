"""Turn nested parameters into columns and back.

``a.b`` is key ``b`` of mapping ``a``; ``a[0]`` is item 0 of list ``a`` (spec: "Parameters to columns").
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from typing import Any, Dict, Tuple, Union

from recorder.layout.tables import FIXED_COLUMNS, fold, is_reserved_table
from recorder.layout.tagged import branches, tag_of

Steps = Tuple[Union[str, int], ...]
"""Where a leaf stands in the parameters: keys of mappings and indexes of lists, from the outside in."""

# At most four digits: a table has no more columns, and a stray name such as x[999999999] must not cost memory.
_STEP = re.compile(r"\[(0|[1-9][0-9]{0,3})\]")
_BRANCHES = frozenset({dict, list})
_SUFFIX = re.compile(r"~[0-9]+\Z")
_ESCAPE = re.compile(r"~u([0-9a-f]{4})")
_NEEDS_ESCAPE = re.compile("[\x00\ud800-\udfff]|~(?=u[0-9a-f]{4}|[0-9]+\\Z)")


def flatten(tree: Any) -> dict[str, Any]:
    """Return the leaves of a tagged tree (see :mod:`recorder.layout.tagged`) by their flat names, in order.

    Empty mappings and lists have no leaf, so no column holds them. Where two leaves have one flat name (a key ``a.b``
    beside a mapping ``a`` with key ``b``) the later one's name is marked as :func:`spell` does.
    """
    if type(tree) is dict and not tag_of(tree) and _BRANCHES.isdisjoint(map(type, tree.values())):
        return dict(tree)  # as the parameters of most Tasks are
    leaves: dict[str, Any] = {}
    _collect(tree, "", leaves)
    return leaves


def _collect(node: Any, name: str, leaves: dict[str, Any]) -> None:
    below = branches(node) if type(node) in _BRANCHES else None
    if below is None:
        leaves[name if name not in leaves else _first_free(name, set(map(fold, leaves)))] = node
        return
    for step, child in below:
        if isinstance(step, int):
            _collect(child, f"{name}[{step}]", leaves)
        elif name or type(child) in _BRANCHES or step in leaves:
            _collect(child, f"{name}.{step}" if name else step, leaves)
        else:  # as most are
            leaves[step] = child


def split_name(name: str) -> Steps:
    """Return the path that a flat name spells: ``"a.b[0]"`` is ``("a", "b", 0)``."""
    path: list[str | int] = []
    for part in name.split("."):
        bracket = _STEP.search(part)
        tail = part[bracket.start() :] if bracket else ""
        if bracket and _STEP.sub("", tail) == "":
            path.append(part[: bracket.start()])
            path.extend(int(index) for index in _STEP.findall(tail))
        else:
            path.append(part)
    return tuple(path)


def unflatten(leaves: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Build the nested parameters from flat names and values; the inverse of :func:`flatten`.

    A value whose place is already taken by a branch (or the other way round: files hold both ``x`` and ``x[0]``,
    written at different times) keeps its flat name at the top. A list with gaps keeps its positions, filled with None.
    """
    root: dict[str | int, Any] = {}
    for name, value in leaves:
        if not _place(root, split_name(name), value):
            root[name] = value
    return {str(key): _listed(value) for key, value in root.items()}


class _Branch(Dict["str | int", Any]):
    """A mapping or list being built; a plain dict is a leaf's own value."""


def _place(root: dict[str | int, Any], path: Steps, value: Any) -> bool:
    node = root
    for depth, step in enumerate(path[:-1]):
        child = node.get(step)
        if child is None and step not in node:
            child = node[step] = _Branch()
        mixed = isinstance(child, _Branch) and child and (type(next(iter(child))) is not type(path[depth + 1]))
        if not isinstance(child, _Branch) or mixed:
            return False
        node = child
    if path[-1] in node:
        return False
    node[path[-1]] = value
    return True


def _listed(node: Any) -> Any:
    if not isinstance(node, _Branch):
        return node
    if all(isinstance(key, int) for key in node):
        indexes = [key for key in node if isinstance(key, int)]
        return [_listed(node.get(index)) for index in range(max(indexes) + 1)]
    return {str(key): _listed(value) for key, value in node.items()}


def spell(name: str, taken: Container[str] = ()) -> str:
    """Return the column name for a parameter's flat name; :func:`unspell` gives the name back.

    A name stands as it is unless it cannot: one that SQLite would take for a fixed or already ``taken`` column (letter
    case does not count) gets ``~1``, ``~2`` ... at its end. A NUL or lone surrogate, which no SQL name can hold,
    becomes ``~u`` and four hex digits; so does a ``~`` that would otherwise read as one of these marks.

    Args:
        name: A flat name as :func:`flatten` makes it.
        taken: Columns the table already has for *other* parameters, as :func:`~recorder.layout.tables.fold` gives them.
    """
    column = _escape(name)
    folded = fold(column)
    is_free = folded and folded not in FIXED_COLUMNS and folded not in taken
    return column if is_free else _first_free(column, taken)


def spell_table(task: str, taken: Container[str] = ()) -> str:
    """Return the table name for a Task; :func:`unspell` gives the Task's name back.

    Spelled as :func:`spell` spells columns, and a reserved name (``gen_cfg``, ``sqlite_x``, ``_rec_x``) has its first
    character written as ``~u`` and four hex digits: SQLite looks at how a name begins.

    Args:
        task: The Task's name.
        taken: Names in the database that belong to something else (other Tasks' tables, plain tables, views, indexes),
            as :func:`~recorder.layout.tables.fold` gives them.
    """
    table = _escape(task)
    if is_reserved_table(table):
        table = _escaped_character(table[0]) + table[1:]
    return table if table and fold(table) not in taken else _first_free(table, taken)


def _escape(name: str) -> str:
    return _NEEDS_ESCAPE.sub(lambda match: _escaped_character(match.group()), name)


def _escaped_character(character: str) -> str:
    return f"~u{ord(character):04x}"


def unspell(spelled: str) -> str:
    """Return the parameter's flat name, or the Task's name, that :func:`spell` or :func:`spell_table` spelled."""
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), _SUFFIX.sub("", spelled))


def _first_free(name: str, taken: Container[str]) -> str:
    number = 1
    while fold(f"{name}~{number}") in taken:
        number += 1
    return f"{name}~{number}"
