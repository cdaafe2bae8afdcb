"""The demo, which the recorder made: every question of the README's table, by its keys, from a cold start."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.questions.asking import QUESTIONS, Session, filtering_by, going_to, looking_for, seen, table_of, task_of

COLD = seen(r"93 entries · 12 not valid · 30 runs", r"^. FindPeaks .*✓", "q quit")
PEAKS = table_of("FindPeaks", "#47")

ANSWERS = {
    "Did run N go through, which Task failed, and why?": (
        *going_to("40"),
        seen(r" · run 40 · ", r"\[.\]"),
        seen(r"^▌ +run 40 +IndexPatterns +F +FAILED"),
        seen(r"› IndexPatterns › #47 ", "Why it failed", r"job \d+ on milan100", "oom_kill event"),
    ),
    "With which parameters was the good result made?": (
        *PEAKS,
        *filtering_by("is:valid summary.number_of_hits_found>1990"),
        seen(r"^ 1 of 47", r"^ #22  COMPLETED"),
        seen(r"#22 ", r"Number of hits found +1995", r"^ +min_peaks +15\b", r"^ +son_min +7\.0\b"),
    ),
    "What changed between these two entries?": (
        *PEAKS,
        seen(r"1 marked"),
        seen(r"^ #46  COMPLETED"),
        seen("2 entries compared", r"✓ #46 +✓ #47", r"Number of hits found +537 +1227 +\+690 \(\+128 %\)"),
    ),
    "What changed between these two runs?": (
        seen(r"1 run marked"),
        seen(r" · run 40 · "),
        seen("runs 40 and 41 compared", r"Number of hits found +537 +1227 +\+690 \(\+128 %\)"),
    ),
    "What changed since it last went well?": (
        seen(r"^▌ +run 40 +IndexPatterns +F +FAILED"),
        seen(r"› IndexPatterns › #47 ", "Why it failed"),
        seen("2 entries compared", r"F #47 +✓ #48", r"indexing +xgandalf,mosflm +mosflm\b"),
    ),
    "Where is the output, is it still there, what was made from it?": (
        *PEAKS,
        seen(r"^ Files +2 here\b", r"payload +here\s[^·]*/mfxx00125_r0041\.list\s+·\s+text"),
        seen("Made from", r"Used by\n.*✓ IndexPatterns #48 +run 41"),
    ),
    "How far are we, what is missing?": (
        *PEAKS,
        seen("› by run ", r"41 valid · 6 not: ", "44 groups", r"^. +cxix00218 5 +1 +▒+ +0 valid · 1 not: "),
    ),
    "Which value will the next Task pick up?": (
        *PEAKS,
        seen("★ what a next Task of run 41 gets"),
        *looking_for("min_peaks"),
        seen("1 line with min_peaks", r"^▌ +min_peaks +15\b"),
    ),
    "What needs attention?": (
        seen(
            r"run 40 +IndexPatterns +F +FAILED · not valid",
            r"run 34 +FindPeaks +✓x! +It ended as COMPLETED, but was marked not valid",
        ),
    ),
    "Give me the numbers.": (
        *task_of("mfxx00125", "mfxx", "FindPeaks"),
        seen(
            r"summary\.Number of hits found: statistics",
            r"smallest +191",
            r"largest +2,094",
            r"mean +1,163\.3",
            "Histogram",
        ),
    ),
    "Is something arriving?": (*PEAKS, seen("following")),
    "What is in the payload?": (*PEAKS, seen(r"payload +path"), seen(r"text · 96 B", "mfxx00125_r0041_003.cxi")),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the demo."""
    directory = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-m", "recorder.demo", directory], check=True)
    return directory / "lute.db"


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_keys_of_the_readme(recorded: Path, question: str) -> None:
    with Session(recorded) as session:
        session.ask(question, COLD, ANSWERS[question])


def test_what_arrives_is_shown_by_itself(recorded: Path) -> None:
    question = "Is something arriving?"
    with Session(recorded) as session:
        session.ask(question, COLD, ANSWERS[question])
        with closing(sqlite3.connect(recorded, timeout=20)) as writer, writer:
            writer.execute("INSERT INTO FindPeaks (gen_cfg_id, exec_cfg_id, valid_flag) VALUES (1, 1, 0)")
        session.read(seen(r"^▌?\+.* 48 ", "48 entries"))
