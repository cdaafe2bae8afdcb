"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent
SAMPLE_DATA = Path(os.environ.get("RECORDER_SAMPLE_DATA", ROOT.parent / "shared" / "data"))

# Tests that end programs by a hang-up do so as well where they are started to outlive one (nohup).
signal.signal(signal.SIGHUP, signal.SIG_DFL)
# Those that interrupt programs, where they are started in the background of a script.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Shared machines are slow at odd moments; a property does not fail for that.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")


@pytest.fixture(autouse=True, scope="session")
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what tests leave in the state directory of a user out of the home of whoever runs them, settings too."""
    directory = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(directory))
        patch.setenv("DBVIEW_CONFIG", str(tmp_path_factory.mktemp("config")))
        patch.delenv("RECORDER_SPOOL", raising=False)
        yield directory


@pytest.fixture(autouse=True)
def secrets_stay_masked() -> Iterator[None]:
    """Mask secrets again after a test that had them shown: it is one setting of the whole process."""
    yield
    if (secrets := sys.modules.get("dbview.secrets")) is not None:
        secrets.reveal_secrets(False)


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that gives a private, writable copy of a sample database, and skips where there is none."""

    def copy(name: str) -> Path:
        original = SAMPLE_DATA / name
        if not original.exists():
            pytest.skip(f"{original} is not here; RECORDER_SAMPLE_DATA names the directory of the sample databases")
        target = tmp_path / "sample" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(original, target)
        return target

    return copy
