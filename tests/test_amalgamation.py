"""The one file for old environments is what its modules say, and nothing that would not fit is put into it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs import amalgamation
from docs.sources import CannotAssemble
from tests.recorder.old_environments import oldest_python

ROOT = Path(__file__).parent.parent


def test_the_file_is_up_to_date() -> None:
    is_up_to_date = amalgamation.assemble() == amalgamation.TARGET.read_text(encoding="utf-8")
    assert is_up_to_date, "run `make emit`"


def test_the_same_modules_give_the_same_file() -> None:
    code = "from docs import amalgamation; print(amalgamation.assemble())"
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_the_oldest_python_runs_it_with_nothing_but_its_standard_library(tmp_path: Path) -> None:
    (tmp_path / "emit.py").write_bytes(amalgamation.TARGET.read_bytes())
    # Without site packages and without the environment's paths, anything else could not be imported.
    command = [oldest_python(), "-E", "-S", "-W", "error", "-c", "import emit; print(emit.record_analysis_db)"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


def package(root: Path, **modules: str) -> Path:
    """Write a package of the recorder's name."""
    (root / "recorder").mkdir()
    for name, text in modules.items():
        (root / "recorder" / f"{name}.py").write_text(f'"""Be a module."""\n\n{text}\n')
    return root


def test_only_what_is_reached_is_taken(tmp_path: Path) -> None:
    root = package(
        tmp_path,
        start="from recorder import other\nfrom recorder.other import Kept\n\n"
        "def main():\n    return Kept().called() + other.LIMIT",
        other="import os\nimport json\n\nLIMIT = 1\n\ndef unused():\n    return os\n\n\n"
        "class Kept:\n    def called(self):\n        # why\n        return self._inner()\n\n"
        "    def uncalled(self):\n        return json\n\n    def _inner(self):\n        return 41\n",
    )
    text = amalgamation.assemble(root, "recorder.start")
    assert "uncalled" not in text
    assert "unused" not in text
    assert "import os" not in text
    assert "# why" in text
    namespace: dict[str, object] = {}
    exec(compile(text, "assembled", "exec"), namespace)
    main = namespace["main"]
    assert callable(main)
    assert main() == 42


@pytest.mark.parametrize(
    ("start", "other", "complaint"),
    [
        ("def _a():\n    return b()", "def _a():\n    return 1\n\n\ndef b():\n    return _a()", r"both define _a"),
        ("def open():\n    return b()", "def b():\n    return 1", "hides Python's own"),
        (
            "import json\n\nX = (json, b)",
            "from json import loads as json\n\n\ndef b():\n    return json",
            "one of them",
        ),
        ("import json\n\nX = (json, b)", "json = 1\n\n\ndef b():\n    return json", "json, which"),
        ("from recorder import other\n\ndef f(b):\n    return other.b", "b = 1", "cannot become"),
        ("from recorder.other import c\n\nX = (b, c)", "b = 1", r"defines recorder\.other\.c"),
        ("import recorder.other\n\nX = (b, recorder)", "b = 1", "write `from"),
    ],
)
def test_what_does_not_fit_into_one_namespace_is_refused(
    tmp_path: Path, start: str, other: str, complaint: str
) -> None:
    root = package(tmp_path, start=f"from recorder.other import b\n\n{start}", other=other)
    with pytest.raises(CannotAssemble, match=complaint):
        amalgamation.assemble(root, "recorder.start")
