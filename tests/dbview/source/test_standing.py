"""What is: finds, and why entries need attention, on entries of every kind."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbview.errors import FilterError
from dbview.query.standing import STANDINGS
from dbview.source.entries.attention import reasons_for_attention
from dbview.source.source import Source, open_source
from tests.dbview.database import Database, keys_of

Select = Callable[..., list[int]]


def entry(status: str | None, valid: int | None, **others: Any) -> dict[str, Any]:
    """Return an entry that left a payload, where nothing else is said."""
    result = {"result.task_status": status, "valid_flag": valid, "result.payload": "/out.h5"}
    return result | others


def reasons(source: Source, relation: str, keys: list[int]) -> dict[int, list[str]]:
    with contextlib.closing(source.reader()) as reader:
        return reasons_for_attention(reader, source.relation(relation), keys)


ATTENTION: list[tuple[dict[str, Any], list[str]]] = [
    (entry("COMPLETED", 1), []),
    (entry("FAILED", 0), []),
    (entry("CANCELLED", 0) | {"result.summary": "PENDING", "result.payload": ""}, []),
    (entry(None, None), []),
    (entry("COMPLETED", None), []),
    (entry("FAILED", 1), ["is valid, but"]),
    (entry(None, 1), ["is valid, but"]),
    (entry("COMPLETED", 0), ["marked not valid"]),
    (entry("COMPLETED", 1) | {"result.payload": None}, ["neither a payload nor a summary"]),
    (entry("COMPLETED", 1) | {"result.payload": b"", "result.summary": ""}, ["neither a payload nor a summary"]),
    (entry("COMPLETED", 1) | {"result.payload": "", "result.summary": "812 hits"}, []),
    (entry("COMPLETED", 1) | {"result.summary": "PENDING"}, ["still says PENDING"]),
    (entry("completed", 0) | {"result.payload": None}, ["marked not valid", "neither a payload nor a summary"]),
    (entry("RUNNING", 0, timestamp="2024-02-01 00:00:00", gen_cfg_id=1), ["RUNNING for longer"]),
    (entry("RUNNING", 0, timestamp="2024-02-01 00:00:00", gen_cfg_id=2), []),
    (entry("RUNNING", 0, timestamp="2024-02-01 00:00:00", gen_cfg_id=3), []),
    (entry("RUNNING", 0, timestamp="2024-02-01 00:00:00"), []),
    (entry("RUNNING", 0, timestamp="2999-02-01 00:00:00", gen_cfg_id=1), []),
    (entry("RUNNING", 0, timestamp="no moment", gen_cfg_id=1), []),
]


def test_every_entry_that_needs_attention_says_why(database: Database, opened: Callable[[Path], Source]) -> None:
    for timeout in (600, 0, None):
        database.insert("gen_cfg", {"run": "1", "task_timeout": timeout})
    database.task("Task", {}, [stored for stored, _words in ATTENTION])
    source = opened(database.path)
    told = reasons(source, "Task", list(range(1, len(ATTENTION) + 1)))
    for key, (stored, words) in enumerate(ATTENTION, 1):
        said = told.get(key, [])
        assert len(said) == len(words), (stored, said)
        assert all(word in sentence for word, sentence in zip(words, said, strict=True)), (stored, said)
    assert keys_of(source, "Task", "is:attention") == sorted(told, reverse=True), "the filter and the words agree"
    assert keys_of(source, "Task", "not is:attention") == [
        key for key in range(len(ATTENTION), 0, -1) if key not in told
    ]


def test_what_is_no_entry_needs_no_attention(database: Database, opened: Callable[[Path], Source]) -> None:
    database.insert("gen_cfg", {"run": "1"})
    database.connection.commit()
    source = opened(database.path)
    assert reasons(source, "gen_cfg", [1]) == {}
    with pytest.raises(FilterError, match="gen_cfg has no status"):
        keys_of(source, "gen_cfg", "is:attention")


HEADERS = [("mfx", "7"), ("mfx", "07"), ("cxi", "7"), ("mfx", "8"), ("mfx", None)]

entries = st.fixed_dictionaries(
    {
        "gen_cfg_id": st.none() | st.integers(1, 9),
        "timestamp": st.sampled_from([None, "2024-02-01 10:00:00", "2024-02-01 10:00:01", "2024-02-01 10:00:01.5"]),
        "valid_flag": st.sampled_from([0, 1, None]),
        "result.task_status": st.sampled_from(["RUNNING", "FAILED", "timedout", "COMPLETED", None]),
    }
)


@settings(max_examples=100)
@given(stored=st.lists(entries, min_size=1, max_size=12))
def test_open_and_latest_are_told_of_each_run_of_an_experiment(stored: list[dict[str, Any]]) -> None:
    runs = {key: (experiment, run and int(run)) for key, (experiment, run) in enumerate(HEADERS, 1)}
    of_run: dict[Any, list[tuple[str, int]]] = {}
    for key, row in enumerate(stored, 1):
        of_run.setdefault(runs.get(row["gen_cfg_id"]) or (None, None), []).append((row["timestamp"] or "", key))
    flags = {key: row["valid_flag"] for key, row in enumerate(stored, 1)}
    newest = [max(placed)[1] for placed in of_run.values()]
    valid = [[place for place in placed if flags[place[1]] == 1] for placed in of_run.values()]
    states = {key: (row["result.task_status"] or "").upper() for key, row in enumerate(stored, 1)}
    expected = {
        "is:open": {key for key in newest if flags[key] != 1},
        "is:latest": {max(placed)[1] for placed in valid if placed},
        "is:valid": {key for key in flags if flags[key] == 1},
        "is:invalid": {key for key in flags if flags[key] == 0},
        "is:running": {key for key in states if states[key] == "RUNNING"},
        "is:FAILED": {key for key in states if states[key] in ("FAILED", "TIMEDOUT")},
    }
    with tempfile.TemporaryDirectory() as directory:
        database = Database(Path(directory) / "lute.db")
        for experiment, run in HEADERS:
            database.insert("gen_cfg", {"experiment": experiment, "run": run})
        database.task("Task", {}, stored)
        database.connection.close()
        source = open_source(database.path)
        try:
            found = {filter: set(keys_of(source, "Task", filter)) for filter in expected}
        finally:
            source.close()
    assert found == expected


def test_open_and_latest_go_with_any_other_condition(database: Database, select: Select) -> None:
    database.insert("gen_cfg", {"experiment": "mfx", "run": "7"})
    database.insert("gen_cfg", {"experiment": "mfx", "run": "8"})
    states = [(1, "FAILED", 0), (1, "COMPLETED", 1), (2, "COMPLETED", 1), (2, "TIMEDOUT", 0)]
    database.task("Task", {}, [entry(status, valid, gen_cfg_id=header) for header, status, valid in states])
    assert select(database.path, "Task", "is:open") == [4]
    assert select(database.path, "Task", "is:latest") == [3, 2]
    assert select(database.path, "Task", "is:latest run=8") == [3]
    assert select(database.path, "Task", "run=7 is:open") == [], "it has been redone"
    assert select(database.path, "Task", "is:failed -is:open") == [1]


def test_thousands_of_runs_have_a_newest_entry_each(database: Database, select: Select) -> None:
    with database.connection:
        database.connection.executemany("INSERT INTO gen_cfg(run) VALUES (?)", [(str(n),) for n in range(3_000)])
    database.task("Task", {}, [{"gen_cfg_id": n % 3_000 + 1, "valid_flag": 1} for n in range(6_000)])
    assert select(database.path, "Task", "is:latest") == list(range(6_000, 3_000, -1))
    assert select(database.path, "Task", "is:open") == []


def test_a_relation_without_runs_has_nothing_open(database: Database, select: Select) -> None:
    database.execute("CREATE TABLE plain(a)")
    for word in STANDINGS:
        with pytest.raises(FilterError, match="plain has no"):
            select(database.path, "plain", f"is:{word}")
