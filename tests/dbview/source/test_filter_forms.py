"""Each form of the filter language, and what it finds in files of every kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from dbview.errors import FilterError
from dbview.source.source import open_source
from tests.dbview.database import Database, arranged


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("status=failed", [2]),
        ('status="failed"', []),
        ("status!=COMPLETED", [4, 2]),
        ("not status=COMPLETED", [4, 2]),
        ("status=null", [4]),
        ("status=COMP*", [3, 1]),
        ("status=?AILED", [2]),
        ("status=FAILED,null", [4, 2]),
        ('text=""', [3]),
        ("text:", None),
        ("text=100%", [1]),
        ("text:0%", [1]),
        ("text:_", [2]),
        ("text=STRASSE", []),
        ("text=straße", [4]),
        ("text:AßE", [4]),
        ("run=7", [2, 1]),
        ('run="7"', [2]),
        ("run>7", [4]),
        ("run=7..12", [4, 2, 1]),
        ("run!=7", [4, 3]),
        ("p.run=seven", [1]),
        ('"run"=seven', [1]),
        ("valid=yes", [3, 1]),
        ("is:valid", [3, 1]),
        ("is:invalid", [2]),
        ("valid=null", [4]),
        ("valid=false", [2]),
        ("text=yes", []),
        ("-is:valid", [4, 2]),
        ("experiment=MFX", [2, 1]),
        ("env.SLURM_JOB_ID=42", [1]),
        ("env.NO_SUCH=null", [4, 3, 2, 1]),
        ("env.LUTE_PATH:a;b", [1]),
        ("time>=2024-02-02", [4, 3]),
        ("since:2024-02-02T10:00", [4]),
        ("before:2024-02-02", [2, 1]),
        ("since:1w", []),
        ("te*=100%", [1]),
        ("text~^[a-z]_", [2]),
        ('text~"(100|straße)"', [4, 1]),
        ("text~STRA", [4]),
        ('text~"(?-i)STRA"', []),
        ("text!~.", [3]),
        ("id~^[13]$", [3, 1]),
        ("exec_cfg.poll_interval~^0.1$", [1]),
        (r"env.SLURM_*~^\d+$", [1]),
        ("te*~%", [1]),
        ("STATUS=FAILED", [2]),
        ("beam loss", [2]),
        ('"beam loss"', [2]),
        ("loss beam", [2]),
        ('"loss beam"', []),
        ("exec_cfg.poll_interval=0.1", [1]),
        ("(status=COMPLETED run=7) or text:ß", [4, 1]),
    ],
)
def test_each_form(database: Database, select: Callable[..., list[int]], filter: str, found: list[int] | None) -> None:
    database.insert("gen_cfg", {"experiment": "mfx", "run": "07"})
    database.insert("gen_cfg", {"experiment": "mfx", "run": "7"})
    database.insert("gen_cfg", {"experiment": "cxi", "run": "12"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=42;LUTE_PATH=a;b", "poll_interval": 0.1})
    database.task(
        "Task",
        {"text": "TEXT", "run": "TEXT"},
        [
            {
                "timestamp": "2024-02-01 09:00:00",
                "gen_cfg_id": 1,
                "exec_cfg_id": 1,
                "text": "100%",
                "run": "seven",
                "result.task_status": "COMPLETED",
                "valid_flag": 1,
            },
            {
                "timestamp": "2024-02-01 10:00:00",
                "gen_cfg_id": 2,
                "text": "a_b",
                "result.task_status": "FAILED",
                "result.summary": "Beam  and beam loss",
                "valid_flag": 0,
            },
            {"timestamp": "2024-02-02 09:00:00", "text": "", "result.task_status": "COMPLETED", "valid_flag": 1},
            {"timestamp": "2024-02-02 10:00:00", "gen_cfg_id": 3, "text": "Straße"},
        ],
    )
    if found is None:
        with pytest.raises(FilterError):
            select(database.path, "Task", filter)
    else:
        assert select(database.path, "Task", filter) == found


@pytest.mark.parametrize(
    ("filter", "position", "words"),
    [
        ("statsu=FAILED", 0, "status"),
        ("is:valid nosuch=1", 9, "no column nosuch"),
        ("is:opne", 3, "is:valid"),
        ("id=16..14", 3, "smaller one goes first"),
        ("since:yesterday", 6, "2d"),
        ('"Status"=1', 0, "no column"),
        ("id~a**", 5, "cannot follow"),
        ('id~"""(a"', 6, "never closed"),
    ],
)
def test_a_name_or_value_that_makes_no_sense_is_explained(
    database: Database, select: Callable[..., list[int]], filter: str, position: int, words: str
) -> None:
    database.task("Task", {}, [])
    with pytest.raises(FilterError, match=words) as caught:
        select(database.path, "Task", filter)
    assert caught.value.position == position


def test_a_column_with_an_operator_in_its_name_is_found_in_quotes(
    database: Database, select: Callable[..., list[int]]
) -> None:
    database.task("Task", {"opts.pressio:abs": "REAL", "a b": "TEXT"}, [{"opts.pressio:abs": 0.5, "a b": "x"}])
    assert select(database.path, "Task", 'p."opts.pressio:abs">0.1 "a b"=x') == [1]


def test_many_rows_of_the_shared_tables_pass_a_condition(database: Database, select: Callable[..., list[int]]) -> None:
    with database.connection:
        database.connection.executemany("INSERT INTO gen_cfg(run) VALUES (?)", [(str(n),) for n in range(5_000)])
    database.task("Task", {}, [{"gen_cfg_id": key} for key in (1, 2_500, 5_000, 9_999)])
    assert select(database.path, "Task", "run>=0") == [3, 2, 1]
    assert select(database.path, "Task", "not run>=0") == [4]


def test_a_table_of_two_thousand_columns_can_be_searched(database: Database, select: Callable[..., list[int]]) -> None:
    columns = ", ".join(f"c{number} TEXT" for number in range(1_990))
    database.execute(f"CREATE TABLE wide({columns})")
    database.execute("INSERT INTO wide(c1989) VALUES ('needle')")
    database.execute("INSERT INTO wide(c0) VALUES ('hay')")
    assert select(database.path, "wide", "needle") == [1]


def test_text_that_is_not_utf8_is_searched_without_failing(
    database: Database, select: Callable[..., list[int]]
) -> None:
    database.task("Task", {"text": "TEXT"}, [])
    database.execute("INSERT INTO Task(text) VALUES (CAST(x'ff6162c3a9' AS TEXT))")
    assert select(database.path, "Task", "text:AB") == [1]
    assert select(database.path, "Task", "text:É") == [1]


def test_a_database_in_another_encoding(tmp_path: Path, select: Callable[..., list[int]]) -> None:
    path = tmp_path / "x.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA encoding='UTF-16'")
    writer.execute("CREATE TABLE t(a TEXT)")
    writer.executemany("INSERT INTO t VALUES (?)", [("Straße",), ("plain",), ("x" * 10_000 + "Å",)])
    writer.commit()
    writer.close()
    assert select(path, "t", "a=STRASSE") == []
    assert select(path, "t", "a=STRAßE") == [1]
    assert select(path, "t", "PLAIN") == [2]
    assert select(path, "t", "å") == [3]


@pytest.mark.parametrize(
    ("task", "filter", "count"),
    [
        ("FindPeaksPyAlgos", "status!=COMPLETED", 3),
        ("FindPeaksPyAlgos", "run=14..16", 5),
        ("FindPeaksPyAlgos", "compression.compressor!=qoz", 11),
        ("FindPeaksPyAlgos", "is:valid son_min<10 not compression.compressor=null", 4),
        ("FindPeaksPyAlgos", "env.SLURM_JOB_ID=48210619", 1),
        ("FindPeaksPyAlgos", "is:open", 0),
        ("FindPeaksPyAlgos", "is:latest", 10),
        ("FindPeaksPyAlgos", "is:failed", 2),
        ("DimpleSolve", "is:open", 1),
        ("IndexCCTBXXFEL", "is:attention", 1),
        ("ConcatenateStreamFiles", "is:attention", 2),
        ("FindPeaksPyAlgos", "is:attention", 0),
        ("CompareHKL", "is:attention", 0),
        ("IndexCrystFEL", 'summary."Indexing rate">=0.7', 3),
        ("FindPeaksPyAlgos", "summary.number_of_hits_found>1500", 3),
        ("FindPeaksPyAlgos", 'summary."Fractional hit rate"=0.05', 10),
        ("IndexCrystFEL", "indexing~^xgandalf|gandalf$", 2),
        ("FindPeaksPyAlgos", "compression.*=sz3", 2),
        ("FindPeaksPyAlgos", "env.SLURM_JOB*=48210619", 1),
        ("SubmitSMD", "run>=10", 3),
        ("IndexCrystFEL", "indexing:xgandalf", 2),
        ("IndexCrystFEL", 'indexing="xgandalf,mosflm"', 1),
        ("IndexCrystFEL", "indexing=mosflm,xgandalf", 11),
        ("Test", 'str_var:"[/x]"', 1),
        ("Test", "float_var=-1.5e-12", 1),
    ],
)
def test_the_sample_of_the_field(
    sample: Callable[[str], Path], select: Callable[..., list[int]], task: str, filter: str, count: int
) -> None:
    assert len(select(sample("lute-v01.db"), task, filter)) == count


def test_the_shared_tables_can_be_filtered_themselves(database: Database, select: Callable[..., list[int]]) -> None:
    database.insert("gen_cfg", {"run": "12", "title": "a"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=1;LUTE_PATH=/x"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=2;LUTE_TOKEN=tell"})
    database.connection.commit()
    assert select(database.path, "gen_cfg", "run=12 title=a") == [1]
    assert select(database.path, "exec_cfg", "env.SLURM_JOB_ID=2") == [2]
    assert select(database.path, "exec_cfg", "env.LUTE_TOKEN:tell") == [], "a secret is masked before it is compared"


def test_a_filter_over_a_damaged_page_keeps_what_it_found(database: Database) -> None:
    database.task("Task", {"text": "TEXT"}, [{"text": "x" * 300} for _ in range(2_000)])
    (size,) = database.execute("PRAGMA page_size")[0]
    database.connection.close()
    raw = bytearray(database.path.read_bytes())
    # Oldest entries stand in the first leaf pages; the newest, found first, are whole.
    for page in range(8, 14):
        raw[page * size : (page + 1) * size] = bytes(size)
    database.path.write_bytes(raw)
    source = open_source(database.path)
    try:
        snapshot = arranged(source, "Task", "text:x")
        assert snapshot.error is not None
        assert "damaged" in str(snapshot.error)
        assert 0 < snapshot.order.length < 2_000
        assert not snapshot.complete
    finally:
        source.close()
