"""The viewer beside a writer that comes and goes a hundred times a second, for as long as chance needs."""

from __future__ import annotations

import pytest

from tests.dbview.beside import side_by_side
from tests.dbview.source.test_beside_writer import refuse_harm


@pytest.mark.parametrize("journal", ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
def test_nobody_is_harmed_in_ten_seconds(journal: str) -> None:
    outcome = side_by_side(journal, seconds=10)
    refuse_harm(outcome)
    assert outcome.commits > 100
    assert outcome.reads > 100
    if journal == "WAL":
        assert outcome.accesses == ["live", "static"]
