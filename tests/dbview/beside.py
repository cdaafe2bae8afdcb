"""A writer that opens, commits and closes about a hundred times a second, beside a viewer that reopens all the time.

Both are processes of their own in a directory that everybody may write to; where the tests run as root, they are two
different users, neither of them root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

WRITER_ID, VIEWER_ID = 1, 65534

BECOME = """
import json, os, select, sqlite3, sys, time
def become(user):
    if os.geteuid() == 0:
        os.setgroups([]); os.setgid(user); os.setuid(user)
path = sys.argv[1]
"""

WRITER = f"""{BECOME}
become({WRITER_ID})
os.umask(0o022)
connection = sqlite3.connect(path, isolation_level=None)
connection.execute("PRAGMA journal_mode=" + sys.argv[2])
connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, x)")
connection.close()
print("ready", flush=True)
commits, errors = 0, []
while not select.select([sys.stdin], [], [], 0)[0]:
    began = time.monotonic()
    try:
        connection = sqlite3.connect(path, timeout=60, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        # Two rows that belong together: whoever sees one of them, or a sum that is not 0, reads wrong.
        connection.executemany("INSERT INTO t(x) VALUES (?)", [(commits,), (-commits,)])
        connection.execute("COMMIT")
        connection.close()
        commits += 1
    except sqlite3.Error as error:
        errors.append(str(error))
    # For as long as it wrote, on a slow disk: SQLite keeps readers out of nearly all of a commit.
    time.sleep(max(0.01, time.monotonic() - began))
print(json.dumps([commits, errors]))
"""

VIEWER = f"""{BECOME}
import contextlib, encodings.idna, urllib.parse
from pathlib import Path
from dbview.errors import DbviewError
from dbview.source.source import open_source
become({VIEWER_ID})
reads, wrong, refusals, ours, seen, accesses = 0, [], [], set(), 0, set()
seconds, times, ways = float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
began = time.monotonic()
while True:
    spent = time.monotonic() - began
    # As long as it takes on a slow disk, but not for ever.
    if spent > seconds and (min(reads, seen // 2) > times and len(accesses) >= ways or spent > 300):
        break
    try:
        with contextlib.closing(open_source(Path(path))) as source, contextlib.closing(source.reader()) as reader:
            accesses.add(source.access.partition(" ")[0])
            for _ in range(3):
                ((count, total),) = reader.query("SELECT count(*), coalesce(sum(x), 0) FROM t")
                if count % 2 or total or count < seen:
                    wrong.append((seen, count, total))
                seen = count
                reads += 1
    except DbviewError as error:
        refusals.append(f"{{type(error).__name__}}: {{error}}")
    for name in os.listdir(os.path.dirname(path)):
        with contextlib.suppress(FileNotFoundError):
            owner = os.stat(os.path.join(os.path.dirname(path), name)).st_uid
            # Where both are one user, only the names that are left in the end can tell.
            if owner == os.geteuid() == {VIEWER_ID}:
                ours.add(name)
print(json.dumps([reads, wrong, refusals, sorted(ours), sorted(accesses)]))
"""


class Outcome(NamedTuple):
    """What came of writing and viewing side by side.

    Attributes:
        commits: How often the writer committed.
        writer_errors: What it met.
        reads: How often the viewer read.
        wrong: What it read that no commit left, each with what it had seen before.
        refusals: What it could not read, in words.
        files_of_the_viewer: Names of files in the directory that belonged to the viewer at any time.
        accesses: The ways in which it read.
        last: Names of the files that are there in the end.
    """

    commits: int
    writer_errors: list[str]
    reads: int
    wrong: list[list[int]]
    refusals: list[str]
    files_of_the_viewer: list[str]
    accesses: list[str]
    last: list[str]


def side_by_side(journal: str, seconds: float, times: int = 0, ways: int = 1) -> Outcome:
    """Let both run side by side.

    Args:
        journal: The writer's journal mode.
        seconds: For so long at least.
        times: And until there were more commits than this, and more reads.
        ways: And until the viewer has read in so many ways.
    """
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o777)
        file = directory / "x.db"

        def start(script: str, *arguments: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", script, str(file), *arguments]
            pipe, environment = subprocess.PIPE, {**os.environ, "TMPDIR": "/tmp"}
            return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment)

        with start(WRITER, journal) as writer:
            if writer.stdout is None or writer.stdout.readline() != "ready\n":
                raise RuntimeError("the writer did not get ready")
            with start(VIEWER, str(seconds), str(times), str(ways)) as viewer:
                seen, _ = viewer.communicate()
            written, _ = writer.communicate()
        return Outcome(*json.loads(written), *json.loads(seen), sorted(path.name for path in directory.iterdir()))
