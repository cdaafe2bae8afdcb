"""The storage contract, held against every implementation, and what holds for any parameters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from recorder.layout.tagged import canonical_json, to_json_value
from recorder.layout.values import as_column, to_stored
from recorder.storage.base import Storage
from recorder.storage.memory import MemoryStorage
from recorder.storage.sqlite import SqliteStorage
from recorder.testing import StorageContract, entry_of
from tests.recorder.strategies import parameters


class TestSqliteStorage(StorageContract):
    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Storage]:
        kept = SqliteStorage(tmp_path / "lute.db")
        yield kept
        kept.close()


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> Storage:
        return MemoryStorage()


def test_the_contract_needs_no_pytest_to_be_imported() -> None:
    code = "import sys, recorder.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("make", [SqliteStorage, lambda path: MemoryStorage()], ids=["sqlite", "memory"])
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters, parameters)
def test_any_parameters_are_read_back(
    make: Callable[[Path], Storage],
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[str, Any],
    second: dict[str, Any],
) -> None:
    kept = make(tmp_path_factory.mktemp("any") / "lute.db")
    columns: dict[str, str] = {}
    for number, tree in enumerate([first, second, first], 1):
        made = entry_of(0, tree)
        for name, (_, declared) in made.parameter_leaves().items():
            columns.setdefault(name, declared)
        assert kept.store([made])[0].id == number
        read = kept.read("FindPeaks", number)
        assert read.exact == made.parameters
        cells = {name: as_column(to_stored(leaf), columns[name]) for name, (leaf, _) in made.parameter_leaves().items()}
        expected = {name: cells.get(name) for name in columns}
        assert canonical_json(to_json_value(read.parameters)) == canonical_json(to_json_value(expected))
    kept.close()
