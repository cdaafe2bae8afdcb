"""Know the secrets of a Task's environment, and take them out of what is kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from recorder.layout.texts import MASK, SECRET_WORDS, is_secret

SECRETS_VARIABLE = "RECORDER_SECRETS"
"""Variable of our environment with further words, joined by commas."""

SHORTEST = 6
"""Characters below which a value is not looked for in texts: ``1`` or ``none`` stands in too many."""


def secret_words(more: Iterable[str] = ()) -> AbstractSet[str]:
    """Return the words that mark a variable as secret: the usual ones, those given and those of our environment."""
    named = os.environ.get(SECRETS_VARIABLE)
    added = [*more, *(named.split(",") if named else ())]
    return SECRET_WORDS.union(word.strip().lower() for word in added) if added else SECRET_WORDS


def secret_values(environment: Mapping[str, str], words: AbstractSet[str]) -> list[str]:
    """Return the values of secrets, the longest first, whether their variables are kept or not."""
    values = {value for name, value in environment.items() if len(value) >= SHORTEST and is_secret(name, words)}
    return sorted(values, key=lambda value: (-len(value), value))


def without_secrets(text: str, values: Iterable[str]) -> str:
    """Return a text in which each of these values, wherever it occurs, is masked."""
    for value in values:
        text = text.replace(value, MASK)
    return text
