"""Where the files of an entry are, and whether they are still there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbview.query.view import View
from dbview.widgets.drawing import fit_end
from dbview.widgets.listing import Listing
from tests.dbview.database import Database

from .conftest import Look, Viewer

DONE = {"result.task_status": "COMPLETED", "valid_flag": 1}


def files(viewer: Viewer) -> list[str]:
    """Return the lines of the section on files."""
    lines = [" ".join(line.text.split()) for line in viewer.app.screen.query_one(Listing).lines]
    starts = [number for number, line in enumerate(lines) if line.startswith("Files")]
    return lines[starts[0] : lines.index("", starts[0])] if starts else []


def entry(database: Database, directory: Path, **more: Any) -> None:
    """Store an entry that names files of each kind."""
    parameters = {
        "in_file": f"{directory}/cxi/run_1.h5",
        "peaks": "cxi/run_*.h5",
        "mask": f"{directory}/mask.npy",
        "calib": "/no/such/place/calib.txt",
        "scratch": "$SCRATCH/a.h5",
        "out_dir": f"{directory}/cxi",
        "energy": "9.5",
        **more,
    }
    (directory / "cxi").mkdir()
    for number in range(3):
        (directory / "cxi" / f"run_{number}.h5").write_bytes(b"\x89HDF\r\n\x1a\n")
    (directory / "summary.txt").write_text("all is well")
    row = {**DONE, **parameters, "result.payload": f"{directory}/summary.txt;{directory}/out.stream"}
    database.task("Index", dict.fromkeys(parameters, "TEXT"), [row])


async def test_each_path_of_an_entry_is_told_whether_it_is_here(database: Database, look: Look) -> None:
    directory = database.path.parent
    entry(database, directory)

    def end(name: str) -> str:
        return fit_end(f"{directory}/{name}", 44)

    async with look(database.path, View("Index"), key=1, size=(160, 50)) as viewer:
        await viewer.until_shown("Files 4 here · 2 gone · 1 not here · 1 not looked for".replace("Files ", "Files   "))
        lines = [line.partition(" · moments")[0] for line in files(viewer)]
        assert lines[1:] == [
            f"in in_file here {end('cxi/run_1.h5')} · HDF5 file · 8 B",
            f"in peaks here cxi/run_*.h5 · pattern · 3 match · from {directory}",
            f"in mask gone {end('mask.npy')}",
            "in calib not here /no/such/place/calib.txt · no /no",
            "in scratch not looked for $SCRATCH/a.h5 · what $SCRATCH was is not recorded",
            f"out out_dir here {end('cxi')} · directory · 3 entries",
            f"out payload here {directory}/summary.txt · text · 11 B",
            f"out payload gone {directory}/out.stream",
        ]


async def test_why_none_of_several_files_is_here_is_said_once(database: Database, look: Look) -> None:
    row = {"in_file": "/no/such/a.h5", "mask_file": "/no/such/b.npy", "result.payload": "/no/other/c.h5"}
    database.task("Index", {"in_file": "TEXT", "mask_file": "TEXT"}, [{**DONE, **row}])
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("Files   3 not here · no /no")
        assert files(viewer)[1:] == [
            "in in_file not here /no/such/a.h5",
            "in mask_file not here /no/such/b.npy",
            "out payload not here /no/other/c.h5",
        ]


async def test_a_file_takes_one_line_on_a_small_screen(database: Database, look: Look) -> None:
    made = database.path.parent / ("a_directory_with_a_long_name" * 3) / "summary.txt"
    made.parent.mkdir()
    made.write_text("all is well")
    database.task("Index", {"in_file": "TEXT"}, [{**DONE, "in_file": str(made)}])
    for size, shortest, longest in (((80, 24), 16, 40), ((160, 24), 44, 44)):
        async with look(database.path, View("Index"), key=1, size=size) as viewer:
            await viewer.until_shown("text · 11 B")
            (line,) = [line.rstrip() for line in viewer.lines if "text · 11 B" in line]
            path = next(word for word in line.split() if word.startswith("…"))
            assert path.endswith("name/summary.txt")
            assert shortest <= len(path) <= longest
            assert line.endswith("old")
            await viewer.pilot.resize_terminal(100, 30)
            await viewer.until(lambda: " … " not in viewer.text and len(viewer.lines) == 30)


async def test_a_relative_payload_is_the_same_file_in_the_result_and_among_the_files(
    database: Database, look: Look
) -> None:
    made = database.path.parent / "out" / "summary.txt"
    made.parent.mkdir()
    made.write_text("all is well")
    database.task("Index", {}, [{**DONE, "result.payload": "out/summary.txt"}])
    async with look(database.path, View("Index"), key=1, size=(160, 50)) as viewer:
        await viewer.until_shown("Files   1 here")
        assert [line.split() for line in viewer.lines if line.split()[:1] == ["payload"]] == [
            ["payload", "path", "·", "under", "Files"]
        ]
        await viewer.until_shown("out  payload  here")
        assert viewer.text.count("out/summary.txt") == 1
        await viewer.press("p")
        await viewer.until_shown("all is well", "#1 › summary.txt")


async def test_enter_opens_what_is_here(database: Database, look: Look) -> None:
    entry(database, database.path.parent)
    async with look(database.path, View("Index"), key=1, size=(160, 50)) as viewer:
        await viewer.until_shown("Files   4 here")
        await go_to(viewer, "summary.txt · text")
        await viewer.press("enter")
        await viewer.until_shown("all is well", "#1 › summary.txt")
        await viewer.press("escape")
        await viewer.until_shown("Files   4 here")
        await go_to(viewer, "directory · 3 entries")
        await viewer.press("enter")
        await viewer.until_shown("3 entries", "run_0.h5", "run_2.h5", "#1 › cxi")
        await viewer.press("down", "enter")
        await viewer.until_shown("#1 › cxi › run_1.h5", "HDF5 file")
        await viewer.press("escape", "escape")
        await go_to(viewer, "pattern · 3 match")
        await viewer.press("enter")
        await viewer.until_shown("3 entries", "run_0.h5", "#1 › run_*.h5")
        await viewer.press("escape")
        await go_to(viewer, "mask     gone")
        await viewer.press("enter")
        await viewer.until_told("mask.npy: gone")


async def go_to(viewer: Viewer, words: str) -> None:
    """Put the cursor on the first line with these words."""
    await viewer.until(lambda: any(words in line.text for line in viewer.app.screen.query_one(Listing).lines))
    await viewer.press("home")
    await viewer.until(lambda: viewer.cursor_line)
    listing = viewer.app.screen.query_one(Listing)
    for _line in listing.lines:
        # One with a long path goes on below the line that the cursor is on.
        if words in listing.lines[listing.index].text:
            return
        await viewer.press("down")
    pytest.fail(f"the cursor never came to {words!r}; the screen is\n{viewer.text}")
