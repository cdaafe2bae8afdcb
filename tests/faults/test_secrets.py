"""The values of secret variables reach no file and no line of output, at no moment."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import pytest

from recorder import Recorded, Recorder
from tests.faults.processes import held
from tests.faults.tracing import run
from tests.recorder.analyses import analysis

SECRETS = {
    "SLURM_JWT": "sentinel-of-slurm-jwt",
    "MY_LUTE_TOKEN": "sentinel-of-my-lute-token",
    "LUTE_ELOG_PASSWORD": "sentinel-of-lute-elog-password",
}
PLAIN = {"LUTE_KEYFRAME": "sight-of-lute-keyframe"}
TRACEBACK = f"""Traceback (most recent call last):
  File "elog.py", line 7, in post
requests.HTTPError: 401 for https://elog/?token={SECRETS["MY_LUTE_TOKEN"]}
environment: {SECRETS | PLAIN}
"""


class Watch:
    """Look into every file of a directory.

    Attributes:
        looks: How often this was done.
        found: The files in which words were found at some moment, by the words.
    """

    def __init__(self, directory: Path, *words: str) -> None:
        self.looks = 0
        self.found: dict[str, set[str]] = {word: set() for word in words}
        self._directory = directory

    def look(self) -> None:
        """Look once more; nothing may change meanwhile."""
        self.looks += 1
        for above, _, names in os.walk(self._directory):
            for name in names:
                content = Path(above, name).read_bytes()
                for word, places in self.found.items():
                    if word.encode() in content:
                        places.add(name)


def record_in_every_way(directory: Path) -> None:
    """Record, begin and end, in a batch, with a payload's file, against a lock, beside garbage, and replay."""
    os.environ.update(SECRETS)
    output = os.open(directory / "output", os.O_WRONLY | os.O_CREAT)
    os.dup2(output, 1)
    os.dup2(output, 2)
    logging.basicConfig(stream=os.fdopen(output, "w"), level=logging.DEBUG, force=True)

    def ended(x: str, **result: object) -> object:
        return analysis(parameters={"x": x}, environment={**SECRETS, **PLAIN}, **result)

    with Recorder(directory / "data", timeout=1.2) as recorder:
        recorder.record(ended("first", summary=f"posted with {SECRETS['LUTE_ELOG_PASSWORD']}"))
        token = recorder.start(ended("begun"))
        recorder.finish(token, ended("begun", status="FAILED"), return_code=1, output=TRACEBACK)
        with recorder.batch() as batch:
            batch.record(ended("in a batch"))
            batch.record(ended("with a file", payload=b"\x89PNG" + bytes(2**21)))
        with held(recorder.path):
            recorder.record(ended("against a lock"), return_code=1, output=TRACEBACK)
        outcomes = [outcome for _, outcome in recorder.replay()]
        if not outcomes or not all(isinstance(outcome, Recorded) for outcome in outcomes):
            sys.exit(f"not replayed: {outcomes}")
    with Recorder(directory / "garbage", timeout=0) as recorder:
        recorder.path.write_bytes(b"no database " * 1000)
        recorder.record(ended("beside garbage"), output=TRACEBACK)
        Path(f"{recorder.path}.spool").rename(directory / "garbage" / "away")
        Path(f"{recorder.path}.spool").write_text("in the way")
        recorder.record(ended("elsewhere"), output=TRACEBACK)


def test_a_secret_is_in_no_file_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each of its system calls the recording process stands still, and all files there are, are read."""
    for name in ("data", "garbage"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RECORDER_SPOOL", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    watch = Watch(tmp_path, *SECRETS.values(), *PLAIN.values())
    ended = run(lambda: record_in_every_way(tmp_path), at_each=watch.look)
    assert ended.acknowledged, (tmp_path / "output").read_text()
    assert {word: places for word, places in watch.found.items() if places and word in SECRETS.values()} == {}

    (seen,) = (watch.found[word] for word in PLAIN.values())
    assert {"lute.db", "lute.db-journal"} <= seen
    assert len([name for name in seen if name.endswith(".json")]) == 3, "against a lock, beside garbage, elsewhere"
    assert [name for name in seen if name.endswith(".partial")]
    assert watch.looks > 500
