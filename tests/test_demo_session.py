"""A session in a real terminal, by keys alone: what it answers, and what it leaves behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal import DBVIEW, ENTER, ESCAPE, Terminal


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A directory with the demo, as recorded."""
    directory = tmp_path / "recorded"
    subprocess.run([sys.executable, "-m", "recorder.demo", directory], check=True)
    return directory


def test_the_demo_answers_which_entries_failed_and_what_one_entry_is(tmp_path: Path) -> None:
    # Tall enough for the paths of a deep temporary directory, which take several lines.
    with Terminal([*DBVIEW, "--demo"], rows=60, environment={"TMPDIR": str(tmp_path)}) as terminal:
        open_table(terminal, "FindPeaks")
        filter_by(terminal, "status!=COMPLETED")
        terminal.wait_for(lambda text: "4 of 47" in text and marked_rows(text) == ["C 36", "T 26", "F 20", "F 3"])

        terminal.send("jj")
        terminal.wait_for("#20  FAILED")
        terminal.send(ENTER)
        # The payload says why; the parameters are the tree they came from.
        of_the_tree = (r"~ mask_file +∅ +→ +/", r"search\W+min_peaks +15\W")
        terminal.wait_for(shows("FAILED · not valid", "FileNotFoundError", r"in +mask_file +not here", *of_the_tree))

        terminal.send("G")
        terminal.wait_for(shows("SLURM_JOB_NAME", r"SLURM_JWT +\*\*\*"))
        terminal.send(ESCAPE)
        terminal.wait_for("#20  FAILED")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
        assert terminal.restored()
    wait_until(lambda: not list(tmp_path.iterdir()), "the demo's directory goes with the viewer")


def test_nothing_of_the_demo_outlives_a_viewer_that_was_killed(tmp_path: Path) -> None:
    with Terminal([*DBVIEW, "--demo", "--live"], environment={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.wait_for("FindPeaks")
        wait_until(lambda: bool(processes_that_name(tmp_path)), "something records")
        terminal.kill()
        wait_until(lambda: not list(tmp_path.iterdir()), "the demo's directory is gone")
        wait_until(lambda: not processes_that_name(tmp_path), "nothing records any more")


def test_a_live_demo_tells_of_new_entries(tmp_path: Path) -> None:
    with Terminal([*DBVIEW, "--demo", "--live"], environment={"TMPDIR": str(tmp_path)}) as terminal:
        open_table(terminal, "IndexPatterns")
        terminal.wait_for(re.compile(r"[1-9]\d* new entr").search)
        terminal.send("r")
        terminal.wait_for(re.compile(r" 49 +42 ").search)


def test_a_session_changes_nothing_in_the_directory(recorded: Path) -> None:
    before = fingerprint(recorded)
    with Terminal([*DBVIEW, recorded]) as terminal:
        open_table(terminal, "FindPeaks")
        terminal.wait_for(shows("Enter open", "#47"))
        terminal.send("s")
        terminal.wait_for("▴")
        filter_by(terminal, "hits")
        # Enter opens nothing before it is known which row is the current one.
        terminal.wait_for(shows(" of 47", r"#\d+  COMPLETED"))
        terminal.send(ENTER)
        terminal.wait_for("Parameters")
        terminal.send("q")
        assert terminal.wait_for_exit() == 0
    for arguments in (
        ["tables", recorded],
        ["query", recorded, "FindPeaks", "run>20"],
        ["show", recorded, "FindPeaks", "20"],
    ):
        subprocess.run([*DBVIEW, *arguments], check=True, capture_output=True)
    assert fingerprint(recorded) == before


def test_a_writer_beside_the_viewer_meets_no_error(recorded: Path) -> None:
    with Terminal([*DBVIEW, recorded, "FindPeaks"]) as terminal:
        terminal.wait_for("47 entries")
        pipe = subprocess.PIPE
        writer = subprocess.Popen([sys.executable, "-c", WRITER, recorded], stdin=pipe, stdout=pipe, stderr=pipe)
        orders = [lambda text: "▴" in text, lambda text: "▾" in text, lambda text: not set("▴▾") & set(text)]
        for order in orders * 5:
            # Reading without a pause: the file again, its newest and oldest end, in one order after the other.
            terminal.send("rGs")
            terminal.wait_for(order)
        said, errors = writer.communicate()
        assert (writer.returncode, errors) == (0, b"")
        assert int(said) > 0
        terminal.send("r")
        terminal.wait_for(f"{47 + int(said):,} entries")


WRITER = """
import select, sqlite3, sys
# Patient enough for a busy machine; a reader that kept the file, or came back too soon, would exhaust it.
connection = sqlite3.connect(sys.argv[1] + "/lute.db", timeout=20, isolation_level=None)
connection.execute("PRAGMA synchronous = OFF")  # what counts is the locks; a slow disk has the viewer say "locked"
written = 0
while not select.select([sys.stdin], [], [], 0.005)[0]:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO FindPeaks (gen_cfg_id, exec_cfg_id) VALUES (1, 1)")
    connection.execute("COMMIT")
    written += 1
print(written)
"""


def shows(*patterns: str) -> Callable[[str], bool]:
    """Return a condition: all these regular expressions are found on the screen."""
    return lambda text: all(re.search(pattern, text) for pattern in patterns)


def open_table(terminal: Terminal, name: str) -> None:
    """Go from the runs to the list of tables, find a table by typing its name, and open it."""
    terminal.wait_for(shows("valid, of those recorded", "/ find .* q quit"))
    terminal.send("t")
    terminal.wait_for(shows("Shared configuration", "/ find .* q quit"))
    terminal.send("/")
    terminal.wait_for("Esc show all")
    terminal.send(name)
    terminal.wait_for(shows(f" / {name}", f"▌ +{name}"))
    terminal.send(ENTER)
    terminal.wait_for(shows(f"› {name}", "q quit"))


def filter_by(terminal: Terminal, text: str) -> None:
    """Type a filter into the bar over the rows of a table, and apply it."""
    terminal.wait_for("Enter open")
    terminal.send("/")
    terminal.wait_for("Enter apply")
    terminal.send(text)
    terminal.wait_for(f"/ {text}")
    terminal.send(ENTER)


def marked_rows(text: str) -> list[str]:
    """Return mark and id of the rows on the screen whose entries did not complete."""
    return [" ".join(found) for found in re.findall(r"^(?:▌| ) (\w) +(\d+) ", text, re.MULTILINE)]


def fingerprint(directory: Path) -> dict[str, tuple[bytes, int, int, int]]:
    """Return content, mode, modification time and inode of everything below a directory."""
    found = {}
    for path in sorted(directory.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (content, status.st_mode, status.st_mtime_ns, status.st_ino)
    return found


def processes_that_name(path: Path) -> list[str]:
    """Return the command lines of processes that hold a path."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue  # ended meanwhile
        if os.fsencode(path) in line:
            lines.append(line.decode(errors="replace"))
    return lines


def wait_until(condition: Callable[[], bool], what: str, timeout: float = 120) -> None:
    """Return as soon as a condition holds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
        time.sleep(0.02)


# Keys typed faster than the screen answers, as over a slow line


def test_a_filter_typed_in_one_go_is_only_a_filter(recorded: Path) -> None:
    with Terminal([*DBVIEW, recorded, "FindPeaks"]) as terminal:
        terminal.wait_for("#47")
        terminal.send(f"/status!=COMPLETED{ENTER}")
        terminal.wait_for(lambda text: "/ status!=COMPLETED" in text and "4 of 47" in text)


def test_an_id_typed_in_one_go_is_gone_to(recorded: Path) -> None:
    with Terminal([*DBVIEW, recorded, "FindPeaks"]) as terminal:
        terminal.wait_for("#47")
        terminal.send(f"g40{ENTER}")
        terminal.wait_for("#40")


def test_a_table_is_found_in_one_go(recorded: Path) -> None:
    with Terminal([*DBVIEW, recorded]) as terminal:
        terminal.wait_for("FindPeaks")
        terminal.send(f"t/merge{ENTER}")
        terminal.wait_for("› MergeIntensities")
