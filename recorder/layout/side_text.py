"""Write tagged JSON as side tables hold it, and read it back."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Any

from recorder.layout.tagged import canonical_hash, compact_json, hash_of_canonical, tag_of

_BRANCHING = (dict, list)


def side_text(tree: Any) -> str:
    """Return tagged JSON as side tables hold it: ASCII and without a raw ``[``, on which the original's viewer dies.

    Keys keep their order. A list is written ``{"$list": {"0": ..., "1": ...}}``; a ``[`` inside text is escaped.
    """
    text = compact_json(_without_lists(tree))
    return text.replace("[", "\\u005b")


def side_text_and_hash(tree: Any) -> tuple[str, str]:
    """Return the side text and the canonical hash of parameters.

    Both at once: to write numbers is most of what either costs, and flat parameters are written alike in both.
    """
    if type(tree) is not dict or tag_of(tree) or not _WRITTEN.keys() >= set(map(type, tree.values())):
        return side_text(tree), canonical_hash(tree)
    text, canonical, order = _forms(tuple(tree))
    written = [_WRITTEN[type(leaf)](leaf) for leaf in tree.values()]
    side = (text % tuple(written)).replace("[", "\\u005b")
    for index, leaf in enumerate(tree.values()):
        if type(leaf) is float and leaf.is_integer():
            written[index] = str(int(leaf))
    return side, hash_of_canonical(canonical % tuple([written[index] for index in order]))


@functools.lru_cache(maxsize=64)
def _forms(names: tuple[str, ...]) -> tuple[str, str, list[int]]:
    """Return objects with these keys and ``%s`` for each value: as they come, and sorted; and how that sorts them."""
    places = [f"{encode_basestring_ascii(name)}:".replace("%", "%%") + "%s" for name in names]
    order = sorted(range(len(names)), key=names.__getitem__)
    return f"{{{','.join(places)}}}", f"{{{','.join([places[index] for index in order])}}}", order


_WRITTEN: dict[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    float: float.__repr__,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
}
"""How JSON writes what stands for itself."""


def _without_lists(tree: Any) -> Any:
    kind = type(tree)
    if kind is dict:
        if tag_of(tree) == "$dict":  # its content is a mapping whatever its keys look like, "$list" included
            return {"$dict": {key: _without_lists(item) for key, item in tree["$dict"].items()}}
        return {key: _without_lists(item) if type(item) in _BRANCHING else item for key, item in tree.items()}
    if kind is list:
        return {"$list": {str(index): _without_lists(item) for index, item in enumerate(tree)}}
    return tree


def read_side_text(text: str) -> Any:
    """Return the tagged tree that :func:`side_text` wrote.

    Raises:
        ValueError: The text is not such JSON.
    """
    return _with_lists(json.loads(text))


def _with_lists(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    tag = tag_of(tree)
    content = tree[tag] if tag in ("$dict", "$list") else None
    if tag == "$dict" and isinstance(content, dict):
        return {"$dict": {key: _with_lists(item) for key, item in content.items()}}
    if tag == "$list":
        if not isinstance(content, dict) or set(content) != {str(index) for index in range(len(content))}:
            raise ValueError("side text holds a list whose items are not numbered from 0")
        return [_with_lists(content[str(index)]) for index in range(len(content))]
    return {key: _with_lists(item) for key, item in tree.items()}
