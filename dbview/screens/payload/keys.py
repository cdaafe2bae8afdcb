"""The keys of a payload's screen, in the order in which they stand in its key line."""

from __future__ import annotations

from textual.binding import Binding, BindingType

PAYLOAD_BINDINGS: list[BindingType] = [
    Binding(
        "enter,space",
        "choose",
        "open",
        id="app.open",
        tooltip="Fold or unfold; open a file, a part, a longer text.",
    ),
    Binding(
        "slash",
        "search",
        "find",
        id="payload.find",
        # It takes effect before the next key is looked at: people type on.
        priority=True,
        tooltip="Find text; small letters find capitals too. In hex, 0x00ff finds bytes.",
    ),
    Binding("n", "again(1)", "next", id="payload.next-place", tooltip="The next place that was looked for."),
    Binding("N", "again(-1)", "previous", id="payload.place-before", show=False, tooltip="The place before."),
    Binding(
        "v",
        "next_form",
        "view as",
        id="payload.next-form",
        tooltip="The next form: tree, table, picture ..., text, hex.",
    ),
    Binding("w", "wrap", "wrap", id="payload.wrap", tooltip="Wrap long lines, or scroll sideways."),
    Binding(
        "right_square_bracket",
        "slice(1)",
        "next slice",
        id="payload.next-slice",
        tooltip="The next slice of an array.",
    ),
    Binding(
        "left_square_bracket",
        "slice(-1)",
        "slice before",
        id="payload.slice-before",
        show=False,
        tooltip="The slice before.",
    ),
    Binding("up,k", "move(-1)", "up", id="move.up", show=False, tooltip="One line up."),
    Binding("down,j", "move(1)", "down", id="move.down", show=False, tooltip="One line down."),
    Binding("left,h", "sideways(-1)", "left", id="move.left", show=False, tooltip="Scroll left; in a tree fold."),
    Binding("right,l", "sideways(1)", "right", id="move.right", show=False, tooltip="Scroll right; in a tree unfold."),
    Binding("pageup,ctrl+b", "page(-1)", "page up", id="move.page-up", show=False, tooltip="One page up."),
    Binding("pagedown,ctrl+f", "page(1)", "page down", id="move.page-down", show=False, tooltip="One page down."),
    Binding("home,g", "first", "first line", id="move.first", show=False, tooltip="The beginning."),
    Binding("end,G", "last", "last line", id="move.last", show=False, tooltip="The end."),
    Binding("r", "refresh", "refresh", id="app.refresh", show=False, tooltip="Open it again, as it is now."),
]
