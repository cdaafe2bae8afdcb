"""Loading the recorder brings along neither costly libraries nor plugins, and leaves the program's own ones alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RECORD = """
import sys
from types import SimpleNamespace
from recorder.recorder import Recorder

cfg = SimpleNamespace(task_result=SimpleNamespace(task_name="T", task_status="COMPLETED"), task_parameters={"a": 1.5})
with Recorder(sys.argv[1]) as recorder:
    if recorder.record(cfg).id != 1 or recorder.latest("T", "a") != 1.5:
        sys.exit("not stored")
"""


def run(code: str, directory: Path, place: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(place or ""), *sys.path])}
    command = [sys.executable, "-c", code, str(directory)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_recording_loads_no_costly_library(tmp_path: Path) -> None:
    said = run(RECORD + "print(sorted({'numpy', 'pandas', 'pydantic'} & set(sys.modules)))", tmp_path)
    assert said.strip() == "[]"


def test_the_import_system_is_as_it_was(tmp_path: Path) -> None:
    code = (
        "import sys\nbefore, listed = sys.meta_path, list(sys.meta_path)\n"
        + RECORD
        + "print(sys.meta_path is before and list(sys.meta_path) == listed)\nimport pandas\nprint(pandas.__file__)"
    )
    unchanged, file = run(code, tmp_path).split()
    assert unchanged == "True"
    assert "pandas" in file


def test_a_program_that_uses_sqlite_utils_as_well_gets_it_whole(tmp_path: Path) -> None:
    said = run(RECORD + "import sqlite_utils.db\nprint(sqlite_utils.db.pd.__name__)", tmp_path)
    assert said.strip() == "pandas"


def test_another_thread_imports_what_is_hidden_from_ours(tmp_path: Path) -> None:
    (tmp_path / "sqlite_utils.py").write_text(
        "import importlib, threading\n"
        "found = []\n"
        "other = threading.Thread(target=lambda: found.append(importlib.import_module('numpy').__name__))\n"
        "other.start()\n"
        "other.join()\n"
        "try:\n    import pandas\nexcept ModuleNotFoundError:\n    found.append('hidden')\n"
        "class Database:\n    seen = found\n"
    )
    code = "from recorder.storage.library import Database\nprint(Database.seen)"
    assert run(code, tmp_path, tmp_path).strip() == "['numpy', 'hidden']"


def test_libraries_that_the_program_has_loaded_stay(tmp_path: Path) -> None:
    said = run("import numpy, pandas\n" + RECORD + "print('numpy' in sys.modules)", tmp_path)
    assert said.strip() == "True"
