"""A file that the facility's own tools wrote, with what is odd about real ones; skipped where it is not at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.questions.asking import QUESTIONS, Session, filtering_by, going_to, looking_for, seen, table_of, task_of

# It opens with the experiment that was recorded last.
COLD = seen(r"16 entries · 2 not valid · 8 runs", r"▌xppx1003221▐", r"^. SubmitSMD .*✓", "q quit")
INDEXED = table_of("IndexCrystFEL", "#12")

ANSWERS = {
    "Did run N go through, which Task failed, and why?": (
        *going_to("12"),
        seen(r" · run 12 · "),
        seen(r"^▌ +run 12 +AnalyzeSmallDataXAS +✓T +TIMEDOUT"),
        seen(r"› AnalyzeSmallDataXAS › #2 ", "Why it failed", "Timed out", "job 48211333 on sdfmilan133"),
    ),
    "With which parameters was the good result made?": (
        *INDEXED,
        *filtering_by("is:valid summary.indexing_rate>0.75"),
        seen(r"^ 1 of 12", r"^ #10  COMPLETED"),
        seen(r"#10 ", r"Indexing rate +0\.78", r"indexing +mosflm +→ +xgandalf,mosflm\b"),
    ),
    "What changed between these two entries?": (
        *INDEXED,
        seen("1 marked"),
        seen(r"^ #11  COMPLETED"),
        seen("2 entries compared", r"✓ #11 +✓ #12", r"Indexing rate +0\.72 +0\.65 +-0\.07"),
    ),
    "What changed between these two runs?": (
        seen("1 run marked"),
        seen(r" · run 11 · "),
        seen("runs 11 and 12 compared", "no entry in run 11, but in run 12: AnalyzeSmallDataXAS"),
    ),
    "What changed since it last went well?": (
        seen(r"^▌ +run 12 +AnalyzeSmallDataXAS +✓T +TIMEDOUT"),
        seen(r"› AnalyzeSmallDataXAS › #2 ", "Why it failed"),
        seen("2 entries compared", r"✓ #1 +T #2", r"min_ipm +500\.0 +1000\.0 +\+500 \(\+100 %\)"),
    ),
    # Its files are on a file system that is not mounted here.
    "Where is the output, is it still there, what was made from it?": (
        *INDEXED,
        seen("^ Files +5 not here · no /", r"payload +not here"),
        seen(r"Made from\n.*✓ FindPeaksPyAlgos #13 +run 21", "Used by"),
    ),
    "How far are we, what is missing?": (
        *INDEXED,
        seen("› by run ", r"11 valid · 1 not: F1", "10 groups", r"^. +14 +2 +█+▒+ +1 valid · 1 not: F1"),
    ),
    "Which value will the next Task pick up?": (
        *INDEXED,
        seen("★ what a next Task of run 21 gets"),
        *looking_for("int_radius"),
        seen(r"1 line with int_radius", r"^▌ +int_radius +3,4,5\b"),
    ),
    "What needs attention?": (
        seen(r"run 12 +AnalyzeSmallDataXAS +✓T +TIMEDOUT · not valid", r"run +7 +SubmitSMD +F +FAILED · not valid"),
    ),
    "Give me the numbers.": (
        *task_of("mfxl1038923", "mfx", "FindPeaksPyAlgos"),
        seen(r"Number of events processed: statistics", r"smallest +1,800", r"largest +34,220", r"mean +23,416"),
    ),
    "Is something arriving?": (*INDEXED, seen("following")),
    # The file that it names is not here either.
    "What is in the payload?": (
        *INDEXED,
        seen(r"payload +path"),
        seen(r"nothing is at \S+_r0021_lyso\.stream"),
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_the_keys_of_the_readme(sample: Callable[[str], Path], question: str) -> None:
    with Session(sample("lute-v01.db")) as session:
        session.ask(question, COLD, ANSWERS[question])
