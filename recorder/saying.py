"""Say something through the logger ``recorder``, so that it costs nobody an entry.

Handlers, filters and record factories are the program's own, and may raise: on a full disk, in a file that was closed,
or by mistake. What was to be said is lost then; what was to be recorded is not.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any


class Saying:
    """Messages with arguments, as :mod:`logging` takes them; nothing is ever raised."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, message: str, *arguments: Any) -> None:
        """Say what hardly anybody needs to know."""
        self._say(logging.DEBUG, message, arguments)

    def info(self, message: str, *arguments: Any) -> None:
        """Say what is as it should be."""
        self._say(logging.INFO, message, arguments)

    def warning(self, message: str, *arguments: Any) -> None:
        """Say what somebody should look at."""
        self._say(logging.WARNING, message, arguments)

    def error(self, message: str, *arguments: Any) -> None:
        """Say what somebody has to mend."""
        self._say(logging.ERROR, message, arguments)

    def _say(self, level: int, message: str, arguments: tuple[Any, ...]) -> None:
        with contextlib.suppress(Exception):  # there is nobody left to tell
            self._logger.log(level, message, *arguments, stacklevel=3)


say = Saying("recorder")
