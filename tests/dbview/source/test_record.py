"""An entry in full: what was recorded, whatever its parameters are kept as."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from dbview.errors import NotFound
from dbview.query.relation import Role
from dbview.source.entries.record import read_record
from recorder import Recorder
from tests.dbview.conftest import Open
from tests.dbview.database import Database


def test_an_entry_in_full(database: Database, opened: Open) -> None:
    database.insert("gen_cfg", {"title": "T", "experiment": "mfx", "run": "12"})
    database.insert("exec_cfg", {"env": "SLURM_JOB_ID=7;LUTE_PATH=a;b;SLURM_JWT=tell"})
    entry = {
        "gen_cfg_id": 1,
        "exec_cfg_id": 1,
        "id~1": "own",
        "geom.a[0]": 5,
        "result.task_status": "COMPLETED",
        "valid_flag": 0,
    }
    database.task("Task", {"id~1": "TEXT", "geom.a[0]": "INTEGER"}, [entry, {"gen_cfg_id": 99}])
    database.execute(
        "CREATE TABLE _rec_validity(id INTEGER PRIMARY KEY, task, entry_id, valid, changed_at, changed_by, reason)"
    )
    reason = '"wrong mask \\u005b3]"'
    database.execute(
        "INSERT INTO _rec_validity VALUES (1, 'Task', 1, 0, '2024-01-01 00:00:00', '\"ann\"', ?)", (reason,)
    )
    source = opened(database.path)
    reader = source.reader()
    record = read_record(reader, source.relations(), source.relation("Task"), 1)
    assert record.parameters == {"id": "own", "geom.a[0]": 5}
    assert (record.role(Role.RUN), record.role(Role.STATUS), record.role(Role.VALID)) == ("12", "COMPLETED", 0)
    assert record.environment == {"SLURM_JOB_ID": "7", "LUTE_PATH": "a;b", "SLURM_JWT": "***"}
    assert [(change.changed_by, change.reason) for change in record.beside.validity] == [("ann", "wrong mask [3]")]
    other = read_record(reader, source.relations(), source.relation("Task"), 2)
    assert other.shared["gen_cfg"].cells is None
    assert other.role(Role.RUN) is None
    with pytest.raises(NotFound, match="no entry 3"):
        read_record(reader, source.relations(), source.relation("Task"), 3)
    reader.close()


def test_an_entry_of_the_recorder_shows_what_was_recorded_and_nothing_else(tmp_path: Path, opened: Open) -> None:
    parameters = {"flag": True, "empty": [], "matrix": [[1, 2], [3]], "rate": float("nan"), "gone": None}
    with Recorder(tmp_path / "lute.db") as recorder:
        for given in (parameters, {"matrix": [[1, 2, 3]], "added": "x"}):
            recorder.record(
                {"task_result": {"task_name": "Task", "task_status": "COMPLETED"}, "task_parameters": given}
            )
    source = opened(tmp_path / "lute.db")
    reader = source.reader()
    first, second = (read_record(reader, source.relations(), source.relation("Task"), key) for key in (1, 2))
    assert first.parameter_tree(with_nulls=True) == {**parameters, "rate": {"$float": "nan"}}
    assert first.parameter_tree(with_nulls=False).keys() == parameters.keys() - {"gone"}
    assert first.parameters["flag"] is True
    assert second.parameter_tree(with_nulls=True) == {"matrix": [[1, 2, 3]], "added": "x"}
    reader.close()


@pytest.mark.parametrize("kept", ["no JSON", '"text"', '{"$unknown": 1}', "{" * 9_000, None])
def test_parameters_kept_in_an_unknown_form_are_taken_from_the_columns(
    tmp_path: Path, opened: Open, kept: str | None
) -> None:
    with Recorder(tmp_path / "lute.db") as recorder:
        recorder.record({"task_result": {"task_name": "Task"}, "task_parameters": {"a": [1, 2]}})
    with contextlib.closing(sqlite3.connect(tmp_path / "lute.db")) as writer, writer:
        writer.execute("UPDATE _rec_entry SET parameters = ?", (kept,))
    source = opened(tmp_path / "lute.db")
    reader = source.reader()
    record = read_record(reader, source.relations(), source.relation("Task"), 1)
    assert record.parameter_tree(with_nulls=True) == {"a": [1, 2]}
    reader.close()
