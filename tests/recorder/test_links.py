"""A database that is reached by a link: what belongs to it stands beside the file itself."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from recorder import Recorded, Recorder
from tests.recorder.analyses import analysis


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """Return a link to a link to a database that is not there yet."""
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "real" / "latest.db").symlink_to("here.db")
    link = tmp_path / "linked" / "lute.db"
    link.symlink_to("../real/latest.db")
    return link


def names(directory: Path) -> set[str]:
    return {path.name for path in directory.iterdir()}


def test_results_spool_and_queue_are_beside_the_file_itself(link: Path) -> None:
    real = link.parent.parent / "real" / "here.db"
    with Recorder(link, payload_limit=10) as recorder:
        recorder.record(analysis(payload="a text of some length"))
        with closing(sqlite3.connect(real, isolation_level=None)) as other, Recorder(link, timeout=0.05) as hindered:
            other.execute("BEGIN IMMEDIATE")
            spooled = hindered.record(analysis(parameters={"x": 2}))
        assert isinstance(spooled, Path)
        assert names(link.parent) == {"lute.db"}
        assert {"here.db", "here.db.payloads", "here.db.queue", "here.db.spool"} <= names(real.parent)
    with Recorder(real) as direct:
        assert list(direct.replay()) == [(spooled, Recorded("FindPeaks", 2))]
        assert list(direct.check()) == []
    for path in (link, real):
        with Recorder(path) as reading:
            first = next(reading.entries("FindPeaks"))
        assert isinstance(first.payload, Path)
        assert first.payload.read_text() == "a text of some length"


def test_a_link_that_is_turned_elsewhere_is_followed_there(link: Path, tmp_path: Path) -> None:
    with Recorder(link, payload_limit=10) as recorder:
        recorder.record(analysis(payload="a text of some length"))
        link.unlink()
        (tmp_path / "other").mkdir()
        link.symlink_to(tmp_path / "other" / "run2.db")
        recorder.record(analysis(payload="a text of some length"))
    assert {"run2.db", "run2.db.payloads"} <= names(tmp_path / "other")


def test_the_viewer_finds_the_results_of_what_was_recorded_by_a_link(link: Path) -> None:
    with Recorder(link, payload_limit=10) as recorder:
        recorder.record(analysis(payload="a text of some length"))
    show = [sys.executable, "-m", "dbview", "show", str(link), "FindPeaks", "1"]
    shown = subprocess.run(show, capture_output=True, text=True, check=True).stdout
    named = next(word for word in shown.split() if word.endswith(".txt"))
    assert Path(named).read_text() == "a text of some length"
