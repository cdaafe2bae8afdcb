"""What an import brings along, seen in a fresh interpreter: it decides how fast the programs start."""

from __future__ import annotations

import subprocess
import sys

import pytest

RECORDER_NEEDS = {"pydantic", "pydantic_core", "sqlite_utils"}
INTERFACE = {"textual", "rich"}


def modules_after(statement: str) -> set[str]:
    """Return the top-level names in sys.modules after a statement has run in an interpreter of its own."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import recorder", RECORDER_NEEDS | INTERFACE),
        ("import recorder.layout.tables, recorder.layout.flatten, recorder.layout.values", RECORDER_NEEDS | INTERFACE),
        ("import dbview.source.source", RECORDER_NEEDS | INTERFACE),
        ("import dbview.payload", RECORDER_NEEDS | INTERFACE),
    ],
)
def test_an_import_stays_light(statement: str, unwanted: set[str]) -> None:
    assert modules_after(statement).isdisjoint(unwanted)


def test_the_layout_needs_the_standard_library_only() -> None:
    statement = "import recorder.layout.tables, recorder.layout.flatten, recorder.layout.values"
    # Compared with an empty interpreter: start-up files of an environment may import things of their own.
    assert modules_after(statement) - modules_after("pass") <= set(sys.stdlib_module_names) | {"recorder"}
