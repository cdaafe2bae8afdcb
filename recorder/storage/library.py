"""Load sqlite-utils, and nothing that it would bring along.

Where pandas or numpy is installed it imports them, half a second in every Executor, only to know their types; what we
hand it are plain values. So they are hidden while it is loaded, unless the program has loaded them itself: by a finder
that refuses them to this thread alone, in a list of finders of its own, so that other threads import as ever. The
modules of a sqlite-utils that was loaded so are ours: they are taken out of ``sys.modules`` again, and a program that
uses sqlite-utils as well gets it whole.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

__all__ = ["Database"]

_NAME = "sqlite_utils"
_COSTLY = ("numpy", "pandas")


class _Refusal:
    """Refuse some modules to one thread; a finder of the import system."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.thread = threading.get_ident()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find nothing; say that there is no such module if it is one of those that are refused."""
        if name in self.names and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{name} is hidden while {_NAME} is loaded", name=name)
        return None


def _loaded() -> ModuleType:
    refused = [name for name in _COSTLY if name not in sys.modules and importlib.util.find_spec(name)]
    if _NAME in sys.modules or not refused:
        return importlib.import_module(_NAME)
    refusal = _Refusal(refused)
    before = sys.meta_path
    sys.meta_path = [refusal, *before]
    try:
        return importlib.import_module(_NAME)
    finally:
        others = [finder for finder in sys.meta_path if finder is not refusal]
        sys.meta_path = before if others == before else others
        for name in [name for name in sys.modules if name == _NAME or name.startswith(f"{_NAME}.")]:
            del sys.modules[name]


if TYPE_CHECKING:
    from sqlite_utils import Database
else:
    Database = _loaded().Database
