"""Know the secrets of a Task's environment, and take them out of what is kept."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable

from recorder.layout.texts import MASK, SECRET_WORDS, env_text, is_secret

SECRETS_VARIABLE = "RECORDER_SECRETS"
"""Variable of our environment with further words, joined by commas."""

SHORTEST = 6
"""Characters below which a value is not looked for in texts: ``1`` or ``none`` stands in too many."""


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
