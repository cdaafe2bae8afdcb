"""The README and its neighbours say what is so: their examples run, and what they name is there."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from dbview.commands import COMMANDS
from dbview.screens.base import ViewerScreen
from dbview.screens.entry.screen import EntryScreen
from dbview.screens.overview.screen import OverviewScreen
from dbview.screens.table.screen import TableScreen
from dbview.widgets.grid import Grid
from dbview.widgets.key_line import character_of
from recorder import Recorder, invalidate_entry, read_latest_db_entry, record_analysis_db
from recorder.recorded import RecordedEntry

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PROGRAMS = {"dbview": "dbview.cli", "recorder": "recorder.cli"}
PAGES = sorted(page for folder in (ROOT, ROOT / "docs", ROOT / "docs" / "decisions") for page in folder.glob("*.md"))


def blocks(language: str) -> list[str]:
    """Return the README's examples in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Return the command lines of the README, without their remarks."""
    return [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]


def run(directory: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Run a command line of ours with the interpreter of the tests."""
    program, *arguments = shlex.split(command)
    code = f"import sys; from {PROGRAMS[program]} import main; sys.exit(main())"
    line = [sys.executable, "-c", code, *arguments]
    return subprocess.run(line, cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def test_the_recording_example_and_the_commands_after_it_work(tmp_path: Path) -> None:
    example = blocks("python")[0]
    assert len([line for line in example.splitlines() if line.strip()]) <= 10
    subprocess.run([sys.executable, "-c", example], cwd=tmp_path, check=True)

    headless = [line for line in commands() if re.match(rf"recorder |dbview ({'|'.join(COMMANDS)}) ", line)]
    assert len(headless) >= 10
    for line in headless:
        ended = run(tmp_path, line)
        assert ended.returncode == 0, f"{line}\n{ended.stderr}"

    assert run(tmp_path, "recorder latest . FindPeaks min_peaks --run 12").stdout == "15\n"
    assert "mfxx00125" in run(tmp_path, "dbview show . FindPeaks 1").stdout
    (by_summary,) = re.findall(r"`(is:valid summary\.[^`]+)`", README)
    assert "Number of hits found: 812" in run(tmp_path, f"dbview query . FindPeaks '{by_summary}'").stdout


def test_the_commands_that_open_the_interface_name_what_is_there(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", blocks("python")[0]], cwd=tmp_path, check=True)
    opening = [line for line in commands() if re.match(rf"dbview\b(?! ({'|'.join(COMMANDS)}) )", line)]
    assert len(opening) >= 3
    for line in opening:
        # Everything is checked before the lack of a terminal is.
        assert "needs a terminal" in run(tmp_path, line).stderr, line


def test_the_two_setup_commands_name_what_the_project_has() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    setup = [line for line in commands() if line.startswith("python3 -m venv .venv && .venv/bin/pip install ")]
    demo, tests = setup
    assert demo.endswith("&& .venv/bin/dbview --demo")
    assert tests.endswith("&& .venv/bin/python -m pytest")
    assert set(re.findall(r"\[(\w+)\]", demo + tests)) <= set(extras)


def test_every_promise_names_tests_that_exist() -> None:
    named = re.findall(r"`((?:tests|recorder)/[\w/]+\.py)::(\w+)`", "".join(page.read_text() for page in PAGES))
    assert len(named) >= 30
    for path, name in named:
        functions = {
            node.name
            for node in ast.walk(ast.parse((ROOT / path).read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions, f"{path} has no {name}"


def test_the_promises_of_the_readme_are_those_that_are_shown() -> None:
    section = README.split("## What you can rely on")[1].split("## ")[0]
    promised = re.findall(r"^- (.*)\.$", re.sub(r" \(\[.*?\]\(.*?\)\)", "", section), re.MULTILINE)
    shown = re.split(r"^## ", (ROOT / "docs" / "promises.md").read_text(), flags=re.MULTILINE)[1:]
    assert promised == [part.partition("\n")[0] for part in shown]
    for part in shown:
        files = re.findall(r"^- `([\w/]+\.py)(?:::test_\w+)?`$", part, re.MULTILINE)
        assert files
        assert all((ROOT / file).exists() for file in files)


def test_every_call_is_described_with_its_arguments() -> None:
    page = (ROOT / "docs" / "recording.md").read_text()
    calls = {"Recorder": Recorder, **{name: call for name, call in vars(Recorder).items() if name[0] != "_"}}
    calls |= {call.__name__: call for call in (record_analysis_db, read_latest_db_entry, invalidate_entry)}
    for name in calls.keys() - {"store", "newest", "revalidate"}:
        described = re.search(rf"^\| `{name}\((.*?)\)`", page, re.MULTILINE)
        assert described, name
        arguments = [part for part in inspect.signature(calls[name]).parameters if part != "self"]
        assert re.findall(r"(\w+)(?:=(?:<\w+>|[^,]+))?(?:, |$)", described[1].replace("()", "none")) == arguments, name
    for field in dataclasses.fields(RecordedEntry):
        assert re.search(rf"^\| .*`{field.name}`", page, re.MULTILINE), field.name


def test_every_key_is_bound() -> None:
    rows = re.findall(r"^\| .*? \| (.*) \|$", README, re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`(\S|space)`", row)} - {"★"}
    classes = (OverviewScreen, TableScreen, EntryScreen, ViewerScreen, Grid)
    bound = {key for owner in classes for binding in owner.BINDINGS for key in binding.key.split(",")}
    assert len(named) >= 15
    assert named <= bound | {character_of(key) for key in bound}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!\w+://)([^)#]+)[^)]*\)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


@pytest.mark.parametrize("folder", ["docs", "docs/decisions"])
def test_every_page_is_in_its_index(folder: str) -> None:
    index = (ROOT / folder / "README.md").read_text()
    pages = {page.name for page in (ROOT / folder).glob("*.md")} - {"README.md"}
    assert pages <= set(re.findall(r"\]\((.*?)\)", index))


def test_the_map_of_the_house_names_what_is_there() -> None:
    lines = (ROOT / "CONTRIBUTING.md").read_text().split("## The map of the house")[1].splitlines()
    package = ""
    for line in lines:
        if heading := re.fullmatch(r"    (\w+/)", line):
            package = heading.group(1)
        elif entry := re.fullmatch(r"      ((?:[\w.]+/? )*[\w.]+/?)(?:  .*)?", line):
            for name in entry.group(1).split():
                assert (ROOT / package / name).exists(), package + name
