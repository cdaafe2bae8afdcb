"""However the viewer is ended, the terminal is as it was, and the exit code says what happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import DBVIEW, INTERRUPT, Terminal


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A directory with the demo, as recorded."""
    subprocess.run([sys.executable, "-m", "recorder.demo", tmp_path / "recorded"], check=True)
    return tmp_path / "recorded"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_terminal_restored(recorded: Path, number: signal.Signals) -> None:
    with Terminal([*DBVIEW, recorded, "FindPeaks"]) as terminal:
        before = terminal.modes()
        terminal.wait_for("#47")
        assert terminal.modes() != before
        terminal.process.send_signal(number)
        assert terminal.wait_for_exit() == 128 + number
        assert terminal.restored()
        assert terminal.modes() == before


def test_ctrl_c_leaves(recorded: Path) -> None:
    with Terminal([*DBVIEW, recorded]) as terminal:
        terminal.wait_for("FindPeaks")
        terminal.send(INTERRUPT)
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()


CRASH = """
import sys
from dbview.widgets.grid import Grid
def fail(*_):
    raise RuntimeError("made to fail")
Grid.put_rows = fail
from dbview.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_fault_of_ours_is_no_success(recorded: Path) -> None:
    with Terminal([sys.executable, "-c", CRASH, recorded, "FindPeaks"]) as terminal:
        assert terminal.wait_for_exit() == 1
        assert terminal.restored()
        assert b"made to fail" in terminal.raw
