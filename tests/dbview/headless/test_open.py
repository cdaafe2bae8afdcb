"""What a command line opens the interface on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.terminal import Terminal

from .conftest import DBVIEW, answer


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], ["mfx100", "FindPeaks", "valid, of those recorded"]),
        (["."], ["mfx100", "FindPeaks", "valid, of those recorded"]),
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


def test_a_link_opens_what_was_seen(recorded: Path) -> None:
    options = ["--sort=-id", "--columns=run,p.run,son_min", "--at=3"]
    with Terminal([*DBVIEW, recorded, "FindPeaks", *options, "id>1"], columns=120) as terminal:
        text = terminal.wait_for(lambda text: "4 of 5" in text and "▌ F    3" in text)
        (header,) = [line for line in text.splitlines() if "son_min" in line and " ok " in line]
        assert header.split() == ["ok", "id▾", "run", "p.run", "son_min"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--at", "3"], 2, "--at needs a table"),
        (["FindPeaks", "--at", "99"], 8, "FindPeaks has no entry 99"),
        (["FindPeaks", "--sort", "-nothing"], 8, "--sort nothing: FindPeaks has no column nothing"),
        (["FindPeaks", "--columns", "id,,run"], 2, "a column's name is missing"),
    ],
)
def test_a_link_to_what_is_not_there_says_so(recorded: Path, arguments: list[str], code: int, words: str) -> None:
    got = answer("-p", recorded, *arguments)
    assert (got.code, got.out) == (code, "")
    assert words in got.err
