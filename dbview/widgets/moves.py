"""The keys that move the cursor over rows and columns, the same wherever there are both."""

from __future__ import annotations

from textual.binding import Binding, BindingType

MOVE_BINDINGS: tuple[BindingType, ...] = (
    Binding("up,k", "move(-1)", "up", id="move.up", show=False, tooltip="One row up."),
    Binding("down,j", "move(1)", "down", id="move.down", show=False, tooltip="One row down."),
    Binding("left,h", "aside(-1)", "left", id="move.left", show=False, tooltip="One column to the left."),
    Binding("right,l", "aside(1)", "right", id="move.right", show=False, tooltip="One column to the right."),
    Binding("pageup,ctrl+b", "page(-1)", "page up", id="move.page-up", show=False, tooltip="One page up."),
    Binding("pagedown,ctrl+f", "page(1)", "page down", id="move.page-down", show=False, tooltip="One page down."),
)
