"""Executors in real old environments: every Python from 3.8 on that is here, and pydantic 1.10 on the oldest."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from recorder import Recorder, emit
from tests.recorder import old_executor
from tests.recorder.old_environments import COMMAND, assert_same_rows, oldest_python, pythons, rows
from tests.recorder.old_executor import KINDS


@pytest.fixture(scope="module")
def pydantic_1(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a Python with pydantic 1.10, in an environment of its own that is made with the oldest Python."""
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([oldest_python(), "-m", "venv", str(environment)], check=True)
    python = str(environment / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "pydantic>=1.10,<2"], check=True)
    return python


def test_models_of_pydantic_1_on_the_oldest_python_give_the_same_rows(pydantic_1: str, tmp_path: Path) -> None:
    code = "import pydantic; print(pydantic.VERSION)"
    version = subprocess.run([pydantic_1, "-c", code], capture_output=True, text=True, check=True).stdout
    if not version.startswith("1.10."):
        raise AssertionError(f"that is pydantic {version}")
    assert_same_rows(pydantic_1, "pydantic 1", tmp_path)


def test_many_executors_at_once_lose_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    for module in (emit, old_executor):
        shutil.copy(str(module.__file__), tmp_path)
    command = [oldest_python(), str(tmp_path / "old_executor.py"), str(tmp_path), "mapping"]
    executors = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(24)]
    words = [executor.communicate()[1] for executor in executors]
    if any(executor.returncode for executor in executors):
        raise AssertionError("\n".join(words))
    with Recorder(tmp_path) as recorder:
        recorder.record(old_executor.of_a_mapping())
        waiting = recorder.spool.pending()
    found = rows(tmp_path / "lute.db")
    if len(found["FindPeaks"]) != len(executors) + 1 or waiting:
        raise AssertionError(f"{len(found['FindPeaks'])} entries; {waiting} wait\n" + "\n".join(words))
    if len(found["exec_cfg"]) != 1 or len(found["gen_cfg"]) != 1:
        raise AssertionError("a shared row is there twice")


@pytest.mark.parametrize("python", pythons())
def test_every_python_that_is_here_gives_the_same_rows(python: str, tmp_path: Path) -> None:
    for kind in KINDS:
        if kind != "pydantic 1":
            assert_same_rows(python, kind, tmp_path / kind)
