"""An entry among others: what changed, what a next Task gets, why it failed, where its keys lead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dbview.query.view import View
from dbview.widgets.listing import Listing
from recorder import Recorder
from tests.dbview.database import Database

from .conftest import Look, Viewer

ENV = "SLURM_JOB_ID={};SLURM_JOB_NODELIST=node{};LUTE_PATH=/lute;LUTE_TOKEN={}"
GOOD = {"result.task_status": "COMPLETED", "valid_flag": 1}
FAILED = {"result.task_status": "FAILED", "valid_flag": 0}


@pytest.fixture
def tries(database: Database) -> Database:
    """Return a Task with two runs: 19 (entries 1 and 3), 20 (entries 2, 4 and 5)."""
    for run in ("19", "20"):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": run})
    columns = {"threshold": "REAL", "mode": "TEXT", "opts[0]": "TEXT", "opts[1]": "TEXT", "api_token": "TEXT"}
    entries: list[dict[str, Any]] = [
        {"gen_cfg_id": 1, "threshold": 0.5, "mode": "fast", "opts[0]": "a", "opts[1]": "b", "api_token": "x1", **GOOD},
        {"gen_cfg_id": 2, "threshold": 0.5, "mode": "fast", "opts[0]": "a", "api_token": "x1", **FAILED},
        {"gen_cfg_id": 1, "threshold": 0.75, "mode": "fast", "opts[0]": "b", "api_token": "x2", **GOOD},
        {"gen_cfg_id": 2, "threshold": 0.5, "mode": None, "opts[0]": "a", "api_token": "x1", **GOOD},
        {"gen_cfg_id": 2, "threshold": 0.5, "mode": "slow", "opts[0]": "a", "api_token": "x1", **GOOD},
    ]
    for number, entry in enumerate(entries, start=1):
        database.insert("exec_cfg", {"env": ENV.format(number, number, f"secret{number}")})
        entry.update({"timestamp": f"2024-02-14 15:00:0{number}", "exec_cfg_id": number})
    database.task("Index", columns, entries)
    return database


def whole(viewer: Viewer) -> list[str]:
    return [" ".join(line.text.split()) for line in viewer.app.screen.query_one(Listing).lines]


async def test_what_changed_since_the_try_before_stands_first(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=3) as viewer:
        await viewer.until_shown(
            "3 differ from #1, the one before in this run", "2nd of 2 in this run", "★ what a next"
        )
        lines = whole(viewer)
        assert "job 3 on node3" in lines
        start = lines.index("3 differ from #1, the one before in this run d: against another")
        assert lines[start + 1 : start + 5] == [
            "~ threshold 0.5 → 0.75 +0.25 (+50 %)",
            "~ opts[0] a → ∅",
            "~ api_token *** → *** differs",
            "",
        ]
        assert "x2" not in "\n".join(lines)


async def test_only_the_newest_good_one_of_a_run_is_what_the_next_task_gets(tries: Database, look: Look) -> None:
    tries.execute("""UPDATE "Index" SET timestamp = '2024-02-15 00:00:00' WHERE id = 4""")
    for key, is_it in ((4, True), (5, False), (2, False), (3, True)):
        async with look(tries.path, View("Index"), key=key) as viewer:
            await viewer.until_shown("in this run")
            await viewer.until_shown("of 2 in" if key == 3 else "of 3 in")
            assert ("★" in viewer.text) is is_it
            assert ("a next Task of run 20 gets #4" in whole(viewer)) is not is_it


async def test_a_failure_is_told_apart_from_the_next_good_try(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("not recorded why; its log is that of job 2 on node2")
        await viewer.until_shown("it differs from #4, the next good one in this run, #4 → here:")
        assert "~ mode ∅ → fast" in whole(viewer)
        await viewer.until_shown("1 differs from #1, the one before (run 19)")
    tries.execute("UPDATE exec_cfg SET env = 'HOSTNAME=vm' WHERE id = 2")
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("not recorded why; its log is on vm")
        assert "on vm" in whole(viewer)


async def test_an_entry_that_was_stopped_says_why(tries: Database, look: Look) -> None:
    tries.execute(
        """UPDATE "Index" SET "result.task_status" = 'CANCELLED', "result.summary" = 'By hand' WHERE id = 2"""
    )
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("How it ended", "its summary says: By hand")
        await viewer.until_shown("it differs from #4, the next good one in this run")


async def test_a_run_of_another_experiment_is_named_with_it(tries: Database, look: Look) -> None:
    tries.execute("UPDATE gen_cfg SET experiment = 'cxi2' WHERE id = 1")
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("1 differs from #1, the one before (run 19 of cxi2)")
    tries.execute("UPDATE gen_cfg SET experiment = NULL WHERE id = 1")
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("1 differs from #1, the one before (run 19 of ∅)")


async def test_the_own_value_stands_last_whichever_is_compared(tries: Database, look: Look) -> None:
    tries.execute("""UPDATE "Index" SET valid_flag = 0 WHERE id = 4""")
    async with look(tries.path, View("Index"), key=4) as viewer:
        await viewer.until_shown("1 differs from #2, the one before in this run")
        assert "~ mode fast → ∅" in whole(viewer)
        await viewer.press("d")
        await viewer.until_shown("from #3, the one before (run 19)")
        await viewer.press("d")
        await viewer.until_shown("1 differs from #5, the next good one in this run, #5 → here")
        assert "~ mode slow → ∅" in whole(viewer)


async def test_paths_of_the_own_run_are_told_of_by_name(database: Database, look: Look) -> None:
    for run in ("19", "20", "21"):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": run})
    columns = dict.fromkeys(["in_file", "mask", "out_file"], "TEXT")
    rows = [
        {"in_file": f"/a/r00{run}.h5", "out_file": f"/b/{run}.h5", "mask": mask, "exec_cfg_id": None, **status}
        for run, mask, status in ((19, "/m1", GOOD), (20, "/m2", FAILED), (21, "/m2", GOOD))
    ]
    database.task("Index", columns, [{"gen_cfg_id": number, **row} for number, row in enumerate(rows, start=1)])
    database.execute("""UPDATE "Index" SET valid_flag = 0 WHERE id = 3""")
    async with look(database.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("it differs from #1, the last good one before (run 19):")
        lines = whole(viewer)
        told = ["~ mask /m1 → /m2", "in_file, out_file: only the run's number"]
        start = lines.index("it differs from #1, the last good one before (run 19):")
        assert lines[start + 1 : start + 3] == told
        start = lines.index("3 differ from #1, the one before (run 19) d: against another")
        assert lines[start + 1 : start + 6] == [*told, "", "in_file /a/r0020.h5", "out_file /b/20.h5"]
        await viewer.press("n", "n")
        await viewer.until(lambda: "mask" in viewer.cursor_line)
    async with look(database.path, View("Index"), key=3) as viewer:
        await viewer.until_shown("2 differ, only by run, from #2, the one before (run 20)")


async def test_of_many_paths_of_the_own_run_a_few_are_named(database: Database, look: Look) -> None:
    names = [f"file_{letter}" for letter in "abcdefgh"]
    for run in ("19", "20"):
        database.insert("gen_cfg", {"experiment": "mfx1", "run": run})
    rows = [{"gen_cfg_id": number, **GOOD, **{name: f"/{name}/{number + 18}" for name in names}} for number in (1, 2)]
    database.task("Index", dict.fromkeys(names, "TEXT"), rows)
    async with look(database.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("8 differ, only by run, from #1")
        named = ", ".join(names[:6])
        assert f"{named} and 2 more: only the run's number" in whole(viewer)


async def test_c_compares_a_failure_with_the_good_try_that_it_names(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("it differs from #4, the next good one in this run")
        await viewer.press("c")
        await viewer.until_shown("2 entries compared")
        await viewer.until(lambda: "#2" in viewer.lines[2] and "#4" in viewer.lines[2])
        assert viewer.lines[2].index("#2") < viewer.lines[2].index("#4")
    tries.execute("""UPDATE "Index" SET valid_flag = 0 WHERE gen_cfg_id = 2""")
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("it differs from #3, the next good one (run 19), #3 → here")
        await viewer.press("c")
        await viewer.until(lambda: "#2" in viewer.lines[2] and "#3" in viewer.lines[2])
    tries.execute("""UPDATE "Index" SET valid_flag = 0 WHERE id = 3""")
    async with look(tries.path, View("Index"), key=2) as viewer:
        await viewer.until_shown("#1, the last good one before (run 19)")
        await viewer.press("c")
        await viewer.until(lambda: "#1" in viewer.lines[2] and "#2" in viewer.lines[2])


async def test_d_compares_with_another(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=5) as viewer:
        await viewer.until_shown("1 differs from #4, the one before in this run")
        await viewer.press("d")
        await viewer.until_shown("There is no other entry to compare it with")
    tries.execute("""UPDATE "Index" SET valid_flag = 0 WHERE id = 4""")
    async with look(tries.path, View("Index"), key=5) as viewer:
        await viewer.until_shown("1 differs from #4, the one before in this run")
        await viewer.press("d")
        await viewer.until_shown("the last good one before (run 19)")
        await viewer.press("d")
        await viewer.until_shown("1 differs from #4, the one before in this run")


async def test_differences_and_what_is_looked_for_are_gone_to(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=3) as viewer:
        await viewer.until_shown("differ from #1")
        await viewer.press("n")
        await viewer.until(lambda: "threshold" in viewer.cursor_line)
        await viewer.press("n", "N", "N")
        await viewer.until(lambda: "api_token" in viewer.cursor_line)
        await viewer.until(lambda: "Beforethefirst:thelastagain." in viewer.said)
        await viewer.press("n")
        await viewer.until(lambda: "Afterthelast:thefirstagain." in viewer.said and "threshold" in viewer.cursor_line)
        await viewer.press("slash")
        await viewer.type("LUTE_p")
        await viewer.until_shown("1 line with LUTE_p")
        await viewer.press("enter")
        await viewer.until(lambda: "LUTE_PATH" in viewer.cursor_line)
        await viewer.press("n")
        await viewer.until(lambda: "Thereisnoother." in viewer.said)
        await viewer.press("escape")
        await viewer.until_shown("/ look for")
        await viewer.press("slash")
        await viewer.type("nowhere")
        await viewer.until_shown("nothing with nowhere")
        await viewer.press("enter", "n")
        await viewer.until_shown("There is no difference to go to.")


async def test_a_section_is_folded_by_its_heading(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=3) as viewer:
        await viewer.until_shown("differ from #1")
        await viewer.press("tab", "enter")
        await viewer.until(lambda: "Result Enter shows it" in whole(viewer))
        assert "schemas ∅" not in whole(viewer)
        await viewer.press("enter")
        await viewer.until(lambda: "schemas ∅" in whole(viewer))


async def test_keys_lead_to_the_shared_row_and_back_to_its_entries(tries: Database, look: Look) -> None:
    async with look(tries.path, View("Index"), key=3) as viewer:
        await viewer.until_shown("differ from #1")
        await viewer.press("slash")
        await viewer.type("experiment")
        await viewer.press("enter", "enter")
        await viewer.until_shown("gen_cfg › #1", "Index", "2 entries")
        await viewer.press("end", "enter")
        await viewer.until_shown("gen_cfg_id=1", "2 of 5")
        await viewer.press("escape", "escape", "escape", "escape")
        await viewer.until_shown("5 entries")


async def test_declared_keys_lead_on_and_back(database: Database, look: Look) -> None:
    database.connection.executescript("""
        CREATE TABLE lattice(number INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE ensemble(id INTEGER PRIMARY KEY, made_of INTEGER REFERENCES lattice(number), name TEXT);
        INSERT INTO lattice VALUES (7, 'a09m310');
        INSERT INTO ensemble VALUES (1, 7, 'one'), (2, 7, 'two'), (3, 99, 'lost');
    """)
    async with look(database.path, View("ensemble"), key=1) as viewer:
        await viewer.until_shown("made_of", "7   → lattice #7")
        await viewer.press("down", "down", "enter")
        await viewer.until_shown("lattice › #7", "2 rows by made_of")
        await viewer.press("end", "enter")
        await viewer.until_shown("made_of=7", "2 of 3")
    async with look(database.path, View("ensemble"), key=3) as viewer:
        await viewer.until_shown("made_of", "99", "no row of this file")
        assert "→" not in viewer.text


async def test_exact_parameters_tell_null_from_nothing(tmp_path: Path, look: Look) -> None:
    with Recorder(tmp_path / "a.db") as recorder:
        for parameters in (
            {"a": 1, "l": [1, 2, 3], "t": True},
            {"a": None, "l": [0, 1, 2, 3], "t": 1, "new": {"x": "1"}},
        ):
            result = {"task_name": "Index", "task_status": "COMPLETED"}
            recorder.record({"task_result": result, "task_parameters": parameters})
    async with look(tmp_path / "a.db", View("Index"), key=2) as viewer:
        await viewer.until_shown("4 differ from #1")
        lines = whole(viewer)
        for line in ("~ a 1 → ∅", "~ l[0] — → 0", "~ t True → 1", "~ new.x — → 1", "l [0, 1, 2, 3]"):
            assert line in lines


async def test_why_somebody_should_look_at_an_entry_is_told(tries: Database, look: Look) -> None:
    tries.execute("""UPDATE "Index" SET "result.summary" = 'PENDING' WHERE id = 3""")
    tries.execute("""UPDATE "Index" SET "result.summary" = 'hits: 3' WHERE id = 1""")
    for key, sentences in (
        (3, ["! Its summary still says PENDING."]),
        (4, ["! It left neither a payload nor a summary."]),
        (1, []),
    ):
        async with look(tries.path, View("Index"), key=key) as viewer:
            await viewer.until_shown("in this run")
            assert [line for line in whole(viewer) if line.startswith("!")] == sentences
