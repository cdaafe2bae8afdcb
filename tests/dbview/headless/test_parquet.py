"""Parquet, read back with pyarrow: every column has a type that holds all of it, and secrets stay masked."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from tests.dbview.database import Database

from .conftest import ENVIRONMENT, answer


def exported(database: Database, *columns: str, task: str = "Peaks", options: Sequence[str] = ()) -> pyarrow.Table:
    """Write these columns of a Task as the command does, in the order of the ids, and read them back."""
    there = database.path.parent / "written here"
    there.mkdir()
    file = there / "out.parquet"
    words = ("query", database.path, task, "--columns", ",".join(columns), "--sort", "id", "--output", file)
    got = answer(*words, *options)
    assert (got.code, got.err) == (0, "")
    return parquet.read_table(file)


def types(table: pyarrow.Table) -> dict[str, str]:
    return {field.name: str(field.type) for field in table.schema}


def test_each_column_has_the_type_that_holds_all_of_it(database: Database) -> None:
    values = {"whole": 2**60, "real": 1, "mixed": 1, "text": "é", "blob": b"\xff", "none": None}
    others = {"whole": 1, "real": float("inf"), "mixed": "x", "text": None, "blob": None, "none": None}
    database.task("Peaks", dict.fromkeys(values, ""), [values, others])
    table = exported(database, *values)
    assert table.to_pylist() == [{**values, "real": 1.0, "mixed": "1"}, others]
    assert list(types(table).values()) == ["int64", "double", "string", "string", "binary", "string"]


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**53, 2**53 + 1])
def test_large_integers_stay_exact_also_beside_reals(database: Database, number: int) -> None:
    database.task("Peaks", {"alone": "", "beside": ""}, [{"alone": number, "beside": number}, {"beside": 0.5}])
    table = exported(database, "alone", "beside")
    assert types(table)["alone"] == "int64"
    first, second = table.to_pylist()
    assert first["alone"] == number
    assert int(first["beside"]) == number
    assert float(second["beside"]) == 0.5
    assert second["alone"] is None


def test_values_of_several_kinds_are_text_throughout(database: Database) -> None:
    values = [1, 2.5, "x", b"\x00\xff", None, float("-inf")]
    database.task("Peaks", {"mixed": ""}, [{"mixed": value} for value in values])
    table = exported(database, "mixed")
    texts = [row["mixed"] for row in table.to_pylist()]
    assert types(table) == {"mixed": "string"}
    # Bytes are in base64, as everywhere in text.
    assert texts[:5] == ["1", "2.5", "x", "AP8=", None]
    assert "inf" in texts[5].lower()


def test_text_that_no_parquet_can_hold_is_made_visible(database: Database) -> None:
    database.connection.execute("CREATE TABLE Odd (id INTEGER PRIMARY KEY, t TEXT)")
    database.connection.execute("INSERT INTO Odd VALUES (1, CAST(x'61ff62' AS TEXT)), (2, char(27) || '[31m')")
    database.connection.commit()
    first, second = (row["t"] for row in exported(database, "t", task="Odd").to_pylist())
    assert "a" in first
    assert "b" in first
    assert second == "\x1b[31m"


def test_no_row_leaves_columns_with_their_names(database: Database) -> None:
    database.task("Peaks", {"n": "INTEGER"}, [])
    table = exported(database, "id", "n")
    assert (table.num_rows, table.column_names) == (0, ["id", "n"])


def test_secrets_are_masked_unless_they_are_asked_for(database: Database) -> None:
    database.insert("exec_cfg", {"env": "API_TOKEN=hidden-away;LUTE_PATH=/opt"})
    entry = {
        "exec_cfg_id": 1,
        "login.password": "hidden-away",
        "result.payload": '{"api_key": "hidden-away", "n": 1}',
        "result.summary": "token: hidden-away;hits: 3",
    }
    database.task("Peaks", {"login.password": "TEXT"}, [entry])
    columns = ("login.password", "result.payload", "result.summary", "env.API_TOKEN", "env.LUTE_PATH")
    (row,) = exported(database, *columns).to_pylist()
    assert "hidden-away" not in str(row)
    assert row["login.password"] == row["env.API_TOKEN"] == "***"
    assert row["env.LUTE_PATH"] == "/opt"
    assert "hits: 3" in row["result.summary"]


CELLS = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text("a\n漢\x1b", max_size=4)


@given(st.lists(CELLS | st.binary(max_size=4), min_size=1, max_size=6))
def test_whatever_a_column_holds_comes_back(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    database = Database(tmp_path_factory.mktemp("values") / "lute.db")
    database.task("Peaks", {"value": ""}, [{"value": value} for value in values])
    database.connection.close()
    table = exported(database, "value")
    found = [row["value"] for row in table.to_pylist()]
    kinds = {type(value) for value in values if value is not None}
    for value, back in zip(values, found, strict=True):
        assert (back is None) == (value is None)
        if value is not None and len(kinds) == 1:
            assert back == value
        elif isinstance(value, int | float) and not math.isinf(value):
            assert float(back) == float(value)


BLOCKED = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named pyarrow", name="pyarrow")

sys.meta_path.insert(0, Finder())
from dbview.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_without_pyarrow_the_words_name_the_command(recorded: Path, tmp_path: Path) -> None:
    there = tmp_path / "written here"
    there.mkdir()
    command = [sys.executable, "-c", BLOCKED, "query", str(recorded), "FindPeaks"]
    options: dict[str, Any] = {"env": ENVIRONMENT, "capture_output": True, "text": True, "timeout": 600}
    got = subprocess.run([*command, "--output", str(there / "out.parquet")], **options)
    assert got.returncode == 2
    assert "pip install 'recorder-dbview[parquet]'" in got.stderr
    assert list(there.iterdir()) == []
    # All else is as ever.
    got = subprocess.run([*command, "--output", str(there / "out.csv")], **options)
    assert (got.returncode, got.stderr) == (0, "")
