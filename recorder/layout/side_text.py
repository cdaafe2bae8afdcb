"""Write tagged JSON as side tables hold it, and read it back."""

from __future__ import annotations

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
    written = {name: f"{encode_basestring_ascii(name)}:{_WRITTEN[type(leaf)](leaf)}" for name, leaf in tree.items()}
    text = ",".join(written.values()).replace("[", "\\u005b")
    for name, leaf in tree.items():
        if type(leaf) is float and leaf.is_integer():
            written[name] = f"{encode_basestring_ascii(name)}:{int(leaf)}"
    canonical = ",".join([written[name] for name in sorted(tree)])
    return f"{{{text}}}", hash_of_canonical(f"{{{canonical}}}")


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
