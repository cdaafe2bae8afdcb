"""Who recorded an entry: user, host, process and job."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys

import pytest

from recorder.accept import accept
from recorder.version import RECORDER_VERSION
from tests.recorder.analyses import analysis


def test_an_entry_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    origin = accept(analysis(environment={"SLURM_JOB_ID": "48210687"}), code_version="v2.1-3-gdeadbee").origin
    assert origin == {
        "user": getpass.getuser(),
        "host": os.uname().nodename,
        "pid": os.getpid(),
        "job": "48210687",
        "recorder_version": RECORDER_VERSION,
        "code_version": "v2.1-3-gdeadbee",
    }


@pytest.mark.parametrize(
    ("environment", "job"),
    [
        ({}, "77"),
        ({"SLURM_JOB_ID": "12"}, "12"),
        ({"SLURM_JOB_ID": "12", "SLURM_ARRAY_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "3"}, "9_3"),
    ],
)
def test_the_job_is_the_tasks_or_else_our_own(
    environment: dict[str, str], job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    assert accept(analysis(environment=environment)).origin["job"] == job


def test_after_a_fork_the_process_is_another_one() -> None:
    code = """
import os
from recorder.accept import accept
accept({"task_result": {"task_name": "T"}})
child = os.fork()
if child:
    os.waitpid(child, 0)
print(os.getpid(), accept({"task_result": {"task_name": "T"}}).origin["pid"])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    said = [line.split() for line in ended.stdout.splitlines()]
    assert len(said) == 2
    assert said[0][0] != said[1][0]
    assert all(own == recorded for own, recorded in said)
