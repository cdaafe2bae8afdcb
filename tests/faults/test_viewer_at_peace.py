"""Over a slow line, nothing is sent while nothing happens."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.terminal import DBVIEW, Terminal

SECONDS = 12
MOST_A_MINUTE = 200


def test_an_idle_viewer_sends_next_to_nothing(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "recorder.demo", tmp_path], check=True)
    file = tmp_path / "lute.db"
    # Else it would be said, once in a while, that it was written another minute ago.
    os.utime(file, (file.stat().st_mtime - 3 * 86400,) * 2)
    screens = {"overview": [], "table": ["FindPeaks"], "entry": ["FindPeaks", "--id", "20"]}
    with contextlib.ExitStack() as stack:
        opened = {
            name: stack.enter_context(Terminal([*DBVIEW, "--no-state", file, *arguments], columns=160, rows=45))
            for name, arguments in screens.items()
        }
        for terminal in opened.values():
            terminal.wait_for("read-only")
            while terminal.sent_within(2):
                pass
        sent = {name: terminal.sent_within(SECONDS) for name, terminal in opened.items()}
        assert all(count <= MOST_A_MINUTE * SECONDS / 60 for count in sent.values()), sent
