"""A file as the facility's own tools write it, layout v0.1 without side tables: the same questions, the same keys."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.dbview.database import Database
from tests.questions.asking import QUESTIONS, Session, filtering_by, going_to, looking_for, seen, table_of, task_of

COLD = seen(r"11 entries · 2 not valid · 5 runs", r"^. FindPeaks .*✓", "q quit")
PEAKS = table_of("FindPeaks", "#6")

ANSWERS = {
    "Did run N go through, which Task failed, and why?": (
        *going_to("13"),
        seen(r" · run 13 · "),
        seen(r"^▌ +run 13 +Index +T +TIMEDOUT"),
        seen(r"› Index › #4 ", "Why it failed", "Timed out", "job 48210004 on node4"),
    ),
    "With which parameters was the good result made?": (
        *PEAKS,
        *filtering_by("is:valid summary.hits>1600"),
        seen(r"^ 1 of 6", r"^ #2  COMPLETED"),
        seen(r"#2 ", r"hits +1650", r"son_min +6\.0 +→ +7\.0 "),
    ),
    "What changed between these two entries?": (
        *PEAKS,
        seen("1 marked"),
        seen(r"^ #5  COMPLETED"),
        seen("2 entries compared", r"✓ #5 +✓ #6", r"hits +1410 +1599 +\+189", r"son_min +9\.0 +10\.0 +\+1 "),
    ),
    "What changed between these two runs?": (
        seen("1 run marked"),
        seen(r" · run 13 · "),
        seen("runs 13 and 14 compared", r"hits +1410 +1599 +\+189", r"Index +T #4  ✓ #5"),
    ),
    "What changed since it last went well?": (
        seen(r"^▌ +run 13 +Index +T +TIMEDOUT"),
        seen(r"› Index › #4 ", "Why it failed"),
        seen("2 entries compared", r"T #4 +✓ #5", r"indexing +xgandalf +mosflm\b"),
    ),
    "Where is the output, is it still there, what was made from it?": (
        *PEAKS,
        seen(r"^ Files +1 here · 1 gone\b", r"payload +here\s[^·]*/r14\.list", r"mask_file +gone"),
        seen("Made from", r"Used by\n.*✓ Index #5 +run 14"),
    ),
    "How far are we, what is missing?": (
        *PEAKS,
        seen("› by run ", r"5 valid · 1 not: F1", "5 groups", r"^. +12 +2 +█+▒+ +1 valid · 1 not: F1"),
    ),
    "Which value will the next Task pick up?": (
        *PEAKS,
        seen("★ what a next Task of run 14 gets"),
        *looking_for("son_min"),
        seen("1 line with son_min", r"^▌~ son_min +9\.0 +→ +10\.0 "),
    ),
    "What needs attention?": (seen(r"^▌ +run 13 +Index +T +TIMEDOUT · not valid"),),
    "Give me the numbers.": (
        *task_of("mfxl1038923", "mfxl", "FindPeaks"),
        seen(r"summary\.hits: statistics", r"smallest +90", r"largest +1,650", r"mean +1,109\.8", "Histogram"),
    ),
    "Is something arriving?": (*PEAKS, seen("following")),
    "What is in the payload?": (*PEAKS, seen(r"payload +path"), seen(r"r14\.list", "r14_0.cxi", "r14_1.cxi")),
}

STATUSES = {"FAILED": 0, "TIMEDOUT": 0, "COMPLETED": 1}


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A database of two Tasks, of which one takes what the other makes, in five runs."""
    results = tmp_path / "results"
    results.mkdir()
    (results / "r14.list").write_text("r14_0.cxi\nr14_1.cxi\n")
    with closing((database := Database(tmp_path / "lute.db")).connection):
        for run in range(10, 15):
            database.insert("gen_cfg", {"title": "Lysozyme", "experiment": "mfxl1038923", "run": str(run)})
            job = f"SLURM_JOB_ID=4821000{run - 9};SLURM_NODELIST=node{run - 9}"
            database.insert("exec_cfg", {"env": job, "poll_interval": 0.05})
        peaks = [(10, 800), (11, 1650), (12, None), (12, 90), (13, 1410), (14, 1599)]
        database.task("FindPeaks", {"son_min": "REAL", "mask_file": "TEXT"}, [found(results, *each) for each in peaks])
        indexed = [(run, "TIMEDOUT" if run == 13 else "COMPLETED") for run in range(10, 15)]
        parameters = {"in_file": "TEXT", "indexing": "TEXT"}
        database.task("Index", parameters, [index(results, *each) for each in indexed])
    return database.path


def found(results: Path, run: int, hits: int | None) -> dict[str, object]:
    """Return an entry of the Task that finds peaks; without hits it failed."""
    return {
        **outcome(run, "FAILED" if hits is None else "COMPLETED"),
        "son_min": run - 4.0,
        "mask_file": f"{results}/mask.npy",
        "result.summary": "" if hits is None else f"hits: {hits};rate: 0.05",
        "result.payload": f"{results}/r{run}.list",
    }


def index(results: Path, run: int, status: str) -> dict[str, object]:
    """Return an entry of the Task that takes what was found."""
    return {
        **outcome(run, status),
        "in_file": f"{results}/r{run}.list",
        "indexing": "mosflm" if status == "COMPLETED" else "xgandalf",
        "result.summary": "rate: 0.6" if status == "COMPLETED" else "Timed out.",
        "result.payload": f"{results}/r{run}.stream" if status == "COMPLETED" else "",
    }


def outcome(run: int, status: str) -> dict[str, object]:
    """Return what every entry has."""
    return {
        "timestamp": f"2024-02-14 {run}:33:25",
        "gen_cfg_id": run - 9,
        "exec_cfg_id": run - 9,
        "result.task_status": status,
        "valid_flag": STATUSES[status],
    }


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_keys_of_the_readme(recorded: Path, question: str) -> None:
    with Session(recorded) as session:
        session.ask(question, COLD, ANSWERS[question])
