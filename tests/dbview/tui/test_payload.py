"""A payload on a screen of its own: opened from its entry, scrolled, searched, unfolded, seen in other forms."""

from __future__ import annotations

import json
import os
import struct
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy
import pytest

from dbview.query.view import View
from dbview.screens.payload.screen import PayloadScreen
from dbview.secrets import LONGEST_MASKED, reveal_secrets
from tests.dbview.database import Database

from .conftest import Look, Viewer

OpenPayload = Callable[..., AbstractAsyncContextManager[Viewer]]


@pytest.fixture
def open_payload(database: Database, look: Look) -> OpenPayload:
    """Return a function that stores an entry with a payload and opens its screen by keys."""

    @asynccontextmanager
    async def opened(payload: Any, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Viewer]:
        entry = {"result.task_status": "COMPLETED", "result.payload": payload, "n": 1}
        database.task("Find", {"n": "INTEGER"}, [entry])
        async with look(database.path, View("Find"), key=1, size=size) as viewer:
            await viewer.until_shown("COMPLETED")
            await viewer.until(lambda: "payload" in viewer.text.lower())
            await viewer.press("p")
            await viewer.until(lambda: isinstance(viewer.app.screen, PayloadScreen))
            yield viewer

    return opened


def image(width: int = 64, height: int = 32) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    rows = b"".join(b"\0" + bytes((255, 0, 0)) * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def test_a_long_log_on_disk_is_read_from_both_ends_and_searched(
    open_payload: OpenPayload, tmp_path: Path
) -> None:
    log = tmp_path / "task.log"
    log.write_text("".join(f"event {number}\n" for number in range(200_000)))
    async with open_payload(str(log)) as viewer:
        await viewer.until_shown("event 0", "text · 2.4 MiB", "task.log")
        await viewer.press("end")
        await viewer.until_shown("event 199999", "100 %")
        await viewer.press("home")
        await viewer.until_shown("event 0")
        await viewer.press("slash")
        await viewer.type("EVENT 123456")
        await viewer.press("enter")
        await viewer.until_shown("No EVENT 123456 below.")
        await viewer.press("slash")
        await viewer.type("event 12345")
        await viewer.press("enter")
        await viewer.until_shown("event 12345 ".strip(), "event 12350")
        await viewer.press("n")
        await viewer.until_shown("event 123450")
        await viewer.press("N")
        await viewer.until_shown("event 12350")
        await viewer.press("escape")
        await viewer.until_shown("COMPLETED")


async def test_a_tree_is_unfolded_and_what_is_in_it_is_opened(open_payload: OpenPayload) -> None:
    tree = {"peaks": [{"id": number, "where": {"x": number}} for number in range(300)], "notes": "first\nsecond"}
    async with open_payload(json.dumps(tree)) as viewer:
        await viewer.until_shown("▸ peaks  300 items", "notes")
        await viewer.press("enter")
        await viewer.until_shown("▾ peaks", "▸ [0]  2 names")
        await viewer.press("down", "right", "down", "down", "right")
        await viewer.until_shown("▾ where  1 name", "x  0")
        await viewer.press("left", "left", "left", "left", "left")
        await viewer.until_shown("▸ peaks  300 items")
        await viewer.press("slash")
        await viewer.type("second")
        await viewer.press("enter")
        await viewer.until(lambda: "notes" in viewer.cursor_line)
        await viewer.press("enter")
        await viewer.until(lambda: "first" in viewer.text and "▸" not in viewer.text)
        lines = [line.strip() for line in viewer.lines]
        assert lines.index("second") == lines.index("first") + 1
        await viewer.press("escape")
        await viewer.until_shown("▸ peaks  300 items")


async def test_secrets_in_json_are_masked_in_tree_and_text(open_payload: OpenPayload) -> None:
    text = json.dumps({"login": {"api_token": "hidden-away", "user": "ana"}, "n": 1})
    async with open_payload(text) as viewer:
        await viewer.until_shown("api_token", "***", "ana")
        assert "hidden-away" not in viewer.text
        await viewer.press("v")
        await viewer.until_shown("as text", "***")
        assert "hidden-away" not in viewer.text


async def test_json_too_long_to_be_read_as_a_tree_says_what_is_masked_in_it(
    open_payload: OpenPayload, tmp_path: Path
) -> None:
    file = tmp_path / "long.json"
    file.write_text('{"api_token": "hidden-away",\n"user": "ana",\n"pad": "' + "x" * LONGEST_MASKED + '"}')
    async with open_payload(str(file)) as viewer:
        await viewer.until_shown('"api_token": "***"', '"user": "ana"', "of secrets only those are masked whose name")
        assert "hidden-away" not in viewer.text
        reveal_secrets()
        try:
            await viewer.press("r")
            await viewer.until_shown("hidden-away")
        finally:
            reveal_secrets(False)


async def test_a_table_keeps_its_header_in_sight(open_payload: OpenPayload, tmp_path: Path) -> None:
    table = tmp_path / "hits.csv"
    table.write_text("run,rate,note\n" + "".join(f'{run},{run / 4},"a, b"\n' for run in range(1000)))
    async with open_payload(str(table)) as viewer:
        await viewer.until_shown(" run    rate  note", "   0     0.0  a, b")
        await viewer.press("end")
        await viewer.until_shown(" run    rate  note", " 999  249.75  a, b")
        await viewer.press("v")
        await viewer.until_shown("run,rate,note", "as text")


async def test_an_image_is_drawn_and_its_bytes_can_be_seen(open_payload: OpenPayload) -> None:
    async with open_payload(image()) as viewer:
        await viewer.until_shown("▀" * 20, "PNG image", "64 × 32 pixels", "#1 › payload")
        await viewer.press("v", "v")
        await viewer.until_shown("89 50 4e 47 0d 0a 1a 0a", "as hex", " 0  1  2  3")


async def test_an_array_is_described_and_its_slices_are_drawn(open_payload: OpenPayload, tmp_path: Path) -> None:
    array = numpy.zeros((3, 20, 40))
    array[1] = numpy.arange(800).reshape(20, 40)
    numpy.save(tmp_path / "a.npy", array)
    async with open_payload(str(tmp_path / "a.npy")) as viewer:
        await viewer.until_shown("float64", "3 × 20 × 40", "slice [0]", "799.0")
        await viewer.press("right_square_bracket")
        await viewer.until_shown("slice [1]", "█", "░")


async def test_a_part_of_an_archive_is_opened_and_a_pickle_is_only_named(
    open_payload: OpenPayload, tmp_path: Path
) -> None:
    numpy.savez(tmp_path / "a.npz", hits=numpy.arange(12).reshape(3, 4), odd=numpy.array([{}], dtype=object))
    async with open_payload(str(tmp_path / "a.npz")) as viewer:
        await viewer.until_shown("hits.npy   int64 · 3 × 4", "odd.npy   Python objects · 1", "never loaded")
        await viewer.press("enter")
        await viewer.until_shown("a.npz › hits.npy", "int64", "smallest     0", "largest      11")
        await viewer.press("escape", "down", "enter")
        await viewer.until_shown("a.npz › odd.npy", "a Python pickle inside: never loaded")


async def test_markdown_is_read_and_its_source_seen(open_payload: OpenPayload) -> None:
    async with open_payload(
        "# Report\n\nThe *rate* is [here](http://x.y).\n\n- one\n- two\n" + "word " * 100
    ) as viewer:
        await viewer.until_shown("The rate is here (http://x.y).", "• one")
        await viewer.press("v")
        await viewer.until_shown("The *rate* is [here](http://x.y).")


async def test_where_a_payload_is_not_here_nothing_is_offered_to_find(
    open_payload: OpenPayload, tmp_path: Path
) -> None:
    missing = tmp_path / "missing.txt"
    async with open_payload(str(missing)) as viewer:
        await viewer.until_shown("nothing is at")
        assert "/ find" not in viewer.lines[-1]
        assert "n next" not in viewer.lines[-1]
        await viewer.press("slash", "n")
        missing.write_text("now it is here")
        await viewer.press("r")
        await viewer.until_shown("now it is here", "/ find  n next")


async def test_tab_opens_no_search(open_payload: OpenPayload) -> None:
    async with open_payload("line\n" * 500) as viewer:
        await viewer.until_shown("line", "/ find")
        for key in ("tab", "shift+tab"):
            await viewer.press(key, "end")
            await viewer.until_shown("100 %", "/ find")
            await viewer.press("home")
            await viewer.until(lambda: "100 %" not in viewer.text)


async def test_of_several_files_one_is_chosen(open_payload: OpenPayload, tmp_path: Path) -> None:
    directory = tmp_path / ("a_directory_with_a_long_name" * 6)
    directory.mkdir()
    (directory / "a.txt").write_text("this is a")
    async with open_payload(f"{directory}/a.txt;{directory}/b.txt", size=(160, 30)) as viewer:
        await viewer.until_told("a.txt   here · file · 9 B", "b.txt   gone")
        await viewer.press("enter")
        await viewer.until_shown("this is a")
        await viewer.press("escape", "down", "enter")
        await viewer.until_told("nothing is at", "b.txt.")


async def test_lines_are_wrapped_or_scrolled_sideways(open_payload: OpenPayload) -> None:
    async with open_payload("a" * 150 + "b" * 300 + "\nsecond line") as viewer:
        await viewer.until_shown("second line", "b" * 100)
        await viewer.press("w")
        await viewer.until(lambda: "b" not in viewer.text.partition("second line")[0].rpartition("a" * 50)[2])
        await viewer.press("right", "right", "right")
        await viewer.until_shown("b" * 100)


async def test_a_line_that_ends_left_of_the_screen_keeps_the_mark_of_the_cursor(
    open_payload: OpenPayload, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "parts.zip", "w") as archive:
        archive.writestr("z", "short")
        archive.writestr("a" * 150 + "b" * 100, "long")
    async with open_payload(str(tmp_path / "parts.zip"), size=(60, 20)) as viewer:
        await viewer.until_shown("aaa")
        await viewer.press("right", "right", "right", "right", "right")
        await viewer.until_shown("bbb")
        assert viewer.cursor_line.strip() == "▌"


async def test_what_is_no_regular_file_is_not_opened(open_payload: OpenPayload, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    async with open_payload(str(tmp_path / "pipe"), size=(200, 30)) as viewer:
        await viewer.until_shown("is a pipe: only regular files are opened.")
        await viewer.press("escape")
        await viewer.until_shown("COMPLETED")


async def test_the_database_itself_is_not_opened(open_payload: OpenPayload, database: Database) -> None:
    async with open_payload(str(database.path), size=(200, 30)) as viewer:
        await viewer.until_shown("belongs to the database that is being looked at.")


async def test_a_damaged_part_is_told_of_and_the_list_stays(open_payload: OpenPayload, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part.txt", "text " * 100)
    raw = bytearray((tmp_path / "a.zip").read_bytes())
    raw[40:50] = bytes(10)
    (tmp_path / "a.zip").write_bytes(raw)
    async with open_payload(str(tmp_path / "a.zip")) as viewer:
        await viewer.until_shown("part.txt   500 B")
        await viewer.press("enter")
        await viewer.until_shown("part.txt cannot be read", "part.txt   500 B")


async def test_a_payload_that_is_nothing_says_so(database: Database, look: Look) -> None:
    database.task("Find", {}, [{"result.task_status": "COMPLETED"}])
    async with look(database.path, View("Find"), key=1) as viewer:
        await viewer.until_shown("COMPLETED")
        await viewer.press("p")
        await viewer.until_shown("There is no more to this payload")


async def test_a_file_system_that_does_not_answer_holds_up_nothing(
    open_payload: OpenPayload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "far.txt").write_text("at last")
    answers, real_stat = threading.Event(), os.stat

    def slow_stat(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        if str(path).endswith("far.txt") and threading.current_thread().name == "payload":
            answers.wait(60)
        return real_stat(path, *arguments, **options)

    monkeypatch.setattr(os, "stat", slow_stat)
    monkeypatch.setattr("dbview.screens.payload.screen.PATIENCE", 0.2)
    async with open_payload(str(tmp_path / "far.txt")) as viewer:
        await viewer.until_shown("far.txt does not come: no answer within 0.2 s. r tries again.")
        answers.set()
        monkeypatch.setattr("dbview.screens.payload.screen.PATIENCE", 30.0)
        await viewer.press("r")
        await viewer.until_shown("at last")
