"""The demo exists as long as somebody looks at it, and leaves nothing behind however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dbview.demo import demo_database
from dbview.errors import DbviewError

from .conftest import ENVIRONMENT, json_rows

LOOK = """
import sys
from dbview.demo import demo_database
with demo_database(live=sys.argv[1] == "live") as file:
    print(file, flush=True)
    sys.stdin.read()
"""


def wait_until_gone(path: Path) -> None:
    deadline = time.monotonic() + 120
    while path.exists():
        assert time.monotonic() < deadline, f"{path} is still there"
        time.sleep(0.02)


def test_the_demo_can_be_queried_and_is_gone_afterwards() -> None:
    with demo_database(live=False) as file:
        tasks = [row for row in json_rows("tables", file) if row["kind"] == "task"]
        assert len(tasks) > 3
        assert {"COMPLETED", "FAILED"} <= {status for row in tasks for status in row["statuses"]}
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not file.parent.exists()


@pytest.mark.parametrize("mode", ["done", "live"])
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None])
def test_nothing_is_left_however_the_viewer_ends(mode: str, ending: signal.Signals | None) -> None:
    command = [sys.executable, "-c", LOOK, mode]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=ENVIRONMENT, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as viewer:
        assert viewer.stdin
        assert viewer.stdout
        file = Path(os.fsdecode(viewer.stdout.readline().rstrip()))
        assert file.exists()
        if ending is None:
            viewer.stdin.close()
        else:
            viewer.send_signal(ending)
        viewer.wait()
    wait_until_gone(file.parent)


def test_a_demo_that_cannot_be_recorded_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sqlite_utils.py").write_text("raise ImportError('broken on purpose')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(DbviewError, match=r"could not be recorded: .*broken on purpose"), demo_database(live=False):
        pass
