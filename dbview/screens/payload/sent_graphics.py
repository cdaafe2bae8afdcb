"""Send the terminal what an image is to be seen by, and take it back."""

from __future__ import annotations

from typing import Protocol, cast

from dbview.payload.document import Graphics
from dbview.screens.base import ViewerScreen


class _SendsToTerminal(Protocol):
    def send_to_terminal(self, sequence: str) -> None: ...


class SentGraphics:
    """What the terminal holds of an image: it keeps that until it is told to forget it.

    Args:
        screen: Shows the image; its application sends it.
    """

    def __init__(self, screen: ViewerScreen) -> None:
        self._screen = screen
        self._sent: Graphics | None = None

    def show(self, graphics: Graphics | None) -> None:
        """Send an image, once, and take back the one before; None to take that back only."""
        if graphics is self._sent:
            return
        terminal = cast(_SendsToTerminal, self._screen.app)
        if self._sent is not None:
            terminal.send_to_terminal(self._sent.forget)
        if graphics is not None:
            terminal.send_to_terminal(graphics.show)
        self._sent = graphics
