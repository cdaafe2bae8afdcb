"""Executors in real old environments: every Python from 3.8 on that is here, and pydantic 1.10 on the oldest."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.recorder.old_environments import assert_same_rows, oldest_python, pythons
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


@pytest.mark.parametrize("python", pythons())
def test_every_python_that_is_here_gives_the_same_rows(python: str, tmp_path: Path) -> None:
    for kind in KINDS:
        if kind != "pydantic 1":
            assert_same_rows(python, kind, tmp_path / kind)
