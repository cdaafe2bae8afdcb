"""Find the paths that a value names, and where each is on this host; nothing is looked for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

_LONGEST = 4_096
_LONGEST_TEXT = 40_000
_SEPARATORS = (";", ",")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_FILE_URI = re.compile(r"file://([^/]*)(/.*)", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_SUFFIX = re.compile(r"[^/.]\.[A-Za-z][A-Za-z0-9]{0,9}\Z")
_NAMES_A_PATH = re.compile(r"(?:file|path|dir|directory|folder)s?(?:\[[0-9]+\])*\Z", re.IGNORECASE)
"""Ends a parameter's name that says what its value is, as in ``in_file``, ``outDir`` and ``paths[0]``."""

_MAKES = re.compile(r"(?:^|[^a-z])out", re.IGNORECASE)


class Located(NamedTuple):
    """Where a path is on this host.

    Attributes:
        place: The absolute path; None if it cannot be told.
        words: What was taken for granted, or why it cannot be told; empty for a path that is absolute.
    """

    place: str | None
    words: str = ""


def paths_in(text: str, name: str = "") -> tuple[str, ...]:
    """Return the paths that a text names, as they stand in it; none if it is something else.

    Paths are absolute, or begin with ``~/``, ``./``, ``../``, ``file://`` or a variable (``$SCRATCH/x``). Any other
    text counts only with two of three signs: a slash, a suffix (``peaks.h5``), a name such as ``in_file``. Several may
    stand in one text, between semicolons, commas or blanks; of a command line only the absolute ones count.

    Args:
        text: The value.
        name: What it is called.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST_TEXT or any(sign in text for sign in "\n\r\0"):
        return ()
    says_so = _NAMES_A_PATH.search(name) is not None
    for separator in _SEPARATORS:
        if separator in text:
            parts = [part.strip() for part in text.split(separator) if part.strip()]
            if parts and _are_paths(parts, says_so):
                return tuple(dict.fromkeys(parts))
    words = text.split()
    if len(words) > 1:
        if _are_rooted(words):
            return tuple(dict.fromkeys(words))
        if any(word.startswith("-") for word in words):
            return tuple(dict.fromkeys(filter(_is_rooted, words)))
    return (text,) if _is_path(text, says_so) else ()


def _are_paths(parts: list[str], says_so: bool) -> bool:
    return _are_rooted(parts) or all(_is_path(part, says_so) and not _is_rooted(part) for part in parts)


def _are_rooted(parts: list[str]) -> bool:
    return all(map(_is_rooted, parts))


def _is_rooted(text: str) -> bool:
    """Tell whether a text says by its beginning that it is a path."""
    if len(text) > _LONGEST or text == "/":
        return False
    if text.startswith("/"):
        # "//" and "/*" begin comments more often than paths.
        return text[1] not in "/*"
    if text.startswith(("~/", "./", "../")) or _FILE_URI.match(text):
        return True
    variable = _VARIABLE.match(text)
    return variable is not None and text[variable.end() :].startswith("/")


def _is_path(text: str, says_so: bool) -> bool:
    if _is_rooted(text):
        return True
    if len(text) > _LONGEST or _SCHEME.match(text) or any(sign.isspace() for sign in text):
        return False
    signs = ("/" in text, _SUFFIX.search(text) is not None, says_so)
    return sum(signs) >= 2


def makes(name: str) -> bool:
    """Tell whether what a parameter of this name holds is what its Task makes, as ``out_file`` and ``outdir`` do."""
    return _MAKES.search(name) is not None


def located(path: str, base: str, variables: Mapping[str, str]) -> Located:
    """Return where a path is on this host.

    A variable is replaced only by the value that was recorded with the entry: what it is in the reader's own
    environment has nothing to do with the Task.

    Args:
        path: One of :func:`paths_in`.
        base: Absolute directory from which a relative path leads.
        variables: The environment as it was recorded.
    """
    uri = _FILE_URI.fullmatch(path)
    if uri is not None:
        host, place = uri.groups()
        if host not in ("", "localhost"):
            return Located(None, f"it is on {host}")
        return Located(unquote(place))
    variable = _VARIABLE.match(path)
    if variable is not None:
        name = variable[1] or variable[2]
        value = variables.get(name)
        if value is None or not value.startswith("/"):
            return Located(None, f"what ${name} was is not recorded")
        return Located(_clean(value + path[variable.end() :]), f"${name} as it was recorded")
    if path.startswith("~/"):
        return Located(os.path.expanduser(path), "~ is your own home")  # noqa: PTH111 - Path refuses NUL
    if path.startswith("/"):
        return Located(path)
    return Located(_clean(f"{base.rstrip('/')}/{path}"), f"from {base}")


def _clean(path: str) -> str:
    return os.path.normpath(path)
