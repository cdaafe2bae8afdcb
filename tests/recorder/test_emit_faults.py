"""What becomes of an entry when the command is not what it should be, or somebody is killed."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from recorder import Recorder, emit
from tests.recorder.analyses import analysis
from tests.recorder.faults import held_by_another_process, in_a_fork
from tests.recorder.old_environments import COMMAND, oldest_python, rows

STORED = '{"key": "' + "0" * 32 + '", "task": "FindPeaks", "id": 1}'
"""An answer that some other entry is stored."""

BAD_COMMANDS = {
    "fails": "exit 3",
    "fails with words": "cat >/dev/null; echo recorder: no idea >&2; exit 7",
    "says nothing": "cat >/dev/null",
    "prints rubbish": "cat >/dev/null; head -c 100000 /dev/urandom",
    "answers with a list": "cat >/dev/null; echo '[]'",
    "answers of something else": f"cat >/dev/null; echo '{STORED}'",
    "names no id": 'sed \'s/.*"key": "\\([0-9a-f]*\\)".*/{"key": "\\1", "task": "FindPeaks"}/\'',
    "refuses": 'cat >/dev/null; echo \'{"error": "UnsupportedLayout", "message": "newer"}\'; exit 7',
    "does not read": "exec <&-; sleep 0.1",
    "is killed": "kill -9 $$",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECORDER_COMMAND", raising=False)
    for name in ("RUN", "EXPERIMENT", "LUTE_WORK_DIR"):
        monkeypatch.delenv(name, raising=False)


def program(path: Path, text: str) -> Path:
    """Write a program of the shell."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait until a condition holds; two minutes are more than any machine needs."""
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


def spooled(directory: Path) -> list[Path]:
    """Return the entries that wait beside the database of a directory."""
    return sorted(directory.glob("lute.db.spool/*.json"))


def assert_replayed_once(directory: Path, entries: int = 1) -> None:
    """Replay with the recorder itself, twice; every entry must be there once and nothing be left."""
    with Recorder(directory) as recorder:
        for _ in range(2):
            assert not [outcome for _, outcome in recorder.replay() if isinstance(outcome, Exception)]
    assert len(rows(directory / "lute.db")["FindPeaks"]) == entries
    assert spooled(directory) == []


@pytest.mark.parametrize("what", BAD_COMMANDS)
def test_an_entry_that_the_command_does_not_take_waits_and_is_stored_once(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", str(program(tmp_path / "bin" / "recorder", BAD_COMMANDS[what])))
    emit.record_analysis_db(analysis(parameters={"x": "never logged"}), work_dir=tmp_path)
    (file,) = spooled(tmp_path)
    (error,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(file) in error.getMessage()
    assert "never logged" not in caplog.text
    assert not (tmp_path / "lute.db").exists()
    assert_replayed_once(tmp_path)


@pytest.mark.parametrize("named", ["/no/such/recorder", "unclosed 'quotation", "", "not-executable"])
def test_an_entry_waits_where_there_is_no_command(
    named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "not-executable").write_text("recorder.cli")
    monkeypatch.setenv("PATH", "/no/such/directory")
    monkeypatch.setenv("RECORDER_COMMAND", named.replace("not-executable", str(tmp_path / "not-executable")))
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    assert len(spooled(tmp_path)) == 1
    assert "RECORDER_COMMAND" in caplog.text
    assert_replayed_once(tmp_path)


def test_a_command_that_hangs_is_left_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", str(program(tmp_path / "bin" / "recorder", "exec sleep 600")))
    monkeypatch.setattr(emit, "ANSWER_WITHIN", 0.2)
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    assert "no answer within 0.2 s" in caplog.text
    assert_replayed_once(tmp_path)


def test_an_entry_that_can_be_kept_nowhere_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", "/no/such/recorder")
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    (tmp_path / "file").write_text("")
    with pytest.raises(emit.EntryNotKept, match="to_json") as caught:
        emit.record_analysis_db(analysis("Lost"), work_dir=tmp_path / "file")
    assert json.loads(caught.value.entry.to_json())["task"] == "Lost"


def test_without_a_spool_the_command_is_still_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    (tmp_path / "lute.db.spool").write_text("a file is in the way")
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    assert len(rows(tmp_path / "lute.db")["FindPeaks"]) == 1


def test_what_only_the_command_can_keep_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer = 's/.*"key": "\\([0-9a-f]*\\)".*/{"key": "\\1", "spooled": "\\/elsewhere"}/'
    command = program(tmp_path / "bin" / "recorder", f"echo 'recorder: full' >&2; sed '{answer}'")
    monkeypatch.setenv("RECORDER_COMMAND", str(command))
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null")
    (tmp_path / "lute.db.spool").write_text("a file is in the way")
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    (error,) = caplog.records
    assert "recorder: full" in error.getMessage()
    assert "/elsewhere" in error.getMessage()


def test_an_entry_that_the_recorder_spools_too_waits_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    (tmp_path / "lute.db").write_bytes(b"garbage" * 1000)
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    (file,) = spooled(tmp_path)
    (error,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert str(file) in error.getMessage()
    assert "not a database" in error.getMessage()
    (tmp_path / "lute.db").unlink()
    assert_replayed_once(tmp_path)


def test_a_stranger_of_that_name_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = program(tmp_path / "environment" / "recorder", f"touch {tmp_path}/run")
    ours = program(tmp_path / "ours" / "recorder", f'exec {sys.executable} -m recorder.cli "$@"')
    monkeypatch.setenv("PATH", f"{stranger.parent}:{ours.parent}:{os.environ['PATH']}")
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    assert len(rows(tmp_path / "lute.db")["FindPeaks"]) == 1
    assert not (tmp_path / "run").exists()


def test_the_command_gets_nothing_of_the_callers_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = program(
        tmp_path / "bin" / "recorder", f'cat >/dev/null; env >{tmp_path}/env; echo "$@" >{tmp_path}/words'
    )
    monkeypatch.setenv("RECORDER_COMMAND", f"{command} --some 'more words'")
    monkeypatch.setenv("RECORDER_SPOOL", str(tmp_path / "elsewhere"))
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "SLURM_JWT", "LUTE_ELOG_PASSWORD"):
        monkeypatch.setenv(name, "sentinel")
    emit.record_analysis_db(analysis(environment=dict(os.environ)), work_dir=tmp_path)
    handed_on = (tmp_path / "env").read_text()
    assert "sentinel" not in handed_on
    assert "RECORDER_SPOOL=" in handed_on
    words = (tmp_path / "words").read_text()
    assert words == f"--some more words record {tmp_path}/lute.db -\n"


EXECUTOR = """
import sys
sys.path.insert(0, sys.argv[1])
import emit
parameters = {"x": 1, "lute_config": {"experiment": "e", "run": 1}}
result = {"task_name": "FindPeaks", "task_status": "COMPLETED"}
emit.record_analysis_db({"task_result": result, "task_parameters": parameters}, work_dir=sys.argv[2])
print("recorded")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("whole_job", [False, True], ids=["the Executor", "the whole job"])
def test_an_executor_killed_while_the_command_waits_loses_nothing(
    number: signal.Signals, whole_job: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    shutil.copy(emit.__file__, tmp_path)
    with held_by_another_process(tmp_path / "lute.db"):
        executor = subprocess.Popen(
            [oldest_python(), "-c", EXECUTOR, str(tmp_path), str(tmp_path)], start_new_session=True
        )
        wait_until(lambda: spooled(tmp_path) or executor.poll() is not None)
        (os.killpg if whole_job else os.kill)(executor.pid, number)
        assert executor.wait() == -number
    wait_until(lambda: not group_exists(executor.pid))  # its command goes on alone, and may store the entry
    assert_replayed_once(tmp_path)


def test_an_executor_that_ends_in_its_own_way_leaves_its_entry_and_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = program(tmp_path / "bin" / "recorder", f'exec {COMMAND} "$@" --timeout 600')
    monkeypatch.setenv("RECORDER_COMMAND", str(patient))
    shutil.copy(emit.__file__, tmp_path)
    handler = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n"
    with held_by_another_process(tmp_path / "lute.db"):
        executor = subprocess.Popen(
            [oldest_python(), "-c", handler + EXECUTOR, str(tmp_path), str(tmp_path)], start_new_session=True
        )
        wait_until(lambda: spooled(tmp_path) or executor.poll() is not None)
        executor.send_signal(signal.SIGTERM)
        assert executor.wait() == 3
        wait_until(lambda: not group_exists(executor.pid))
        assert len(spooled(tmp_path)) == 1
    assert_replayed_once(tmp_path)


def group_exists(number: int) -> bool:
    """Tell whether a group of processes has a member."""
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_executor_forked_from_a_recording_one_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDER_COMMAND", COMMAND)
    emit.record_analysis_db(analysis(), work_dir=tmp_path)
    assert in_a_fork(lambda: emit.record_analysis_db(analysis(), work_dir=tmp_path) or 0) == 0
    assert len(rows(tmp_path / "lute.db")["_rec_origin"]) == 2
    assert len(rows(tmp_path / "lute.db")["FindPeaks"]) == 2
