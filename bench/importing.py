"""Measure what importing the recorder, and its first record, adds to an interpreter: ``python -m bench.importing``."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

NOTHING = "pass"
IMPORT = "import recorder"
FIRST_RECORD = """
import tempfile
from types import SimpleNamespace
from recorder import Recorder

result = SimpleNamespace(task_name="FindPeaks", task_status="COMPLETED", summary="812 hits", payload="/data/out.h5")
cfg = SimpleNamespace(task_result=result, task_parameters={"n_events": 10}, task_env={"SLURM_JOB_ID": "4711"})
with Recorder(DIRECTORY) as recorder:
    recorder.record(cfg)
"""


@dataclass(frozen=True)
class Limit:
    """How much longer than a bare interpreter a program may take.

    Attributes:
        what: The program, for people.
        code: What it does.
        at_most: Milliseconds over a bare interpreter.
    """

    what: str
    code: str
    at_most: float


LIMITS = (Limit("import recorder", IMPORT, 50), Limit("import and first record", FIRST_RECORD, 250))


def milliseconds(code: str, options: Sequence[str], rounds: int) -> float:
    """Return the least time of several runs of an interpreter, but for the first one, which compiles modules."""
    # Compiled modules must be kept between runs, as they are for people.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    times = []
    for _ in range(rounds + 1):
        with tempfile.TemporaryDirectory() as directory:
            program = code.replace("DIRECTORY", repr(directory))
            began = time.perf_counter()
            subprocess.run([sys.executable, *options, "-c", program], check=True, env=environment)
            times.append((time.perf_counter() - began) * 1000)
    return min(times[1:])


def figures(rounds: int) -> list[str]:
    """Return one line for each program, with and without what production runs under."""
    installed = [name for name in ("numpy", "pandas") if importlib.util.find_spec(name)]
    lines = [f"installed beside the recorder: {', '.join(installed) or 'neither numpy nor pandas'}"]
    for options in ([], ["-OB"]):
        bare = milliseconds(NOTHING, options, rounds)
        for limit in LIMITS:
            over = milliseconds(limit.code, options, rounds) - bare
            # Without a limit for -OB: modules are compiled at every start then, whoever wrote them.
            verdict = "" if options else f"   at most {limit.at_most:.0f} {'ok' if over <= limit.at_most else 'MISSED'}"
            name = f"{limit.what} {' '.join(options)}".strip()
            lines.append(f"{name:<58} {over:6.0f} ms over {bare:.0f} ms{verdict}")
    return lines


if __name__ == "__main__":
    print(*figures(rounds=9), sep="\n")
