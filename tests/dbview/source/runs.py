"""Entries of runs, and what a survey finds of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from dbview.source.entries.board import Board
from dbview.source.entries.runs import Run, run_tasks
from dbview.source.entries.survey import Surveyed, survey
from dbview.source.source import Source

STATUSES = ("COMPLETED", "FAILED", "RUNNING", None, "odd")
VALIDITIES = (0, 1, None)
TIMES = ("2024-02-14 10:00:00", "2024-02-14 11:00:00", "2024-02-14 12:00:00")
SUMMARIES = ("", "PENDING", "812 hits", None)

ENTRY = st.tuples(
    st.sampled_from(["Find", "Index"]),
    st.integers(1, 5),
    st.sampled_from(STATUSES),
    st.sampled_from(VALIDITIES),
    st.sampled_from(TIMES),
    st.sampled_from(SUMMARIES),
)

RUNS = {1: Run("a", "1"), 2: Run("a", "1"), 3: Run("b", "1"), 4: Run("b", None), 5: Run(None, None)}
"""Two headers of one run, the same number in another experiment, a run without a number; the fifth does not exist."""


def entry(run: int, status: str | None = "COMPLETED", valid: int | None = 1, **more: Any) -> dict[str, Any]:
    """Return the cells of an entry of the run with this header."""
    return {"gen_cfg_id": run, "result.task_status": status, "valid_flag": valid, **more}


def surveyed(source: Source, told: list[Surveyed] | None = None) -> Board:
    """Return all that a survey finds."""
    board = Board()
    reader = source.reader(10**9)

    def publish(found: Surveyed) -> None:
        board.add(found.cells)
        if told is not None:
            told.append(found)

    try:
        survey(reader, run_tasks(source.relations()), publish, lambda: False)
    finally:
        reader.close()
    return board
