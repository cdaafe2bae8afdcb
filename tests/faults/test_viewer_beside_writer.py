"""The viewer beside a writer that comes and goes a hundred times a second, for as long as chance needs."""

from __future__ import annotations

import pytest

from tests.dbview.beside import side_by_side
from tests.dbview.source.test_beside_writer import refuse_harm


@pytest.mark.parametrize("journal", ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
def test_nobody_is_harmed_in_ten_seconds(journal: str) -> None:
    in_log = journal == "WAL"
    outcome = side_by_side(journal, seconds=10, times=100, ways=2 if in_log else 1)
    refuse_harm(outcome)
    assert outcome.commits > 100
    assert outcome.reads > 100
    if in_log:
        assert outcome.accesses == ["live", "static"]
