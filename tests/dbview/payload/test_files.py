import os
import subprocess
import sys
from pathlib import Path

import pytest

from dbview.payload.files import FileState, Presence, age_text, file_state, file_words, states_of

ROOT = Path(__file__).parents[3]


def test_a_file_that_is_here_has_size_and_age(tmp_path: Path) -> None:
    target = tmp_path / "out.h5"
    target.write_bytes(b"x" * 1536)
    os.utime(target, (1_000_000, 1_000_000))
    state = file_state(str(target))
    assert state == FileState(str(target), Presence.HERE, "file", 1536, 1_000_000.0, place=str(target))
    assert state.words(now=1_000_000 + 3 * 86400) == "here · file · 1.5 KiB · 3 days old"


def test_gone_and_not_here_are_two_findings(tmp_path: Path) -> None:
    assert file_state(str(tmp_path / "deleted.h5")).presence is Presence.GONE
    assert file_state(str(tmp_path / "scratch" / "out.h5")).presence is Presence.NOT_HERE
    assert file_state(str(tmp_path / "scratch" / "directory") + "/").presence is Presence.NOT_HERE


def test_a_dangling_link_is_gone(tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to(tmp_path / "deleted")
    assert file_state(str(link)).presence is Presence.GONE


def test_a_pipe_is_named_and_not_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    state = file_state(str(pipe))
    assert (state.presence, state.kind, state.size) == (Presence.HERE, "pipe", None)


def test_a_directory_is_named(tmp_path: Path) -> None:
    assert file_state(str(tmp_path)).kind == "directory"


@pytest.mark.parametrize("path", ["/" + "x" * 5000, "/nul\0", "/proc/self/fd/999/x"])
def test_a_path_that_no_file_can_have_is_no_error(path: str) -> None:
    assert file_state(path).presence in (Presence.UNKNOWN, Presence.NOT_HERE)


def test_home_is_the_readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "out.h5").touch()
    assert file_state("~/out.h5").presence is Presence.HERE


UNPRIVILEGED_LOOK = """
import os, sys
from dbview.payload.files import file_state
if os.geteuid() == 0:  # root may enter anywhere
    os.setgid(65534)
    os.setuid(65534)
print(file_state(sys.argv[1]).presence.value)
"""


def test_a_directory_closed_to_the_reader_is_no_permission(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "out.h5").touch()
    closed.chmod(0)
    tmp_path.chmod(0o755)
    # The name is relative because a directory further up may be closed to that user as well.
    command = [sys.executable, "-c", UNPRIVILEGED_LOOK, "closed/out.h5"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    look = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    closed.chmod(0o700)
    assert look.stdout.strip() == Presence.NO_PERMISSION.value


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "moments"), (59, "moments"), (60, "1 minute"), (7200, "2 hours"), (86400 * 40, "1 month"), (1e9, "31 years")],
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


def test_of_very_many_files_only_the_first_thousand_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "0").touch()
    paths = [str(tmp_path / str(number)) for number in range(1_001)]
    states = states_of(paths)
    assert all(states[path] == file_state(path) for path in paths[:1_000])
    assert states[paths[1_000]].words() == "not looked for"
    assert file_words(paths[1_000], states) == f"{paths[1_000]}  (not looked for)"
    assert file_words(f"{paths[0]}\x1b", {}).endswith("␛  (looking for it …)")
