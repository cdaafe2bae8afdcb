"""The head says how the file is read and how old its data is; reading it again makes the best of what is there now."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from dbview.app import DbviewApp
from dbview.query.view import View
from dbview.source.file.copying import Copying
from dbview.source.file.scratch import Scratch
from dbview.source.source import open_source
from tests.dbview.disk import COMMITTED, LATER, MID_COMMIT, TWO_COMMITS, Place, crash

from .conftest import Look, Viewer


def write(file: Path) -> None:
    """Add a row as a writer who comes and goes."""
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("INSERT INTO t(x) VALUES ('later')")


async def test_a_snapshot_says_so_and_is_renewed_when_asked_for(place: Place, look: Look) -> None:
    place.leave("DELETE", MID_COMMIT)
    async with look(place.file, View("t")) as viewer:
        await viewer.until_shown(
            f"{COMMITTED} rows", "snapshot of ", "written 20", "private copy: its last", "interrupted"
        )
        write(place.file)
        await viewer.until_shown("changed · r")
        assert f"{COMMITTED} rows" in viewer.text
        await viewer.press("r")
        await viewer.until_shown(f"{COMMITTED + 1} rows", "live · read-only")


async def test_a_write_that_is_interrupted_meanwhile_is_told(place: Place, look: Look) -> None:
    place.leave("DELETE", "connection.close()")
    async with look(place.file, View("t")) as viewer:
        await viewer.until_shown(f"{COMMITTED} rows", "live · read-only")
        crash(place.file)
        await viewer.press("r")
        await viewer.until_shown(f"{COMMITTED} rows", "snapshot of ", "private copy: its last", "interrupted")


async def test_a_log_without_a_writer_is_static_and_with_one_live(place: Place, look: Look) -> None:
    place.leave("WAL", "connection.close()")
    async with look(place.file, View("t")) as viewer:
        await viewer.until_shown(f"{COMMITTED} rows", "static · read-only · written 20")
        with contextlib.closing(sqlite3.connect(place.file)) as connection, connection:
            connection.execute("INSERT INTO t(x) VALUES ('later')")
            connection.commit()
            await viewer.press("r")
            await viewer.until_shown(f"{COMMITTED + 1} rows", "live · read-only")


async def test_a_file_that_is_replaced_is_told_and_opened_when_asked_for(place: Place, look: Look) -> None:
    place.leave("DELETE", "connection.close()")
    async with look(place.file, View("t")) as viewer:
        await viewer.until_shown(f"{COMMITTED} rows", "written 20")
        other = place.file.with_name("other.db")
        other.write_bytes(place.file.read_bytes())
        write(other)
        other.replace(place.file)
        await viewer.until_shown("another file now")
        await viewer.press("r")
        await viewer.until_shown(f"{COMMITTED + 1} rows")


@pytest.mark.parametrize("size", [0, 5_000])
async def test_a_file_cut_short_is_told_and_read_again_when_it_is_whole(place: Place, look: Look, size: int) -> None:
    place.leave("DELETE", "connection.close()")
    whole = place.file.read_bytes()
    async with look(place.file, View("t")) as viewer:
        await viewer.until_shown(f"{COMMITTED} rows")
        os.truncate(place.file, size)
        await viewer.press("r")
        await viewer.until(lambda: "cut short" in viewer.text or "damaged" in viewer.text)
        # In one go: what is half there would be told as damaged.
        with place.file.open("r+b", buffering=0) as file:
            file.write(whole)
        await viewer.press("r")
        await viewer.until_shown(f"{COMMITTED} rows", "#100")


async def test_the_age_of_the_data_is_told_also_if_a_clock_is_ahead(place: Place, look: Look) -> None:
    place.leave("DELETE", "connection.close()")
    for age, words in ((0, "just now"), (300, "5 min ago"), (7200, "2 h ago"), (10 * 86400, "10 d ago")):
        os.utime(place.file, (time.time() - age, time.time() - age))
        async with look(place.file, size=(100, 10)) as viewer:
            await viewer.until_shown(f"UTC, {words}")
    os.utime(place.file, (time.time() + 3600, time.time() + 3600))
    async with look(place.file, size=(100, 10)) as viewer:
        await viewer.until_shown("UTC, in the future")


@pytest.mark.parametrize(
    ("width", "state"),
    [
        (100, " live · read-only · written 20"),
        (70, " live · read-only · written 3 h ago"),
        (45, " written 3 h ago"),
        (32, " 3 h ago"),
    ],
)
async def test_the_state_of_the_file_gives_way_before_the_places_do(
    place: Place, look: Look, width: int, state: str
) -> None:
    place.leave("DELETE", "connection.close()")
    name = place.file.name
    os.utime(place.file, (time.time() - 3 * 3600 - 60,) * 2)
    async with look(place.file, View("t"), size=(width, 20)) as viewer:
        await viewer.until_shown(f"{COMMITTED} rows", f"#{COMMITTED}")
        await viewer.press("enter")
        await viewer.until(lambda: f"{name} › t › #" in viewer.lines[0] and state in viewer.lines[0])


async def test_the_screen_says_how_far_a_copy_is(place: Place, tmp_path: Path) -> None:
    place.leave("WAL", TWO_COMMITS)
    place.beside("-shm").unlink()
    goes_on = threading.Event()
    goes_on.set()
    copying = Copying(Scratch(tmp_path), progress=lambda _done, _whole: goes_on.wait(30) and None)
    with contextlib.closing(open_source(place.file, copying)) as source:
        app = DbviewApp(source, View("t"))
        async with app.run_test(size=(100, 20)) as pilot:
            viewer = Viewer(app, pilot)
            await viewer.until_shown(f"{COMMITTED + LATER} rows", "snapshot of ")
            goes_on.clear()
            with place.beside("-wal").open("ab") as log:
                log.write(b"no frame")
            await viewer.press("r")
            await viewer.until_shown("copying ", " %")
            goes_on.set()
            await viewer.until_shown(f"{COMMITTED + LATER} rows", "snapshot of ")


@pytest.mark.parametrize("answer", ["y", "n", ""])
async def test_more_than_may_be_copied_is_asked_for_while_the_file_is_open(
    place: Place, tmp_path: Path, answer: str
) -> None:
    place.leave("DELETE", "connection.close()")
    with contextlib.closing(open_source(place.file, Copying(Scratch(tmp_path), limit=100_000))) as source:
        app = DbviewApp(source, View("t"))
        async with app.run_test(size=(250, 20), notifications=True) as pilot:
            viewer = Viewer(app, pilot)
            await viewer.until_shown(f"{COMMITTED} rows", "live · read-only")
            crash(place.file)
            await viewer.press("r")
            await viewer.until_shown("a private copy of ", "copy it? y/N")
            assert list(tmp_path.iterdir()) == []
            await viewer.type(answer)
            await viewer.press("enter")
            if answer == "y":
                await viewer.until_shown(f"{COMMITTED} rows", "snapshot of ", "#100")
            else:
                await viewer.until_shown("--copy-limit")
                assert list(tmp_path.iterdir()) == []
