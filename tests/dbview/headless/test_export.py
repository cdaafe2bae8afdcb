"""``dbview query --output FILE``: all of it or nothing, and over nothing unasked."""

from __future__ import annotations

import resource
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from dbview.errors import Abandoned
from dbview.headless.export import export
from dbview.headless.query import Request
from dbview.source.source import open_source

from .conftest import DBVIEW, ENVIRONMENT, answer, snapshot


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """Return a directory for what is written, apart from the data."""
    directory = tmp_path / "written here"
    directory.mkdir()
    return directory


@pytest.mark.parametrize(("suffix", "form"), [(".csv", "csv"), (".jsonl", "jsonl"), (".json", "json")])
def test_a_file_holds_what_standard_output_does(recorded: Path, there: Path, suffix: str, form: str) -> None:
    words = ("query", recorded, "FindPeaks", "id>1", "--columns", "id,run,cell.name", "--sort", "-id")
    file = there / f"out{suffix}"
    got = answer(*words, "--output", file)
    assert (got.code, got.out) == (0, "")
    assert file.read_text(encoding="utf-8") == answer(*words, "--format", form).out
    assert [one.name for one in there.iterdir()] == [file.name]


def test_for_people_too_all_rows_are_written(large: Path, there: Path) -> None:
    assert answer("query", large, "numbers", "id<200", "--output", there / "out.md").code == 0
    assert len((there / "out.md").read_text().splitlines()) == 202


def test_it_is_a_file_like_others(recorded: Path, there: Path) -> None:
    (there / "usual").touch()
    assert answer("query", recorded, "FindPeaks", "--output", there / "out.csv").code == 0
    modes = {stat.S_IMODE(one.stat().st_mode) for one in there.iterdir()}
    assert len(modes) == 1


def test_nothing_is_overwritten_unasked(recorded: Path, there: Path) -> None:
    file = there / "out.csv"
    file.write_text("mine")
    got = answer("query", recorded, "FindPeaks", "--output", file)
    assert got.code == 1
    assert "is there already; --force writes it all the same" in got.err
    assert file.read_text() == "mine"
    assert answer("query", recorded, "FindPeaks", "--output", file, "--force").code == 0
    assert file.read_text().startswith("id,")


def test_nothing_is_written_beside_the_database_unasked_and_never_over_it(recorded: Path) -> None:
    before = snapshot(recorded.parent)
    got = answer("query", recorded, "FindPeaks", "--output", recorded.parent / "out.csv")
    assert (got.code, "would stand beside the database" in got.err) == (1, True)
    for name in ("lute.db", "lute.db-journal", "lute.db-wal"):
        got = answer("query", recorded, "FindPeaks", "--output", recorded.parent / name, "--force", "--format", "csv")
        assert (got.code, "belongs to the database" in got.err) == (1, True)
    assert snapshot(recorded.parent) == before


@pytest.mark.parametrize(
    ("name", "options", "code", "words"),
    [
        ("out", (), 2, "the ending of the name tells the format"),
        ("no such directory/out.csv", (), 1, "cannot be written: No such file or directory"),
        ("out.csv", ("--columns", "nothing"), 8, "has no column nothing"),
    ],
)
def test_what_cannot_be_written_leaves_nothing(
    recorded: Path, there: Path, name: str, options: tuple[str, ...], code: int, words: str
) -> None:
    got = answer("query", recorded, "FindPeaks", "--output", there / name, *options)
    assert got.code == code
    assert words in got.err
    assert list(there.iterdir()) == []


def test_a_full_disk_is_told_in_words_and_leaves_nothing(large: Path, there: Path) -> None:
    def no_large_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    command = [*DBVIEW, "query", str(large), "numbers", "--output", str(there / "out.csv")]
    got = subprocess.run(
        command, env=ENVIRONMENT, preexec_fn=no_large_files, capture_output=True, text=True, timeout=120
    )
    assert got.returncode == 1
    assert "out.csv cannot be written: File too large. Nothing is left of it." in got.stderr
    assert list(there.iterdir()) == []


def test_it_can_be_stopped_and_says_how_far_it_is(large: Path, there: Path) -> None:
    source = open_source(large)
    told: list[tuple[int, int]] = []

    def watch(written: int, wanted: int) -> bool:
        told.append((written, wanted))
        return written > 5_000

    try:
        with pytest.raises(Abandoned):
            export(source, Request("numbers", form="csv"), there / "out.csv", lambda _words: None, watch)
    finally:
        source.close()
    assert told[-1][1] == 30_000
    assert list(there.iterdir()) == []
