"""Chance, that can be had again, and places that everybody may reach."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SEED = "RECORDER_FAULTS_SEED"
"""Environment variable: another number gives other random moments. They are the same each time without it."""


@pytest.fixture
def chance() -> random.Random:
    """Random numbers; a test that fails says which."""
    seed = os.environ.get(SEED, "1")
    print(f"{SEED}={seed}")
    return random.Random(seed)


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory that any user may enter."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory
