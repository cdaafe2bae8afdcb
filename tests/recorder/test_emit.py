"""Both ways of recording give the same: the recorder itself, and the one file for environments that cannot have it."""

from __future__ import annotations

import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given

from recorder import Entry, Recorder, dropin, emit
from recorder.layout.side_text import read_side_text
from tests.recorder.analyses import all_kinds, analysis
from tests.recorder.old_environments import COMMAND, assert_same_rows, oldest_python, rows
from tests.recorder.old_executor import KINDS
from tests.recorder.strategies import parameters, values

HOSTILE = {
    "id": 1, "Tag": "a", "tag": "b", "x.y": {"z": 1}, 'quote"d': "line\nbreak", "nul\x00": "\x00", "odd": "\ud800",
    "large": 2**70, "nan": float("nan"), "inf": float("-inf"), "nothing": None, "empty": [], "bytes": b"\x00\xff",
    "path": Path("/a/b"), "set": {1, 2}, "complex": 1 + 2j, "nested": [[1, [2.5]], {"$float": "x"}], "seven": "007",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    for name in ("RUN", "EXPERIMENT", "LUTE_WORK_DIR"):
        monkeypatch.delenv(name, raising=False)


def recorded(cfg: Any, directory: Path, **ending: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rows after the recorder itself has recorded into a directory of its own."""
    other = directory.with_name(directory.name + "-other")
    other.mkdir()
    with Recorder(other) as recorder:
        recorder.record(cfg, **ending)
    return rows(other / "lute.db")


def payloads(directory: Path) -> dict[str, bytes]:
    """Return the payload files beside a database."""
    return {path.name: path.read_bytes() for path in directory.glob("lute.db.payloads/*")}


@pytest.mark.parametrize("way", [dropin, emit], ids=["package", "one file"])
class TestBothWays:
    """What is so whichever way an Executor records."""

    @pytest.mark.parametrize(("kind", "cfg"), list(all_kinds()))
    def test_every_kind_of_object_gives_the_same_rows(
        self, way: ModuleType, kind: str, cfg: Any, tmp_path: Path
    ) -> None:
        way.record_analysis_db(cfg, work_dir=tmp_path)
        found = rows(tmp_path / "lute.db")
        assert found == recorded(cfg, tmp_path), kind
        assert [row["n_events"] for row in found["FindPeaks"]] == [10]

    def test_hostile_names_and_values_give_the_same_rows(self, way: ModuleType, tmp_path: Path) -> None:
        cfg = analysis("Order", HOSTILE, payload={"peaks": [1, 2.5], "mask": b"\x00"}, summary="\ud800 [/x]")
        way.record_analysis_db(cfg, work_dir=tmp_path)
        assert rows(tmp_path / "lute.db") == recorded(cfg, tmp_path)

    def test_a_large_payload_gives_the_same_rows_and_files(self, way: ModuleType, tmp_path: Path) -> None:
        cfg = analysis(payload=bytes(range(256)) * 8192)
        way.record_analysis_db(cfg, work_dir=tmp_path)
        assert rows(tmp_path / "lute.db") == recorded(cfg, tmp_path)
        other = tmp_path.with_name(tmp_path.name + "-other")
        assert list(payloads(tmp_path).values()) == [cfg.task_result.payload]
        assert payloads(tmp_path) == payloads(other)

    def test_what_is_known_of_a_failure_is_kept(self, way: ModuleType, tmp_path: Path) -> None:
        known = {"return_code": -9, "output": b"Traceback: \xff", "log": Path("/logs/1.out"), "code_version": "1.2"}
        cfg = analysis(status="FAILED")
        way.record_analysis_db(cfg, work_dir=tmp_path, **known)
        found = rows(tmp_path / "lute.db")
        assert found == recorded(cfg, tmp_path, **known)
        assert [read_side_text(row["signal"]) for row in found["_rec_failure"]] == ["SIGKILL"]
        assert [read_side_text(row["code_version"]) for row in found["_rec_origin"]] == ["1.2"]

    def test_a_task_without_parameters_is_recorded(
        self, way: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cfg = analysis(status="FAILED", environment={"LUTE_WORK_DIR": str(tmp_path), "RUN": "12"})
        cfg.task_parameters = None
        way.record_analysis_db(cfg)
        assert [row["run"] for row in rows(tmp_path / "lute.db")["gen_cfg"]] == ["12"]

    def test_a_call_without_a_directory_raises_with_the_entry(self, way: ModuleType) -> None:
        cfg = analysis("Lost")
        with pytest.raises(way.EntryNotKept, match="work_dir") as caught:
            way.record_analysis_db(cfg)
        assert caught.value.entry.task == "Lost"

    def test_a_secret_is_in_no_file(self, way: ModuleType, tmp_path: Path) -> None:
        environment = {"SLURM_JWT": "sentinel-1", "MY_LUTE_TOKEN": "sentinel-2", "SLURM_JOB_ID": "1"}
        way.record_analysis_db(analysis(environment=environment), work_dir=tmp_path, output="auth sentinel-1 refused")
        held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert b"SLURM_JWT" in held
        assert b"sentinel" not in held

    def test_the_newest_value_comes_back_in_its_type(self, way: ModuleType, tmp_path: Path) -> None:
        newest = {"real": 1.0, "raw": b"\x00\xff", "none": None}
        with Recorder(tmp_path) as recorder:
            for tree in ({"real": 2.0}, newest):
                recorder.record(analysis(parameters=tree))
        for name, value in newest.items():
            found = way.read_latest_db_entry(tmp_path, "FindPeaks", name)
            assert (type(found), found) == (type(value), value)


@given(parameters, values, values)
def test_both_make_the_same_entry_of_anything(tree: dict[str, Any], payload: Any, output: Any) -> None:
    cfg = analysis(parameters=tree, payload=payload, summary=output)
    moment = datetime.datetime(2024, 2, 12, tzinfo=datetime.UTC)
    made = [way.entry_of(cfg, {"timestamp": moment, "output": output}, key="0" * 32) for way in (dropin, emit)]
    assert made[0].to_json() == made[1].to_json()
    assert Entry.from_json(made[1].to_json()) == made[0]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "pydantic 1"])
def test_a_copy_of_the_file_in_the_oldest_python_gives_the_same_rows(kind: str, tmp_path: Path) -> None:
    assert_same_rows(oldest_python(), kind, tmp_path)


@pytest.fixture
def asked(tmp_path: Path) -> Path:
    """Return a directory with entries to ask for."""
    with Recorder(tmp_path) as recorder:
        for number, (experiment, run) in enumerate([("mfxa", 1), ("mfxb", 1), ("mfxb", "0002"), ("mfxb", 3)]):
            status = "FAILED" if number == 3 else "COMPLETED"
            header = {"experiment": experiment, "run": run}
            recorder.record(analysis(parameters={"x": number, "id": "i", "y.z": None}, header=header, status=status))
    return tmp_path


def same(asked: Path, parameter: str, **wanted: Any) -> Any:
    """Return what the one file answers, which must be what the package does."""
    found = emit.read_latest_db_entry(asked, "FindPeaks", parameter, **wanted)
    assert found == dropin.read_latest_db_entry(asked, "FindPeaks", parameter, **wanted)
    return found


def test_the_command_is_asked_for_the_latest_value(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert same(asked, "x", valid_only=False) == 3
    assert same(asked, "y.z") is None
    monkeypatch.setenv("RUN", "1")
    monkeypatch.setenv("EXPERIMENT", "mfxa")
    assert same(asked, "x") == 0
    with pytest.raises(emit.UnknownParameter, match="nothing"):
        same(asked, "nothing")
    assert emit.read_latest_db_entry(asked, "Unheard", "x") is None


def test_without_the_command_the_file_is_read(
    asked: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", "/no/such/command")
    before = {path.name: path.stat().st_mtime_ns for path in asked.iterdir()}
    assert same(asked, "x") == 2
    assert "without the recorder's command" in caplog.text
    assert same(asked, "x", valid_only=False) == 3
    assert same(asked, "x", for_run="1") == 1
    assert same(asked, "x", for_run=1, for_experiment="mfxa") == 0
    assert same(asked, "x", for_run=2) == 2
    assert same(asked, "x", for_run=9) is None
    assert same(asked, "id") == "i"
    assert same(asked, "y.z") is None
    assert same(asked, "result.task_status", valid_only=False) == "FAILED"
    with pytest.raises(emit.UnknownParameter, match="nothing"):
        same(asked, "nothing")
    assert emit.read_latest_db_entry(asked, "Unheard", "x") is None
    assert emit.read_latest_db_entry(asked / "missing", "FindPeaks", "x") is None
    assert {path.name: path.stat().st_mtime_ns for path in asked.iterdir()} == before
    (asked / "lute.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(emit.StorageFailed, match=r"lute\.db"):
        emit.read_latest_db_entry(asked, "FindPeaks", "x")


def test_entries_are_marked_by_the_command(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    emit.invalidate_entry(asked, "FindPeaks", [2, 3], reason="--beam off")
    assert emit.read_latest_db_entry(asked, "FindPeaks", "x") == 0
    with pytest.raises(emit.UnknownEntry):
        emit.invalidate_entry(asked, "FindPeaks", 77)
    monkeypatch.setenv("RECORDER_COMMAND", "/no/such/command")
    with pytest.raises(emit.CommandFailed):
        emit.invalidate_entry(asked, "FindPeaks", 1)
