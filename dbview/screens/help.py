"""Show every key of the screen below, the symbols, and the filter language on one page."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from dbview.screens.palette import keys_by_action
from dbview.screens.sections import named_lines
from dbview.widgets.key_line import KeyLine, key_name
from dbview.widgets.listing import Line, Listing, section
from dbview.widgets.symbols import LEGEND

FILTERS: tuple[tuple[str, str], ...] = (
    ("beam loss", "both words, anywhere in the entry; letter case is ignored"),
    ('"beam loss"', "the phrase"),
    ("column:text", "the column contains the text"),
    ("column=value", "equal; a number equals any cell that is that number or spells it"),
    ("column!=value", "not equal; NULL counts as different"),
    ("column=a,b", "one of these"),
    ("column=12..20", "from 12 to 20, both included"),
    ("column>1  column>=1  column<1  column<=1", "as numbers where both are numbers"),
    ("column=null  column!=null", 'NULL, or not; column="" is empty text'),
    ("column=run*_lyso?", "* any characters, ? one character"),
    ('column="a,b*"', "quotes: exactly this text, no list, range or wildcard"),
    ("a b  a or b  not a  -a  (a b)", "and, or, not, in groups"),
    (
        "column~^run_[0-9]+$  column!~...",
        "a regular expression is found in it, or not; in quotes if it has spaces or ( )",
    ),
    ("is:valid  is:invalid", "by validity"),
    ("is:open  is:latest", "the newest of its run, and not valid; the newest valid one"),
    ("is:attention  is:running  is:failed", "somebody should look at it; by status"),
    ("since:2d  before:2024-03-01", "by time, in UTC; m, h, d, w ago or a date"),
    ("run experiment title status valid", "short names; summary payload schema time as well"),
    ("p.run", "the parameter of that name"),
    ("env.SLURM_JOB_ID", "a variable of the executor's environment"),
    ("summary.number_of_hits_found>800", "a named value of the summary"),
    ('summary."Fractional hit rate">0.1', "the same, named as it is written"),
    (
        "failure.return_code  origin.duration",
        "what the recorder keeps beside an entry: signal output log, user host job ...",
    ),
    ("compression.*  env.SLURM_*  summary.*", "any of a group"),
    ('"result.summary"', "the column of exactly this name"),
)
"""The filter language by example."""

KEPT_FILTERS: tuple[tuple[str, str], ...] = (
    ("@bad=status!=COMPLETED", "apply a filter, and keep it for this table under a name"),
    ("@bad", "the filter kept under this name"),
    ("@bad=", "forget it"),
)
"""What can stand in a filter bar besides a filter."""


class HelpScreen(ModalScreen[None]):
    """The keys that a screen has now.

    Args:
        about: The screen below.
    """

    DEFAULT_CSS = """
HelpScreen {
    & > Static { height: 2; padding: 0 1; border-bottom: solid $panel-lighten-2; text-style: bold; }
}
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss(None)", "back", id="help.back", tooltip="Back to the screen below."),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._list = Listing()
        self._keys = [
            ("  ".join(key_name(entry.binding.key) for entry in entries), entries[-1].binding.tooltip)
            for entries in keys_by_action(about).values()
        ]

    def compose(self) -> ComposeResult:
        """Lay out one list of lines."""
        yield Static("Keys, symbols and filters", markup=False)
        yield self._list
        yield KeyLine()

    def on_mount(self) -> None:
        """Write the page."""
        self._list.show_lines(
            [
                Line(((" Keys", "heading"),), is_heading=True),
                *named_lines(self._keys),
                *section("Symbols"),
                *named_lines(LEGEND),
                *section("Filters"),
                *named_lines(FILTERS),
                *section("Filters with names"),
                *named_lines(KEPT_FILTERS),
            ]
        )
        self.set_focus(self._list)
