"""A viewer that reopens all the time beside a writer that comes and goes, in a directory everybody may write to."""

from __future__ import annotations

import pytest

from tests.dbview.beside import Outcome, side_by_side


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_writer_that_comes_and_goes_meets_no_error_and_no_file_of_ours_and_is_read_right(journal: str) -> None:
    refuse_harm(side_by_side(journal, seconds=1.5))


def refuse_harm(outcome: Outcome) -> None:
    """Assert that neither has harmed the other."""
    assert outcome.commits > 0
    assert outcome.reads > 0
    assert outcome.writer_errors == []
    assert outcome.files_of_the_viewer == []
    assert outcome.wrong == []
    # On a busy machine the viewer may find no moment in which to open the file, and says so.
    assert all(refusal.startswith("DatabaseLocked") for refusal in outcome.refusals)
    # The log is its writer's, who leaves it to the next one when somebody reads it just then.
    assert set(outcome.last) <= {"x.db", "x.db-wal", "x.db-shm"}
