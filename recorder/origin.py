"""Say who records an entry, where, and in which job."""

from __future__ import annotations

import functools
import getpass
import os
from collections.abc import Mapping
from typing import Any

from recorder.layout.tagged import to_json_value
from recorder.layout.values import to_stored
from recorder.version import RECORDER_VERSION


def origin(environment: Mapping[str, str], code_version: Any = None) -> dict[str, str | int | None]:
    """Return the cells of the side table of origins; what is not known is left out.

    Args:
        environment: Of the Task. It names the job; where it names none, our own does.
        code_version: Version of the code that the Task ran, if the caller knows it; kept as text.
    """
    cells: dict[str, str | int | None] = {
        "user": user_name(),
        "host": host_name(),
        "pid": os.getpid(),  # never kept: it is another one after a fork
        "job": _job(environment) or _job(os.environ),
        "recorder_version": RECORDER_VERSION,
        "code_version": None if code_version is None else str(to_stored(to_json_value(code_version))),
    }
    return {name: cell for name, cell in cells.items() if cell is not None}


def _job(environment: Mapping[str, str]) -> str | None:
    """Return the batch system's job: ``4711``, or ``4711_3`` for the third of an array, as its commands take it."""
    array, index = environment.get("SLURM_ARRAY_JOB_ID"), environment.get("SLURM_ARRAY_TASK_ID")
    return f"{array}_{index}" if array and index else environment.get("SLURM_JOB_ID") or None


@functools.lru_cache(maxsize=None)
def user_name() -> str:
    """Return the user's name, or the number where the account has no name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # which of these depends on the version of Python
        return str(os.getuid())


@functools.lru_cache(maxsize=None)
def host_name() -> str:
    """Return this machine's name."""
    return os.uname().nodename
