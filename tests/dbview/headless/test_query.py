"""``dbview query``: which rows, which columns, in which form."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbview.headless.cells import csv_field
from dbview.headless.formats import FORMATS, write_csv
from dbview.secrets import reveal_secrets
from dbview.source.view import sorting
from tests.dbview.database import Database

from .conftest import answer, json_rows, snapshot


def ids(*arguments: object) -> list[int]:
    return [row["id"] for row in json_rows("query", "--columns", "id", *arguments)]


def test_rows_come_newest_first_and_sorted_on_request(recorded: Path) -> None:
    assert ids(recorded, "FindPeaks") == [5, 4, 3, 2, 1]
    assert ids(recorded, "FindPeaks", "--sort", "id") == [1, 2, 3, 4, 5]
    assert ids(recorded, "FindPeaks", "--sort", "-son_min,id", "--limit", "2") == [5, 2]
    assert ids(recorded, "FindPeaks", "--limit", "0") == []


def test_a_limit_is_no_promise_that_there_are_so_many(large: Path) -> None:
    with contextlib.closing(sqlite3.connect(large)) as connection, connection:
        connection.execute("DELETE FROM numbers WHERE id BETWEEN 1 AND 29990")
    assert ids(large, "numbers", "--limit", "20") == [*range(29_999, 29_990, -1), 0]
    assert ids(large, "numbers", "--limit", "3") == [29_999, 29_998, 29_997]
    assert ids(large, "numbers", "id<=29991", "--limit", "3") == [29_991, 0]


def test_a_filter_means_what_it_means_in_the_interface(recorded: Path) -> None:
    assert ids(recorded, "FindPeaks", "run=9") == [3]
    assert ids(recorded, "FindPeaks", "p.run=3 valid=0") == [5]
    assert ids(recorded, "FindPeaks", "p.run=3", "is:valid") == []
    assert ids(recorded, "FindPeaks", "--", "-status=COMPLETED") == [4, 3]
    assert ids("--sort", "id", recorded, "FindPeaks", "env.SLURM_JOB_ID=48210874", "--limit", "1") == [1]


def test_columns_are_headed_by_the_name_asked_for(recorded: Path) -> None:
    columns = "run,p.run, status,env.SLURM_JWT,cell.axes[0]"
    (row,) = json_rows("query", recorded, "FindPeaks", "p.run=3", "--columns", columns)
    assert row == {"run": "12", "p.run": 3, "status": "COMPLETED", "env.SLURM_JWT": "***", "cell.axes[0]": 79.0}
    (quoted,) = json_rows("query", recorded, "FindPeaks", "p.run=3", "--columns", '"run"')
    assert quoted == {"run": 3}


def test_columns_of_a_group_are_written_by_their_names(recorded: Path) -> None:
    (row,) = json_rows("query", recorded, "FindPeaks", "p.run=3", "--columns", "status,cell.*,env.SLURM_JOB_I*")
    assert list(row) == ["status", "cell.name", "cell.axes[0]", "cell.axes[1]", "env.SLURM_JOB_ID"]
    refused = answer("query", recorded, "FindPeaks", "--columns", "summary.x*")
    assert (refused.code, "nothing that fits" in refused.err) == (8, True)


def test_a_named_value_of_the_summary_is_written_and_sorted_by(sample: Callable[[str], Path]) -> None:
    arguments = ("IndexCrystFEL", "run>=20", "--columns", 'summary."Indexing rate"', "--sort=-summary.indexing_rate")
    rows = json_rows("query", sample("lute-v01.db"), *arguments)
    assert rows == [{'summary."Indexing rate"': "0.72"}, {'summary."Indexing rate"': "0.65"}]


def test_without_columns_all_stored_ones_come_with_experiment_and_run(recorded: Path) -> None:
    row = json_rows("query", recorded, "FindPeaks", "p.run=3")[0]
    assert (row["gen_cfg.experiment"], row["gen_cfg.run"], row["run"]) == ("mfx100", "12", 3)
    assert row["son_min"] == "inf"
    exact = json_rows("query", recorded, "FindPeaks", "p.run=3", "--exact")[0]
    assert row.keys() - exact.keys() == {"gen_cfg.experiment", "gen_cfg.run"}
    assert exact["son_min"] == {"$float": "inf"}


def test_secrets_that_others_recorded_are_masked_unless_exact(recorded: Path) -> None:
    (row,) = json_rows("query", recorded, "exec_cfg")
    assert row["env"] == "SLURM_JOB_ID=48210874;SLURM_JWT=***;LUTE_PATH=/opt/lute"
    (exact,) = json_rows("query", recorded, "exec_cfg", "--exact")
    assert "SLURM_JWT=eyJhbGciOi" in exact["env"]
    shown = answer("show", recorded, "exec_cfg", 1)
    assert "SLURM_JWT=***" in shown.out


def test_a_table_shows_some_rows_and_says_how_many_there_are(large: Path) -> None:
    got = answer("query", large, "numbers")
    assert len(got.out.splitlines()) == 52
    assert got.err == "50 of 30000 rows (--limit N for more)\n"
    got = answer("query", large, "numbers", "id<10", "--limit", "20", "--format", "markdown")
    assert len(got.out.splitlines()) == 12
    assert got.err == "10 of 10 rows\n"


def test_a_table_is_aligned_and_shows_every_value_on_one_line(recorded: Path) -> None:
    got = answer("query", recorded, "FindPeaks", "--columns", "id,cell.name,son_min", "--sort", "id")
    assert got.out.splitlines() == [
        "id  cell.name    son_min",
        "──  ───────────  ───────",
        " 1  ∅                7.0",
        " 2  ∅               10.0",
        " 3  ∅                  ∅",
        " 4  lyso ␛]0;x␇        ∅",
        " 5  lyso             inf",
    ]


def test_wide_characters_keep_a_table_aligned(tmp_path: Path) -> None:
    path = tmp_path / "wide.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b INTEGER)")
        connection.executemany("INSERT INTO t(a, b) VALUES (?, ?)", [("結晶", 1), ("x" * 100, 22), ("結" * 50, 3)])
    lines = answer("query", path, "t", "--columns", "a,b", "--sort", "id").out.splitlines()
    assert lines[2] == "結晶" + " " * 36 + "   1"
    assert lines[3] == "x" * 39 + "…  22"
    assert lines[4] == "結" * 19 + " …   3"


def test_markdown_takes_no_value_for_markup(tmp_path: Path) -> None:
    path = tmp_path / "markup.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)")
        connection.execute("INSERT INTO t(a) VALUES ('a|b *c* <img> \\ [x](y)\nz')")
    assert answer("query", path, "t", "--columns", "a", "--format", "markdown").out == (
        "| a |\n| --- |\n| a\\|b \\*c\\* \\<img\\> \\\\ \\[x\\](y)⏎z |\n"
    )


def test_json_is_one_array_also_when_nothing_fits(recorded: Path) -> None:
    assert len(json.loads(answer("query", recorded, "FindPeaks", "--format", "json").out)) == 5
    assert json.loads(answer("query", recorded, "FindPeaks", "run=77", "--format", "json").out) == []


def test_json_is_ascii_without_control_characters(recorded: Path) -> None:
    got = answer("query", recorded, "FindPeaks", "--format", "json")
    assert got.out.isascii()
    assert all(character.isprintable() or character == "\n" for character in got.out)


@given(st.lists(st.none() | st.integers() | st.text(), min_size=2, max_size=4))
def test_csv_gives_back_its_values(cells: list[Any]) -> None:
    out = io.StringIO()
    write_csv(out, ["a"] * len(cells), [cells])
    _headings, values = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert values == ["" if cell is None else str(cell) for cell in cells]
    assert all(not csv_field(cell, for_terminal=True).count("\n") for cell in cells)


def test_reading_changes_nothing(recorded: Path) -> None:
    before = snapshot(recorded.parent)
    for form in FORMATS:
        assert answer("query", recorded, "FindPeaks", "--format", form).code == 0
        assert answer("tables", recorded, "--format", form).code == 0
    assert answer("show", recorded, "FindPeaks", 5).code == 0
    assert snapshot(recorded.parent) == before


def test_csv_tells_null_from_empty_text(tmp_path: Path) -> None:
    path = tmp_path / "csv.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, a)")
        connection.executemany("INSERT INTO t(a) VALUES (?)", [(None,), ("",), (b"\x00\xff",), (1e-7,)])
    got = answer("query", path, "t", "--format", "csv", "--sort", "id")
    assert got.out == 'id,a\n1,\n2,""\n3,AP8=\n4,1e-07\n'


def test_a_table_without_row_ids_says_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "keyless.db"
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t(name TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.executemany("INSERT INTO t VALUES (?)", ((f"{number:05d}",) for number in range(10_001)))
    got = answer("query", path, "t", "--format", "jsonl")
    assert (got.code, got.out.count("\n")) == (7, 10_000)
    assert "only the first 10000" in got.err


@pytest.mark.parametrize(
    ("table", "filter", "rows"),
    [
        ("FindPeaksPyAlgos", "status!=COMPLETED", 3),
        ("FindPeaksPyAlgos", "run=14..16", 5),
        ("FindPeaksPyAlgos", "compression.compressor!=qoz", 11),
        ("FindPeaksPyAlgos", "is:valid son_min<10 not compression.compressor=null", 4),
        ("SubmitSMD", "run>=10", 3),
        ("IndexCrystFEL", "indexing:xgandalf", 2),
        ("IndexCrystFEL", 'indexing="xgandalf,mosflm"', 1),
        ("IndexCrystFEL", "indexing=mosflm,xgandalf", 11),
        ("FindPeaksPyAlgos", "env.SLURM_JOB_ID=48210619", 1),
        ("Test", 'str_var:"[/x]"', 1),
        ("Test", "float_var=-1.5e-12", 1),
    ],
)
def test_filters_on_a_real_file(table: str, filter: str, rows: int, sample: Callable[[str], Path]) -> None:
    assert len(ids(sample("lute-v01.db"), table, filter)) == rows


def test_the_first_rows_of_an_order_do_not_wait_for_the_rest(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without room to sort all of them, the answer shows that they were not sorted.
    monkeypatch.setattr(sorting, "MEMORY", 0)
    monkeypatch.setattr(sorting, "_SHARE_OF_FREE_SPACE", 0.0)
    assert ids(large, "numbers", "--sort", "text", "--limit", "3") == [29_999, 29_998, 29_997]
    refused = answer("query", large, "numbers", "--sort", "text", "--format", "jsonl")
    assert refused.code != 0
    assert "cannot be sorted" in refused.err


@pytest.mark.parametrize("command", [["query"], ["group", "mode"], ["stats", "mode"], ["history", "mode"]])
def test_a_filter_of_a_masked_name_finds_nothing_and_the_words_say_why(database: Database, command: list[str]) -> None:
    database.task("Find", {"api_key": "TEXT", "mode": "TEXT"}, [{"api_key": "classified", "mode": "a"}])
    database.connection.close()
    name, *columns = command
    filter = ["--where", "api_key~^c"] if name == "group" else ["api_key~^c"]
    got = answer(name, database.path, "Find", *columns, *filter, "--exit-code")
    assert got.code == 1
    assert "Masked, so that a filter sees ***: api_key (--reveal shows secrets)." in got.err
    revealed = answer(name, database.path, "Find", *columns, *filter, "--exit-code", "--reveal")
    reveal_secrets(False)
    assert revealed.code == 0
    assert "Masked" not in revealed.err
