"""Know the secrets of a Task's environment, and take them out of what is kept."""

from __future__ import annotations

import base64
import functools
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recorder.layout.tagged import tag_of
from recorder.layout.texts import MASK, SECRET_WORDS, env_text, is_secret

SECRETS_VARIABLE = "RECORDER_SECRETS"
"""Variable of our environment with further words, joined by commas."""

SHORTEST = 6
"""Characters below which a value is not looked for in texts: ``1`` or ``none`` stands in too many."""

_WALKED = ("$items", "$set", "$path", "$object")
"""Tags of which a text may stand for anything."""


def secret_words(more: Iterable[str] = ()) -> frozenset[str]:
    """Return the words that mark a variable as secret: the usual ones, those given and those of our environment."""
    named = os.environ.get(SECRETS_VARIABLE)
    added = [*more, *(named.split(",") if named else ())]
    return SECRET_WORDS.union(word.strip().lower() for word in added) if added else SECRET_WORDS


@functools.lru_cache(maxsize=1)
def concealed(variables: tuple[tuple[str, str], ...], words: frozenset[str]) -> tuple[str, list[str]]:
    """Return the ``env`` column of an environment, and the values of its secrets, the longest first.

    Values of variables that the column does not keep count as well: any of them may stand in a text. The last answer is
    kept, since Tasks that are recorded one after the other mostly have one environment.
    """
    environment = dict(variables)
    values = {value for name, value in variables if len(value) >= SHORTEST and is_secret(name, words)}
    hidden = sorted(values, key=lambda value: (-len(value), value))
    return without_secrets(env_text(environment, words), hidden), hidden


def without_secrets(text: str, values: Iterable[str]) -> str:
    """Return a text in which each of these values, wherever it occurs, is masked."""
    for value in values:
        text = text.replace(value, MASK)
    return text


def tree_without_secrets(tree: Any, values: Sequence[str]) -> Any:
    """Return a tagged tree in whose texts, names and bytes each of these values is masked. Numbers stay."""
    if not values or isinstance(tree, (int, float)) or tree is None:
        return tree
    if isinstance(tree, str):
        return without_secrets(tree, values)
    if isinstance(tree, list):
        return [tree_without_secrets(item, values) for item in tree]
    tag = tag_of(tree)
    content = tree.get(tag)
    if tag == "$bytes":
        text = base64.b64decode(content).decode("utf-8", "surrogateescape")
        masked = without_secrets(text, values).encode("utf-8", "surrogateescape")
        return {tag: base64.b64encode(masked).decode("ascii")}
    if tag == "$dict":
        return {tag: _mapping_without_secrets(content, values)}
    if tag in _WALKED:
        return {name: tree_without_secrets(item, values) for name, item in tree.items()}
    if tag:  # a decimal, a moment: with a mask in it it is one no longer
        masked_text = without_secrets(str(content), values)
        return tree if masked_text == str(content) else masked_text
    return _mapping_without_secrets(tree, values)


def _mapping_without_secrets(mapping: Mapping[str, Any], values: Sequence[str]) -> dict[str, Any]:
    return {without_secrets(name, values): tree_without_secrets(item, values) for name, item in mapping.items()}
