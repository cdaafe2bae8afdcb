"""What a command line opens the interface on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal

from .conftest import DBVIEW


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], ["mfx100", "FindPeaks", "usable result, per run"]),
        (["."], ["mfx100", "FindPeaks", "usable result, per run"]),
        (["./lute.db", "FindPeaks", "status=COMPLETED"], ["FindPeaks", "3 of 5"]),
        (["-p", ".", "findpeaks", "run=9"], ["FindPeaks", "1 of 5"]),
        ([".", "FindPeaks", "--id", "5"], ["FindPeaks", "#5", "attenuator was left in"]),
    ],
)
def test_a_command_line_opens_what_it_names(arguments: list[str], wanted: list[str], recorded: Path) -> None:
    with Terminal([*DBVIEW, *arguments], directory=recorded.parent) as terminal:
        terminal.wait_for(lambda text: all(words in text for words in wanted))
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()
