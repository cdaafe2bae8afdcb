"""The demo: a made-up experiment that exists as long as somebody looks at it.

The viewer starts a keeper (``python -m dbview.demo``), which makes a private directory, lets
``python -m recorder.demo`` record into it, and waits until its standard input ends. Only the viewer holds the other
end of that pipe: however the viewer ends, even by ``kill -9``, the keeper then ends the recording and removes the
directory.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dbview.errors import DbviewError
from dbview.text import visible
from recorder.layout.tables import DATABASE_FILE

_LIVE = "--live"


@contextlib.contextmanager
def demo_database(*, live: bool) -> Iterator[Path]:
    """Give the demo's database file while the context lasts; nothing of it is left afterwards.

    Args:
        live: New entries keep arriving.

    Raises:
        DbviewError: The demo could not be recorded.
    """
    with (
        tempfile.TemporaryFile() as words,
        # A session of its own: Ctrl-C and a hang-up of the terminal must not end the keeper before it has cleared up.
        subprocess.Popen(
            _python("dbview.demo", *([_LIVE] if live else [])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=_environment(),
            start_new_session=True,
        ) as keeper,
    ):
        directory = os.fsdecode(keeper.stdout.readline()).rstrip("\n") if keeper.stdout else ""
        if not directory:
            keeper.wait()
            words.seek(0)
            last_words = words.read().decode("utf-8", "replace").strip().splitlines()[-1:]
            raise DbviewError(f"the demo could not be recorded: {visible(' '.join(last_words)) or 'no reason given'}")
        yield Path(directory) / DATABASE_FILE


def _python(module: str, *arguments: str) -> list[str]:
    # -P: a module in the user's directory must not take the place of one of ours.
    return [sys.executable, "-P", "-m", module, *arguments]


def _environment() -> dict[str, str]:
    """Return an environment in which Python finds the same packages as here."""
    root = str(Path(__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}


def keep(*, live: bool) -> int:
    """Record the demo, print its directory once there is something to see, and clear up when standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    directory = Path(tempfile.mkdtemp(prefix="dbview-demo-"))
    try:
        command = _python("recorder.demo", str(directory), *([_LIVE] if live else []))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as recording:
            try:
                return _watch(recording, directory)
            finally:
                recording.terminate()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _watch(recording: subprocess.Popen[bytes], directory: Path) -> int:
    """Wait until standard input ends; announce the directory once the past is recorded. Returns the exit code."""
    said = recording.stdout
    if said is None or said not in select.select([sys.stdin, said], [], [])[0]:
        return 0
    # It says a word when it goes on with what is to come, and none when it has ended.
    if not said.readline() and recording.wait():
        return 1
    sys.stdout.write(f"{directory}\n")
    sys.stdout.flush()
    select.select([sys.stdin], [], [])
    return 0


if __name__ == "__main__":
    sys.exit(keep(live=_LIVE in sys.argv[1:]))
