"""Both ways of recording give the same: the recorder itself, and the one file for environments that cannot have it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from recorder import Recorder, dropin, emit
from tests.recorder.analyses import all_kinds, analysis
from tests.recorder.old_environments import COMMAND, rows

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
        assert payloads(tmp_path) == payloads(other)

    def test_what_is_known_of_a_failure_is_kept(self, way: ModuleType, tmp_path: Path) -> None:
        known = {"return_code": -9, "output": b"Traceback: \xff", "log": Path("/logs/1.out"), "code_version": "1.2"}
        cfg = analysis(status="FAILED")
        way.record_analysis_db(cfg, work_dir=tmp_path, **known)
        assert rows(tmp_path / "lute.db") == recorded(cfg, tmp_path, **known)

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
        values = {"whole": 3, "real": 1.0, "text": "3", "raw": b"\x00\xff", "large": float("inf"), "none": None}
        for parameters in ({"whole": 1}, values):
            way.record_analysis_db(analysis(parameters=parameters), work_dir=tmp_path)
        for name, value in values.items():
            found = way.read_latest_db_entry(tmp_path, "FindPeaks", name)
            assert (type(found), found) == (type(value), value)
