"""Turn the texts of shared rows into names and values, and back: the environment, and lists joined by ``;``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

MASK = "***"
"""Stands in for the value of a variable whose name looks like a secret's."""

_VARIABLE = re.compile(r";(?=[A-Za-z_][A-Za-z0-9_]*=)")
_JOINED_WORDS = re.compile(r"[A-Za-z0-9]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

SECRET_WORDS = frozenset(
    {"token", "tokens", "secret", "secrets", "password", "passwords", "passwd", "passphrase", "key", "keys", "apikey"}
    | {"jwt", "credential", "credentials"}
)
"""Words of a variable's name that say that its value is a secret."""

_ENDINGS = tuple(sorted(SECRET_WORDS - {"key", "keys"}))
"""What says so at the end of a longer word as well, such as ``PGPASSWORD``. A monkey is no key."""


def keeps_variable(name: str) -> bool:
    """Tell whether a variable belongs to the executor's configuration: those of SLURM or LUTE (spec: "env")."""
    return "SLURM_" in name or ("LUTE_" in name and "_TENV_" not in name)


def is_secret(name: str, words: AbstractSet[str] = SECRET_WORDS) -> bool:
    """Tell whether one of the words of a variable's name, whole and in any letter case, marks its value as secret.

    Words are parted by whatever is no letter, and by the case of letters: ``DB_PASSWORD``, ``dbPassword``,
    ``password2``. The usual words also count at the end of a word: ``PGPASSWORD``.
    """
    joined = [word.lower() for word in _JOINED_WORDS.findall(name)]
    parted = [word.lower() for word in _WORD.findall(name)]
    return not words.isdisjoint(joined + parted) or any(word.endswith(_ENDINGS) for word in joined + parted)


def env_text(environment: Mapping[str, str], words: AbstractSet[str] = SECRET_WORDS) -> str:
    """Return the ``env`` column: the kept variables as ``NAME=value;NAME=value``, values of secrets masked."""
    kept = ((name, value) for name, value in environment.items() if keeps_variable(name))
    return ";".join(f"{name}={MASK if is_secret(name, words) else value}" for name, value in kept)


def env_variables(text: str) -> dict[str, str]:
    """Return names and values of an ``env`` column. A value may hold ``;``: a variable begins at ``NAME=``."""
    if not text:
        return {}
    return dict(part.partition("=")[::2] for part in _VARIABLE.split(text))


def masked_variables(text: str) -> dict[str, str]:
    """Return names and values of an ``env`` column as they may be shown: values of secrets masked."""
    return {name: MASK if is_secret(name) else value for name, value in env_variables(text).items()}


def list_text(items: Iterable[str]) -> str:
    """Return texts joined as ``communicator_desc`` holds them."""
    return ";".join(items)


def list_items(text: str) -> list[str]:
    """Return the items of a text such as ``schema1;schema3;``, with or without the last ``;``."""
    return [item for item in text.split(";") if item]
