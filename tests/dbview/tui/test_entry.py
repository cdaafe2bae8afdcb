"""One entry in full: what it is, what came of it, what it was made with."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dbview.query.view import View
from dbview.text import moment_text
from dbview.widgets.listing import Listing
from recorder import Recorder
from tests.dbview.database import Database

from .conftest import Look, Viewer

ENTRY = {"timestamp": "2024-02-14 15:09:56", "gen_cfg_id": 1, "exec_cfg_id": 1, "result.task_status": "COMPLETED"}


def task(database: Database, *entries: dict[str, Any], **parameters: str) -> None:
    database.insert("gen_cfg", {"title": "Lysozyme", "experiment": "mfx1", "run": "19", "lute_version": 0.1})
    environment = "SLURM_JOB_ID=48210687;LUTE_PATH=/a;b;SLURM_JWT=hidden-away"
    database.insert("exec_cfg", {"env": environment, "poll_interval": 0.05, "communicator_desc": "Pipe"})
    database.task("Index", parameters, entries)


def whole(viewer: Viewer) -> str:
    """Return all lines of the entry, those beyond the screen too."""
    return "\n".join(line.text for line in viewer.app.screen.query_one(Listing).lines)


async def test_everything_about_an_entry_is_on_its_page(database: Database, look: Look) -> None:
    summary = "Number of lattices indexed: 133;Indexing rate: 0.78"
    entry = {
        **ENTRY,
        "valid_flag": 1,
        "result.summary": summary,
        "result.impl_schemas": "schema1;schema3;",
        "result.payload": "a text",
        "cell.a": 79.2,
        "cell.names[0]": "x",
        "cell.names[1]": "y",
        "int": 7,
    }
    task(database, entry, **{"cell.a": "REAL", "cell.names[0]": "TEXT", "cell.names[1]": "TEXT", "int": "INTEGER"})
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("✓ COMPLETED · valid", "Index › #1", "★ what a next Task of run 19 gets")
        await viewer.press("slash")
        await viewer.until_shown("Esc end search")
        await viewer.type("every job")
        await viewer.press("enter", "enter", "escape")
        await viewer.until(lambda: "SLURM_JOB_ID" in whole(viewer) and "/ look for" in viewer.text)
        lines = [" ".join(line.split()) for line in whole(viewer).splitlines()]
        assert "✓ COMPLETED · valid run 19 · mfx1 · 2024-02-14 15:09:56 UTC" in lines
        for line in (
            "Number of lattices indexed 133",
            "Indexing rate 0.78",
            "schemas schema1, schema3",
            "payload text · 6 characters",
            "a text",
            "Parameters 4 set, 0 empty",
            "int 7",
            "Configuration gen_cfg #1",
            "title Lysozyme",
            "Executor exec_cfg #1",
            "poll_interval 0.05",
            "job 48210687",
            "Environment 2 variables",
            "Environment of the job 1 variable that differs in every job",
            "SLURM_JOB_ID 48210687",
            "LUTE_PATH /a;b",
            "SLURM_JWT ***",
        ):
            assert line in lines
        start = lines.index("cell")
        assert lines[start : start + 5] == ["cell", "a 79.2", "names", "[0] x", "[1] y"]
        assert "hidden-away" not in whole(viewer)


async def test_empty_parameters_are_folded_until_asked_for(database: Database, look: Look) -> None:
    task(database, {**ENTRY, "a": 1}, a="INTEGER", b="TEXT", c="TEXT")
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("1 set, 2 empty (a: show them)")
        assert "∅" not in whole(viewer).split("Parameters")[1].split("Configuration")[0]
        await viewer.press("a")
        await viewer.until(lambda: whole(viewer).split("Parameters")[1].split("Configuration")[0].count("∅") == 2)


async def test_who_changed_the_validity_when_and_why_is_told(database: Database, look: Look) -> None:
    task(database, {**ENTRY, "valid_flag": 0}, {**ENTRY, "valid_flag": 0})
    database.execute(
        "CREATE TABLE _rec_validity(id INTEGER PRIMARY KEY, task TEXT, entry_id INTEGER, valid INTEGER, "
        "changed_at TEXT, changed_by TEXT, reason TEXT)"
    )
    database.execute(
        "INSERT INTO _rec_validity VALUES (1, 'Index', 1, 0, ?, ?, ?)",
        tuple(json.dumps(text) for text in ("2024-03-01T10:00:00.5+00:00", "ann", "detector was off")),
    )
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("not valid", "not valid since 2024-03-01 10:00:00 UTC, by ann: detector was off")
        await viewer.press("k")
        await viewer.until_shown("Index › #2", "who marked it not valid, and why, is not recorded")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-11-21T03:03:27.123456+00:00", "2026-11-21 03:03:27 UTC"),
        ("2026-11-20T23:03:27-04:00", "2026-11-21 03:03:27 UTC"),
        ("2024-03-01 10:00:00", "2024-03-01 10:00:00"),
        ("0001-01-01T00:00:00+10:00", "0001-01-01T00:00:00+10:00"),
        ("yesterday\x1b", "yesterday␛"),
    ],
)
def test_a_moment_is_told_in_utc_if_its_zone_is_known(stored: str, shown: str) -> None:
    assert moment_text(stored) == shown


async def test_what_is_missing_of_a_result_is_told_in_one_way(database: Database, look: Look) -> None:
    columns = ("result.summary", "result.impl_schemas", "result.payload")
    task(database, {**ENTRY, **dict.fromkeys(columns)}, {**ENTRY, **dict.fromkeys(columns, "")})
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("summary  ∅", "schemas  ∅", "payload  ∅")
        await viewer.press("k")
        await viewer.until_shown("summary  empty", "schemas  empty", "payload  empty")


async def test_the_next_row_is_shown_however_early_it_is_asked_for(database: Database, look: Look) -> None:
    task(database, *[ENTRY] * 3)
    for _ in range(10):
        async with look(database.path, View("Index"), key=2) as viewer:
            await viewer.press("k")
            await viewer.until_shown("Index › #3")


async def test_payloads_are_shown_by_kind(database: Database, look: Look, tmp_path: Path) -> None:
    here = tmp_path / "result.mtz"
    here.write_bytes(b"12345")
    payloads: list[Any] = [
        json.dumps({"unit_cell": {"a": 79.2, "ok": True}, "peaks": [1, 2]}),
        f"{here};{tmp_path}/gone.mtz;/no/such/place/x",
        bytes(range(256)),
        None,
        "line\n" * 40,
    ]
    task(database, *({**ENTRY, "result.payload": payload} for payload in payloads))
    shown = [
        ["JSON · object of 2", "unit_cell  2 names", "a  79.2", "ok  true", "[1, 2]"],
        ["payload  path · under Files", f"{here} · text · 5 B", f"{tmp_path}/gone.mtz", "not here   /no/such/place/x"],
        ["bytes of no known kind · 256 B", "000000f0  f0 f1", "00000040  40 41 42"],
        ["payload  ∅"],
        ["text · 200 characters", "its contents stand at the end"],
    ]
    for key, words in enumerate(shown, start=1):
        async with look(database.path, View("Index"), key=key, size=(160, 60)) as viewer:
            await viewer.until(lambda words=words, viewer=viewer: all(word in whole(viewer) for word in words))  # type: ignore[misc]


async def test_an_entry_of_2000_parameters_is_drawn_line_by_line(database: Database, look: Look) -> None:
    names = {f"group_{n // 50}.value_{n}": "INTEGER" for n in range(1900)}
    task(database, {**ENTRY, **dict.fromkeys(names, 5)}, **names)
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("1900 set", "group_0")
        assert len(viewer.app.screen.query("*")) < 20
        await viewer.press("tab", "tab", "tab")
        await viewer.until(lambda: "Executor" in viewer.lines[2] or "Executor" in viewer.text)
        await viewer.press("end")
        await viewer.until_shown("SLURM_JWT")
        await viewer.press("home")
        await viewer.until_shown("COMPLETED")


async def test_next_and_previous_follow_the_view_and_back_keeps_the_place(database: Database, look: Look) -> None:
    entries = [{**ENTRY, "n": n, "result.task_status": "FAILED" if n % 2 else "COMPLETED"} for n in range(10)]
    task(database, *entries, n="INTEGER")
    async with look(database.path, View("Index", "status=FAILED")) as viewer:
        await viewer.until_shown("5 of 10", "#10 ")
        await viewer.press("down", "enter")
        await viewer.until_shown("Index › #8")
        await viewer.press("j")
        await viewer.until_shown("Index › #6")
        await viewer.press("right_square_bracket")
        await viewer.until_shown("Index › #4")
        await viewer.press("k")
        await viewer.until_shown("Index › #6")
        await viewer.press("escape")
        await viewer.until_shown("5 of 10", "#6 ")
        assert viewer.cursor_line.split()[2] == "6"
        await viewer.press("end", "enter")
        await viewer.until_shown("Index › #2")
        for _ in range(3):
            await viewer.press("j")
            await viewer.until_shown("There is no row after this one.")
        assert viewer.text.count("There is no row after this one.") == 1
        await viewer.press("escape")
        await viewer.until(lambda: "5 of 10" in viewer.text and "There is no row" not in viewer.text)


async def test_an_entry_opened_directly_has_its_table_and_the_runs_behind_it(database: Database, look: Look) -> None:
    task(database, *({**ENTRY} for _ in range(5)))
    async with look(database.path, View("Index", position=2), key=2) as viewer:
        await viewer.until_shown("Index › #2", "COMPLETED")
        await viewer.press("j")
        await viewer.until_shown("Index › #1")
        await viewer.press("escape")
        await viewer.until_shown("5 entries")
        await viewer.until(lambda: viewer.cursor_line.split()[2:3] == ["1"])
        await viewer.press("escape")
        await viewer.until_shown("valid, of those recorded")


@pytest.mark.parametrize("key", [99, -5, 2**62])
async def test_an_entry_that_is_not_there_is_told_in_words(database: Database, look: Look, key: int) -> None:
    task(database, ENTRY)
    async with look(database.path, View("Index"), key=key) as viewer:
        await viewer.until_shown(f"Index has no entry {key}.")
        await viewer.press("a", "tab", "end", "escape")
        await viewer.until_shown("1 entry")


async def test_missing_configurations_are_told_in_words(database: Database, look: Look) -> None:
    task(database, {**ENTRY, "gen_cfg_id": 77, "exec_cfg_id": None})
    async with look(database.path, View("Index"), key=1) as viewer:
        await viewer.until_shown("COMPLETED")
        assert whole(viewer).count("there is no such row in this file") == 2
        assert "no variables are recorded" in whole(viewer)


async def test_long_values_are_wrapped_whole(database: Database, look: Look) -> None:
    value = "/".join(f"directory_{n:02}" for n in range(30))
    task(database, {**ENTRY, "path": value}, path="TEXT")
    async with look(database.path, View("Index"), key=1, size=(60, 40)) as viewer:
        await viewer.until_shown("directory_29")
        # Without the last column: the scrollbar's end may stand in any line of it.
        lines = [line[:-1].strip() for line in viewer.lines]
        shown = "".join(line for line in lines if "director" in line or "/" in line)
        assert value in shown.replace("path  ", "")


async def test_secrets_in_the_shared_table_itself_are_masked(database: Database, look: Look) -> None:
    task(database, ENTRY)
    async with look(database.path, View("exec_cfg"), key=1) as viewer:
        await viewer.until_shown("SLURM_JWT", "***")
        assert "hidden-away" not in viewer.text
        await viewer.press("escape")
        await viewer.until_shown("1 row", "LUTE_PATH")
        assert "hidden-away" not in viewer.text


def record(path: Path, status: str, payload: object = None, parameters: object = None, **ending: Any) -> None:
    result = {"task_name": "Index", "task_status": status, "payload": payload}
    with Recorder(path, payload_limit=2000) as recorder:
        recorder.record({"task_result": result, "task_parameters": parameters}, **ending)


async def test_why_a_task_failed_stands_under_its_status(tmp_path: Path, look: Look) -> None:
    output = "".join(f"line {number}\n" for number in range(40)) + "\x1b]0;x\x07Killed\n"
    record(tmp_path / "a.db", "FAILED", return_code=-9, output=output, log="/logs/7.out", code_version="v5")
    async with look(tmp_path / "a.db", View("Index"), key=1) as viewer:
        await viewer.until_shown("Why it failed", "␛]0;x␇Killed", "29 lines before (o: show them)", "Result")
        lines = [" ".join(line.split()) for line in whole(viewer).splitlines()]
        start = lines.index("Why it failed")
        assert lines[start + 1 : start + 4] == ["return code -9", "signal SIGKILL", "log /logs/7.out"]
        assert "line 28" not in lines
        assert "line 29" in lines
        assert "code version v5" in lines[lines.index("Recorded by") :]
        assert "this entry has none" in lines
        await viewer.press("o")
        await viewer.until(lambda: "line 0" in whole(viewer) and "lines before" not in whole(viewer))
        await viewer.press("o")
        await viewer.until_shown("29 lines before")


async def test_a_failure_of_which_nothing_is_known_is_one_line(database: Database, look: Look) -> None:
    statuses = ("FAILED", "TIMEDOUT", "COMPLETED", "CANCELLED")
    task(database, *({**ENTRY, "result.task_status": status} for status in statuses))
    for key, status in enumerate(statuses, start=1):
        async with look(database.path, View("Index"), key=key) as viewer:
            await viewer.until_shown(status, "Result")
            assert ("not recorded why" in whole(viewer)) is (status in ("FAILED", "TIMEDOUT"))
            assert "Recorded by" not in whole(viewer)


async def test_files_inside_a_result_are_shown_with_their_place_and_size(tmp_path: Path, look: Look) -> None:
    record(tmp_path / "a.db", "COMPLETED", {"masks": [b"z" * 4096, 1]})
    record(tmp_path / "a.db", "COMPLETED", "q" * 5000)
    for key, size, pattern in ((1, "4.0 KiB", "*.bin"), (2, "4.9 KiB", "*.txt")):
        (file,) = tmp_path.glob(f"a.db.payloads/{pattern}")
        async with look(tmp_path / "a.db", View("Index"), key=key) as viewer:
            await viewer.until(lambda viewer=viewer, size=size: f"here · text · {size}" in whole(viewer))  # type: ignore[misc]
            assert str(file) in whole(viewer)


async def test_a_table_kept_beside_the_parameters_is_a_file(tmp_path: Path, look: Look) -> None:
    record(tmp_path / "a.db", "COMPLETED", parameters={"a": {"mask": 1}})
    with contextlib.closing(sqlite3.connect(tmp_path / "a.db")) as writer, writer:
        writer.execute("""UPDATE _rec_entry SET parameters = '{"a":{"mask":{"$file":"sha256-0.npy"}}}'""")
    async with look(tmp_path / "a.db", View("Index"), key=1) as viewer:
        await viewer.until(
            lambda: f"{tmp_path}/a.db.payloads/sha256-0.npy  (not here · no {tmp_path}/a.db.payloads)" in whole(viewer)
        )
