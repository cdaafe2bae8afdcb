"""What several modules of these tests begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder import Recorder
from tests.recorder.analyses import analysis


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a state directory of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    return tmp_path / "home" / "recorder"


@pytest.fixture
def garbage(tmp_path: Path) -> Path:
    """Return a database that cannot be one."""
    path = tmp_path / "data" / "lute.db"
    path.parent.mkdir()
    path.write_bytes(b"no database at all, whatever its name says" * 30)
    return path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a database with one entry, so that nobody has to create tables."""
    with Recorder(tmp_path) as recorder:
        recorder.record(analysis(parameters={"x": 0}))
    return tmp_path / "lute.db"


@pytest.fixture
def new_database(tmp_path: Path) -> Path:
    """Return the path of a database that is not there yet."""
    return tmp_path / "lute.db"
