"""What is not valid, or failed, is gone to from the overview, listed, and said why."""

from __future__ import annotations

from tests.dbview.database import Database

from .conftest import Look
from .overview import entry, in_first_experiment, some_runs, to_the_corner


async def test_what_is_not_valid_is_gone_to_and_listed(database: Database, look: Look) -> None:
    some_runs(database)
    async with look(database.path) as viewer:
        await in_first_experiment(viewer)
        await viewer.press("n")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry   TIMEDOUT")
        await viewer.press("n")
        await viewer.until_shown("There is no other")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("run 10  Index", "Its summary still says PENDING.", "run  9  FindPeaks", "TIMEDOUT")
        await viewer.until(lambda: "run  9  FindPeaks" in viewer.cursor_line)
        await viewer.press("home", "enter")
        await viewer.until_shown("› Index › #2", "PENDING")
        await viewer.press("escape")
        await viewer.until_shown("run 10  Index", "run  9  FindPeaks")
        await viewer.press("escape")
        await viewer.until_shown("FindPeaks · run 9 · 1 entry")


async def test_what_is_not_valid_is_listed_from_the_current_run_on(database: Database, look: Look) -> None:
    for run in range(1, 61):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [entry(run, "FAILED") for run in range(1, 61) if run != 30])
    database.task("Index", {}, [entry(30)])
    async with look(database.path) as viewer:
        await viewer.until_shown("60 entries · 59 not valid")
        for wanted, shown in (("4", "run  4"), ("30", "run 60")):
            await viewer.press("g")
            await viewer.type(wanted)
            await viewer.press("enter")
            await viewer.until_shown(f" · run {wanted} · ")
            await viewer.press("exclamation_mark")
            await viewer.until(lambda shown=shown: shown in viewer.cursor_line)
            await viewer.press("escape")
            await viewer.until_shown(f" · run {wanted} · ")


async def test_it_is_said_where_what_is_not_valid_begins_anew(database: Database, look: Look) -> None:
    for run in "1234":
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.task("Find", {}, [entry(1, "FAILED"), entry(2), entry(4, "FAILED")])
    database.task("Index", {}, [entry(3)])
    async with look(database.path) as viewer:
        await viewer.until_shown("4 entries")
        await to_the_corner(viewer)
        await viewer.until_shown("Find · run 4 · 1 entry")
        await viewer.press("n")
        await viewer.until_shown("Find · run 1 · 1 entry")
        assert "again" not in viewer.text
        await viewer.press("n")
        await viewer.until_shown("Find · run 4 · 1 entry", "After the last: the first again.")
        await viewer.press("N")
        await viewer.until_shown("Find · run 1 · 1 entry", "Before the first: the last again.")
        # From where no entry is, too.
        await viewer.press("home", "right")
        await viewer.until_shown("Find · run 3 · no entry")
        await viewer.press("N")
        await viewer.until_shown("Find · run 4 · 1 entry")


async def test_what_is_said_of_a_failure_stands_there_and_else_where_its_log_is(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=77;SLURMD_NODENAME=node3"})
    for task, summary in (("Counts", "hits: 11;rate: 0.5"), ("Pending", "PENDING"), ("Says", "error: no mask")):
        database.task(task, {}, [entry(1, "FAILED", exec_cfg_id=1, **{"result.summary": summary})])
    traceback = "Traceback (most recent call last):\n  ...\nOSError: no beam at all\n"
    database.task("Tells", {}, [entry(1, "FAILED", **{"result.payload": traceback})])
    async with look(database.path) as viewer:
        await viewer.until_shown("4 entries")
        await to_the_corner(viewer)
        await viewer.until_shown("Counts · run 1", "why: not recorded; the Task's log is that of job 77 on node3")
        await viewer.until_shown("its summary says hits: 11;rate: 0.5")
        await viewer.press("j")
        await viewer.until_shown("Pending · run 1", "why: not recorded; the Task's log is that of job 77 on node3")
        await viewer.press("j")
        await viewer.until_shown("Says · run 1", "why: error: no mask")
        await viewer.press("j")
        await viewer.until_shown("Tells · run 1", "why: OSError: no beam at all")
        await viewer.press("enter")
        await viewer.until_shown("Why it failed", "its payload says: Traceback", "OSError: no beam at all")
        assert "not recorded why" not in viewer.text


async def test_what_differs_from_a_good_entry_is_said_of_one_that_is_not(database: Database, look: Look) -> None:
    for run in "123":
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    database.insert("gen_cfg", {"experiment": "b", "run": "1"})
    names = {"mask": "TEXT", "n": "INTEGER", "p.q": "INTEGER"}
    database.task("Later", names, [{**entry(1, "FAILED"), "mask": "/no"}, {**entry(4), "mask": "/yes"}])
    database.task("Before", names, [{**entry(2), "n": 1, "p.q": 1}, {**entry(1, "FAILED"), "n": 2, "p.q": 2}])
    database.task("Again", names, [{**entry(1), "mask": "/a"}, {**entry(1, "FAILED"), "mask": "/a"}])
    database.task("Never", names, [entry(1, "FAILED")])
    async with look(database.path) as viewer:
        await viewer.until_shown("experiment")
        if "▌b▐" in viewer.text:
            await viewer.press("left_square_bracket")
        await viewer.until_shown("▌a▐", "valid, of those recorded")
        await viewer.press("end", "pageup")
        await viewer.until_shown("Later · run 1", "differs from run 1 of b (✓): only mask")
        await viewer.press("j")
        await viewer.until_shown("Before · run 1", "differs from run 2 (✓): n, p.q")
        await viewer.press("j")
        await viewer.until_shown("Again · run 1", "no parameter differs from #1 of this run (✓)")
        await viewer.press("j")
        await viewer.until_shown("Never · run 1", "why: not recorded")
        assert "differs" not in viewer.text


async def test_paths_of_the_own_run_tell_nothing_of_a_failure(database: Database, look: Look) -> None:
    for run in ("19", "20"):
        database.insert("gen_cfg", {"experiment": "a", "run": run})
    names = {"in_file": "TEXT", "mask": "TEXT"}
    good = {**entry(1), "in_file": "/a/r0019.h5", "mask": "/m1"}
    database.task("Both", names, [good, {**entry(2, "FAILED"), "in_file": "/a/r0020.h5", "mask": "/m2"}])
    database.task("Only", names, [good, {**entry(2, "FAILED"), "in_file": "/a/r0020.h5", "mask": "/m1"}])
    async with look(database.path) as viewer:
        await viewer.until_shown("valid, of those recorded")
        await to_the_corner(viewer)
        await viewer.until_shown("Both · run 20", "differs from run 19 (✓): only mask")
        await viewer.press("j")
        await viewer.until_shown("Only · run 20", "differs from run 19 (✓): only the run's own files")


async def test_the_list_begins_at_the_current_task_of_the_run(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.insert("gen_cfg", {"experiment": "a", "run": "2"})
    database.task("Concatenate", {}, [entry(1, **{"result.summary": "PENDING"}), entry(2, "FAILED")])
    database.task("Index", {}, [entry(1, "FAILED")])
    database.task("Merge", {}, [entry(1, "TIMEDOUT")])
    database.task("Solve", {}, [entry(1)])
    async with look(database.path) as viewer:
        await viewer.until_shown("5 entries")
        await to_the_corner(viewer)
        await viewer.press("right")
        await viewer.until_shown("Concatenate · run 1 · ")
        # What is not valid comes before what is merely odd, unless the cursor is on that.
        for steps, current, begin in ((2, "Merge", "Merge"), (1, "Solve", "Index"), (-3, "Concatenate", "Concatenate")):
            await viewer.press(*["down" if steps > 0 else "up"] * abs(steps))
            await viewer.until_shown(f"{current} · run 1 · ")
            await viewer.press("exclamation_mark")
            await viewer.until(lambda begin=begin: f"run 1  {begin}" in viewer.cursor_line)
            await viewer.press("escape")
            await viewer.until_shown(f"{current} · run 1 · ")


async def test_a_reason_is_listed_in_full_however_narrow_the_screen_is(database: Database, look: Look) -> None:
    database.insert("gen_cfg", {"experiment": "a", "run": "1"})
    database.task("ConcatenateStreamFiles", {}, [entry(1, **{"result.payload": None, "result.summary": ""})])
    async with look(database.path, size=(60, 20)) as viewer:
        await viewer.until_shown("1 entry")
        await viewer.press("exclamation_mark")
        await viewer.until_shown("run 1  ConcatenateStreamFiles")
        await viewer.until(
            lambda: "It left neither a payload nor a summary." in " ".join(viewer.text.replace("▌", "").split())
        )
