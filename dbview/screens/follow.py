"""What it is to follow something that grows, the same for tables, entries and runs: the key, the signs, the pace."""

from __future__ import annotations

from textual.binding import Binding

FOLLOW_BINDING = Binding(
    "f",
    "follow",
    "follow",
    tooltip="Show what arrives, or changes, as it does; again ends it.",
    id="app.follow",
)

HIGHLIGHT_SECONDS = 5.0
"""How long what came or changed is marked."""

NEW, CHANGED = "+", "~"
"""Stand at the left of it."""

REST = 5.0
"""Seconds of rest after a look at everything, for each second that it took."""
