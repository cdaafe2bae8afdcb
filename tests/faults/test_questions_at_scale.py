"""A million entries, five Tasks in 100,000 runs: the questions of the README's table, by the same keys."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bench.pipeline import payload_of, write
from tests.questions.asking import QUESTIONS, Session, filtering_by, going_to, looking_for, seen, table_of, task_of

ENTRIES = 1_000_000
PATIENCE = 240
"""Seconds in which anything comes on a busy machine."""

# The newest runs are there at once; what is known of the older ones is asked for below.
COLD = seen(r"▌mfxx00124▐", r"^. FindPeaks .*✓", "q quit")
PEAKS = table_of("FindPeaks", "#200000")
FAILED = seen(r"^▌ +run 24999 +FindPeaks +✓F +FAILED · not valid")

ANSWERS = {
    "Did run N go through, which Task failed, and why?": (
        *going_to("24999"),
        seen(r" · run 24999 · "),
        seen(r"^▌ +run 24999 +SolveStructure +✓F +FAILED · not valid"),
        seen(r"› SolveStructure › #199998 ", "Why it failed", r"not recorded why", r"job 48210999 on milan199"),
    ),
    "With which parameters was the good result made?": (
        *PEAKS,
        *filtering_by("is:valid summary.number_of_hits_found=1998"),
        seen(r"^ (60|80) of 200,000", r"^ #197998  COMPLETED"),
        seen(r"#197998 ", r"Number of hits found +1998", r"son_min +.*7\.0"),
    ),
    "What changed between these two entries?": (
        *PEAKS,
        seen("1 marked"),
        seen(r"^ #199999  FAILED"),
        seen("2 entries compared", r"F #199999 +✓ #200000", r"son_min +8\.0 +7\.0 +-1 "),
    ),
    "What changed between these two runs?": (
        seen("1 run marked"),
        seen(r" · run 24999 · "),
        seen("runs 24999 and 25000 compared", r"Number of hits found +1997 +0 +-1997"),
    ),
    "What changed since it last went well?": (
        FAILED,
        seen(r"› FindPeaks › #199998 ", "Why it failed"),
        seen("2 entries compared", r"F #199998 +✓ #200000", r"threads +4 +1 +-3 "),
    ),
    "Where is the output, is it still there, what was made from it?": (
        *PEAKS,
        seen(r"payload +here\s+\S*/FindPeaks_200000\.list", r"in_file +gone"),
        seen("Made from", r"Used by\n.*✓ IndexPatterns #200000 +run 25000"),
    ),
    "How far are we, what is missing?": (
        *PEAKS,
        seen(
            "› by run ", r"199,760 valid · 240 not: F240", "numbers in bins", r"^. +cxix00123 1000 to < 2000 +2,000 +█+"
        ),
    ),
    "Which value will the next Task pick up?": (
        *PEAKS,
        seen("★ what a next Task of run 25000 gets"),
        *looking_for("son_min"),
        seen("1 line with son_min", r"^▌.*son_min .*7\.0"),
    ),
    "What needs attention?": (FAILED,),
    "Give me the numbers.": (
        *task_of("mfxx00124", "mfxx00124", "FindPeaks", r"^ {4}Number of hits found"),
        seen("Number of hits found: statistics", r"rows +50,000", r"smallest +0$", r"largest +1,998$", "Histogram"),
    ),
    "Is something arriving?": (*PEAKS, seen("following")),
    "What is in the payload?": (*PEAKS, seen(r"payload +path"), seen(r"shot_0\.cxi", r"shot_1\.cxi")),
}


@pytest.fixture(scope="module")
def recorded() -> Iterator[Path]:
    """The database; of what its entries made, the newest file is there."""
    with tempfile.TemporaryDirectory() as name:
        path, results = Path(name) / "lute.db", Path(name) / "results"
        with closing(sqlite3.connect(path)) as connection, connection:
            write(connection, ENTRIES, results)
        results.mkdir()
        Path(payload_of(results, "FindPeaks", 200_000)).write_text("shot_0.cxi\nshot_1.cxi\n")
        yield path


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_keys_of_the_readme(recorded: Path, question: str) -> None:
    with Session(recorded, PATIENCE) as session:
        session.ask(question, COLD, ANSWERS[question])


def test_all_runs_that_are_remembered_are_counted_in_the_end(recorded: Path) -> None:
    with Session(recorded, PATIENCE) as session:
        session.read(seen(r"^ [\d,]+ entries · \d+ not valid · 25,000 runs"))


def test_what_arrives_is_shown_by_itself(recorded: Path) -> None:
    question = "Is something arriving?"
    with Session(recorded, PATIENCE) as session:
        session.ask(question, COLD, ANSWERS[question])
        with closing(sqlite3.connect(recorded, timeout=60)) as writer, writer:
            writer.execute("INSERT INTO FindPeaks (gen_cfg_id, exec_cfg_id, valid_flag) VALUES (1, 1, 0)")
        session.read(seen("200,001 entries", r"\+.* 200001 "))
        with closing(sqlite3.connect(recorded, timeout=60)) as writer, writer:
            writer.execute("DELETE FROM FindPeaks WHERE id = 200001")
