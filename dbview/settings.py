"""What a person set: keys of their own, and what the viewer remembers for them (theme, columns, filters).

It stands in one directory of the user's, ``$DBVIEW_CONFIG``, else ``$XDG_CONFIG_HOME/dbview``, else
``~/.config/dbview``, and never beside the data:

- ``keys.json``, written by the person alone: ``{"table.filter": "slash,f3"}``, keys by the id of what they do;
- ``remembered.json``, written by the viewer.

Nothing the viewer does depends on either: without them, or where they cannot be read, all is as it is the first time.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dbview.text import visible

CONFIG_VARIABLE = "DBVIEW_CONFIG"
"""Names the directory, if it is not the usual one."""

KEYS_FILE = "keys.json"
REMEMBERED_FILE = "remembered.json"

_VERSION = 1
_MOST_NAMES = 200
"""Names remembered of each kind; the ones remembered longest ago go first."""
_LARGEST = 4 << 20
"""Bytes of a file that are read; a larger one is none of ours."""


def settings_directory() -> Path:
    """Return the directory that settings stand in; it need not exist."""
    if named := os.environ.get(CONFIG_VARIABLE):
        return Path(named)
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "dbview"


class Settings:
    """What a person set. The interface's thread calls it; files are written beside it.

    Args:
        directory: Where the files are; None to read and write none.

    Attributes:
        keys: Keys by the id of what they do, as the person wants them.
        trouble: In words, what could not be read or written; empty if all could.
    """

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._remembered: dict[str, dict[str, Any]] = {}
        self._changes: list[tuple[str, str, Any]] = []
        self._turn = threading.Lock()
        self._writer: threading.Thread | None = None
        self.trouble = ""
        self.keys: Mapping[str, str] = {}
        if directory is not None:
            self.keys = self._read(directory / KEYS_FILE, _keys)
            self._remembered = self._read(directory / REMEMBERED_FILE, _remembered)

    @property
    def keys_file(self) -> str:
        """The path of the file with the person's keys, in words."""
        return visible(str(self._directory / KEYS_FILE)) if self._directory else ""

    def recall(self, kind: str, name: str) -> Any:
        """Return what is remembered under a name, as JSON has it; None if nothing is."""
        return self._remembered.get(kind, {}).get(name)

    def remember(self, kind: str, name: str, value: Any) -> None:
        """Remember a value under a name; None forgets it. It is written to the file in the background.

        Args:
            kind: What it is: ``theme``, ``columns``, ``filters`` ...
            name: Whose it is, such as the name of a table.
            value: What JSON can hold.
        """
        if self.recall(kind, name) == value:
            return
        _put(self._remembered, kind, name, value)
        if self._directory is None:
            return
        with self._turn:
            self._changes.append((kind, name, value))
            if self._writer is None:
                # A home directory may not answer: that holds up neither the interface nor the end of the program.
                write = functools.partial(self._write_all, self._directory)
                self._writer = threading.Thread(target=write, name="settings", daemon=True)
                self._writer.start()

    def close(self, seconds: float = 1.0) -> None:
        """Wait until all is written, but not for longer than this."""
        with self._turn:
            writer = self._writer
        if writer is not None:
            writer.join(seconds)

    # Files

    def _read(self, file: Path, understood: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        try:
            return understood(_json_in(file))
        except OSError as error:
            reason = error.strerror or str(error)
        except (ValueError, RecursionError) as error:
            reason = f"it is not in the form expected ({error})"
        self.trouble = f"{visible(str(file))} could not be read: {visible(reason)}. It is left as it is, and not used."
        return {}

    def _write_all(self, directory: Path) -> None:
        while True:
            with self._turn:
                changes, self._changes = self._changes, []
                if not changes:
                    self._writer = None
                    return
            try:
                _write(directory, changes)
            except (OSError, ValueError, RecursionError) as error:
                self.trouble = f"what is to be remembered could not be written: {visible(str(error))}"


def _write(directory: Path, changes: list[tuple[str, str, Any]]) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / REMEMBERED_FILE
    # Another viewer may have written meanwhile: what changed here is put into what stands there now.
    there = _remembered(_json_in(file))
    for kind, name, value in changes:
        _put(there, kind, name, value)
    descriptor, beside = tempfile.mkstemp(prefix=f".{REMEMBERED_FILE}.", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            json.dump({"version": _VERSION, **there}, opened, indent=1)
        Path(beside).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(beside).unlink()
        raise


def _json_in(file: Path) -> Any:
    """Return what a file holds, None if there is no such file."""
    try:
        # A pipe of that name would never end.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            return json.loads(opened.read(_LARGEST))
    except FileNotFoundError:
        return None


def _put(remembered: dict[str, dict[str, Any]], kind: str, name: str, value: Any) -> None:
    names = remembered.setdefault(kind, {})
    names.pop(name, None)
    if value is not None:
        names[name] = value
    while len(names) > _MOST_NAMES:
        del names[next(iter(names))]


def _keys(found: Any) -> dict[str, str]:
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(keys, str) for keys in found.values()):
        raise ValueError('as in {"table.filter": "slash,f3"}')
    return found


def _remembered(found: Any) -> dict[str, dict[str, Any]]:
    if found is None:
        return {}
    if not isinstance(found, dict) or found.pop("version", None) != _VERSION:
        raise ValueError(f"version {_VERSION}")
    if not all(isinstance(names, dict) for names in found.values()):
        raise ValueError("names by kind")
    return found
