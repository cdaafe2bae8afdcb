"""What an import brings along, seen in a fresh interpreter: it decides how fast the programs start."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bench.entries import write

RECORDER_NEEDS = {"pydantic", "pydantic_core", "sqlite_utils"}
INTERFACE = {"textual", "rich"}


def modules_after(statement: str) -> set[str]:
    """Return the top-level names in sys.modules after a statement has run in an interpreter of its own."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import recorder", RECORDER_NEEDS | INTERFACE),
        ("import recorder.layout.tables, recorder.layout.flatten, recorder.layout.values", RECORDER_NEEDS | INTERFACE),
        ("import dbview.source.source", RECORDER_NEEDS | INTERFACE),
        ("import dbview.payload", RECORDER_NEEDS | INTERFACE),
        ("import dbview.cli", RECORDER_NEEDS | INTERFACE),
    ],
)
def test_an_import_stays_light(statement: str, unwanted: set[str]) -> None:
    assert modules_after(statement).isdisjoint(unwanted)


def test_the_layout_needs_the_standard_library_only() -> None:
    statement = "import recorder.layout.tables, recorder.layout.flatten, recorder.layout.values"
    # Compared with an empty interpreter: start-up files of an environment may import things of their own.
    assert modules_after(statement) - modules_after("pass") <= set(sys.stdlib_module_names) | {"recorder"}


def test_headless_commands_stay_light(tmp_path: Path) -> None:
    write_database(tmp_path)
    code = f"import dbview.cli\ndbview.cli.main(['query', {str(tmp_path)!r}, 'FindPeaks', '--format', 'json'])"
    assert modules_after(code).isdisjoint(RECORDER_NEEDS | INTERFACE)


def test_the_open_interface_needs_nothing_of_the_recorder(tmp_path: Path) -> None:
    write_database(tmp_path)
    code = f"""
import asyncio
from pathlib import Path
from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.source.source import open_source

async def look():
    app = DbviewApp(open_source(Path({str(tmp_path / "lute.db")!r})), View("FindPeaks"), 1)
    async with app.run_test() as pilot:
        await pilot.pause()

asyncio.run(look())
"""
    assert modules_after(code).isdisjoint(RECORDER_NEEDS)


FOR_KEYS = (
    "dbview.compare.difference",
    "dbview.compare.entries",
    "dbview.payload",
    "dbview.query.conditions",
    "dbview.query.filter",
    "dbview.query.suggest",
    "dbview.source.entries.attention",
    "dbview.source.entries.beside",
    "dbview.source.numbers.distinct",
    "dbview.source.numbers.groups",
    "dbview.source.entries.history",
    "dbview.source.entries.record",
    "dbview.source.view.render",
    "dbview.source.view.select",
    "dbview.source.view.sorting",
    "dbview.source.numbers.statistics",
    "dbview.source.entries.tries",
)
"""What a screen needs once a filter, a sort or another screen is asked for, with all that is inside."""


@pytest.mark.parametrize("screen", ["table", "overview"])
def test_the_first_paint_waits_for_nothing_that_a_key_asks_for(screen: str) -> None:
    code = (
        f"import dbview.cli, dbview.app, dbview.screens.{screen}.screen\nimport sys\n"
        "print(*(name for name in sys.modules if name.startswith('dbview')))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = ended.stdout.split()
    assert f"dbview.screens.{screen}.screen" in loaded
    assert not [name for name in loaded if f"{name}.".startswith(tuple(f"{one}." for one in FOR_KEYS))], (
        "import these where they are used: they delay the first thing that is seen"
    )


def write_database(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "lute.db")) as connection, connection:
        write(connection, entries=3)
