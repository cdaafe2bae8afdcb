"""Measure what importing the recorder, and its first record, adds to an interpreter: ``python -m bench.importing``."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
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


@dataclass(frozen=True)
class Start:
    """How an interpreter is started.

    Attributes:
        options: Those it is measured with.
        compiled: Those of a run beforehand, which leaves modules compiled for it; None if it finds what an installation
            leaves.
    """

    options: Sequence[str]
    compiled: Sequence[str] | None

    def __str__(self) -> str:
        if not self.options:
            return ""
        return f"{' '.join(self.options)}, {'as installed' if self.compiled is None else 'compiled for it before'}"


STARTS = (Start((), ()), Start(("-OB",), None), Start(("-OB",), ("-O",)))
"""As people start it, and as production does. ``-B`` keeps nothing and so compiles everything at every start, unless
``python -O -m compileall`` was run once: ``-O`` reads other files than those that an installation leaves."""


def milliseconds(code: str, start: Start, rounds: int) -> float:
    """Return the least time of several runs of an interpreter, each of which finds the compiled modules it may."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as compiled:
        if start.compiled is not None:
            environment["PYTHONPYCACHEPREFIX"] = compiled
            _run(code, start.compiled, environment)
        return min(_run(code, start.options, environment) for _ in range(rounds))


def _run(code: str, options: Sequence[str], environment: Mapping[str, str]) -> float:
    with tempfile.TemporaryDirectory() as directory:
        program = code.replace("DIRECTORY", repr(directory))
        began = time.perf_counter()
        subprocess.run([sys.executable, *options, "-c", program], check=True, env=environment)
        return (time.perf_counter() - began) * 1000


def figures(rounds: int) -> list[str]:
    """Return one line for each program, with and without what production runs under."""
    installed = [name for name in ("numpy", "pandas") if importlib.util.find_spec(name)]
    lines = [f"installed beside the recorder: {', '.join(installed) or 'neither numpy nor pandas'}"]
    for start in STARTS:
        bare = milliseconds(NOTHING, start, rounds)
        for limit in LIMITS:
            over = milliseconds(limit.code, start, rounds) - bare
            # Without a limit where everything is compiled at every start, whoever wrote it.
            verdict = f"   at most {limit.at_most:.0f} {'ok' if over <= limit.at_most else 'MISSED'}"
            name = f"{limit.what} {start}".strip()
            lines.append(f"{name:<58} {over:6.0f} ms over {bare:.0f} ms{verdict if start.compiled is not None else ''}")
    return lines


if __name__ == "__main__":
    print(*figures(rounds=9), sep="\n")
